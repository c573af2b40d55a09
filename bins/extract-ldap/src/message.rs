//! What the server sends: messages, their results and controls (RFC 4511, 4.1).

use crate::ber::{Ber, ENUMERATED, INTEGER, OCTETS, SEQUENCE, header, malformed};
use bytes::{Bytes, BytesMut};
use muster_base::{Error, text};

/// The largest message that is read, in bytes.
const MAX_MESSAGE: usize = 256 << 20;

/// Operations as their tags tell them.
pub const BIND_RESPONSE: u8 = 0x61;
pub const SEARCH_ENTRY: u8 = 0x64;
pub const SEARCH_DONE: u8 = 0x65;
pub const SEARCH_REFERENCE: u8 = 0x73;
pub const EXTENDED_RESPONSE: u8 = 0x78;
pub const INTERMEDIATE: u8 = 0x79;

const CONTROLS: u8 = 0xa0;
const REFERRALS: u8 = 0xa3;
const CHALLENGE: u8 = 0x87;

/// One message.
pub struct Message {
    /// The number of the request that it answers; 0 for what nobody asked for.
    pub id: u32,
    /// The tag of its operation.
    pub operation: u8,
    /// The content of its operation.
    pub content: Bytes,
    controls: Option<Bytes>,
}

/// The end of an operation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The result code.
    pub code: u32,
    /// What the server says, fit for a message.
    pub text: String,
    /// Where it refers to.
    pub referrals: Vec<String>,
}

impl Message {
    /// Take the first message out of `buffer`; none when it is not all there.
    pub fn take(buffer: &mut BytesMut) -> Result<Option<Self>, Error> {
        if buffer.first().is_some_and(|tag| *tag != SEQUENCE) {
            return Err(malformed("a message begins with no sequence"));
        }
        let Some((header, length)) = header(buffer)? else { return Ok(None) };
        if length > MAX_MESSAGE {
            return Err(malformed("a message is larger than 256 MiB"));
        }
        if buffer.len() < header + length {
            buffer.reserve(header + length - buffer.len());
            return Ok(None);
        }
        let bytes = buffer.split_to(header + length).freeze().slice(header..);
        let mut reader = Ber(&bytes);
        let id = reader.number(INTEGER)?;
        let (operation, content) = reader.next()?;
        let controls = reader.optional(CONTROLS)?.map(|controls| bytes.slice_ref(controls));
        Ok(Some(Self { id, operation, content: bytes.slice_ref(content), controls }))
    }

    /// Its operation as an outcome.
    pub fn outcome(&self) -> Result<Outcome, Error> {
        let mut content = Ber(&self.content);
        let code = content.number(ENUMERATED)?;
        let _matched = content.expect(OCTETS)?;
        let said = String::from_utf8_lossy(content.expect(OCTETS)?);
        let mut referrals = Vec::new();
        let mut list = Ber(content.optional(REFERRALS)?.unwrap_or_default());
        while !list.is_empty() {
            referrals.push(String::from_utf8_lossy(list.expect(OCTETS)?).into_owned());
        }
        let said = said.trim_end_matches('\0');
        Ok(Outcome { code, text: text::cut(said), referrals })
    }

    /// What a bind that is not at its end asks of us (RFC 4511, 4.2.2); empty when it says nothing.
    pub fn challenge(&self) -> Result<Vec<u8>, Error> {
        let mut content = Ber(&self.content);
        while !content.is_empty() {
            if let (CHALLENGE, said) = content.next()? {
                return Ok(said.to_vec());
            }
        }
        Ok(Vec::new())
    }

    /// The value of its control `oid`, if it has one.
    pub fn control(&self, oid: &str) -> Result<Option<Bytes>, Error> {
        let Some(controls) = &self.controls else { return Ok(None) };
        let mut list = Ber(controls);
        while !list.is_empty() {
            let mut control = Ber(list.expect(SEQUENCE)?);
            let name = control.expect(OCTETS)?;
            // Its criticality, which means nothing in an answer.
            control.optional(0x01)?;
            if name == oid.as_bytes() {
                let value = control.optional(OCTETS)?.unwrap_or_default();
                return Ok(Some(controls.slice_ref(value)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::{number, wrap};

    fn message(content: &[u8]) -> BytesMut {
        BytesMut::from(wrap(SEQUENCE, content).as_slice())
    }

    #[test]
    fn a_message_is_taken_when_it_is_all_there() {
        let done = [number(ENUMERATED, 4), wrap(OCTETS, b""), wrap(OCTETS, b"limit")].concat();
        let whole = message(&[number(INTEGER, 7), wrap(SEARCH_DONE, &done)].concat());
        for cut in 0..whole.len() {
            assert!(Message::take(&mut BytesMut::from(&whole[..cut])).unwrap().is_none());
        }
        let taken = Message::take(&mut whole.clone()).unwrap().unwrap();
        let outcome = taken.outcome().unwrap();
        assert_eq!((taken.id, outcome.code, outcome.text.as_str()), (7, 4, "limit"));
        assert!(taken.control("1.2.3").unwrap().is_none());
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        assert!(Message::take(&mut BytesMut::from(&b"HTTP/1.1 400"[..])).is_err());
        assert!(Message::take(&mut message(b"")).is_err());
        assert!(Message::take(&mut message(&[2, 1, 1])).is_err());
        assert!(Message::take(&mut BytesMut::from(&[0x30, 0x84, 0x7f, 0, 0, 0][..])).is_err());
    }
}
