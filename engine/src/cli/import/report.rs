//! What an import did, as a table, and every line that was wrong.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, Table};

/// How much of the active listings has messaging.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    pub(super) active: u64,
    pub(super) enabled: u64,
    /// Why the others have none, and how many they are.
    pub(super) exceptions: Vec<(String, u64)>,
}

/// What an import did.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Lines that were not empty.
    pub(super) lines: u64,
    pub(super) imported: u64,
    /// Line numbers and reasons.
    pub(super) wrong: Vec<(u64, String)>,
    pub(super) coverage: Coverage,
}

impl Report {
    /// The table on standard output, wrong lines on standard error.
    pub(super) fn print(&self) {
        println!("{}", self.table());
        for (number, reason) in &self.wrong {
            eprintln!("line {number}: {reason}");
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(UTF8_FULL_CONDENSED).set_header(["Import", ""]);
        let mut row = |name: String, value: String| {
            let value = Cell::new(value).set_alignment(CellAlignment::Right);
            table.add_row([Cell::new(name), value]);
        };
        row("lines".into(), self.lines.to_string());
        row("imported".into(), self.imported.to_string());
        row("wrong".into(), self.wrong.len().to_string());
        row("active listings".into(), self.coverage.active.to_string());
        row("… with messaging".into(), self.coverage.enabled.to_string());
        row("coverage".into(), self.coverage.percent());
        for (reason, count) in &self.coverage.exceptions {
            row(format!("… without: {reason}"), count.to_string());
        }
        table
    }
}

impl Coverage {
    /// Rounded down, so that 100 % means all.
    fn percent(&self) -> String {
        let tenths = u128::from(self.enabled) * 1_000 / u128::from(self.active.max(1));
        if self.active == 0 {
            "no active listings".into()
        } else {
            format!("{}.{} %", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_was_done_and_why_not_all_has_messaging() {
        let report = Report {
            lines: 2_001,
            imported: 2_000,
            wrong: vec![(7, "x".into())],
            coverage: Coverage {
                active: 2_000,
                enabled: 1_999,
                exceptions: vec![("no seller".into(), 1)],
            },
        };
        let text = report.table().to_string();
        for part in ["2001", "2000", "1999", "99.9 %", "… without: no seller"] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
