//! Change numbers of Active Directory and Samba: every change of an entry gets the next number of its server.
//!
//! Changed entries are those with a higher uSNChanged than the highest of the last run. What is gone shows in the keys of
//! all entries, which are read in full: tombstones are hidden from ordinary users, and an entry that left the filter or the
//! base has none. The numbers belong to one server, and to one incarnation of its database.

use super::state::{Known, Usn};
use super::{Doubt, Piece, look};
use crate::connection::Connection;
use crate::entry::Entry;
use crate::extraction::{Extraction, Sink};
use crate::form;
use crate::request::{Filter, Search};
use muster_base::{Error, Exit};
use muster_stream::Writer;

/// Connections until the same server answers once more. The name of a domain stands for all its servers, in turns.
const TRIES: usize = 16;
const SERVICE: &str = "dsServiceName";

/// The server that answers.
pub struct Server {
    /// Its entry in the configuration of the domain.
    service: String,
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
        let (Some(highest), Some(service)) = (highest, first(SERVICE)?) else { return Ok(None) };
        let search =
            Search::entry(&service, &Filter::parse("(objectClass=*)")?, &["invocationId".to_owned()]);
        let answer = extraction.aside.search(&search, &[]).await?;
        let Some(settings) = answer.entries.first() else { return Ok(None) };
        let invocation = Entry::values_of(&settings.content, "invocationId")?;
        let Some(invocation) = invocation.first().and_then(|value| form::guid(value)) else {
            return Ok(None);
        };
        let name = first("dnsHostName")?.unwrap_or_default();
        Ok(Some(Self { service, identity: format!("{name} {invocation}"), highest }))
    }

    /// A connection to this very server.
    async fn connect(&self, extraction: &Extraction<'_>) -> Result<Connection, Error> {
        let search = Search::entry("", &Filter::parse("(objectClass=*)")?, &[SERVICE.to_owned()]);
        for _ in 0..TRIES {
            let mut connection = extraction.directory.connect().await?;
            let answer = connection.search(&search, &[]).await?;
            let content = answer.entries.first().map(|root| root.content.clone()).unwrap_or_default();
            if Entry::values_of(&content, SERVICE)?.first() == Some(&self.service.as_bytes()) {
                return Ok(connection);
            }
            connection.close().await;
        }
        let what =
            format!("the address stands for several servers; '{}' does not answer again", self.identity);
        Err(Error::new(Exit::Busy, what).hint("name one of them in 'url': --since follows one server"))
    }
}

/// Write all entries of `piece`; what the next run goes on from.
pub async fn everything(
    extraction: &mut Extraction<'_>,
    server: &Server,
    piece: &Piece<'_>,
    output: &mut Writer,
) -> Result<Usn, Error> {
    let connection = server.connect(extraction).await?;
    let search = extraction.search(piece.population, piece.base);
    let known = look::read(extraction, connection, piece, search, output).await?;
    Ok(server.seen(known))
}

/// Write what changed in `piece`.
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
    let connection = server.connect(extraction).await?;
    let sent = look::read(extraction, connection, piece, search, sink).await?;
    let connection = server.connect(extraction).await?;
    let now = look::follow(extraction, connection, piece, &before.known, &sent, sink).await?;
    Ok(Ok(server.seen(now)))
}

impl Server {
    fn seen(&self, known: Known) -> Usn {
        Usn { server: self.identity.clone(), highest: self.highest, known }
    }
}
