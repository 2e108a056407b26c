//! Text as filters like to compare it: NFKC, lower case, nothing invisible, single spaces.

use unicode_normalization::UnicodeNormalization;

/// NFKC, lower case, invisible characters removed, white space collapsed to single spaces and trimmed.
pub fn normalize(text: &str) -> String {
    let mut out = Collapsing { text: String::with_capacity(text.len()), gap: false };
    if text.is_ascii() {
        for byte in text.bytes() {
            let c = char::from(byte);
            if !is_invisible(c) {
                out.push(c.to_ascii_lowercase());
            }
        }
    } else {
        // Lower-casing can undo NFKC (`İ` becomes two characters), hence the second pass.
        let lower = text.chars().filter(|c| !is_invisible(*c)).nfkc().flat_map(char::to_lowercase);
        lower.nfkc().filter(|c| !is_invisible(*c)).for_each(|c| out.push(c));
    }
    out.text
}

struct Collapsing {
    text: String,
    gap: bool,
}

impl Collapsing {
    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.gap = !self.text.is_empty();
            return;
        }
        if self.gap {
            self.text.push(' ');
            self.gap = false;
        }
        self.text.push(c);
    }
}

/// Characters that show nothing but break a comparison: controls, joiners, marks of direction, fillers, variation selectors, tags.
pub fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && !c.is_whitespace();
    }
    match c {
        '\u{80}'..='\u{9f}' => !c.is_whitespace(),
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn disguises_fall_away() {
        for (text, expected) in [
            ("  Call   ME\tnow\n", "call me now"),
            ("a\u{0}b\u{7f}c", "abc"),
            ("ｗｈａｔｓａｐｐ １２３", "whatsapp 123"),
            ("ca\u{200b}ll\u{ad} m\u{fe0f}e", "call me"),
            ("\u{2460}\u{2461} ﬁne", "12 fine"),
            ("Straße É", "straße é"),
            ("a\u{a0}\u{3000}b", "a b"),
            ("", ""),
            (" \u{200b} ", ""),
        ] {
            assert_eq!(normalize(text), expected, "normalized {text:?}");
        }
    }

    proptest! {
        #[test]
        fn normalizing_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once);
        }

        #[test]
        fn ascii_takes_the_same_way_as_the_rest(text in "[ -~\\t\\n\\r\\x00-\\x1f]{0,80}") {
            // A character that vanishes forces the general path.
            prop_assert_eq!(normalize(&format!("{text}\u{200b}")), normalize(&text));
        }
    }
}
