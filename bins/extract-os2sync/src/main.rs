//! `extract-os2sync`: the organisation units and users of the national FK Organisation, as OS2sync shows them.
//!
//! OS2sync 4.9: `GET /hierarchy`, and with `--full` a `GET` of each object; see `registry.rs`.

mod object;
mod registry;

use crate::registry::Registry;
use clap::Parser;
use muster_base::{Error, Exit};
use muster_command::{Connection, Context};
use muster_http::Client;
use muster_os2sync::{API_KEY, API_URL, Kind, MUNICIPALITY, SECTION, Server, VERIFY_SSL, fields};
use muster_settings::{Declaration, Declared};
use muster_stream::Writer;
use std::process::ExitCode;

/// Write the organisation units and users of OS2sync's registry to standard output, one record per line
#[derive(Parser)]
#[command(name = "extract-os2sync", version, after_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    server: Server,

    /// Kinds to write, each a segment of its own [default: both]
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Vec<Kind>,

    /// Read each object with all its members, one request each
    #[arg(long)]
    full: bool,

    /// With --full: positions with their dates, as the spec os2sync-accounts has them
    #[arg(long)]
    position_dates: bool,

    /// With --full: members that this server takes but does not hand on, and so are left out
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = registry::NOT_STORED, value_parser = fields::member)]
    not_stored: Vec<String>,

    /// Write so many records of each kind at most; the read counts as incomplete then
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// With --full: objects side by side
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: u16,

    #[command(flatten)]
    connection: Connection,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2sync --municipality 12345678 --kind org_unit | jq -r .Name
  diff --format text <(extract-os2mo | map --spec os2sync) <(extract-os2sync)";

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        secrets: &[API_KEY],
        names: &[API_URL, MUNICIPALITY, VERIFY_SSL],
        elsewhere: SECTION,
        manual: include_str!("manual.roff"),
        ..Declaration::of("os2sync")
    };
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::of(name).ok_or_else(|| "it is neither 'org_unit' nor 'user'".to_owned())
}

async fn extract(args: Args, context: &Context, output: &mut Writer) -> Result<(), Error> {
    if args.server.is_stub() {
        return Err(Error::new(Exit::Config, "api_url is 'stub', which is no server").hint("set --api-url"));
    }
    let registry = Registry {
        api: args.server.api(context.find_secret("api_key")?)?,
        client: Client::new(&args.connection.options(usize::from(args.parallel), context.name()))?,
        kinds: Kind::ALL
            .into_iter()
            .filter(|kind| args.kind.is_empty() || args.kind.contains(kind))
            .collect(),
        limit: args.limit.unwrap_or(usize::MAX),
        parallel: usize::from(args.parallel),
        full: args
            .full
            .then_some(object::Shape { not_stored: args.not_stored, position_dates: args.position_dates }),
    };
    registry.write(output, &|what| context.progress.say(what)).await
}

fn main() -> ExitCode {
    muster_command::extract(extract)
}
