//! What people are told: words in several languages, with places for what the conversation is about.

use std::collections::BTreeMap;

use super::Circumstances;

/// Bytes of one text.
const MAX_TEXT: usize = 500;
/// Bytes that stand in for a placeholder.
const MAX_VALUE: usize = 80;
const MAX_LANGUAGES: usize = 64;

/// One message to a person, by language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// The id under which they stand in `[words]`, if they do.
    pub(super) reference: Option<String>,
    /// In the policy's default language.
    default: Template,
    /// By language tag, in lower case; the default is among them.
    languages: BTreeMap<String, Template>,
}

impl Words {
    /// Words in the default language only.
    pub(super) fn single(default_language: &str, text: &str) -> Result<Self, String> {
        Self::table(default_language, [(default_language, text)])
    }

    /// Words by language tag, the default language among them.
    pub(super) fn table<'a>(
        default_language: &str,
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, String> {
        let mut languages = BTreeMap::new();
        for (tag, text) in texts {
            let language = language(tag).ok_or_else(|| {
                format!("{tag:?}, which is no language tag such as \"en\" or \"pt-BR\"")
            })?;
            let template = Template::parse(text).map_err(|why| format!("{tag} {why}"))?;
            if languages.insert(language, template).is_some() {
                return Err(format!("{tag} twice: language tags don't differ by case"));
            }
        }
        if languages.len() > MAX_LANGUAGES {
            return Err(format!("{} languages; at most {MAX_LANGUAGES}", languages.len()));
        }
        let wanted = default_language.to_ascii_lowercase();
        let default = languages.get(&wanted).cloned().ok_or_else(|| {
            format!(
                "no words in {default_language:?}, the default language, which everybody else reads"
            )
        })?;
        Ok(Self { reference: None, default, languages })
    }

    /// The same, standing in `[words]` under this id.
    pub(super) fn named(self, id: String) -> Self {
        Self { reference: Some(id), ..self }
    }

    /// The words for a reader of this locale: its language tag, or a shorter form of it, or the default language.
    pub(super) fn for_reader(&self, locale: Option<&str>, at: &Circumstances<'_>) -> String {
        let found = locale.and_then(|locale| {
            let tag = locale.trim().replace('_', "-").to_ascii_lowercase();
            let mut tag = tag.as_str();
            loop {
                if let Some(template) = self.languages.get(tag) {
                    return Some(template);
                }
                tag = tag.rsplit_once('-')?.0;
            }
        });
        found.unwrap_or(&self.default).fill(at)
    }

    /// Language tags and texts as they were written.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.languages.iter().map(|(tag, template)| (tag.as_str(), template.source.as_str()))
    }
}

/// A language tag in lower case: 2 to 3 letters, then subtags.
pub(super) fn language(tag: &str) -> Option<String> {
    let mut parts = tag.split('-');
    let first = parts.next()?;
    let fits = (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    (fits && tag.len() <= 35).then(|| tag.to_ascii_lowercase())
}

/// A text with places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template {
    source: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// What to take, and what to say if there is none.
    Place(Place, String),
}

/// What may stand in for a placeholder: only what both sides of a conversation see anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Listing,
    Category,
}

impl Template {
    /// Reads a text; `{listing|this listing}` is a place, `{{` and `}}` are braces.
    fn parse(text: &str) -> Result<Self, String> {
        let source = text.trim();
        if source.is_empty() || source.len() > MAX_TEXT {
            return Err(format!("has {} bytes; 1 to {MAX_TEXT} are allowed", source.len()));
        }
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..];
            if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
                plain.push_str(&brace[..1]);
                rest = after;
                continue;
            }
            let (place, after) = place(brace)?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(place);
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { source: source.to_owned(), pieces })
    }

    fn fill(&self, at: &Circumstances<'_>) -> String {
        let mut words = String::with_capacity(self.source.len());
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => words.push_str(text),
                Piece::Place(place, otherwise) => {
                    let value = match place {
                        Place::Listing => at.listing,
                        Place::Category => at.category,
                    };
                    match value.map(shortened).filter(|value| !value.is_empty()) {
                        Some(value) => words.push_str(&value),
                        None => words.push_str(otherwise),
                    }
                }
            }
        }
        words
    }
}

/// Reads the place that `text` starts with.
fn place(text: &str) -> Result<(Piece, &str), String> {
    let inside = text.strip_prefix('{').and_then(|text| text.split_once('}'));
    let Some((inside, after)) = inside else {
        return Err("has a single brace; write {{ or }} for a brace".to_owned());
    };
    let (name, otherwise) = inside.split_once('|').unwrap_or((inside, ""));
    let place = match name.trim() {
        "listing" => Place::Listing,
        "category" => Place::Category,
        other => {
            return Err(format!(
                "has the placeholder {{{other}}}; there are {{listing|…}} and {{category|…}}"
            ));
        }
    };
    if otherwise.trim().is_empty() || otherwise.contains('{') {
        return Err(format!(
            "has {{{name}}} without words for when there is none: write {{{name}|this {name}}}"
        ));
    }
    Ok((Piece::Place(place, otherwise.to_owned()), after))
}

/// People chose titles: one line of it, and not for ever.
fn shortened(value: &str) -> String {
    let line: Vec<&str> = value.split(|c: char| c.is_control() || c.is_whitespace()).collect();
    let line = line.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.len() <= MAX_VALUE {
        return line;
    }
    format!("{}…", line[..line.floor_char_boundary(MAX_VALUE)].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ConversationKind;

    fn at(listing: Option<&str>) -> Circumstances<'_> {
        Circumstances {
            text_len: 0,
            kind: ConversationKind::Direct,
            category: Some("bikes"),
            listing,
            sender_locale: None,
            recipient_locale: None,
        }
    }

    #[test]
    fn the_readers_language_is_found_or_the_default() {
        let texts = [("en", "colour"), ("en-US", "color"), ("de", "Farbe"), ("zh-Hant", "顏色")];
        let words = Words::table("en", texts).expect("good words");
        for (locale, expected) in [
            (None, "colour"),
            (Some("en-US"), "color"),
            (Some("en_us"), "color"),
            (Some("EN-us-x-old"), "color"),
            (Some("en-GB"), "colour"),
            (Some("de-AT"), "Farbe"),
            (Some("zh-Hant-TW"), "顏色"),
            (Some("zh"), "colour"),
            (Some("fi"), "colour"),
            (Some(""), "colour"),
            (Some("-"), "colour"),
        ] {
            assert_eq!(words.for_reader(locale, &at(None)), expected, "for {locale:?}");
        }
    }

    #[test]
    fn places_are_filled_with_one_short_line_or_their_own_words() {
        let words =
            Words::single("en", "{{About}} {listing|this listing} in {category|the shop}: no.");
        let words = words.expect("good words");
        let told = |listing| words.for_reader(None, &at(listing));
        assert_eq!(told(Some("Red bike")), "{About} Red bike in bikes: no.");
        assert_eq!(told(Some(" a\n\u{0}b\tc ")), "{About} a b c in bikes: no.");
        assert_eq!(told(Some("\n")), "{About} this listing in bikes: no.");
        assert_eq!(told(None), "{About} this listing in bikes: no.");
        assert_eq!(told(Some("{category|x}")), "{About} {category|x} in bikes: no.");
        let long = "ö".repeat(200);
        assert!(told(Some(&long)).len() < 130, "shortened: {}", told(Some(&long)));
    }

    #[test]
    fn wrong_words_are_refused_with_what_to_do() {
        for (text, expected) in [
            ("", "has 0 bytes"),
            ("a { b", "single brace"),
            ("a } b", "single brace"),
            ("{filter|x}", "{listing|…}"),
            ("{signal}", "{listing|…}"),
            ("{listing}", "write {listing|this listing}"),
            ("{listing| }", "write {listing|this listing}"),
        ] {
            let error = Words::single("en", text).expect_err(text);
            assert!(error.contains(expected), "{error:?} should say {expected:?} of {text:?}");
        }
        let table = |texts: &[(&str, &str)]| {
            Words::table("en", texts.iter().copied()).expect_err("refused")
        };
        assert!(table(&[("de", "x")]).contains("no words in \"en\""));
        assert!(table(&[("en", "x"), ("EN", "y")]).contains("twice"));
        assert!(table(&[("en", "x"), ("english", "y")]).contains("no language tag"));
    }
}
