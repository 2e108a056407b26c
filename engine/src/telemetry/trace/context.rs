//! Which span of which trace; and how other systems name theirs: W3C's `traceparent`.

use rand::Rng as _;

/// A span's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    pub(super) trace: u128,
    pub(super) span: u64,
}

impl Context {
    /// The first span of a new trace.
    pub(super) fn fresh() -> Self {
        let mut random = rand::rng();
        Self { trace: random.random::<u128>().max(1), span: random.random::<u64>().max(1) }
    }

    /// Another span of the same trace.
    pub(super) fn child_of(parent: Self) -> Self {
        Self { trace: parent.trace, span: rand::rng().random::<u64>().max(1) }
    }
}

/// What a client says it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remote {
    pub(super) context: Context,
    /// Whether it follows this trace.
    pub(super) sampled: bool,
}

impl Remote {
    /// Reads a `traceparent`; `None` if it is not well formed, which by the specification means to begin a new trace.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let mut hex = |digits: usize| {
            let part = parts.next()?;
            let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            (part.len() == digits && part.bytes().all(plain)).then_some(part)
        };
        let (version, trace, span, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        let more = parts.next().is_some();
        let trace = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
        let span = u64::from_str_radix(span, 16).ok().filter(|id| *id != 0)?;
        let flags = u8::from_str_radix(flags, 16).ok()?;
        // Later versions may say more, version 0 may not.
        let good = version != "ff" && (version != "00" || !more);
        good.then_some(Self { context: Context { trace, span }, sampled: flags & 1 == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traceparents_are_read_as_the_specification_says() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let read = Remote::parse(good).expect("well formed");
        assert_eq!(format!("{:032x}", read.context.trace), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(format!("{:016x}", read.context.span), "b7ad6b7169203331");
        assert!(read.sampled && !Remote::parse(&good.replace("-01", "-00")).expect("good").sampled);
        assert!(Remote::parse(&format!("{}-more", good.replacen("00", "cc", 1))).is_some());
        let bad = [
            String::new(),
            "00".to_owned(),
            good.to_uppercase(),
            format!("{good}-more"),
            good.replacen("00", "ff", 1),
            good.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            good.replace("b7ad6b7169203331", &"0".repeat(16)),
            good.replace("b7ad6b7169203331", "b7ad6b716920333"),
            good.replace("b7ad6b7169203331", "+7ad6b7169203331"),
        ];
        for text in bad {
            assert_eq!(Remote::parse(&text), None, "{text}");
        }
    }
}
