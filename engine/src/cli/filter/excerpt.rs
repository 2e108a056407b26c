//! A text on one line with marks under the stretches that matter.

use std::fmt::Write as _;
use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use super::paint::Paint;

/// Columns a text may take.
const ROOM: usize = 92;
/// Characters shown before a mark if the whole text doesn't fit.
const BEFORE: usize = 24;
const INDENT: &str = "    ";

/// Something to say about a stretch of the text, or about all of it.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) range: Option<Range<usize>>,
    /// `-` is expected and missing, `+` found and not expected.
    pub(super) sign: char,
    pub(super) label: String,
}

/// The text, and a line for each mark; ranges are on character borders.
pub(super) fn show(text: &str, marks: &[Mark], paint: Paint) -> String {
    let mut out = String::new();
    let whole = visible(text);
    let fits = whole.width() <= ROOM;
    if fits || marks.iter().all(|mark| mark.range.is_none()) {
        let _ = writeln!(out, "{INDENT}{}", if fits { whole } else { cut(text, 0..0).0 });
    }
    for mark in marks {
        let line = match &mark.range {
            None => format!("{INDENT}{} {}", mark.sign, mark.label),
            Some(range) if fits => under(&text[..range.start], &text[range.clone()], mark),
            Some(range) => {
                let (excerpt, start) = cut(text, range.clone());
                let _ = writeln!(out, "{INDENT}{excerpt}");
                let before = format!("…{}", &text[start..range.start]);
                let before = if start == 0 { &before['…'.len_utf8()..] } else { &before };
                under(before, &text[range.clone()], mark)
            }
        };
        let line = if mark.sign == '-' { paint.red(line) } else { paint.green(line) };
        let _ = writeln!(out, "{line}");
    }
    out
}

/// The mark under what it marks.
fn under(before: &str, marked: &str, mark: &Mark) -> String {
    let width = visible(marked).width().clamp(1, ROOM - BEFORE);
    format!(
        "{INDENT}{}{} {} {}",
        " ".repeat(visible(before).width()),
        "^".repeat(width),
        mark.sign,
        mark.label
    )
}

/// The part of the text around a stretch, and the byte it starts at.
fn cut(text: &str, range: Range<usize>) -> (String, usize) {
    let start = text[..range.start].char_indices().rev().take(BEFORE).last();
    let start = start.map_or(range.start, |(at, _)| at);
    let mut shown = String::new();
    if start > 0 {
        shown.push('…');
    }
    for c in text[start..].chars() {
        if shown.width() >= ROOM {
            shown.push('…');
            break;
        }
        shown.push_str(&visible(c.encode_utf8(&mut [0; 4])));
    }
    (shown, start)
}

/// Line ends and other control characters as something to see, each as one character.
fn visible(text: &str) -> String {
    let seen = |c: char| match c {
        '\n' => '⏎',
        '\t' => ' ',
        c if c.is_control() => '·',
        c => c,
    };
    text.chars().map(seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str, part: &str, sign: char) -> Mark {
        let start = text.find(part).expect("the text has it");
        Mark { range: Some(start..start + part.len()), sign, label: "a.b".into() }
    }

    #[test]
    fn marks_stand_under_wide_and_narrow_characters() {
        let text = "🙂 Größe\nder Kurier 今日は 7";
        let marks = [mark(text, "Kurier", '-'), mark(text, "日は", '+'), mark(text, "7", '+')];
        let expected = "    🙂 Größe⏎der Kurier 今日は 7
                 ^^^^^^ - a.b
                          ^^^^ + a.b
                               ^ + a.b
";
        assert_eq!(show(text, &marks, Paint::none()), expected);
    }

    #[test]
    fn a_long_text_is_cut_around_each_mark() {
        let text = format!("{}courier{}", "é ".repeat(300), " x".repeat(300));
        let shown = show(&text, &[mark(&text, "courier", '-')], Paint::none());
        let lines: Vec<&str> = shown.lines().collect();
        let column = |line: &str, part: &str| {
            line.find(part).map(|at| line[..at].width()).expect("it is in the line")
        };
        assert_eq!(lines.len(), 2, "{shown}");
        assert_eq!(column(lines[0], "courier"), column(lines[1], "^^^^^^^ "), "{shown}");
        assert!(lines[0].width() < 100 && lines[0].ends_with('…'), "{shown}");
    }

    #[test]
    fn what_has_no_place_is_said_below() {
        let mark = Mark { range: None, sign: '+', label: "a.b".into() };
        assert_eq!(show("x", &[mark], Paint::none()), "    x\n    + a.b\n");
    }
}
