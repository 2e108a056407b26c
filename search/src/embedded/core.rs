//! An open tantivy index in its directory: what the writing thread and searches share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;
use tantivy::directory::MmapDirectory;
use tantivy::store::Compressor;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, TantivyError};

use super::Options;
use super::schema::{self, Fields};
use super::snapshot::Snapshot;
use crate::index::IndexError;

pub(super) struct Core {
    pub(super) path: PathBuf,
    pub(super) fields: Fields,
    pub(super) index: Index,
    pub(super) heap: usize,
    /// Its directory is to be removed when nobody uses it any more.
    pub(super) retired: Arc<AtomicBool>,
    reader: IndexReader,
    snapshot: ArcSwap<Snapshot>,
}

impl Core {
    /// Makes an index in an empty directory.
    pub(super) fn create(path: &Path, options: &Options) -> tantivy::Result<Self> {
        let fields = Fields::new();
        let settings = IndexSettings {
            docstore_compression: Compressor::Lz4,
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        let directory = MmapDirectory::open(path)?;
        let index = Index::create(directory, fields.schema.clone(), settings)?;
        Self::with(path, fields, index, options)
    }

    /// Opens one that was made before; an error if it is not as this version makes them.
    pub(super) fn open(path: &Path, options: &Options) -> tantivy::Result<Self> {
        let fields = Fields::new();
        let index = Index::open_in_dir(path)?;
        if index.schema() != fields.schema {
            return Err(TantivyError::SchemaError("another version's schema".into()));
        }
        Self::with(path, fields, index, options)
    }

    fn with(path: &Path, fields: Fields, index: Index, options: &Options) -> tantivy::Result<Self> {
        schema::register(&index);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let position = index.load_metas()?.payload;
        let snapshot = ArcSwap::from_pointee(Snapshot::new(reader.searcher(), position, None)?);
        let (path, heap) = (path.to_owned(), options.heap_bytes);
        Ok(Self { path, fields, index, heap, retired: Arc::default(), reader, snapshot })
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Shows searches what is committed; called by the writing thread only.
    pub(super) fn reload(&self, position: Option<String>) -> tantivy::Result<()> {
        self.reader.reload()?;
        let before = self.snapshot();
        let snapshot = Snapshot::new(self.reader.searcher(), position, Some(&before))?;
        self.snapshot.store(Arc::new(snapshot));
        Ok(())
    }
}

/// What an error of tantivy's means for the index in a directory.
pub(super) fn error(path: &Path, error: &TantivyError) -> IndexError {
    let lost =
        matches!(error, TantivyError::DataCorruption(_) | TantivyError::IncompatibleIndex(_));
    if lost || !path.join("meta.json").exists() {
        IndexError::Lost(error.to_string())
    } else {
        IndexError::Unavailable(error.to_string())
    }
}
