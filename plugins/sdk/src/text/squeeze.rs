//! Words whose letters are held apart, `j o h n` or `w.h.a.t`, put together again.

use super::{Class, Scan};

/// So many letters apart make a word; fewer are initials.
const SPACED: usize = 5;
const SIGNED: usize = 4;

impl<'t> Scan<'t> {
    /// The text without what holds letters apart, if there is any; places stay those of the text.
    pub fn squeezed(&self) -> Option<Scan<'t>> {
        let mut dropped: Vec<usize> = Vec::new();
        let mut token = 0;
        while token < self.tokens.len() {
            token = match self.is_letter(token) {
                true => self.squeeze_from(token, &mut dropped),
                false => token + 1,
            };
        }
        if dropped.is_empty() {
            return None;
        }
        let mut squeezed = Scan {
            text: self.text,
            folded: Vec::with_capacity(self.folded.len()),
            starts: Vec::with_capacity(self.starts.len()),
            tokens: Vec::with_capacity(self.tokens.len()),
        };
        let mut dropped = dropped.into_iter().peekable();
        for (index, token) in self.tokens.iter().enumerate() {
            if dropped.next_if_eq(&index).is_some() {
                continue;
            }
            for unit in token.start as usize..token.end as usize {
                squeezed.push(self.folded[unit], self.starts[unit] as usize);
            }
        }
        squeezed.starts.push(super::offset(self.text.len()));
        Some(squeezed)
    }

    fn is_letter(&self, token: usize) -> bool {
        self.tokens.get(token).is_some_and(|it| it.class == Class::Word && it.chars() == 1)
    }

    /// Notes what to drop in the letters from this token on; returns where to go on.
    fn squeeze_from(&self, start: usize, dropped: &mut Vec<usize>) -> usize {
        let Some(separator) = self.class(start + 1) else { return start + 1 };
        let signed = matches!(separator, Class::Sign(b'.' | b'-' | b'_' | b'*'));
        if !signed && separator != Class::Space {
            return start + 1;
        }
        let mut last = start;
        let mut letters = 1;
        while self.class(last + 1) == Some(separator) && self.tokens[last + 1].chars() == 1 {
            if self.is_letter(last + 2) {
                letters += 1;
            } else if signed || !matches!(self.class(last + 2), Some(Class::Sign(_))) {
                break;
            }
            last += 2;
        }
        let word =
            || (start..=last).step_by(2).map(|at| self.folded(at)).collect::<Vec<_>>().concat();
        let known = letters == 3 && matches!(&word()[..], b"com" | b"net" | b"org" | b"dot");
        if letters >= if signed { SIGNED } else { SPACED } || known {
            dropped.extend((start + 1..last).step_by(2));
        }
        last + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_apart_become_words() {
        for (text, expected) in [
            ("hi j o h n @ g m a i l . c o m", Some("hi john@gmail.com")),
            ("w.h.a.t.s me, dot c o m", Some("whats me, dot com")),
            ("a b c U.S. 1 2 3", None),
            ("plain", None),
        ] {
            let squeezed = Scan::new(text).squeezed();
            let folded = squeezed.as_ref().map(|it| it.folded_between(0, it.tokens().len()));
            let folded = folded.map(|it| String::from_utf8_lossy(it).into_owned());
            assert_eq!(folded.as_deref(), expected, "of {text}");
        }
        let squeezed = Scan::new("mail j o h n s").squeezed().expect("letters apart");
        assert_eq!(squeezed.written(2, 3), "j o h n s");
    }
}
