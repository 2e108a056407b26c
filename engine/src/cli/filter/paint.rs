//! Colours where a person looks at a terminal, and tables in one style.

use std::fmt::Display;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

use crate::cli::settings;

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(bool);

impl Paint {
    /// For standard output.
    pub(super) fn stdout() -> Self {
        Self(io::stdout().is_terminal() && settings::colours())
    }

    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self(false)
    }

    pub(super) fn red(self, text: impl Display) -> String {
        self.in_colour("31", text)
    }

    pub(super) fn green(self, text: impl Display) -> String {
        self.in_colour("32", text)
    }

    pub(super) fn yellow(self, text: impl Display) -> String {
        self.in_colour("33", text)
    }

    pub(super) fn bold(self, text: impl Display) -> String {
        self.in_colour("1", text)
    }

    pub(super) fn dim(self, text: impl Display) -> String {
        self.in_colour("2", text)
    }

    fn in_colour(self, code: &str, text: impl Display) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// An empty table with these headings, if any.
pub(super) fn table<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    if N > 0 {
        table.set_header(headings);
    }
    // Nothing is gained by breaking lines for a terminal that doesn't say how wide it is.
    if table.width().is_some_and(|width| width >= 60) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

/// A cell whose text stands at the right, as numbers do.
pub(super) fn number(text: impl Display) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// Such as `12.3 µs`, `4.56 ms`, `31.2 s`: three figures.
pub(super) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let (value, unit) = match seconds {
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    format!("{} {unit}", three_figures(value))
}

/// Such as `56.1 KiB`, `11.5 MiB`.
pub(super) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three figures are shown")]
    let bytes = bytes as f64;
    let (value, unit) = match bytes {
        b if b < 1024.0 => return format!("{b} bytes"),
        b if b < 1024.0 * 1024.0 => (b / 1024.0, "KiB"),
        b => (b / (1024.0 * 1024.0), "MiB"),
    };
    format!("{} {unit}", three_figures(value))
}

fn three_figures(value: f64) -> String {
    match value {
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 100.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_three_figures_and_a_unit() {
        let times = [(900, "0.90 µs"), (15_320, "15.3 µs"), (4_560_000, "4.56 ms")];
        for (nanos, expected) in times {
            assert_eq!(time(Duration::from_nanos(nanos)), expected);
        }
        assert_eq!(time(Duration::from_millis(31_240)), "31.2 s");
        let sizes = [(512, "512 bytes"), (57_446, "56.1 KiB"), (12_071_936, "11.5 MiB")];
        for (bytes, expected) in sizes {
            assert_eq!(size(bytes), expected);
        }
    }
}
