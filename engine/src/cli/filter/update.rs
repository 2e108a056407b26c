//! `rialto filter test --update`: what is found becomes what is expected, and nothing else in the file changes.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::cases;
use crate::filter::Signal;

/// The `expect` of a case that would be met by these signals.
pub(super) fn expectation(text: &str, signals: &[Signal]) -> String {
    let one = |found: cases::Found<'_>| {
        let id = Value::from(found.id);
        match found.range.and_then(|range| text.get(range)) {
            Some(matched) => format!("[{id}, {}]", Value::from(matched)),
            None => format!("[{id}]"),
        }
    };
    let items: Vec<String> = cases::places(signals).into_iter().map(one).collect();
    format!("[{}]", items.join(", "))
}

/// The file with new expectations in the lines (counted from 1) that have one, and how many those are.
pub(super) fn rewritten(
    file: &str,
    expectations: &[(usize, Option<String>)],
) -> Result<(String, usize), String> {
    let mut lines: Vec<String> = file.split('\n').map(str::to_owned).collect();
    let mut changed = 0;
    for (number, expectation) in expectations {
        let Some(expectation) = expectation else { continue };
        let line = lines.get_mut(number - 1).ok_or("the file became shorter")?;
        *line = with_expectation(line, expectation)
            .map_err(|error| format!("line {number}: {error}"))?;
        changed += 1;
    }
    Ok((lines.join("\n"), changed))
}

fn with_expectation(line: &str, expectation: &str) -> serde_json::Result<String> {
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        expect: &'a RawValue,
    }
    let row: Row<'_> = serde_json::from_str(line)?;
    let old = row.expect.get();
    // The raw value is a part of the line: where it starts is where it was read.
    let start = old.as_ptr() as usize - line.as_ptr() as usize;
    Ok(format!("{}{expectation}{}", &line[..start], &line[start + old.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    #[test]
    fn only_the_expectation_changes() {
        let file = "{\"text\": \"[] é\", \"expect\": [[\"a.b\"]], \"context\": {\"strikes\":  0}}\n\n{\"expect\":[],\"text\":\"x\"}\r\n";
        let signal = Signal {
            id: "x.y".into(),
            confidence: 1.0,
            spans: vec![Span { start: 3, end: 5 }],
            evidence: Vec::new(),
        };
        let found = expectation("[] é", std::slice::from_ref(&signal));
        assert_eq!(found, r#"[["x.y", "é"]]"#);
        let (text, changed) =
            rewritten(file, &[(1, Some(found)), (3, None)]).expect("the lines are cases");
        assert_eq!(changed, 1);
        assert_eq!(text, file.replace(r#"[["a.b"]]"#, r#"[["x.y", "é"]]"#));
        rialto_filter_cases::parse(&text).expect("still cases");
    }
}
