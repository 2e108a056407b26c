//! A labelled file: which messages are the bad ones.

use crate::backtest::label as known;

/// A message and whether it should be caught.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sample<'a> {
    pub(super) line: usize,
    pub(super) positive: bool,
    pub(super) text: &'a str,
}

/// Reads `label TAB text` lines; empty ones are skipped. With labels in `positive`, all others are negative.
pub(super) fn parse<'a>(file: &'a str, positive: &[String]) -> Result<Vec<Sample<'a>>, String> {
    let file = file.strip_prefix('\u{feff}').unwrap_or(file);
    // Not `lines`: only the line end itself is cut off.
    let lines = file.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).enumerate();
    let samples: Result<Vec<Sample<'a>>, String> = lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            let wrong = |problem: String| format!("line {}: {problem}", at + 1);
            let (label, text) = line
                .split_once('\t')
                .ok_or_else(|| wrong("it has no tab between label and text".into()))?;
            let positive = meaning(label.trim(), positive).map_err(wrong)?;
            Ok(Sample { line: at + 1, positive, text })
        })
        .collect();
    let samples = samples?;
    if samples.is_empty() {
        return Err("it has no messages".into());
    }
    if let Some(label) = positive.iter().find(|_| samples.iter().all(|one| !one.positive)) {
        return Err(format!("no line has the label {label:?} (--positive)"));
    }
    Ok(samples)
}

fn meaning(label: &str, positive: &[String]) -> Result<bool, String> {
    if !positive.is_empty() {
        return Ok(positive.iter().any(|known| known.eq_ignore_ascii_case(label)));
    }
    known(label).ok_or_else(|| {
        format!(
            "the label {label:?} is neither clearly bad (spam, 1, positive …) nor clearly good (ham, 0, negative …); \
             say which is bad with --positive"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_however_they_are_written() {
        let file = "\u{feff}ham\tgo until\tjurong \r\nSPAM\t \"free\"\u{85}x\n\n1\ta\n0\tb\nNegative\tc\n-1\t";
        let samples = parse(file, &[]).expect("it is right");
        let read: Vec<_> = samples.iter().map(|one| (one.line, one.positive, one.text)).collect();
        let expected = [
            (1, false, "go until\tjurong "),
            (2, true, " \"free\"\u{85}x"),
            (4, true, "a"),
            (5, false, "b"),
            (6, false, "c"),
            (7, false, ""),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn what_is_not_clear_is_an_error_that_names_the_line() {
        for (file, part) in [
            ("ham\ta\nmaybe\tb", "line 2: the label \"maybe\""),
            ("ham\ta\n\nspam b", "line 3: it has no tab"),
            ("\n", "no messages"),
        ] {
            let error = parse(file, &[]).expect_err("it is wrong");
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn another_label_can_be_the_bad_one() {
        let positive = ["phish".to_owned()];
        let samples = parse("Phish\ta\nspam\tb", &positive).expect("it is right");
        assert_eq!(samples.iter().map(|one| one.positive).collect::<Vec<_>>(), [true, false]);
        parse("spam\tb", &positive).expect_err("a label that no line has is misspelt");
    }
}
