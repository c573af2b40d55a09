//! What binds a ticket to the TLS connection that it is sent over: the hash of the server's certificate
//! (`tls-server-end-point`, RFC 5929, 4). Active Directory can be told to want it.

use crate::ber::{Ber, SEQUENCE};
use sha2::{Digest, Sha256, Sha384, Sha512};

const OID: u8 = 0x06;
/// Signatures of RSA and of ECDSA, and hash functions, but for the last number.
const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01";
const ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03";
const HASH: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02";

/// What is said of the connection to the server with this certificate (DER); nothing for signatures that know no hash of
/// their own, for which none is defined.
pub fn server_end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Ber(Ber(certificate).expect(SEQUENCE).ok()?);
    parts.expect(SEQUENCE).ok()?;
    let mut algorithm = Ber(parts.expect(SEQUENCE).ok()?);
    let hash = match bits(&mut algorithm)? {
        256 => Sha256::digest(certificate).to_vec(),
        384 => Sha384::digest(certificate).to_vec(),
        512 => Sha512::digest(certificate).to_vec(),
        _ => return None,
    };
    Some([b"tls-server-end-point:", hash.as_slice()].concat())
}

/// The size of the hash that a signature is made of; of those that are too weak, the one that takes their place.
fn bits(algorithm: &mut Ber<'_>) -> Option<u16> {
    let name = algorithm.expect(OID).ok()?;
    let (last, family) = name.split_last()?;
    match (family, last) {
        (RSA, 4 | 5) => Some(256),
        (RSA, 10) => pss(algorithm),
        (RSA, 11) | (ECDSA, 2) => Some(256),
        (RSA, 12) | (ECDSA, 3) => Some(384),
        (RSA, 13) | (ECDSA, 4) => Some(512),
        // ECDSA with SHA-1.
        _ if name == b"\x2a\x86\x48\xce\x3d\x04\x01" => Some(256),
        _ => None,
    }
}

/// RSASSA-PSS names its hash among its parameters; SHA-1 when it does not.
fn pss(algorithm: &mut Ber<'_>) -> Option<u16> {
    let mut parameters = Ber(algorithm.expect(SEQUENCE).ok()?);
    let Some(hash) = parameters.optional(0xa0).ok()? else { return Some(256) };
    let name = Ber(Ber(hash).expect(SEQUENCE).ok()?).expect(OID).ok()?;
    match name.split_last()? {
        (1, HASH) => Some(256),
        (2, HASH) => Some(384),
        (3, HASH) => Some(512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::wrap;

    /// The size of what comes of a certificate with this signature, which need not be valid.
    fn size(name: &[u8], parameters: &[u8]) -> Option<usize> {
        let algorithm = wrap(SEQUENCE, &[wrap(OID, name), parameters.to_vec()].concat());
        let certificate = wrap(SEQUENCE, &[wrap(SEQUENCE, b"\x02\x01\x01"), algorithm].concat());
        let text = server_end_point(&certificate)?;
        text.strip_prefix(b"tls-server-end-point:").map(|hash| hash.len() * 8)
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        let rsa = |last: u8| size(&[RSA, &[last]].concat(), b"\x05\x00");
        assert_eq!(
            [4, 5, 11, 12, 13, 14].map(rsa),
            [Some(256), Some(256), Some(256), Some(384), Some(512), None]
        );
        let ecdsa = |last: u8| size(&[ECDSA, &[last]].concat(), b"");
        assert_eq!([2, 3, 4].map(ecdsa), [Some(256), Some(384), Some(512)]);
        let pss = |last: u8| {
            let hash = wrap(SEQUENCE, &wrap(OID, &[HASH, &[last]].concat()));
            size(&[RSA, &[10]].concat(), &wrap(SEQUENCE, &wrap(0xa0, &hash)))
        };
        assert_eq!([1, 2, 3, 4].map(pss), [Some(256), Some(384), Some(512), None]);
        assert_eq!(size(&[RSA, &[10]].concat(), &wrap(SEQUENCE, b"")), Some(256));
        // Ed25519
        assert_eq!(size(b"\x2b\x65\x70", b""), None);
        assert_eq!(server_end_point(b"no certificate"), None);
    }
}
