//! What is said: short messages as buyers and sellers write them, each a different one.

const OPENINGS: &[&str] = &[
    "Hello",
    "Hi there",
    "Good morning",
    "Thanks for the answer",
    "All right",
    "One more question",
    "Sorry for the late reply",
    "Good evening",
    "Great",
    "I see",
    "Well",
    "No problem",
];
const MIDDLES: &[&str] = &[
    "is the bike still in good shape",
    "could we meet on Saturday afternoon",
    "would you take a little less for it",
    "the colour looks lovely in the pictures",
    "does the table come with all four chairs",
    "how long have you had the sofa",
    "are there any scratches on the frame",
    "I could pick it up after work",
    "my brother would come with a van",
    "is the warranty paper still around",
    "do the lights and the brakes work",
    "the garden bench is what we looked for",
    "can you tell me the exact size",
    "we would like to see it first",
];
const ENDINGS: &[&str] = &[
    "please",
    "if that suits you",
    "many thanks",
    "what do you think",
    "let me know",
    "have a nice day",
    "see you then",
    "that would be great",
];

/// Texts by number: made up, or the lines of a file.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    lines: Vec<String>,
}

impl Texts {
    /// Those of a file of `label TAB text` lines.
    pub fn of_file(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| Some(line.split_once('\t')?.1.to_owned()));
        Self { lines: lines.collect() }
    }

    /// How many a file has.
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    fn line(&self, n: u64) -> Option<&String> {
        self.lines.get(usize::try_from(n).ok()?.checked_rem(self.lines.len())?)
    }

    /// Appends the text of message `n` of sender `who`, as a JSON string.
    pub fn write(&self, out: &mut Vec<u8>, who: usize, n: u64) {
        if let Some(line) = self.line(n) {
            crate::json::write_string(out, line);
            return;
        }
        // A multiplicative hash, so that neighbours differ.
        let mixed =
            (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (who as u64).wrapping_mul(0xc2b2_ae3d);
        let pick = |list: &'static [&'static str], shift: u32| {
            let place = usize::try_from((mixed >> shift) & 0xffff).unwrap_or_default() % list.len();
            list[place].as_bytes()
        };
        out.push(b'"');
        out.extend(pick(OPENINGS, 48));
        out.extend(b", ");
        out.extend(pick(MIDDLES, 32));
        out.push(b' ');
        out.extend(pick(ENDINGS, 16));
        out.push(b' ');
        tag(out, n);
        out.push(b'"');
    }
}

/// Appends a number as a word that can be spoken: figures would look like those of a telephone.
pub fn tag(out: &mut Vec<u8>, mut n: u64) {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aeio";
    loop {
        let at = |shift: u32, mask: u64| usize::try_from((n >> shift) & mask).unwrap_or_default();
        out.push(CONSONANTS[at(0, 15)]);
        out.push(VOWELS[at(4, 3)]);
        n >>= 6;
        if n == 0 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_message_of_a_sender_is_another_and_of_usual_length() {
        let texts = Texts::default();
        let mut seen = HashSet::new();
        let mut bytes = 0;
        for n in 0..20_000 {
            let mut out = Vec::new();
            texts.write(&mut out, 3, n);
            let text: String = serde_json::from_slice(&out).unwrap();
            assert!(!text.contains(|it: char| it.is_ascii_digit()), "{text}");
            bytes += text.len();
            assert!(seen.insert(text));
        }
        assert!((45..75).contains(&(bytes / 20_000)), "{}", bytes / 20_000);
    }

    #[test]
    fn a_labelled_file_is_said_line_by_line() {
        let texts = Texts::of_file("ok\tfirst \"one\"\nno label\nspam\tsecond\n");
        let mut out = Vec::new();
        texts.write(&mut out, 0, 3);
        assert_eq!((texts.lines(), &*out), (2, &b"\"second\""[..]));
    }
}
