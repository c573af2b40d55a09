//! Hashes, UUIDs made of names, base64, and the binary ids of Active Directory.

use super::take::{on_text, reading, wrong};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("sha256", |value: &Value| {
        on_text("sha256", value, |text| Ok(hex(&Sha256::digest(text)).into()))
    });
    environment
        .add_filter("md5", |value: &Value| on_text("md5", value, |text| Ok(hex(&Md5::digest(text)).into())));
    environment.add_filter("blake3", |value: &Value| {
        on_text("blake3", value, |text| Ok(blake3::hash(text.as_bytes()).to_hex().as_str().into()))
    });
    environment.add_filter("uuid5", uuid5);
    environment.add_filter("b64encode", |value: &Value| {
        on_text("b64encode", value, |text| Ok(BASE64.encode(text).into()))
    });
    environment.add_filter("b64decode", b64decode);
    environment
        .add_filter("guid", |value: &Value, options: Kwargs| binary("guid", "GUID", value, &options, guid));
    environment
        .add_filter("sid", |value: &Value, options: Kwargs| binary("sid", "SID", value, &options, sid));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The UUID of version 5 for the text in a namespace: `dns`, `url`, `oid`, `x500` or a UUID.
fn uuid5(value: &Value, namespace: &str) -> Result<Value, Error> {
    let space = match namespace {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::try_parse(other)
            .map_err(|_| wrong(format!("'uuid5' takes dns, url, oid, x500 or a UUID, found '{other}'")))?,
    };
    on_text("uuid5", value, |text| Ok(Uuid::new_v5(&space, text.as_bytes()).hyphenated().to_string().into()))
}

/// The text that base64 stands for; white space in it does not count, padding may be missing.
fn b64decode(value: &Value, options: Kwargs) -> Result<Value, Error> {
    reading(value, &options, || {
        on_text("b64decode", value, |text| {
            let text = of_base64(text).and_then(|bytes| String::from_utf8(bytes).ok());
            text.map(Value::from).ok_or_else(|| wrong("'b64decode' finds no base64 of a text"))
        })
    })
}

fn of_base64(text: &str) -> Option<Vec<u8>> {
    let mut text: String = text.split_whitespace().collect();
    while matches!(text.len() % 4, 2 | 3) {
        text.push('=');
    }
    BASE64.decode(text).ok()
}

fn of_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    (digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit)).then_some(())?;
    digits.chunks(2).map(pair).collect()
}

fn binary(
    name: &str,
    what: &str,
    value: &Value,
    options: &Kwargs,
    read: impl FnOnce(&str) -> Option<String>,
) -> Result<Value, Error> {
    reading(value, options, || {
        on_text(name, value, |text| match read(text.trim()) {
            Some(id) => Ok(id.into()),
            None => Err(wrong(format!("'{name}' finds no {what} in '{text}'"))),
        })
    })
}

/// Of the 16 bytes of `objectGUID` as base64 or hexadecimal digits; a UUID with its hyphens stays.
fn guid(text: &str) -> Option<String> {
    if text.contains('-') {
        return Uuid::try_parse(text).ok().map(|uuid| uuid.hyphenated().to_string());
    }
    let bytes = if text.len() == 32 { of_hex(text) } else { of_base64(text) };
    let bytes: [u8; 16] = bytes?.try_into().ok()?;
    Some(Uuid::from_bytes_le(bytes).hyphenated().to_string())
}

/// Of the bytes of `objectSid` as base64 or hexadecimal digits; one that is text already stays.
fn sid(text: &str) -> Option<String> {
    if text.starts_with("S-1-") || text.starts_with("s-1-") {
        let numbers =
            text.get(2..)?.split('-').all(|part| part.parse::<u64>().is_ok() || part.starts_with("0x"));
        return numbers.then(|| text.to_uppercase().replace("0X", "0x"));
    }
    // A SID of hexadecimal digits begins with 01, which no SID in base64 does.
    let bytes = if text.starts_with("01") { of_hex(text) } else { of_base64(text) }?;
    let (head, rest) = bytes.split_at_checked(8)?;
    let (revision, count) = (head.first()?, usize::from(*head.get(1)?));
    if rest.len() != count * 4 {
        return None;
    }
    let authority = head.get(2..)?.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let authority = if authority < 1 << 32 { authority.to_string() } else { format!("0x{authority:012x}") };
    let mut sid = format!("S-{revision}-{authority}");
    for part in rest.chunks_exact(4) {
        sid += &format!("-{}", part.iter().rev().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)));
    }
    Some(sid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_active_directory() {
        let bytes = "0102030405060708090a0b0c0d0e0f10";
        assert_eq!(guid(bytes).as_deref(), Some("04030201-0605-0807-090a-0b0c0d0e0f10"));
        assert_eq!(
            guid("5F0C2F0A-0000-4000-8000-000000000001").as_deref(),
            Some("5f0c2f0a-0000-4000-8000-000000000001")
        );
        assert_eq!((guid("AQID"), guid("x"), guid("")), (None, None, None));
        let sid_bytes = "010500000000000515000000010000000200000003000000e8030000";
        assert_eq!(sid(sid_bytes).as_deref(), Some("S-1-5-21-1-2-3-1000"));
        assert_eq!(sid("S-1-5-32-544").as_deref(), Some("S-1-5-32-544"));
        assert_eq!((sid("S-1-x"), sid("0105"), sid("AQ==")), (None, None, None));
    }
}
