//! The index inside the process: tantivy, in the data directory.
