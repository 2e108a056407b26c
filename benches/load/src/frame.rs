//! WebSocket frames (RFC 6455): a client writes masked ones and reads plain ones.

use std::ops::Range;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The rest of a message.
    Continuation,
    /// Text.
    Text,
    /// Anything else a server may say and we ignore.
    Other,
    /// Goodbye.
    Close,
    /// Are you there?
    Ping,
}

/// A frame in a buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: Kind,
    /// Whether the message ends with it.
    pub last: bool,
    /// Where its payload is.
    pub payload: Range<usize>,
}

/// The frame that begins at `from`; `None` if it is not all there, an error if it is none of a server's.
pub fn read(buffer: &[u8], from: usize) -> Result<Option<Frame>, &'static str> {
    let rest = buffer.get(from..).unwrap_or_default();
    let [first, second, rest @ ..] = rest else { return Ok(None) };
    if first & 0x70 != 0 {
        return Err("a frame with reserved bits");
    }
    if second & 0x80 != 0 {
        return Err("a masked frame from a server");
    }
    let (length, header) = match second & 0x7f {
        126 => match rest.first_chunk::<2>() {
            Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 4),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(bytes) => (u64::from_be_bytes(*bytes), 10),
            None => return Ok(None),
        },
        length => (u64::from(length), 2),
    };
    let length = usize::try_from(length).map_err(|_| "a frame too long to be true")?;
    let start = from + header;
    let end = start.checked_add(length).ok_or("a frame too long to be true")?;
    if end > buffer.len() {
        return Ok(None);
    }
    let kind = match first & 0x0f {
        0 => Kind::Continuation,
        1 => Kind::Text,
        8 => Kind::Close,
        9 => Kind::Ping,
        _ => Kind::Other,
    };
    Ok(Some(Frame { kind, last: first & 0x80 != 0, payload: start..end }))
}

/// Opcode of a text.
pub const TEXT: u8 = 1;
/// Opcode of a goodbye.
pub const CLOSE: u8 = 8;
/// Opcode of an answer to a ping.
pub const PONG: u8 = 10;

/// Appends a whole message as one frame, masked with `mask`.
pub fn write(out: &mut Vec<u8>, opcode: u8, payload: &[u8], mask: u32) {
    out.push(0x80 | opcode);
    match u16::try_from(payload.len()) {
        Ok(length @ 0..=125) => out.push(0x80 | u8::try_from(length).unwrap_or_default()),
        Ok(length) => {
            out.push(0xfe);
            out.extend(length.to_be_bytes());
        }
        Err(_) => {
            out.push(0xff);
            out.extend((payload.len() as u64).to_be_bytes());
        }
    }
    let key = mask.to_ne_bytes();
    out.extend(key);
    let start = out.len();
    out.extend(payload);
    let wide = u64::from(mask) << 32 | u64::from(mask);
    let (words, rest) = out[start..].as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a server would make of a client's frame.
    fn unmask(frame: &[u8]) -> Vec<u8> {
        let header = match frame[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        let key = &frame[header..header + 4];
        frame[header + 4..].iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }

    #[test]
    fn a_message_of_any_length_is_masked_so_that_a_server_can_read_it() {
        for length in [0, 1, 7, 8, 125, 126, 65_535, 65_536, 70_001] {
            let payload: Vec<u8> =
                (0..length).map(|n: usize| u8::try_from(n % 251).unwrap_or_default()).collect();
            let mut out = vec![9; 3];
            write(&mut out, TEXT, &payload, 0x1234_abcd);
            assert_eq!(unmask(&out[3..]), payload, "{length}");
        }
    }

    #[test]
    fn frames_are_read_only_when_whole() {
        for length in [0_usize, 125, 126, 65_535, 65_536] {
            let mut plain = vec![0x81];
            match length {
                0..=125 => plain.push(u8::try_from(length).unwrap_or_default()),
                126..=65_535 => {
                    plain.push(126);
                    plain.extend(u16::try_from(length).unwrap_or_default().to_be_bytes());
                }
                _ => {
                    plain.push(127);
                    plain.extend((length as u64).to_be_bytes());
                }
            }
            let header = plain.len();
            plain.extend(std::iter::repeat_n(b'x', length));
            for end in [0, 1, header - 1, plain.len() - 1] {
                assert_eq!(read(&plain[..end], 0), Ok(None), "{length} {end}");
            }
            let whole = Frame { kind: Kind::Text, last: true, payload: header..plain.len() };
            assert_eq!(read(&plain, 0), Ok(Some(whole)));
        }
        assert!(read(&[0x81, 0x81, 0, 0, 0, 0, 0], 0).is_err(), "masked");
        assert!(read(&[0xc1, 0x00], 0).is_err(), "compressed");
        assert!(read(&[0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255], 0).is_err(), "endless");
    }
}
