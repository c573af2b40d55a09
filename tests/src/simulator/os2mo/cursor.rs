//! The cursor of a page: six digits, a colon, and `{"last": "<uuid>"}` in base64, where the next page goes on.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use uuid::Uuid;

/// The cursor after `last`. `is_pause` is one that follows an empty page, see `Organisation::sparse_pages`.
pub(super) fn after(last: Uuid, is_pause: bool) -> String {
    let pause = if is_pause { ", \"pause\": true" } else { "" };
    let text = format!("{{\"last\": \"{last}\"{pause}}}");
    let digits = (last.as_u128() % 0xff_fffd) as u32;
    format!("{digits:06x}:{}", BASE64_STANDARD.encode(text))
}

/// The uuid in a cursor and whether an empty page went before it; refused in the words of OS2mo when it is none.
pub(super) fn last(cursor: &str) -> Result<(Uuid, bool), String> {
    parse(cursor).ok_or_else(|| {
        let cause = if cursor.contains(':') { "Invalid cursor" } else { "list index out of range" };
        format!("Expected value of type 'Cursor', found \"{cursor}\"; {cause}")
    })
}

fn parse(cursor: &str) -> Option<(Uuid, bool)> {
    let (_, encoded) = cursor.split_once(':')?;
    let document: Value = serde_json::from_slice(&BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    Some((document["last"].as_str()?.parse().ok()?, document["pause"] == true))
}
