//! Content synchronisation (RFC 4533), as a consumer that asks once: refreshOnly.
//!
//! A refresh tells of changed entries whole. Of the others it either names all that are still there (the present phase:
//! what is neither sent nor named is gone), or those that are gone (the delete phase). OpenLDAP does the second with a
//! session log that reaches back far enough, else the first. It is never combined with pages: OpenLDAP answers the first
//! page, and success.

use super::state::{Known, Syncrepl};
use super::{Doubt, Piece, SYNC, deletion};
use crate::ber::{Ber, ENUMERATED, OCTETS, SEQUENCE, SET, number, wrap};
use crate::entry::Entry;
use crate::extraction::{Extraction, Sink};
use crate::form;
use crate::message::{Message, SEARCH_ENTRY};
use crate::reading::Reading;
use crate::request::{Search, control};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use muster_base::Error;
use muster_stream::Writer;

const SYNC_STATE: &str = "1.3.6.1.4.1.4203.1.9.1.2";
const SYNC_DONE: &str = "1.3.6.1.4.1.4203.1.9.1.3";
const SYNC_INFO: &[u8] = b"1.3.6.1.4.1.4203.1.9.1.4";
const BOOLEAN: u8 = 0x01;

type Uuid = [u8; 16];

/// What a refresh told beside the entries that it sent.
#[derive(Default)]
struct Refresh {
    sent: Known,
    present: Known,
    deleted: Known,
    /// Whether entries that are still there were named.
    named_present: bool,
    cookie: Option<Vec<u8>>,
    /// The last word on deletions: whether all of them were told.
    told_deletions: bool,
}

/// Write all entries of `piece`; what the next run goes on from.
pub async fn everything(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    output: &mut Writer,
) -> Result<Option<Syncrepl>, Error> {
    let refresh = match refresh(extraction, piece, None, output).await? {
        Ok(refresh) => refresh,
        Err(error) => return Err(error),
    };
    let Some(cookie) = refresh.cookie else {
        tracing::warn!("the server gave no cookie to go on from: no FILE.next is written");
        return Ok(None);
    };
    Ok(Some(Syncrepl { cookie: STANDARD.encode(cookie), known: refresh.sent }))
}

/// Write what changed in `piece`, deletions last.
pub async fn changes(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    before: &Syncrepl,
    sink: &mut impl Sink,
) -> Result<Result<Syncrepl, Doubt>, Error> {
    let Ok(cookie) = STANDARD.decode(&before.cookie) else {
        return Ok(Err("the cookie is damaged".to_owned()));
    };
    let refresh = match refresh(extraction, piece, Some(&cookie), sink).await? {
        Ok(refresh) => refresh,
        Err(error) => {
            return Ok(Err(format!("the server does not go on from the last run: {}", error.what())));
        }
    };
    let mut known = before.known.clone();
    known.0.extend(&refresh.sent.0);
    let gone: Vec<Uuid> = if refresh.named_present {
        known
            .0
            .iter()
            .filter(|uuid| !refresh.present.0.contains(*uuid) && !refresh.sent.0.contains(*uuid))
            .copied()
            .collect()
    } else if refresh.told_deletions || refresh.cookie.as_ref().is_none_or(|new| *new == cookie) {
        refresh.deleted.0.iter().filter(|uuid| before.known.0.contains(*uuid)).copied().collect()
    } else {
        // Either nothing is left or nothing was said: too much hangs on it.
        return Ok(Err("the server did not say what is still there".to_owned()));
    };
    let kind = piece.population.kind.name();
    for uuid in gone {
        known.0.remove(&uuid);
        sink.line(kind, &deletion(kind, &form::uuid(&uuid).unwrap_or_default()))?;
    }
    Ok(Ok(Syncrepl { cookie: STANDARD.encode(refresh.cookie.unwrap_or(cookie)), known }))
}

/// Ask once, and write the entries that are sent. The inner error is what the server refused with.
async fn refresh(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    cookie: Option<&[u8]>,
    sink: &mut impl Sink,
) -> Result<Result<Refresh, Error>, Error> {
    let connection = extraction.directory.connect().await?;
    let search: Search = extraction.search(piece.population, piece.base);
    // refreshOnly, and the cookie.
    let request =
        [number(ENUMERATED, 1), cookie.map(|cookie| wrap(OCTETS, cookie)).unwrap_or_default()].concat();
    let request = control(SYNC, true, Some(&wrap(SEQUENCE, &request)));
    let mut reading = Reading::start(connection, search, None, vec![request]);
    let mut refresh = Refresh::default();
    while let Some(batch) = reading.next().await {
        for message in batch {
            if message.operation == SEARCH_ENTRY {
                refresh.entry(&message, extraction, piece, sink).await?;
            } else {
                refresh.info(&message)?;
            }
        }
    }
    let (connection, ended) = reading.finish().await?;
    if ended.outcome.code != 0 {
        return Ok(Err(ended.outcome.search_error(piece.base).at(&connection.address)));
    }
    if let Some(value) = ended.done.control(SYNC_DONE)? {
        let mut done = Ber(Ber(&value).expect(SEQUENCE)?);
        refresh.cookie = done.optional(OCTETS)?.map(<[u8]>::to_vec);
        refresh.told_deletions = is_true(done.optional(BOOLEAN)?);
    }
    connection.close().await;
    Ok(Ok(refresh))
}

impl Refresh {
    async fn entry(
        &mut self,
        message: &Message,
        extraction: &mut Extraction<'_>,
        piece: &Piece<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), Error> {
        let unnamed = || crate::ber::malformed("an entry of a synchronisation has no state");
        let value = message.control(SYNC_STATE)?.ok_or_else(unnamed)?;
        let mut state = Ber(Ber(&value).expect(SEQUENCE)?);
        let what = state.number(ENUMERATED)?;
        let uuid: Uuid = state.expect(OCTETS)?.try_into().map_err(|_| unnamed())?;
        match what {
            0 => {
                self.named_present = true;
                self.present.0.insert(uuid);
            }
            3 => {
                self.deleted.0.insert(uuid);
            }
            _ => {
                self.sent.0.insert(uuid);
                let key = extraction.record(&message.content, piece.population.kind, sink).await?;
                if Some(key) != form::uuid(&uuid) {
                    let dn = Entry::read(&message.content)?.dn;
                    return Err(crate::ber::malformed(&format!(
                        "'{dn}' has another entryUUID than its state says"
                    ))
                    .hint("leave --since out"));
                }
            }
        }
        Ok(())
    }

    fn info(&mut self, message: &Message) -> Result<(), Error> {
        let mut content = Ber(&message.content);
        if content.optional(0x80)? != Some(SYNC_INFO) {
            return Ok(());
        }
        let (tag, info) = Ber(content.expect(0x81)?).next()?;
        // The others only part the phases; their cookies may be of use to replicas, not to us.
        if tag != 0xa3 {
            return Ok(());
        }
        let mut set = Ber(info);
        set.optional(OCTETS)?;
        let are_deleted = is_true(set.optional(BOOLEAN)?);
        let mut uuids = Ber(set.expect(SET)?);
        self.named_present |= !are_deleted;
        while !uuids.is_empty() {
            let uuid = uuids.expect(OCTETS)?.try_into();
            let uuid = uuid.map_err(|_| crate::ber::malformed("an entryUUID has not 16 bytes"))?;
            if are_deleted {
                self.deleted.0.insert(uuid)
            } else {
                self.present.0.insert(uuid)
            };
        }
        Ok(())
    }
}

fn is_true(value: Option<&[u8]>) -> bool {
    value.is_some_and(|value| value.iter().any(|byte| *byte != 0))
}
