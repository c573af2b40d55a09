//! Entries into records: read as they arrive, completed where the server sent only a part, written.

use crate::Args;
use crate::aside::{Aside, Read};
use crate::connection::Connection;
use crate::directory::Directory;
use crate::nested::{self, Groups};
use crate::population::{GROUPS, Kind, Places, Population};
use crate::reading::Reading;
use crate::record::Draft;
use crate::request::{Filter, Scope, Search};
use crate::schema::{self, Schema};
use crate::shape::{KEYS, Shapes};
use muster_base::Error;
use muster_command::{Context, Progress};
use muster_settings::value;
use muster_stream::Writer;

/// Attributes beside all ordinary ones: keys, memberOf and the marks of disabled accounts are operational in many servers.
const OPERATIONAL: [&str; 4] = ["memberOf", "nsAccountLock", "loginDisabled", "pwdAccountLockedTime"];

/// What groups in groups become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Nested {
    /// A group stays a member.
    Keep,
    /// A group is replaced by its members.
    Flatten,
}

/// Where lines go.
pub trait Sink {
    /// Take one line of a record of `kind`.
    fn line(&mut self, kind: &str, line: &[u8]) -> Result<(), Error>;
}

impl Sink for Writer {
    fn line(&mut self, kind: &str, line: &[u8]) -> Result<(), Error> {
        self.write_bytes(kind, line)
    }
}

/// What was read so far, and what is needed to read on.
pub struct Extraction<'a> {
    pub args: &'a Args,
    pub directory: &'a Directory,
    pub aside: Aside<'a>,
    /// What is asked of each entry.
    pub attributes: Vec<String>,
    /// The attribute with the members of a group, in lower case.
    pub members: String,
    /// References to other servers, which nobody followed.
    pub references: u64,
    shapes: Shapes,
    schema: Schema,
    groups: Option<Groups>,
    progress: Progress,
    scratch: Vec<u8>,
    line: Vec<u8>,
}

impl<'a> Extraction<'a> {
    /// With nothing read and nothing opened.
    pub fn new(args: &'a Args, directory: &'a Directory, context: &Context) -> Result<Self, Error> {
        let lists = [args.group_members_attr.clone()];
        let binaries = value::list(args.binary_attrs.as_deref().unwrap_or_default());
        Ok(Self {
            args,
            directory,
            aside: Aside::new(directory)?,
            attributes: attributes(args),
            members: args.group_members_attr.to_lowercase(),
            references: 0,
            shapes: Shapes::new(args.lists, &lists, &binaries),
            schema: Schema::default(),
            groups: None,
            progress: context.progress,
            scratch: Vec::new(),
            line: Vec::new(),
        })
    }

    /// Entries of a page; none where the server cannot give pages.
    pub fn page_size(&self) -> Option<u32> {
        self.directory.knows_controls().then_some(self.args.page_size)
    }

    /// Write all records of `population`.
    pub async fn read(&mut self, population: &Population, output: &mut Writer) -> Result<(), Error> {
        let bases = match &population.places {
            Places::Bases(bases) => bases,
            Places::MembersOf(groups) => return self.read_members(population, groups, output).await,
        };
        let mut connection = self.directory.connect().await?;
        if population.kind == Kind::Group && self.args.nested == Nested::Flatten {
            connection = self.learn_groups(connection).await?;
        }
        for base in bases {
            let reading =
                Reading::start(connection, self.search(population, base), self.page_size(), Vec::new());
            let Some(free) = self.write_all(reading, population.kind, base, output).await? else {
                return Ok(());
            };
            connection = free;
        }
        connection.close().await;
        self.note_references(output);
        Ok(())
    }

    /// Say in the end of the segment how many references there were since the last one.
    pub fn note_references(&mut self, output: &mut Writer) {
        let references = std::mem::take(&mut self.references);
        if references > 0 {
            tracing::info!("{references} references to other servers were not followed");
            output.note("references", references.into());
        }
    }

    /// The search for the entries of `population` below `base`.
    pub fn search(&self, population: &Population, base: &str) -> Search {
        Search {
            base: base.to_owned(),
            scope: population.scope,
            filter: population.filter.clone(),
            attributes: self.attributes.clone(),
            size_limit: 0,
        }
    }

    /// Write what `reading` gives; the connection, or nothing when `--limit` ended it.
    async fn write_all(
        &mut self,
        mut reading: Reading,
        kind: Kind,
        base: &str,
        output: &mut Writer,
    ) -> Result<Option<Connection>, Error> {
        while let Some(batch) = reading.next().await {
            for message in batch {
                if self.is_enough(output) {
                    return Ok(None);
                }
                self.record(&message.content, kind, output).await?;
            }
            self.progress.say(format!("{} {}", kind.name(), output.records()));
        }
        let (connection, ended) = reading.finish().await?;
        self.references += ended.references;
        match ended.outcome.code {
            0 => Ok(Some(connection)),
            _ => Err(ended.outcome.search_error(base).at(&connection.address)),
        }
    }

    /// Whether as many records are written as were asked for; the segment is partial then.
    pub fn is_enough(&self, output: &mut Writer) -> bool {
        let is_enough = self.args.limit.is_some_and(|limit| output.records() >= limit);
        if is_enough {
            output.narrowed(format!("only {} records were asked for", output.records()));
        }
        is_enough
    }

    /// Write the entry in `content` as a record of `kind`; its key.
    pub async fn record(
        &mut self,
        content: &[u8],
        kind: Kind,
        sink: &mut impl Sink,
    ) -> Result<String, Error> {
        let mut draft = Draft::read(content, &mut self.shapes)?;
        while let Some((attribute, next)) = draft.unfinished() {
            match self.aside.values(draft.dn, &attribute, next).await? {
                Read::Values(values) => draft.extend(&attribute, values.unwrap_or_default(), None),
                Read::Absent => draft.unknown(&attribute),
                Read::Unknown(why) => {
                    tracing::warn!("'{attribute}' of '{}' is unknown: {why}", draft.dn);
                    draft.unknown(&attribute);
                }
            }
        }
        if kind == Kind::Group {
            self.find_hidden(&mut draft).await?;
            self.flatten(&mut draft).await?;
        }
        let key = draft.key();
        self.line.clear();
        draft.write(kind.name(), &key, &mut self.scratch, &mut self.line);
        sink.line(kind.name(), &self.line)?;
        Ok(key)
    }

    /// A group that must have members and shows none is one whose members this user may not read: they are unknown.
    async fn find_hidden(&mut self, draft: &mut Draft<'_>) -> Result<(), Error> {
        let Some((class, attribute)) = schema::of_members(&draft.values_of("objectclass")) else {
            return Ok(());
        };
        let is_asked =
            self.attributes.iter().any(|asked| asked == "*" || asked.eq_ignore_ascii_case(attribute));
        if is_asked
            && draft.lacks(&attribute.to_lowercase())
            && self.schema.demands(class, attribute, &mut self.aside).await?
        {
            tracing::warn!("the members of '{}' are hidden from this user", draft.dn);
            draft.hidden(self.shapes.of(attribute));
        }
        Ok(())
    }

    async fn flatten(&mut self, draft: &mut Draft<'_>) -> Result<(), Error> {
        let Some(groups) = &self.groups else { return Ok(()) };
        let attributes = member_attributes(&self.members);
        for attribute in &attributes {
            let direct = draft.values_of(attribute);
            if direct.is_empty() || draft.is_unknown(attribute) {
                continue;
            }
            let flat =
                groups.flattened(draft.dn, direct, &attributes, &mut self.schema, &mut self.aside).await?;
            match flat {
                Ok(members) => draft.replace(attribute, members),
                Err(why) => {
                    tracing::warn!("the members of '{}' are unknown: {why}", draft.dn);
                    draft.unknown(attribute);
                }
            }
        }
        Ok(())
    }

    /// The members of a group in a group; an error in words when they cannot be read.
    pub async fn nested_members(&mut self, dn: &str) -> Result<Result<Vec<Vec<u8>>, String>, Error> {
        let attributes = member_attributes(&self.members);
        nested::members_of(dn, &attributes, &mut self.schema, &mut self.aside).await
    }

    async fn learn_groups(&mut self, connection: Connection) -> Result<Connection, Error> {
        let search = Search {
            base: self.args.base()?.to_owned(),
            scope: Scope::Sub,
            filter: Filter::parse(GROUPS)?,
            attributes: vec!["1.1".to_owned()],
            size_limit: 0,
        };
        let (connection, groups) = Groups::read(connection, search, self.page_size()).await?;
        self.groups = Some(groups);
        Ok(connection)
    }

    /// Say good-bye.
    pub async fn close(self) {
        self.aside.close().await;
    }
}

/// Where groups in groups may have their members: in the attribute of the settings, and in those of the usual classes.
fn member_attributes(own: &str) -> Vec<String> {
    let usual = ["member", "uniquemember"].into_iter().filter(|name| *name != own);
    std::iter::once(own).chain(usual).map(str::to_owned).collect()
}

/// What is asked of each entry: what `--attrs` says, and always what an entry is known by.
fn attributes(args: &Args) -> Vec<String> {
    let asked = value::list(args.attrs.as_deref().unwrap_or_default());
    let keys = KEYS.map(str::to_owned);
    match asked.is_empty() {
        true => {
            let mut all = vec!["*".to_owned(), args.group_members_attr.clone()];
            all.extend(OPERATIONAL.map(str::to_owned));
            all.extend(keys);
            all
        }
        false => asked.into_iter().chain(keys).collect(),
    }
}
