//! Content synchronisation (RFC 4533), as a consumer that asks once: refreshOnly.
//!
//! A refresh tells of changed entries whole. How it tells of those that are gone depends on the server's session log, and
//! some it does not tell of; `look.rs` finds them. It is never combined with pages: OpenLDAP answers the first page, and
//! success. So the limit of searches without pages is the most that may change between two runs; where everything is
//! read, only the cookie comes from a refresh, and the entries come in pages.

use super::state::{Known, Syncrepl};
use super::{Doubt, Piece, SYNC, look};
use crate::ber::{Ber, ENUMERATED, OCTETS, SEQUENCE, number, wrap};
use crate::entry::Entry;
use crate::extraction::{Extraction, Sink};
use crate::form;
use crate::message::{Message, SEARCH_ENTRY};
use crate::reading::Reading;
use crate::request::{Filter, Search, control};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use muster_base::Error;
use muster_stream::Writer;

const SYNC_STATE: &str = "1.3.6.1.4.1.4203.1.9.1.2";
const SYNC_DONE: &str = "1.3.6.1.4.1.4203.1.9.1.3";
/// The states of an entry that is sent whole: added, modified.
const WHOLE: [u32; 2] = [1, 2];

/// What a refresh told.
#[derive(Default)]
struct Refresh {
    sent: Known,
    cookie: Option<Vec<u8>>,
}

/// Write all entries of `piece`; what the next run goes on from. The cookie of some servers is `bound` to its search.
pub async fn everything(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    bound: bool,
    output: &mut Writer,
) -> Result<Option<Syncrepl>, Error> {
    let search = extraction.search(piece.population, piece.base);
    let (cookie, known) = if bound {
        let refresh = refresh(extraction, piece, search, None, output).await??;
        (Ok(refresh.cookie), refresh.sent)
    } else {
        let nothing = Search { filter: Filter::parse("(!(objectClass=*))")?, ..search.clone() };
        // What changes from here on is told by the next run once more.
        let refresh = refresh(extraction, piece, nothing, None, output).await?;
        let connection = extraction.directory.connect().await?;
        let known = look::read(extraction, connection, piece, search, output).await?;
        (refresh.map(|refresh| refresh.cookie), known)
    };
    let why = match cookie {
        Ok(Some(cookie)) => return Ok(Some(Syncrepl { cookie: STANDARD.encode(cookie), known })),
        Ok(None) => "it gave no cookie to go on from".to_owned(),
        Err(error) => error.what().to_owned(),
    };
    tracing::warn!("the server does not tell of changes here, and no FILE.next is written: {why}");
    Ok(None)
}

/// Write what changed in `piece`.
pub async fn changes(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    before: &Syncrepl,
    sink: &mut impl Sink,
) -> Result<Result<Syncrepl, Doubt>, Error> {
    let Ok(cookie) = STANDARD.decode(&before.cookie) else {
        return Ok(Err("the cookie is damaged".to_owned()));
    };
    let search = extraction.search(piece.population, piece.base);
    let refresh = match refresh(extraction, piece, search, Some(&cookie), sink).await? {
        Ok(refresh) => refresh,
        Err(error) => {
            return Ok(Err(format!("the server does not go on from the last run: {}", error.what())));
        }
    };
    let connection = extraction.directory.connect().await?;
    let now = look::follow(extraction, connection, piece, &before.known, &refresh.sent, sink).await?;
    Ok(Ok(Syncrepl { cookie: STANDARD.encode(refresh.cookie.unwrap_or(cookie)), known: now }))
}

/// Ask once, and write the entries that are sent. The inner error is what the server refused with.
async fn refresh(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    search: Search,
    cookie: Option<&[u8]>,
    sink: &mut impl Sink,
) -> Result<Result<Refresh, Error>, Error> {
    let connection = extraction.directory.connect().await?;
    // refreshOnly, and the cookie.
    let request =
        [number(ENUMERATED, 1), cookie.map(|cookie| wrap(OCTETS, cookie)).unwrap_or_default()].concat();
    let request = control(SYNC, true, Some(&wrap(SEQUENCE, &request)));
    let mut reading = Reading::start(connection, search, None, vec![request]);
    let mut refresh = Refresh::default();
    while let Some(batch) = reading.next().await {
        // The others name what is still there or gone.
        for message in batch.iter().filter(|message| message.operation == SEARCH_ENTRY) {
            refresh.entry(message, extraction, piece, sink).await?;
        }
    }
    let (connection, ended) = reading.finish().await?;
    if ended.outcome.code != 0 {
        return Ok(Err(ended.outcome.search_error(piece.base).at(&connection.address)));
    }
    if let Some(value) = ended.done.control(SYNC_DONE)? {
        refresh.cookie = Ber(Ber(&value).expect(SEQUENCE)?).optional(OCTETS)?.map(<[u8]>::to_vec);
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
        if !WHOLE.contains(&state.number(ENUMERATED)?) {
            return Ok(());
        }
        let uuid = state.expect(OCTETS)?.try_into().map_err(|_| unnamed())?;
        let digest = look::digest(&message.content, look::follows(&extraction.attributes))?;
        self.sent.0.insert(uuid, digest);
        let key = extraction.record(&message.content, piece.population.kind, sink).await?;
        if Some(key) != form::uuid(&uuid) {
            let dn = Entry::read(&message.content)?.dn;
            let what = format!("'{dn}' has another entryUUID than its state says");
            return Err(crate::ber::malformed(&what).hint("leave --since out"));
        }
        Ok(())
    }
}
