//! Characters folded to the ASCII character they look like or stand for.

/// Folded form of a character nobody sees: left out.
pub const SKIP: u8 = 0;
/// Folded form of a letter without an ASCII look-alike.
pub const LETTER: u8 = 1;
/// Folded form of any other character without an ASCII form.
pub const OTHER: u8 = 2;

/// Latin letters from U+00C0 to U+017F without their marks; 1 and 2 as above.
const LATIN: &[u8; 192] =
    b"aaaaaaaceeeeiiiidnoooooxouuuuy\x01saaaaaaaceeeeiiiidnooooo\x02ouuuuy\x01y\
aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssss\
ttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// The character as lower-case ASCII: by look for letters, by value for digits, by use for signs.
/// Currency signs become `$`, white space ` ` or `\n`; see [`SKIP`], [`LETTER`] and [`OTHER`].
pub fn fold(character: char) -> u8 {
    let code = character as u32;
    match code {
        0x0A | 0x0B | 0x0C | 0x0D | 0x85 | 0x2028 | 0x2029 => b'\n',
        0x09 | 0xA0 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => b' ',
        0..=0x1F => OTHER,
        // The guard keeps the cast in range.
        0x20..=0x7F => low_byte(code).to_ascii_lowercase(),
        0x80..=0xBF => latin_1_sign(code),
        0xC0..=0x52F => fold_letter(code),
        0x530..=0x1FFF => scripts(character),
        0x2000..=0x33FF => symbols(character),
        0xFF01..=0xFF5E => low_byte(code - 0xFEE0).to_ascii_lowercase(),
        0x1_D400..=0x1_D6A3 => b'a' + low_byte((code - 0x1_D400) % 26),
        0x1_D7CE..=0x1_D7FF => b'0' + low_byte((code - 0x1_D7CE) % 10),
        0x1_F130..=0x1_F149 => b'a' + low_byte(code - 0x1_F130),
        0x1_F150..=0x1_F169 => b'a' + low_byte(code - 0x1_F150),
        0x1_F170..=0x1_F189 => b'a' + low_byte(code - 0x1_F170),
        0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xE_0000..=0xE_0FFF => SKIP,
        _ => high(character),
    }
}

/// The folded letter, for the Latin, Greek and Cyrillic letters that take two bytes.
pub(super) const fn fold_letter(code: u32) -> u8 {
    match code {
        0xC0..=0x17F => LATIN[(code - 0xC0) as usize],
        0x180..=0x36F => latin_more(code),
        0x370..=0x3FF => greek(code),
        0x400..=0x52F => cyrillic(code),
        _ => LETTER,
    }
}

const fn low_byte(code: u32) -> u8 {
    code.to_le_bytes()[0]
}

fn other(character: char) -> u8 {
    if character.is_alphabetic() { LETTER } else { OTHER }
}

const fn latin_1_sign(code: u32) -> u8 {
    match code {
        0xAD => SKIP,
        0xA2..=0xA5 => b'$',
        0xA9 => b'a',
        0xAA => b'a',
        0xB2 => b'2',
        0xB3 => b'3',
        0xB9 => b'1',
        0xBA => b'o',
        0xB5 => b'u',
        0xB7 => b'.',
        0xAB | 0xBB => b'"',
        _ => OTHER,
    }
}

const fn latin_more(code: u32) -> u8 {
    match code {
        0x251 => b'a',
        0x253 | 0x299 => b'b',
        0x188 | 0x255 => b'c',
        0x256 | 0x257 => b'd',
        0x259 | 0x25B => b'e',
        0x192 => b'f',
        0x260..=0x262 => b'g',
        0x266 | 0x29C => b'h',
        0x268..=0x26A => b'i',
        0x29D => b'j',
        0x199 => b'k',
        0x26B..=0x26D | 0x29F => b'l',
        0x271 => b'm',
        0x272..=0x274 => b'n',
        0x275 | 0x1A1 => b'o',
        0x1A5 => b'p',
        0x27C..=0x280 => b'r',
        0x282 => b's',
        0x288 => b't',
        0x28A | 0x1B0 => b'u',
        0x28B => b'v',
        0x28F | 0x1B4 => b'y',
        0x290 | 0x291 | 0x1B6 => b'z',
        0x218 | 0x219 => b's',
        0x21A | 0x21B => b't',
        0x2BC => b'\'',
        0x300..=0x36F => SKIP,
        _ => LETTER,
    }
}

const fn greek(code: u32) -> u8 {
    match code {
        0x386 | 0x391 | 0x3AC | 0x3B1 => b'a',
        0x392 | 0x3B2 => b'b',
        0x3F2 | 0x3F9 => b'c',
        0x388 | 0x395 | 0x3AD | 0x3B5 => b'e',
        0x397 => b'h',
        0x399 | 0x3AF | 0x3B9 | 0x3AA | 0x3CA => b'i',
        0x3F3 => b'j',
        0x39A | 0x3BA => b'k',
        0x39C => b'm',
        0x39D | 0x3B7 | 0x3AE => b'n',
        0x38C | 0x39F | 0x3BF | 0x3CC => b'o',
        0x3A1 | 0x3C1 => b'p',
        0x3A4 | 0x3C4 => b't',
        0x3C5 | 0x3CD => b'u',
        0x3BD => b'v',
        0x3C9 => b'w',
        0x3A7 | 0x3C7 => b'x',
        0x3A5 | 0x3B3 => b'y',
        0x396 => b'z',
        0x37E => b';',
        _ => LETTER,
    }
}

const fn cyrillic(code: u32) -> u8 {
    match code {
        0x410 | 0x430 | 0x4D1 => b'a',
        0x412 | 0x432 | 0x44C => b'b',
        0x421 | 0x441 => b'c',
        0x501 => b'd',
        0x400 | 0x401 | 0x415 | 0x435 | 0x450 | 0x451 => b'e',
        0x50D => b'g',
        0x41D | 0x43D | 0x4BB => b'h',
        0x406 | 0x407 | 0x456 | 0x457 => b'i',
        0x408 | 0x458 => b'j',
        0x41A | 0x43A => b'k',
        0x4C0 | 0x4CF => b'l',
        0x41C | 0x43C => b'm',
        0x43F => b'n',
        0x41E | 0x43E => b'o',
        0x420 | 0x440 => b'p',
        0x51B => b'q',
        0x433 => b'r',
        0x405 | 0x455 => b's',
        0x422 | 0x442 => b't',
        0x474 | 0x475 => b'v',
        0x51D => b'w',
        0x425 | 0x445 => b'x',
        0x423 | 0x443 | 0x4AE | 0x4AF => b'y',
        0x483..=0x489 => SKIP,
        _ => LETTER,
    }
}

fn scripts(character: char) -> u8 {
    let code = character as u32;
    match code {
        0x566 => b'q',
        0x570 => b'h',
        0x578 => b'n',
        0x57D | 0x1D1C => b'u',
        0x581 => b'g',
        0x585 | 0x1D0F => b'o',
        0x61C | 0x115F | 0x1160 | 0x180B..=0x180E => SKIP,
        0x60C => b',',
        0x660..=0x669 => b'0' + low_byte(code - 0x660),
        0x6F0..=0x6F9 => b'0' + low_byte(code - 0x6F0),
        // The Indic scripts keep their digits at the same place in each block of 128.
        0x966..=0xD6F if (0x66..=0x6F).contains(&(code & 0x7F)) => {
            b'0' + low_byte((code & 0x7F) - 0x66)
        }
        0xE3F => b'$',
        0x17E0..=0x17E9 => b'0' + low_byte(code - 0x17E0),
        0x1040..=0x1049 => b'0' + low_byte(code - 0x1040),
        0xE50..=0xE59 => b'0' + low_byte(code - 0xE50),
        0x1D00 => b'a',
        0x1D04 => b'c',
        0x1D05 => b'd',
        0x1D07 => b'e',
        0x1D0A => b'j',
        0x1D0B => b'k',
        0x1D0D => b'm',
        0x1D18 => b'p',
        0x1D1B => b't',
        0x1D20 => b'v',
        0x1D21 => b'w',
        0x1D22 => b'z',
        0x1E00..=0x1EFF => vietnamese(code),
        _ => other(character),
    }
}

/// Latin Extended Additional: only the blocks whose letters lie together.
fn vietnamese(code: u32) -> u8 {
    match code {
        0x1E02..=0x1E07 => b'b',
        0x1E0A..=0x1E13 => b'd',
        0x1E14..=0x1E1D | 0x1EB8..=0x1EC7 => b'e',
        0x1E30..=0x1E35 => b'k',
        0x1E36..=0x1E3D => b'l',
        0x1E3E..=0x1E43 => b'm',
        0x1E44..=0x1E4B => b'n',
        0x1E4C..=0x1E53 | 0x1ECC..=0x1EE3 => b'o',
        0x1E58..=0x1E5F => b'r',
        0x1E60..=0x1E69 => b's',
        0x1E6A..=0x1E71 => b't',
        0x1E72..=0x1E7B | 0x1EE4..=0x1EF1 => b'u',
        0x1E80..=0x1E89 => b'w',
        0x1E90..=0x1E95 => b'z',
        0x1EA0..=0x1EB7 => b'a',
        0x1EC8..=0x1ECB => b'i',
        0x1EF2..=0x1EF9 => b'y',
        _ => LETTER,
    }
}

fn symbols(character: char) -> u8 {
    let code = character as u32;
    match code {
        0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x20D0..=0x20FF | 0x3164 => SKIP,
        0x2010..=0x2015 | 0x2043 | 0x2212 | 0x30FC => b'-',
        0x2018..=0x201B | 0x2032 => b'\'',
        0x201C..=0x201F | 0x2033 => b'"',
        0x2022 | 0x2024 | 0x2027 | 0x2219 | 0x22C5 | 0x25CF | 0x30FB | 0x3002 => b'.',
        0x2044 | 0x2215 => b'/',
        0x20A0..=0x20CF => b'$',
        0x2070 | 0x2080 | 0x24EA | 0x24FF | 0x3007 => b'0',
        0x2074..=0x2079 => b'4' + low_byte(code - 0x2074),
        0x2081..=0x2089 => b'1' + low_byte(code - 0x2081),
        0x2460..=0x2468 => b'1' + low_byte(code - 0x2460),
        0x2474..=0x247C => b'1' + low_byte(code - 0x2474),
        0x2488..=0x2490 => b'1' + low_byte(code - 0x2488),
        0x24F5..=0x24FD => b'1' + low_byte(code - 0x24F5),
        0x2776..=0x277E => b'1' + low_byte(code - 0x2776),
        0x2780..=0x2788 => b'1' + low_byte(code - 0x2780),
        0x278A..=0x2792 => b'1' + low_byte(code - 0x278A),
        0x249C..=0x24B5 => b'a' + low_byte(code - 0x249C),
        0x24B6..=0x24E9 => b'a' + low_byte((code - 0x24B6) % 26),
        0x2102 => b'c',
        0x210A => b'g',
        0x210E => b'h',
        0x2113 => b'l',
        0x212E | 0x212F => b'e',
        0x2731 => b'*',
        0x3001 => b',',
        0x3008 | 0x300A | 0x3010 | 0x3014 => b'[',
        0x3009 | 0x300B | 0x3011 | 0x3015 => b']',
        _ => other(character),
    }
}

fn high(character: char) -> u8 {
    match character {
        '零' => b'0',
        '一' | '壹' => b'1',
        '二' | '贰' => b'2',
        '三' | '叁' => b'3',
        '四' | '肆' => b'4',
        '五' | '伍' => b'5',
        '六' | '陆' => b'6',
        '七' | '柒' => b'7',
        '八' | '捌' => b'8',
        '九' | '玖' => b'9',
        '﹒' | '｡' => b'.',
        '﹘' | '﹣' => b'-',
        '﹫' => b'@',
        _ => other(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        text.chars().map(fold).filter(|byte| *byte != SKIP).map(char::from).collect()
    }

    #[test]
    fn what_looks_alike_folds_alike() {
        for (written, expected) in [
            ("Ünïcödé Łódź straße", "unicode lodz strase"),
            ("ŸŽſ ĳ ŉŋ", "yzs i nn"),
            ("раураl", "paypal"),
            ("ΡΑΥ", "pay"),
            ("ｐａｙ＠ｍａｉｌ．ｃｏｍ", "pay@mail.com"),
            ("𝐠𝗆𝓪𝔦𝕝", "gmail"),
            ("ⓖⓜⓐⓘⓛ 🅶🅼", "gmail gm"),
            ("0️⃣①②❸➃⒌⑥", "0123456"),
            ("٠١٢۳۴०१೧๒𝟗", "0123401129"),
            ("a\u{200b}b\u{ad}c\u{301}", "abc"),
            ("5€ £6 ‒ x·y • z", "5$ $6 - x.y . z"),
            ("ɢᴍᴀɪʟ", "gmail"),
            ("đặng", "dang"),
        ] {
            assert_eq!(folded(written), expected, "of {written}");
        }
        assert_eq!([fold('ж'), fold('🙂'), fold('界')], [LETTER, OTHER, LETTER]);
    }
}
