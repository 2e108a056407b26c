//! Finds single values in JSON without building a tree, and writes strings into it.

/// A way to a value: keys, or places in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// From `a.b.0.c`.
    pub fn new(text: &str) -> Self {
        Self(text.split('.').map(str::to_owned).collect())
    }

    /// The value there, as it is written; `None` if there is none or the text is cut off.
    pub fn find<'a>(&self, json: &'a [u8]) -> Option<&'a [u8]> {
        self.0.iter().try_fold(json, |value, step| child(value, step))
    }

    /// The same in a tree.
    pub fn of<'a>(&self, value: &'a serde_json::Value) -> &'a serde_json::Value {
        self.0.iter().fold(value, |value, step| match step.parse::<usize>() {
            Ok(place) if value.is_array() => &value[place],
            _ => &value[step.as_str()],
        })
    }

    /// The whole number there.
    pub fn number(&self, json: &[u8]) -> Option<u64> {
        number(self.find(json)?)
    }

    /// The string there, without its quotes and with its escapes; `None` also for `null`.
    pub fn string<'a>(&self, json: &'a [u8]) -> Option<&'a [u8]> {
        string(self.find(json)?)
    }
}

/// A value's child by key or place.
pub fn child<'a>(value: &'a [u8], step: &str) -> Option<&'a [u8]> {
    let start = space(value, 0);
    match value.get(start)? {
        b'{' => {
            let mut found = None;
            members(value, |key, value| {
                if key == step.as_bytes() {
                    found = Some(value);
                }
                found.is_none()
            })?;
            found
        }
        b'[' => element(value, start + 1, step.parse().ok()?),
        _ => None,
    }
}

/// Calls `visit` with every key and value of an object until it says false; `None` if this is no whole object.
pub fn members<'a>(
    object: &'a [u8],
    mut visit: impl FnMut(&'a [u8], &'a [u8]) -> bool,
) -> Option<()> {
    let mut at = space(object, 0);
    if object.get(at)? != &b'{' {
        return None;
    }
    at = space(object, at + 1);
    if object.get(at)? == &b'}' {
        return Some(());
    }
    loop {
        let key_end = skip(object, at)?;
        let key = string(object.get(at..key_end)?)?;
        at = space(object, key_end);
        if object.get(at)? != &b':' {
            return None;
        }
        at = space(object, at + 1);
        let end = skip(object, at)?;
        if !visit(key, object.get(at..end)?) {
            return Some(());
        }
        at = space(object, end);
        match object.get(at)? {
            b',' => at = space(object, at + 1),
            b'}' => return Some(()),
            _ => return None,
        }
    }
}

fn element(list: &[u8], mut at: usize, place: usize) -> Option<&[u8]> {
    at = space(list, at);
    for n in 0.. {
        if list.get(at)? == &b']' {
            return None;
        }
        let end = skip(list, at)?;
        if n == place {
            return list.get(at..end);
        }
        at = space(list, end);
        if list.get(at)? == &b',' {
            at = space(list, at + 1);
        }
    }
    None
}

/// A whole number that is not negative.
pub fn number(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.checked_sub(b'0').filter(|it| *it < 10)?;
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// What is between a string's quotes.
pub fn string(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// The first byte that is no white space.
fn space(json: &[u8], at: usize) -> usize {
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
    at + json.get(at..).unwrap_or_default().iter().take_while(blank).count()
}

/// One past the end of the value that begins at `at`.
fn skip(json: &[u8], at: usize) -> Option<usize> {
    match json.get(at)? {
        b'"' => skip_string(json, at),
        b'{' | b'[' => {
            let (mut at, mut depth) = (at, 0_usize);
            loop {
                match json.get(at)? {
                    b'"' => {
                        at = skip_string(json, at)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
        }
        _ => {
            let end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
            let length = json.get(at..)?.iter().position(end);
            Some(length.map_or(json.len(), |length| at + length))
        }
    }
}

fn skip_string(json: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Appends `text` as a JSON string, quotes included.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend(b"\\\""),
            b'\\' => out.extend(b"\\\\"),
            0..=0x1f => out.extend(format!("\\u{byte:04x}").bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends a whole number.
pub fn write_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0_u8; 20];
    let (mut rest, mut at) = (number, digits.len());
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: &[u8] = br#" {"id":"7", "payload" : {"errors":[], "data":{"send":{"note":"a \"} ]\\","list":[ {"n":1},[2,3] ,{"n":42}],"none":null,"t":true}}},"type":"next"}"#;

    #[test]
    fn values_are_found_wherever_they_stand() {
        let number = |path: &str| Path::new(path).number(FRAME);
        assert_eq!(number("payload.data.send.list.2.n"), Some(42));
        assert_eq!(number("payload.data.send.list.1.1"), Some(3));
        assert_eq!(number("payload.data.send.list.3"), None);
        assert_eq!(number("payload.data.send.none"), None);
        assert_eq!(number("payload.other.send"), None);
        let string = |path: &str| Path::new(path).string(FRAME);
        assert_eq!(string("type"), Some(&b"next"[..]));
        assert_eq!(string("payload.data.send.note"), Some(&br#"a \"} ]\\"#[..]));
        assert_eq!(Path::new("payload.errors").find(FRAME), Some(&b"[]"[..]));
        assert_eq!(Path::new("payload.data.send.t").find(FRAME), Some(&b"true"[..]));
    }

    #[test]
    fn what_is_cut_off_anywhere_is_no_value_and_no_panic() {
        let path = Path::new("type");
        // The last brace is not looked at: what was sought came before.
        for end in 0..FRAME.len() - 1 {
            assert_eq!(path.find(&FRAME[..end]), None, "{end}");
        }
        for odd in
            ["", "{", "[", "{\"a\"", "{\"a\":", "{\"type\"}", "nul", "\"", "{]", "[,]", "{\"a\":}"]
        {
            assert_eq!(path.find(odd.as_bytes()), None, "{odd}");
            Path::new("0").find(odd.as_bytes());
        }
    }

    #[test]
    fn what_is_written_is_json() {
        let text = "quote \" backslash \\ line \n é";
        let mut out = Vec::new();
        write_string(&mut out, text);
        assert_eq!(serde_json::from_slice::<String>(&out).ok().as_deref(), Some(text));
        for number in [0, 7, 10, 1_234_567, u64::MAX] {
            out.clear();
            write_number(&mut out, number);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
