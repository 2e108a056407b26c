//! A text as it is searched, and where its parts are in the original.

use std::ops::Range;

use rialto_filter_sdk::text::{self, LETTER, OTHER, SKIP};

/// How a text is read before it is searched. In all forms white space is one space and invisible characters are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As written.
    Exact,
    /// In lower case.
    Lower,
    /// Look-alike letters, marks and capitals as plain letters.
    Folded,
}

impl Form {
    /// All of them; a form's place here is `form as usize`.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Lower, Self::Folded];

    /// What these settings ask for.
    pub fn of(ignore_case: bool, fold: bool) -> Self {
        match (ignore_case, fold) {
            (_, true) => Self::Folded,
            (true, false) => Self::Lower,
            (false, false) => Self::Exact,
        }
    }

    /// Adds the text as this form has it.
    pub fn read_all(self, text: &str, into: &mut String) {
        text.chars().for_each(|character| self.read(character, into));
    }

    /// Adds the character as this form has it; nothing if nobody sees it, or if it is one more white space.
    pub fn read(self, character: char, into: &mut String) {
        if character.is_ascii_graphic() {
            let lower = character.to_ascii_lowercase();
            into.push(if self == Self::Exact { character } else { lower });
        } else if character.is_whitespace() {
            if !into.ends_with(' ') {
                into.push(' ');
            }
        } else if !character.is_control() {
            self.read_other(character, into);
        }
    }

    fn read_other(self, character: char, into: &mut String) {
        match text::fold(character) {
            // Marks of a letter are only left out where that is asked for.
            SKIP if self == Self::Folded || !is_mark(character) => {}
            plain if self == Self::Folded && !matches!(plain, LETTER | OTHER) => {
                into.push(char::from(plain));
            }
            _ if self == Self::Exact => into.push(character),
            _ => into.extend(character.to_lowercase().map(plain_variant)),
        }
    }
}

/// A text in one form.
#[derive(Debug)]
pub struct View<'t> {
    text: &'t str,
    searched: String,
    /// Where the character of each searched byte starts in the text; the text's length comes last.
    starts: Vec<u32>,
}

impl<'t> View<'t> {
    /// Reads the text; what is beyond four gigabytes is left out.
    pub fn new(text: &'t str, form: Form) -> Self {
        let text = &text[..text.floor_char_boundary(u32::MAX as usize - 1)];
        let mut searched = String::with_capacity(text.len());
        let mut starts = Vec::with_capacity(text.len() + 1);
        for (at, character) in text.char_indices() {
            form.read(character, &mut searched);
            while starts.len() < searched.len() {
                starts.push(offset(at));
            }
        }
        starts.push(offset(text.len()));
        Self { text, searched, starts }
    }

    /// What is searched.
    pub fn searched(&self) -> &str {
        &self.searched
    }

    /// Where a part of what is searched is in the text; invisible characters behind it belong to it.
    pub fn range(&self, part: Range<usize>) -> Range<usize> {
        let start = self.starts.get(part.start).map_or(self.text.len(), |at| *at as usize);
        // A character may be searched as several: all of it, then, from wherever the part ends inside it.
        let last = part.end.checked_sub(1).and_then(|last| self.starts.get(last));
        let rest = self.starts.get(part.end..).unwrap_or_default();
        let end = rest.iter().find(|at| last.is_none_or(|last| *at > last));
        start..end.map_or(self.text.len(), |at| *at as usize)
    }

    /// A part of what is searched, as written.
    pub fn written(&self, part: Range<usize>) -> &'t str {
        self.text.get(self.range(part)).unwrap_or_default()
    }
}

/// Whether letters go on with it.
pub fn is_word(character: char) -> bool {
    character.is_alphanumeric() || is_mark(character)
}

fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Letters that are lower case twice over.
fn plain_variant(character: char) -> char {
    match character {
        'ς' => 'σ',
        'ſ' => 's',
        other => other,
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_differ_and_places_are_the_originals() {
        let text = "Ｗеstern \n\u{200b} ÜNION İ";
        let read = |form| View::new(text, form).searched().to_owned();
        assert_eq!(read(Form::Exact), "Ｗеstern ÜNION İ");
        assert_eq!(read(Form::Lower), "ｗеstern ünion i\u{307}");
        assert_eq!(read(Form::Folded), "western union i");
        for form in Form::ALL {
            let view = View::new(text, form);
            let space = view.searched().find(' ').expect("there is one");
            assert_eq!(view.written(0..space), "Ｗеstern", "{form:?}");
            let end = view.searched().len();
            assert_eq!(view.written(end - 1..end), "İ", "{form:?}");
            assert_eq!(view.range(0..end), 0..text.len(), "{form:?}");
            assert_eq!(view.range(end..end), text.len()..text.len(), "{form:?}");
        }
    }

    #[test]
    fn letters_without_a_plain_form_stay_apart() {
        let folded = |text: &str| View::new(text, Form::Folded).searched().to_owned();
        assert_ne!(folded("дом"), folded("лом"));
        assert_eq!(folded("ДОМ"), folded("дом"));
        assert_ne!(folded("🙂"), folded("🙃"));
    }
}
