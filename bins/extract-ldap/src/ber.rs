//! BER as LDAP uses it (RFC 4511, 5.1): definite lengths, low tag numbers. Reading borrows and never recurses.

use muster_base::{Error, Exit};

pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const ENUMERATED: u8 = 0x0a;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// The rest of a constructed value.
#[derive(Clone, Copy)]
pub struct Ber<'a>(pub &'a [u8]);

/// What a message may not be.
pub fn malformed(what: &str) -> Error {
    Error::new(Exit::Protocol, format!("the server broke the protocol: {what}"))
}

impl<'a> Ber<'a> {
    /// Whether nothing is left.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The tag of the next value, if there is one.
    pub fn peek(self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next value: its tag and content.
    pub fn next(&mut self) -> Result<(u8, &'a [u8]), Error> {
        let Some((header, length)) = header(self.0)? else { return Err(malformed("a value is cut off")) };
        let (tag, rest) = (self.0[0], &self.0[header..]);
        let Some((content, rest)) = rest.split_at_checked(length) else {
            return Err(malformed("a value is longer than what holds it"));
        };
        self.0 = rest;
        Ok((tag, content))
    }

    /// The content of the next value, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Result<&'a [u8], Error> {
        match self.next()? {
            (found, content) if found == tag => Ok(content),
            (found, _) => Err(malformed(&format!("a value has tag {found:#04x}, not {tag:#04x}"))),
        }
    }

    /// The content of the next value, if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Error> {
        if self.peek() == Some(tag) { self.expect(tag).map(Some) } else { Ok(None) }
    }

    /// The next value, a number that is not negative.
    pub fn number(&mut self, tag: u8) -> Result<u32, Error> {
        let content = self.expect(tag)?;
        let number = match content {
            [] => None,
            [first, ..] if first & 0x80 != 0 => None,
            _ => content.iter().try_fold(0_u32, |number, byte| {
                number.checked_mul(256).map(|number| number | u32::from(*byte))
            }),
        };
        number.ok_or_else(|| malformed("a number is none"))
    }

    /// The next value, a text.
    pub fn text(&mut self, tag: u8) -> Result<&'a str, Error> {
        std::str::from_utf8(self.expect(tag)?).map_err(|_| malformed("a text is no UTF-8"))
    }
}

/// Length of the header at the beginning of `bytes`, and of the content it announces; none when it is not all there.
pub fn header(bytes: &[u8]) -> Result<Option<(usize, usize)>, Error> {
    let [tag, length, rest @ ..] = bytes else { return Ok(None) };
    if tag & 0x1f == 0x1f {
        return Err(malformed("a tag has several bytes"));
    }
    match *length {
        length if length < 0x80 => Ok(Some((2, usize::from(length)))),
        0x80 => Err(malformed("a length is indefinite")),
        length => {
            let count = usize::from(length & 0x7f);
            if count > 4 {
                return Err(malformed("a length has more than four bytes"));
            }
            let Some(digits) = rest.get(..count) else { return Ok(None) };
            let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            Ok(Some((2 + count, length)))
        }
    }
}

/// The longest header: a tag, the length's length, eight bytes of it.
const LONGEST_HEADER: usize = 10;

/// `content` with tag and length before it. The memory is taken once: content that is to be wiped leaves no copy behind.
pub fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LONGEST_HEADER + content.len());
    bytes.push(tag);
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => bytes.push(length),
        _ => {
            let length = content.len().to_be_bytes();
            let begin = length.iter().position(|byte| *byte != 0).unwrap_or(0);
            bytes.push(0x80 | u8::try_from(length.len() - begin).unwrap_or(8));
            bytes.extend(&length[begin..]);
        }
    }
    bytes.extend(content);
    bytes
}

/// A number as the content of a value with `tag`.
pub fn number(tag: u8, number: u32) -> Vec<u8> {
    let digits = number.to_be_bytes();
    let begin = digits.iter().position(|byte| *byte != 0).unwrap_or(3);
    let digits = &digits[begin..];
    let sign: &[u8] = if digits[0] & 0x80 != 0 { &[0] } else { &[] };
    wrap(tag, &[sign, digits].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 127, 128, 255, 256, 65_535, 8_388_608, u32::MAX] {
            assert_eq!(Ber(&number(INTEGER, value)).number(INTEGER).unwrap(), value);
        }
    }

    #[test]
    fn long_contents_come_back() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            assert_eq!(Ber(&wrap(OCTETS, &content)).expect(OCTETS).unwrap(), content);
        }
    }

    #[test]
    fn what_is_malformed_is_an_error() {
        let cases: [&[u8]; 8] = [
            &[],
            &[4],
            &[4, 3, 1, 2],
            &[4, 0x80, 1],
            &[4, 0x85, 0, 0, 0, 0, 0],
            &[0x1f, 1, 1],
            &[4, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[5, 0],
        ];
        for bytes in cases {
            assert!(Ber(bytes).expect(OCTETS).is_err(), "{bytes:?}");
        }
        for bytes in [&[2, 0][..], &[2, 1, 0x80], &[2, 5, 1, 0, 0, 0, 0]] {
            assert!(Ber(bytes).number(INTEGER).is_err(), "{bytes:?}");
        }
    }
}
