//! `rialto import listings`: a file of JSON lines into the store, or into a running engine.

use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};

use super::client::ClientError;
use super::settings::Settings;
use super::{CliError, runtime};
use crate::domain::{Listing, User, UserId};
use crate::store::StoreError;

mod engine;
mod report;
mod row;
mod target;

use report::Report;
use target::Target;

/// A longer line is wrong, not read.
const MAX_LINE_BYTES: u64 = 1024 * 1024;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The file: one JSON object a line with externalId, title, category, price, currency and, if
    /// known, seller, url, image
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,
    #[command(flatten)]
    settings: Settings,
    /// A running engine's address, such as `http://localhost:4000`; without it the store in the data
    /// directory is opened
    #[arg(long)]
    url: Option<String>,
    /// Token for the running engine, role service; without it one is minted with the data
    /// directory's secret
    #[arg(long, requires = "url")]
    token: Option<String>,
    /// Spread listings without a seller over this many made-up ones (seller-1, seller-2, …)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    sellers: Option<u32>,
}

/// Why an import ended early. What was imported before stays; importing again changes nothing twice.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}; if an engine is running on it, import through the engine with --url")]
    InUse(StoreError),
    #[error(transparent)]
    Client(#[from] ClientError),
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, CliError> {
    let config = arguments.settings.load(Vec::new())?;
    super::logging::start(&config.log);
    runtime()?.block_on(async {
        let target =
            Target::open(&config, arguments.url.as_deref(), arguments.token.as_deref()).await?;
        let done = import(arguments, &target, config.limits.bulk).await;
        target.close().await;
        let report = done?;
        report.print();
        Ok(if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

async fn import(
    arguments: &Arguments,
    target: &Target,
    bulk: usize,
) -> Result<Report, ImportError> {
    let mut lines = Lines::open(&arguments.file)?;
    let bar = progress_bar(lines.bytes);
    if let Some(count) = arguments.sellers {
        let sellers: Vec<User> = (1..=count).map(made_up_seller).collect();
        for some in sellers.chunks(bulk) {
            target.upsert_users(some).await?;
        }
    }
    let mut report = Report::default();
    let mut batch = Vec::with_capacity(bulk);
    while let Some(line) = lines.next().map_err(|source| arguments.unreadable(source))? {
        bar.set_position(lines.read);
        if line.text.trim_ascii().is_empty() {
            continue;
        }
        report.lines += 1;
        match line.listing() {
            Ok(mut listing) => {
                if let (None, Some(count)) = (&listing.seller, arguments.sellers) {
                    listing.seller = Some(seller_of(&listing, count));
                }
                batch.push((line.number, listing));
            }
            Err(reason) => report.wrong.push((line.number, reason)),
        }
        if batch.len() >= bulk {
            target.upsert_listings(std::mem::take(&mut batch), &mut report).await?;
            bar.set_message(format!("{} listings", report.imported));
        }
    }
    target.upsert_listings(batch, &mut report).await?;
    bar.finish_and_clear();
    report.wrong.sort_by_key(|(number, _)| *number);
    report.coverage = target.coverage().await?;
    Ok(report)
}

impl Arguments {
    fn unreadable(&self, source: io::Error) -> ImportError {
        ImportError::File { path: self.file.clone(), source }
    }
}

/// One line of the file; it may be anything.
struct Line {
    number: u64,
    text: Vec<u8>,
    too_long: bool,
}

impl Line {
    fn listing(&self) -> Result<Listing, String> {
        if self.too_long {
            return Err(format!("it is longer than {MAX_LINE_BYTES} bytes"));
        }
        row::parse(std::str::from_utf8(&self.text).map_err(|error| error.to_string())?)
    }
}

/// Reads line by line, never more than the longest line at once.
struct Lines {
    file: BufReader<std::fs::File>,
    bytes: u64,
    read: u64,
    number: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, ImportError> {
        let failed = |source| ImportError::File { path: path.to_owned(), source };
        let file = std::fs::File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        Ok(Self { file: BufReader::new(file), bytes, read: 0, number: 0 })
    }

    fn next(&mut self) -> io::Result<Option<Line>> {
        let mut text = Vec::new();
        let got = self.file.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut text)?;
        if got == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.read += got as u64;
        let too_long = got as u64 > MAX_LINE_BYTES && text.last() != Some(&b'\n');
        if too_long {
            self.read += self.file.skip_until(b'\n')? as u64;
        }
        Ok(Some(Line { number: self.number, text, too_long }))
    }
}

fn made_up_seller(number: u32) -> User {
    User {
        id: UserId::trusted(format!("seller-{number}")),
        name: format!("Seller {number}"),
        locale: None,
        created_at: None,
    }
}

/// The same listing gets the same seller, however often and in whichever order it is imported.
fn seller_of(listing: &Listing, count: u32) -> UserId {
    let hash = blake3::hash(listing.id.as_str().as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    made_up_seller(u32::from_le_bytes([a, b, c, d]) % count + 1).id
}

fn progress_bar(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{spinner} [{bar:40.green/dim}] {percent:>3} %  {bytes}/{total_bytes}  {msg}  {elapsed}",
    );
    let bar = ProgressBar::new(bytes);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_broken_lines_are_wrong_and_the_next_ones_are_read() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("listings.jsonl");
        let good = r#"{"externalId": "1", "title": "A lamp"}"#;
        let mut text = format!("{good}\n").into_bytes();
        text.extend(vec![b'x'; 3 * 1024 * 1024]);
        text.extend(format!("\n\u{0}\n{good}").as_bytes());
        text.extend(b"\n\xff\xfe\n");
        std::fs::write(&path, &text).expect("the file is written");
        let mut lines = Lines::open(&path).expect("the file is there");
        let mut seen = Vec::new();
        while let Some(line) = lines.next().expect("the file is readable") {
            assert!(line.text.len() as u64 <= MAX_LINE_BYTES + 1, "memory is bounded");
            seen.push((line.number, line.listing().is_ok()));
        }
        assert_eq!(seen, [(1, true), (2, false), (3, false), (4, true), (5, false)]);
        assert_eq!(lines.read, text.len() as u64, "the bar reaches its end");
    }

    #[test]
    fn listings_are_spread_over_made_up_sellers_and_stay_with_theirs() {
        let listing = |n: u32| {
            row::parse(&format!(r#"{{"externalId": "L{n}", "title": "x"}}"#)).expect("a listing")
        };
        let sellers: Vec<_> = (0..1_000).map(|n| seller_of(&listing(n), 10)).collect();
        for number in 1..=10 {
            let id = made_up_seller(number).id;
            let count = sellers.iter().filter(|seller| **seller == id).count();
            assert!((50..200).contains(&count), "{id} got {count} of 1000");
        }
        assert_eq!(sellers[7], seller_of(&listing(7), 10));
    }
}
