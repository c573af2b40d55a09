//! Only what changed since the last time: `--since FILE`.
//!
//! FILE says what the last run saw; FILE.next is written for the next one, and whoever runs the pipeline renames it once
//! the push ended well. What changed is written as a `changes` stream, deletions as explicit lines. Whenever anything is
//! doubtful, everything is read as a `state` stream instead: another population, another server, a refused cookie.

mod look;
mod spool;
mod state;
mod syncrepl;
mod usn;

use crate::Args;
use crate::directory::Directory;
use crate::entry::Entry;
use crate::extraction::{Extraction, Nested, Sink};
use crate::population::{Places, Population};
use crate::request::{Filter, Search};
use muster_base::{Error, Exit};
use muster_command::Context;
use muster_stream::{Form, Writer};
use spool::Spool;
use state::{Known, Part, State};
use std::path::Path;

/// The control that OpenLDAP and 389 Directory Server offer for this.
const SYNC: &str = "1.3.6.1.4.1.4203.1.9.1.1";

/// How a server tells of changes.
enum Way {
    /// Content synchronisation, RFC 4533; a cookie may be bound to the search that it came from.
    Syncrepl { is_bound: bool },
    /// A number that grows with each change, in Active Directory.
    Usn(usn::Server),
}

/// Something that makes a read of changes doubtful, in words.
type Doubt = String;

/// One base of one population.
struct Piece<'a> {
    population: &'a Population,
    base: &'a str,
}

/// Write what changed in `populations` since `file` was written, or everything, and FILE.next.
pub async fn extract(
    args: &Args,
    file: &Path,
    populations: &[Population],
    context: &Context,
    output: &mut Writer,
) -> Result<(), Error> {
    if let Some(population) = populations.first() {
        output.scope(population.scope_text());
    }
    let pieces = pieces(args, populations)?;
    let directory = Directory::new(args, context)?;
    let mut extraction = Extraction::new(args, &directory, context)?;
    let before = state::load(file)?;
    let way = way(&mut extraction).await?;
    let (next, form) = match changes(&mut extraction, way.as_ref(), &pieces, &before).await? {
        Ok(found) => {
            output.form(Form::Changes);
            (found.pour(&mut extraction, &pieces, output)?, "changes")
        }
        Err(doubt) => {
            match file.exists() {
                true => tracing::warn!("everything is read: {doubt}"),
                false => tracing::info!("everything is read: {doubt}"),
            }
            (everything(&mut extraction, way.as_ref(), &pieces, output).await?, "state")
        }
    };
    extraction.close().await;
    tracing::info!("read as a stream of form '{form}'");
    match next {
        Some(next) => state::store(&next, file),
        None => Ok(()),
    }
}

fn pieces<'a>(args: &Args, populations: &'a [Population]) -> Result<Vec<Piece<'a>>, Error> {
    let contradiction = |what: &str| Err(Error::new(Exit::Config, format!("--since cannot follow {what}")));
    if args.limit.is_some() {
        return contradiction("a limit; leave 'limit' out, or --since");
    }
    if args.nested == Nested::Flatten {
        return contradiction("groups in groups; leave --nested flatten out, or --since");
    }
    let mut pieces = Vec::new();
    for population in populations {
        match &population.places {
            Places::Bases(bases) => pieces.extend(bases.iter().map(|base| Piece { population, base })),
            Places::MembersOf(_) => {
                return contradiction(
                    "the members of groups; leave 'group_dn' and 'groups_dn' out, or --since",
                );
            }
        }
    }
    Ok(pieces)
}

/// How the server tells of changes, as its root entry says.
async fn way(extraction: &mut Extraction<'_>) -> Result<Option<Way>, Error> {
    let names = ["supportedControl", "highestCommittedUSN", "dsServiceName", "dnsHostName", "vendorName"];
    let search = Search::entry("", &Filter::parse("(objectClass=*)")?, &names.map(str::to_owned));
    let answer = extraction.aside.search(&search, &[]).await?;
    let Some(root) = answer.entries.first() else { return Ok(None) };
    if Entry::values_of(&root.content, "supportedControl")?.contains(&SYNC.as_bytes()) {
        // 389 Directory Server takes a cookie for the search only that it gave it to.
        let vendor = Entry::values_of(&root.content, "vendorName")?;
        let is_389 = |name: &&[u8]| name.windows(3).any(|part| part == b"389");
        return Ok(Some(Way::Syncrepl { is_bound: vendor.iter().any(is_389) }));
    }
    Ok(usn::Server::read(&root.content, extraction).await?.map(Way::Usn))
}

/// The changes of all pieces, none written yet.
struct Found {
    spools: Vec<Spool>,
    next: State,
}

impl Found {
    /// Add the lines that say which entries are gone. Who went from one base of a population to another is not.
    fn add_deletions(
        &mut self,
        extraction: &Extraction<'_>,
        pieces: &[Piece<'_>],
        before: &State,
    ) -> Result<(), Error> {
        for (piece, spool) in pieces.iter().zip(&mut self.spools) {
            let kind = piece.population.kind;
            let others = pieces.iter().filter(|other| other.population.kind == kind);
            let now: Vec<&Known> =
                others.filter_map(|other| Some(self.next.part(&other.name(extraction))?.known())).collect();
            let old = before
                .part(&piece.name(extraction))
                .map(Part::known)
                .into_iter()
                .flat_map(|known| known.0.keys());
            for key in old.filter(|key| !now.iter().any(|known| known.0.contains_key(*key))) {
                let key = crate::form::uuid(key).unwrap_or_default();
                spool.line(kind.name(), &deletion(kind.name(), &key))?;
            }
        }
        Ok(())
    }

    /// Write them, a segment for each population.
    fn pour(
        self,
        extraction: &mut Extraction<'_>,
        pieces: &[Piece<'_>],
        output: &mut Writer,
    ) -> Result<Option<State>, Error> {
        for (place, (piece, spool)) in pieces.iter().zip(self.spools).enumerate() {
            begin(pieces, place, output)?;
            spool.pour(piece.population.kind.name(), output)?;
        }
        extraction.note_references(output);
        output.end(None)?;
        Ok(Some(self.next))
    }
}

/// End the segment at hand and begin that of the piece at `place`, unless it goes on: several bases make one population.
fn begin(pieces: &[Piece<'_>], place: usize, output: &mut Writer) -> Result<(), Error> {
    let scope = |place: usize| pieces.get(place).map(|piece| piece.population.scope_text());
    let before = place.checked_sub(1).and_then(scope);
    let own = scope(place).unwrap_or_default();
    if before.as_ref().is_some_and(|before| *before != own) {
        output.end(None)?;
    }
    output.scope(own);
    Ok(())
}

async fn changes(
    extraction: &mut Extraction<'_>,
    way: Option<&Way>,
    pieces: &[Piece<'_>],
    before: &Result<State, Doubt>,
) -> Result<Result<Found, Doubt>, Error> {
    let Some(way) = way else { return Ok(Err("the server does not tell of changes".to_owned())) };
    let before = match before {
        Ok(before) => before,
        Err(doubt) => return Ok(Err(doubt.clone())),
    };
    let mut found = Found { spools: Vec::new(), next: State::default() };
    for piece in pieces {
        let name = piece.name(extraction);
        let Some(part) = before.part(&name) else {
            return Ok(Err("the last run read something else, or with other settings".to_owned()));
        };
        let mut spool = Spool::new(before.directory())?;
        let next = match (way, part) {
            (Way::Syncrepl { .. }, Part::Syncrepl(part)) => {
                syncrepl::changes(extraction, piece, part, &mut spool).await?.map(Part::Syncrepl)
            }
            (Way::Usn(server), Part::Usn(part)) => {
                usn::changes(extraction, server, piece, part, &mut spool).await?.map(Part::Usn)
            }
            _ => Err("the server is another one".to_owned()),
        };
        match next {
            Ok(next) => found.next.add(name, next),
            Err(doubt) => return Ok(Err(doubt)),
        }
        found.spools.push(spool);
    }
    found.add_deletions(extraction, pieces, before)?;
    Ok(Ok(found))
}

/// Write everything; the state for the next run, if the server lets us know one.
async fn everything(
    extraction: &mut Extraction<'_>,
    way: Option<&Way>,
    pieces: &[Piece<'_>],
    output: &mut Writer,
) -> Result<Option<State>, Error> {
    let mut next = State::default();
    let mut is_known = true;
    for (place, piece) in pieces.iter().enumerate() {
        begin(pieces, place, output)?;
        let part = match way {
            Some(Way::Syncrepl { is_bound }) => {
                syncrepl::everything(extraction, piece, *is_bound, output).await?.map(Part::Syncrepl)
            }
            Some(Way::Usn(server)) => {
                Some(Part::Usn(usn::everything(extraction, server, piece, output).await?))
            }
            None => {
                let connection = extraction.directory.connect().await?;
                let search = extraction.search(piece.population, piece.base);
                look::read(extraction, connection, piece, search, output).await?;
                None
            }
        };
        is_known &= part.is_some();
        if let Some(part) = part {
            next.add(piece.name(extraction), part);
        }
    }
    extraction.note_references(output);
    output.end(None)?;
    Ok(is_known.then_some(next))
}

impl Piece<'_> {
    /// What it is known by in the state: a digest of all that decides which lines it gives.
    fn name(&self, extraction: &Extraction<'_>) -> String {
        let args = extraction.args;
        let (scope, attributes) = (self.population.scope_text(), extraction.attributes.join(","));
        let decides = [
            scope.as_str(),
            self.base,
            attributes.as_str(),
            args.binary_attrs.as_deref().unwrap_or_default(),
            args.group_members_attr.as_str(),
            if args.lists { "lists" } else { "" },
            // The form of our records.
            "1",
        ];
        blake3::hash(decides.join("\n").as_bytes()).to_hex()[..32].to_owned()
    }
}

/// The line that says that `key` is gone.
fn deletion(kind: &str, key: &str) -> Vec<u8> {
    let mut line = format!("{{\"_op\":\"delete\",\"_kind\":\"{kind}\",\"_key\":").into_bytes();
    crate::form::quote(key, &mut line);
    line.extend(b"}\n");
    line
}
