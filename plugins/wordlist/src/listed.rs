//! Words and short phrases of a text, looked up in lists the host keeps.

use std::borrow::Cow;
use std::ops::Range;

use rialto_filter_sdk::lists;

use crate::view::{View, is_word};

/// Words looked up at most; with phrases of four words, four calls of the host.
const MAX_TOKENS: usize = 1_024;
/// Bytes between two words of a phrase.
const MAX_GAP: usize = 3;
/// Signs that end a thought: what stands around them is no phrase, unless the list has it just so.
const ENDS: [char; 8] = ['.', ',', ';', ':', '!', '?', '(', ')'];

/// The places of the words and phrases of up to `max_words` words that are on the list. One host call per 1,024.
pub fn find(view: &View, list: &str, max_words: usize) -> Vec<Range<usize>> {
    let text = view.searched();
    let tokens = tokens(text);
    let mut entries: Vec<Cow<str>> = Vec::with_capacity(tokens.len() * max_words);
    let mut places: Vec<Range<usize>> = Vec::with_capacity(entries.capacity());
    for first in 0..tokens.len() {
        let (mut plain, mut one_thought) = (true, true);
        for last in first..tokens.len().min(first + max_words) {
            if last > first {
                let gap = &text[tokens[last - 1].end..tokens[last].start];
                if gap.len() > MAX_GAP {
                    break;
                }
                plain &= gap == " ";
                one_thought &= !gap.contains(ENDS);
            }
            let place = tokens[first].start..tokens[last].end;
            entries.push(Cow::Borrowed(&text[place.clone()]));
            places.push(place.clone());
            // `pay-pal` may be on the list so, or as `pay pal`.
            if !plain && one_thought {
                let words: Vec<&str> =
                    tokens[first..=last].iter().map(|token| &text[token.clone()]).collect();
                entries.push(Cow::Owned(words.join(" ")));
                places.push(place);
            }
        }
    }
    let found = lists::find(list, &entries);
    found.into_iter().filter_map(|at| places.get(at).cloned()).collect()
}

/// Runs of letters and digits.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut inside = false;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let word = is_word(character);
        if word && !inside {
            if tokens.len() == MAX_TOKENS {
                break;
            }
            tokens.push(at..end);
        } else if word && let Some(token) = tokens.last_mut() {
            token.end = end;
        }
        inside = word;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Form;

    #[test]
    fn words_and_phrases_are_looked_up() {
        lists::set("denied", &["Western Union", "pay pal", "don't", "a b c d", "x y", "c d e f g"]);
        let find = |text: &str, max_words| -> Vec<String> {
            let view = View::new(text, Form::Lower);
            let places = find(&view, "denied", max_words);
            places.into_iter().map(|place| view.written(place).to_owned()).collect()
        };
        assert_eq!(find("by WESTERN  union", 4), ["WESTERN  union"]);
        assert_eq!(find("Pay-Pal, don't", 4), ["Pay-Pal", "don't"]);
        assert_eq!(find("a b c d e f g", 4), ["a b c d"]);
        assert!(find("a b c d", 3).is_empty());
        assert!(find("x ...... y", 4).is_empty(), "too far apart");
        assert!(find("", 4).is_empty());
    }
}
