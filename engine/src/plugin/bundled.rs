//! The filters that are part of this binary.

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// Name and bytes of the filters in this binary, in the order they run; none if it was built before `make filters`.
pub fn bundled() -> impl ExactSizeIterator<Item = (&'static str, &'static [u8])> {
    BUNDLED.iter().copied()
}
