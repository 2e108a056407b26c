//! Labelled messages: a line each, `spam` or `ham`, a tab, the text.

/// A labelled message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What was written.
    pub text: String,
    /// Whether somebody decided that it is spam.
    pub spam: bool,
}

/// Reads a file's text; empty lines are skipped. The error names the line, counted from 1.
pub fn parse(file: &str) -> Result<Vec<Example>, String> {
    let lines = file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let examples = lines.map(|(at, line)| match line.split_once('\t') {
        Some(("spam", text)) => Ok(Example { text: text.to_owned(), spam: true }),
        Some(("ham", text)) => Ok(Example { text: text.to_owned(), spam: false }),
        _ => Err(format!("line {}: expected `spam` or `ham`, a tab and the text", at + 1)),
    });
    let examples: Vec<Example> = examples.collect::<Result<_, _>>()?;
    let spam = examples.iter().filter(|example| example.spam).count();
    if spam < 10 || examples.len() - spam < 10 {
        return Err(format!("{spam} spam of {}: at least 10 of each are needed", examples.len()));
    }
    Ok(examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_wrong_ones_named() {
        let file = "spam\tWIN\t1\n\nham\thello\r\n".repeat(10);
        let examples = parse(&file).expect("valid");
        assert_eq!((examples[0].text.as_str(), examples[0].spam), ("WIN\t1", true));
        assert_eq!((examples[1].text.as_str(), examples[1].spam), ("hello", false));
        assert!(
            parse(&(file.clone() + "Spam\tx")).is_err_and(|error| error.starts_with("line 31:"))
        );
        assert!(parse("spam\tx\nham\ty").is_err_and(|error| error.starts_with("1 spam of 2")));
    }
}
