//! `extract-os2mo`: the organisation units and persons of an OS2mo server as records.
//!
//! Ten flat GraphQL collections are read page by page and joined here by uuid; see `organisation.rs`.

mod account;
mod address;
mod authentication;
mod engagement;
mod graphql;
mod joining;
mod org_unit;
mod organisation;
mod person;
mod tree;
mod validity;
mod wire;
mod writing;

use crate::organisation::{Kind, Organisation, Wanted};
use clap::Parser;
use muster_base::Error;
use muster_command::{Connection, Context};
use muster_http::Url;
use muster_settings::{Declaration, Declared, SecretSetting};
use muster_stream::Writer;
use std::process::ExitCode;
use uuid::Uuid;

/// Write the organisation units and persons of an OS2mo server to standard output, one record per line
#[derive(Parser)]
#[command(name = "extract-os2mo", version, after_help = EXAMPLES)]
struct Args {
    /// Address of the server
    #[arg(long, value_name = "URL")]
    url: Url,

    /// Address of the Keycloak server [default: URL/auth]
    #[arg(long, value_name = "URL")]
    auth_server: Option<Url>,

    /// Keycloak realm
    #[arg(long, value_name = "NAME", default_value = "mo")]
    auth_realm: String,

    /// Keycloak client; its secret is the setting `client_secret`. Without it, the setting `session` is sent, or nothing
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,

    /// Version of the GraphQL interface
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u8).range(21..=30))]
    graphql_version: u8,

    /// Only this unit and what is below it, and the persons with an engagement there
    #[arg(long, value_name = "UUID")]
    top_unit: Option<Uuid>,

    /// Kinds to write, each a segment of its own [default: both]
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Vec<Kind>,

    /// Write so many records of each kind at most; the read counts as incomplete then
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Objects to ask for per request
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    page_size: u32,

    /// Requests side by side
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=4))]
    parallel: u8,

    /// Day from which engagements count as current or future [default: today in Denmark]
    #[arg(long, value_name = "DATE")]
    today: Option<jiff::civil::Date>,

    #[command(flatten)]
    connection: Connection,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2mo | map --spec os2sync | push-os2sync --ledger os2sync.ledger
  extract-os2mo --url https://mo.example.org --kind org_unit --limit 3 | jq .";

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        secrets: &[
            SecretSetting {
                key: "client_secret",
                about: "Secret of the Keycloak client",
                names: &["client_secret", "fastramqpi__client_secret"],
            },
            SecretSetting {
                key: "session",
                about: "Session token that the server lists, for servers without Keycloak",
                names: &["crontab.SAML_TOKEN", "os2mo_saml_token"],
            },
        ],
        names: &[
            ("url", &["mora.base", "mo_url", "fastramqpi__mo_url"]),
            ("auth_server", &["crontab.auth_server", "auth_server", "fastramqpi__auth_server"]),
            ("auth_realm", &["auth_realm", "fastramqpi__auth_realm"]),
            ("client_id", &["crontab.client_id", "client_id", "fastramqpi__client_id"]),
            ("verify_ssl", &["os2sync.ca_verify_os2mo", "os2sync_ca_verify_os2mo", "ca_verify_os2mo"]),
        ],
        retired: &[
            ("os2sync.use_lc_db", "the collections are read in bulk, a copy in SQL is not needed"),
            ("crontab.*", "the systemd timer in scripts/pipelines decides when a pipeline runs"),
        ],
        manual: include_str!("manual.roff"),
        ..Declaration::of("os2mo")
    };
}

async fn extract(args: Args, context: &Context, output: &mut Writer) -> Result<(), Error> {
    let server = graphql::Server::new(&args, context)?;
    let kinds = if args.kind.is_empty() { vec![Kind::OrgUnit, Kind::Person] } else { args.kind.clone() };
    let wanted = Wanted { kinds: &kinds, today: args.today.unwrap_or_else(validity::today) };
    let organisation = Organisation::read(&server, &wanted).await?;
    let top = args.top_unit.map(|uuid| organisation.known_unit(uuid)).transpose()?;
    for kind in kinds {
        output.scope(scope(&args, kind));
        organisation.write(kind, top, args.limit, output)?;
        output.end(None)?;
    }
    Ok(())
}

/// The population of a segment: the server, the kind and the top unit, as they were set.
fn scope(args: &Args, kind: Kind) -> String {
    let mut url = args.url.clone();
    // An address without host, such as `data:`, cannot carry credentials either.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.query_pairs_mut().clear().append_pair("kind", kind.name());
    if let Some(top) = args.top_unit {
        url.query_pairs_mut().append_pair("top_unit", &top.to_string());
    }
    url.into()
}

fn main() -> ExitCode {
    muster_command::extract(extract)
}
