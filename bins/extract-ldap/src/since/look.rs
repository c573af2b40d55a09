//! All entries at a glance: which there are, what they are called, and what they belong to.
//!
//! A name changes when an entry above is renamed or moved, memberOf when a group's list of members does. Servers count
//! neither as a change of the entry itself: content synchronisation does not tell of it, and the change number stays. What
//! left the base or the filter is not always told of either. So after the changes these few things of all entries are
//! read, in pages, and compared with those of the last run.

use super::Piece;
use super::state::{Digest, Key, Known};
use crate::ber::malformed;
use crate::connection::Connection;
use crate::entry::Entry;
use crate::extraction::{Extraction, Sink};
use crate::failure::NO_SUCH_OBJECT;
use crate::form;
use crate::reading::Reading;
use crate::request::Search;
use crate::shape::KEYS;
use muster_base::Error;

const MEMBER_OF: &str = "memberOf";

/// Write the entries that `search` finds on `connection`; which they are.
pub async fn read(
    extraction: &mut Extraction<'_>,
    connection: Connection,
    piece: &Piece<'_>,
    search: Search,
    sink: &mut impl Sink,
) -> Result<Known, Error> {
    let follows = follows(&extraction.attributes);
    let mut reading = Reading::start(connection, search, extraction.page_size(), Vec::new());
    let mut known = Known::default();
    while let Some(batch) = reading.next().await {
        for message in batch {
            let key = extraction.record(&message.content, piece.population.kind, sink).await?;
            if let Some(key) = bytes(&key) {
                known.0.insert(key, digest(&message.content, follows)?);
            }
        }
    }
    finish(extraction, reading, piece).await?;
    Ok(known)
}

/// Write the entries whose name or membership is another than in `before`; which entries there are. Those that were `sent`
/// a moment ago are not written twice: what became of them since is for the next run.
pub async fn follow(
    extraction: &mut Extraction<'_>,
    connection: Connection,
    piece: &Piece<'_>,
    before: &Known,
    sent: &Known,
    sink: &mut impl Sink,
) -> Result<Known, Error> {
    let follows = follows(&extraction.attributes);
    let mut search = extraction.search(piece.population, piece.base);
    search.attributes = KEYS.iter().copied().chain(follows.then_some(MEMBER_OF)).map(str::to_owned).collect();
    let mut reading = Reading::start(connection, search, extraction.page_size(), Vec::new());
    let mut now = Known::default();
    while let Some(batch) = reading.next().await {
        for message in batch {
            let (key, digest) = (key(&message.content)?, digest(&message.content, follows)?);
            let is_known = sent.0.contains_key(&key) || before.0.get(&key) == Some(&digest);
            if is_known || again(extraction, piece, &message.content, sink).await? {
                now.0.insert(key, digest);
            } else if let Some(old) = before.0.get(&key) {
                // The list has it: it was renamed since, or is not yet on the server that was asked. The next run tells.
                now.0.insert(key, *old);
            }
        }
    }
    finish(extraction, reading, piece).await?;
    now.0.extend(&sent.0);
    Ok(now)
}

/// Write an entry that was seen, as it is now; whether it is still there.
async fn again(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    seen: &[u8],
    sink: &mut impl Sink,
) -> Result<bool, Error> {
    let dn = Entry::read(seen)?.dn;
    let search = Search::entry(dn, &piece.population.filter, &extraction.attributes);
    let answer = extraction.aside.search(&search, &[]).await?;
    match (answer.outcome.code, answer.entries.first()) {
        (0, Some(entry)) => {
            extraction.record(&entry.content, piece.population.kind, sink).await?;
            Ok(true)
        }
        (0 | NO_SUCH_OBJECT, _) => Ok(false),
        _ => Err(answer.outcome.search_error(dn)),
    }
}

async fn finish(extraction: &mut Extraction<'_>, reading: Reading, piece: &Piece<'_>) -> Result<(), Error> {
    let (connection, ended) = reading.finish().await?;
    extraction.references += ended.references;
    match ended.outcome.code {
        0 => {
            connection.close().await;
            Ok(())
        }
        _ => Err(ended.outcome.search_error(piece.base).at(&connection.address)),
    }
}

/// Whether memberOf is asked for by its name, so that it is there whatever the server counts as operational.
pub fn follows(attributes: &[String]) -> bool {
    attributes.iter().any(|name| name.eq_ignore_ascii_case(MEMBER_OF))
}

/// Name and membership of the entry in `content`.
pub fn digest(content: &[u8], follows: bool) -> Result<Digest, Error> {
    let mut hash = blake3::Hasher::new();
    hash.update(Entry::read(content)?.dn.as_bytes());
    let mut groups = if follows { Entry::values_of(content, MEMBER_OF)? } else { Vec::new() };
    groups.sort_unstable();
    for group in groups {
        hash.update(b"\n").update(group);
    }
    let mut digest = Digest::default();
    hash.finalize_xof().fill(&mut digest);
    Ok(digest)
}

/// What an entry is known by, as 16 bytes: these servers give each entry a UUID.
fn key(content: &[u8]) -> Result<Key, Error> {
    let first = |name| Entry::values_of(content, name).map(|values| values.first().copied());
    let guid = first("objectGUID")?.and_then(form::guid);
    let uuid = first("entryUUID")?.and_then(|text| String::from_utf8(text.to_vec()).ok());
    let key = guid.or(uuid).and_then(|text| bytes(&text));
    key.ok_or_else(|| malformed("an entry has neither objectGUID nor entryUUID"))
}

/// The 16 bytes of the text of a UUID.
fn bytes(text: &str) -> Option<Key> {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32).map(u128::to_be_bytes)
}
