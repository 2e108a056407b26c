//! Punycode (RFC 3492), decoding only: what `xn--` labels stand for.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;

/// What the label after `xn--` stands for; `None` if it is not valid.
pub fn decode(label: &str) -> Option<String> {
    let (basic, encoded) = label.rsplit_once('-').unwrap_or(("", label));
    let mut decoded: Vec<char> = basic.chars().collect();
    let mut code = 128_u32;
    let mut index = 0_u32;
    let mut bias = 72;
    let mut bytes = encoded.bytes();
    while bytes.len() > 0 {
        let before = index;
        let mut weight = 1_u32;
        for k in (BASE..).step_by(BASE as usize) {
            let digit = digit(bytes.next()?)?;
            index = index.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
        }
        let length = u32::try_from(decoded.len()).ok()?.checked_add(1)?;
        bias = adapt(index - before, length, before == 0);
        code = code.checked_add(index / length)?;
        index %= length;
        decoded.insert(index as usize, char::from_u32(code)?);
        index += 1;
    }
    Some(decoded.into_iter().collect())
}

fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'a'..=b'z' => Some(u32::from(byte - b'a')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 26),
        _ => None,
    }
}

fn adapt(delta: u32, length: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_what_was_encoded_and_refuses_the_rest() {
        for (label, expected) in [
            ("mnchen-3ya", Some("münchen")),
            ("bcher-kva", Some("bücher")),
            ("80ak6aa92e", Some("аррӏе")),
            ("fiqs8s", Some("中国")),
            ("99999999", None),
            ("a-ü", None),
        ] {
            assert_eq!(decode(label).as_deref(), expected, "of {label}");
        }
    }
}
