//! `extract-swit`: the people and teams of a Swit organisation as records.
//!
//! Core API v1: `organization.user.list` page by page, `user.team.list` in one answer; see `shared/swit`.

use clap::Parser;
use muster_base::Error;
use muster_command::Context;
use muster_settings::{Declaration, Declared};
use muster_stream::{Map, Record, Writer};
use muster_swit::{Access, People, SECRETS, SECTION, Team, Teams, User};
use std::process::ExitCode;

/// Write the people and teams of a Swit organisation to standard output, one record per line
#[derive(Parser)]
#[command(name = "extract-swit", version, after_help = EXAMPLES)]
struct Args {
    /// Kinds to write, each a segment of its own [default: both]
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Vec<Kind>,

    /// Write so many records of each kind at most; the read counts as incomplete then
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    access: Access,
}

const EXAMPLES: &str = "\
Examples:
  extract-swit --kind user | jq -r 'select(.is_active == false).email'
  extract-swit > today.ndjson && diff --format text today.ndjson yesterday.ndjson";

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    User,
    Team,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
        }
    }
}

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        secrets: &SECRETS,
        elsewhere: SECTION,
        section_is_shared: true,
        manual: include_str!("manual.roff"),
        ..Declaration::of("swit")
    };
}

async fn extract(args: Args, context: &Context, output: &mut Writer) -> Result<(), Error> {
    let api = args.access.api(args.access.client(1, context)?, context)?;
    let kinds = if args.kind.is_empty() { vec![Kind::User, Kind::Team] } else { args.kind.clone() };
    for kind in kinds {
        output.scope(scope(&args, kind));
        let records: Vec<Record> = match kind {
            Kind::User => People::read(&api, args.access.page_size).await?.0.into_iter().map(user).collect(),
            Kind::Team => Teams::read(&api).await?.all.into_iter().map(team).collect(),
        };
        write(records, args.limit, output)?;
        output.end(None)?;
    }
    Ok(())
}

fn write(records: Vec<Record>, limit: Option<usize>, output: &mut Writer) -> Result<(), Error> {
    let limit = limit.unwrap_or(usize::MAX);
    if records.len() > limit {
        output.narrowed(format!("only {limit} of {} records were asked for", records.len()));
    }
    records.iter().take(limit).try_for_each(|record| output.write(record))
}

fn user(user: User) -> Record {
    let alias = [user.email].into_iter().filter(|email| !email.is_empty()).collect();
    named("user", &user.id, alias, user.map)
}

fn team(team: Team) -> Record {
    named("team", &team.id, team.reference.into_iter().collect(), team.map)
}

fn named(kind: &str, key: &str, alias: Vec<String>, members: Map) -> Record {
    let mut record = Record::new(kind, key, members);
    if !alias.is_empty() {
        record.set_own("_alias", alias.into());
    }
    record
}

/// The population of a segment: the server and the kind, as they were set.
fn scope(args: &Args, kind: Kind) -> String {
    let mut url = args.access.base_url.clone();
    // An address without host, such as `data:`, cannot carry credentials either.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.query_pairs_mut().clear().append_pair("kind", kind.name());
    url.into()
}

fn main() -> ExitCode {
    muster_command::extract(extract)
}
