//! Change numbers of Active Directory and Samba: every change of an entry gets the next number of its server.
//!
//! Changed entries are those with a higher uSNChanged than the highest of the last run. What is gone shows in the keys of
//! all entries, which are read in full: tombstones are hidden from ordinary users, and an entry that left the filter or the
//! base has none. The numbers belong to one server, and to one incarnation of its database.

use super::state::{Known, Usn};
use super::{Doubt, Piece, deletion};
use crate::ber::malformed;
use crate::entry::Entry;
use crate::extraction::{Extraction, Sink};
use crate::form;
use crate::reading::Reading;
use crate::request::{Filter, Search};
use muster_base::Error;
use muster_stream::Writer;

/// The server that answers.
pub struct Server {
    /// Its name, and the incarnation of its database.
    identity: String,
    /// Its highest change number so far.
    highest: u64,
}

impl Server {
    /// The server as its root entry tells; none when it has no change numbers.
    pub async fn read(root: &[u8], extraction: &mut Extraction<'_>) -> Result<Option<Self>, Error> {
        let first = |name: &str| -> Result<Option<String>, Error> {
            let values = Entry::values_of(root, name)?;
            Ok(values.first().map(|value| String::from_utf8_lossy(value).into_owned()))
        };
        let highest = first("highestCommittedUSN")?.and_then(|text| text.parse().ok());
        let (Some(highest), Some(service)) = (highest, first("dsServiceName")?) else { return Ok(None) };
        let search =
            Search::entry(&service, &Filter::parse("(objectClass=*)")?, &["invocationId".to_owned()]);
        let answer = extraction.aside.search(&search, &[]).await?;
        let Some(settings) = answer.entries.first() else { return Ok(None) };
        let invocation = Entry::values_of(&settings.content, "invocationId")?;
        let Some(invocation) = invocation.first().and_then(|value| form::guid(value)) else {
            return Ok(None);
        };
        let name = first("dnsHostName")?.unwrap_or_default();
        Ok(Some(Self { identity: format!("{name} {invocation}"), highest }))
    }
}

/// Write all entries of `piece`; what the next run goes on from.
pub async fn everything(
    extraction: &mut Extraction<'_>,
    server: &Server,
    piece: &Piece<'_>,
    output: &mut Writer,
) -> Result<Option<Usn>, Error> {
    let known = read_all(extraction, piece, output).await?;
    Ok(Some(Usn { server: server.identity.clone(), highest: server.highest, known }))
}

/// Write all entries of `piece`; which they are.
pub async fn read_all(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    sink: &mut impl Sink,
) -> Result<Known, Error> {
    let search = extraction.search(piece.population, piece.base);
    records(extraction, piece, search, sink).await
}

/// Write what changed in `piece`, deletions last.
pub async fn changes(
    extraction: &mut Extraction<'_>,
    server: &Server,
    piece: &Piece<'_>,
    before: &Usn,
    sink: &mut impl Sink,
) -> Result<Result<Usn, Doubt>, Error> {
    if before.server != server.identity {
        return Ok(Err(format!("the last run asked another server ('{}')", before.server)));
    }
    if before.highest > server.highest {
        return Ok(Err("the change numbers of the server went back".to_owned()));
    }
    let mut search = extraction.search(piece.population, piece.base);
    let later = Filter::parse(&format!("(uSNChanged>={})", before.highest + 1))?;
    search.filter = search.filter.and(&later);
    records(extraction, piece, search, sink).await?;
    let known = keys(extraction, piece).await?;
    let kind = piece.population.kind.name();
    for gone in before.known.0.difference(&known.0) {
        sink.line(kind, &deletion(kind, &form::uuid(gone).unwrap_or_default()))?;
    }
    Ok(Ok(Usn { server: server.identity.clone(), highest: server.highest, known }))
}

async fn records(
    extraction: &mut Extraction<'_>,
    piece: &Piece<'_>,
    search: Search,
    sink: &mut impl Sink,
) -> Result<Known, Error> {
    let connection = extraction.directory.connect().await?;
    let mut reading = Reading::start(connection, search, extraction.page_size(), Vec::new());
    let mut known = Known::default();
    while let Some(batch) = reading.next().await {
        for message in batch {
            let key = extraction.record(&message.content, piece.population.kind, sink).await?;
            known.0.extend(bytes(&key));
        }
    }
    finished(reading, piece).await?;
    Ok(known)
}

/// Which entries there are.
async fn keys(extraction: &mut Extraction<'_>, piece: &Piece<'_>) -> Result<Known, Error> {
    let mut search = extraction.search(piece.population, piece.base);
    search.attributes = vec!["objectGUID".to_owned()];
    let connection = extraction.directory.connect().await?;
    let mut reading = Reading::start(connection, search, extraction.page_size(), Vec::new());
    let mut known = Known::default();
    while let Some(batch) = reading.next().await {
        for message in batch {
            let values = Entry::values_of(&message.content, "objectGUID")?;
            let key = values.first().and_then(|value| form::guid(value)).and_then(|text| bytes(&text));
            known.0.insert(key.ok_or_else(|| malformed("an entry has no objectGUID"))?);
        }
    }
    finished(reading, piece).await?;
    Ok(known)
}

async fn finished(reading: Reading, piece: &Piece<'_>) -> Result<(), Error> {
    let (connection, ended) = reading.finish().await?;
    match ended.outcome.code {
        0 => {
            connection.close().await;
            Ok(())
        }
        _ => Err(ended.outcome.search_error(piece.base).at(&connection.address)),
    }
}

/// The 16 bytes of the text of a UUID.
fn bytes(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32).map(u128::to_be_bytes)
}
