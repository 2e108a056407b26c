//! Words as numbers: folding of scripts that `fold` can't spell, hashes, the filter in front of the stems.

use super::super::fold::{LETTER, SKIP, fold};

/// 64-bit FNV-1a, its state before the first byte.
pub const SEED: u64 = 0xCBF2_9CE4_8422_2325;
/// Words of the filter in front of the stems.
pub const FILTER_WORDS: usize = 32;

/// The state after one more byte.
pub fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
}

/// The key of a whole word; never 0.
pub fn exact_key(hash: u64) -> u64 {
    (hash ^ (hash >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1
}

/// The key of a stem; never that of a whole word.
pub fn stem_key(hash: u64) -> u64 {
    (hash ^ (hash >> 29)).wrapping_mul(0xD6E8_FEB8_6659_FD93).max(2) & !1
}

/// Where a search for the key begins.
pub fn slot(key: u64) -> usize {
    // The high bits are the well-mixed ones; the caller's mask makes a slot of it.
    (key >> 32) as usize
}

/// Whether a stem may end in this state.
pub fn in_filter(filter: &[u64], hash: u64) -> bool {
    let (word, bit) = filter_place(hash);
    filter.get(word).is_some_and(|bits| bits >> bit & 1 == 1)
}

/// The filter's word and bit of a state.
pub fn filter_place(hash: u64) -> (usize, u32) {
    // One bit of 2,048: both parts fit any integer.
    let place = (hash ^ (hash >> 32)) % (FILTER_WORDS as u64 * 64);
    (usize::try_from(place / 64).unwrap_or(0), u32::try_from(place % 64).unwrap_or(0))
}

/// A word in Cyrillic spelled with one byte a letter; Latin look-alikes in it count as Cyrillic.
pub fn cyrillic(written: &str) -> impl Iterator<Item = u8> {
    written.chars().filter_map(|character| {
        let code = match character as u32 {
            0x401 | 0x451 => 0x435,
            upper @ 0x410..=0x42F => upper + 0x20,
            other => other,
        };
        match code {
            // The guard keeps the cast in range.
            0x430..=0x44F => Some(0x80 + (code - 0x430).to_le_bytes()[0]),
            0x450..=0x45F => Some(0xC0 + (code - 0x450).to_le_bytes()[0]),
            _ => latin_as_cyrillic(fold(character)),
        }
    })
}

fn latin_as_cyrillic(folded: u8) -> Option<u8> {
    let letter = match folded {
        SKIP => return None,
        b'a' => 'а',
        b'b' => 'в',
        b'c' => 'с',
        b'e' => 'е',
        b'h' => 'н',
        b'k' => 'к',
        b'm' => 'м',
        b'n' => 'п',
        b'o' | b'0' => 'о',
        b'p' => 'р',
        b'r' => 'г',
        b't' => 'т',
        b'u' => 'и',
        b'x' => 'х',
        b'y' => 'у',
        b'3' => 'з',
        b'4' => 'ч',
        b'6' => 'б',
        other => return Some(other.max(LETTER)),
    };
    Some(0x80 + (letter as u32 - 0x430).to_le_bytes()[0])
}

/// Whether two words are one when only an apostrophe stands between them: `don't`, `I'll`, but not `l'argent`.
pub fn is_contraction(behind: &[u8]) -> bool {
    matches!(behind, b"t" | b"s" | b"m" | b"d" | b"re" | b"ve" | b"ll")
}

/// The letter a digit or sign stands for in `sh1t`, `a$$`; a hidden letter is `_`.
pub fn letter_for(sign: u8) -> Option<u8> {
    Some(match sign {
        b'0' => b'o',
        b'1' | b'!' | b'|' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' | b'+' => b't',
        b'8' => b'b',
        b'*' | b'#' | b'_' => b'_',
        _ => return None,
    })
}
