//! What protects an LDAP connection without TLS after the bind: a stream of buffers, each four bytes of length and a token
//! (RFC 4422, 3.7; RFC 4752, 3.3).

use super::failure;
use super::gss::Context;
use crate::ber::malformed;
use bytes::{Buf, BytesMut};
use muster_base::Error;

/// The largest buffer that we ask for.
pub const OURS: u32 = 1 << 16;
/// The largest that is taken: some servers do not keep to what they were asked.
const LARGEST: usize = 0xff_ffff;

/// The layer of one connection.
pub struct Layer {
    context: Context,
    seal: bool,
    room: usize,
    /// What arrived and is not yet whole.
    pub arriving: BytesMut,
}

impl Layer {
    /// A layer that protects against changes, and with `seal` against readers, towards a server that takes buffers of
    /// `size` bytes.
    pub fn new(mut context: Context, seal: bool, size: u32) -> Result<Self, Error> {
        let room = context.room(seal, size).map_err(failure::in_words)?;
        match room {
            0 => Err(malformed("there is no room in the buffers that it takes")),
            _ => Ok(Self { context, seal, room, arriving: BytesMut::new() }),
        }
    }

    /// `bytes` as they are sent.
    pub fn protect(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let mut buffers = Vec::with_capacity(bytes.len() + 128);
        for part in bytes.chunks(self.room) {
            let token = self.context.wrap(self.seal, part).map_err(failure::in_words)?;
            let length = u32::try_from(token.len()).unwrap_or(u32::MAX);
            buffers.extend(length.to_be_bytes());
            buffers.extend(token);
        }
        Ok(buffers)
    }

    /// Move all that arrived whole to `plain`.
    pub fn open(&mut self, plain: &mut BytesMut) -> Result<(), Error> {
        while let Some(head) = self.arriving.first_chunk() {
            let length = u32::from_be_bytes(*head) as usize;
            if length > LARGEST {
                return Err(malformed("what should be protected is not, or a buffer is larger than 16 MiB"));
            }
            let Some(token) = self.arriving.get(4..4 + length) else {
                self.arriving.reserve(4 + length - self.arriving.len());
                return Ok(());
            };
            let (bytes, is_sealed) = self.context.unwrap(token).map_err(failure::on_the_way)?;
            if self.seal && !is_sealed {
                return Err(malformed("what should be encrypted is not"));
            }
            plain.extend_from_slice(&bytes);
            self.arriving.advance(4 + length);
        }
        Ok(())
    }
}
