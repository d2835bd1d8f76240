//! Percent escapes of locations, for paths and for URLs.
//!
//! Locations were checked before, decoded as well as raw; nothing is checked
//! here.

/// The bytes that a location stands for. What is no escape stays as it is.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%'
            && let Some(value) = escaped(after)
        {
            out.push(value);
            rest = &after[2..];
        } else {
            out.push(first);
            rest = after;
        }
    }
    out
}

/// The value of the two hexadecimal digits at the start of `digits`.
fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn escapes_become_bytes_once() {
        assert_eq!(decode("a%20b%2541%C3%BC"), b"a b%41\xc3\xbc");
        assert_eq!(decode("a%2"), b"a%2");
    }
}
