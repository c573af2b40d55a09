//! `extract-os2mo`: the organisation units and persons of an OS2mo server as records.
//!
//! Ten flat GraphQL collections are read page by page and joined here by uuid; see `organisation.rs`. Servers that only
//! have the older REST API are read by that; see `service/`.

mod account;
mod address;
mod authentication;
mod engagement;
mod graphql;
mod joining;
mod org_unit;
mod organisation;
mod person;
mod service;
mod tree;
mod validity;
mod wire;
mod writing;

use crate::organisation::{Kind, Organisation, Wanted};
use crate::writing::Selection;
use clap::Parser;
use muster_base::{Error, Exit};
use muster_command::{CaBundle, Connection, Context};
use muster_http::Url;
use muster_settings::{Declaration, Declared, OldFile, SecretSetting};
use muster_stream::Writer;
use std::process::ExitCode;
use uuid::Uuid;

/// Write the organisation units and persons of an OS2mo server to standard output, one record per line
#[derive(Parser)]
#[command(name = "extract-os2mo", version, after_help = EXAMPLES)]
struct Args {
    /// Address of the server; when it ends in /service, its REST API is meant
    #[arg(long, value_name = "URL")]
    url: Url,

    /// Interface to read by: the older one, for servers without GraphQL, takes some five requests a person [default: service
    /// for an address that ends in /service, else graphql]
    #[arg(long, value_name = "API", value_enum)]
    api: Option<Api>,

    /// The organisation's uuid, for the REST API [default: the only one that the server has]
    #[arg(long, value_name = "UUID")]
    organisation: Option<Uuid>,

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

    /// Only this unit and what is above it; may be repeated. No persons are written then, and the read counts as incomplete
    #[arg(long, value_name = "UUID")]
    unit: Vec<Uuid>,

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
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    parallel: u8,

    /// Day from which engagements count as current or future [default: today in Denmark]
    #[arg(long, value_name = "DATE")]
    today: Option<jiff::civil::Date>,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    ca_bundle: CaBundle,
}

/// The two interfaces of a server.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Api {
    // No doc comments here: with them, the help would take four lines an option.
    Graphql,
    Service,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2mo | map --spec os2sync | push-os2sync --ledger os2sync.ledger
  extract-os2mo --url https://mo.example.org --kind org_unit --limit 3 | jq .
  extract-os2mo --unit 28132c2e-1fbb-556a-b240-7bf04ac9d8b0 | map --spec os2sync | push-os2sync --ledger os2sync.ledger";

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
                names: &["crontab.SAML_TOKEN", "os2mo_saml_token", "settings.os2mo_saml_token"],
            },
        ],
        names: &[
            ("url", &["mora.base", "mo_url", "fastramqpi__mo_url", "settings.os2mo_service_url"]),
            ("auth_server", &["crontab.auth_server", "auth_server", "fastramqpi__auth_server"]),
            ("auth_realm", &["auth_realm", "fastramqpi__auth_realm"]),
            ("client_id", &["crontab.client_id", "client_id", "fastramqpi__client_id"]),
            ("verify_ssl", &["os2sync.ca_verify_os2mo", "os2sync_ca_verify_os2mo", "ca_verify_os2mo"]),
            ("organisation", &["settings.os2mo_org_uuid"]),
            ("ca_bundle", &["settings.os2mo_ca_bundle"]),
        ],
        retired: &[
            ("os2sync.use_lc_db", "the collections are read in bulk, a copy in SQL is not needed"),
            ("crontab.*", "the systemd timer in scripts/pipelines decides when a pipeline runs"),
        ],
        old_file: Some(OldFile::OF_EXPORTER),
        manual: include_str!("manual.roff"),
        ..Declaration::of("os2mo")
    };
}

async fn extract(args: Args, context: &Context, output: &mut Writer) -> Result<(), Error> {
    let kinds = args.kinds()?;
    let selection = Selection { top: args.top_unit, picked: args.unit.clone(), limit: args.limit };
    if args.api() == Api::Service {
        return service::extract(&args, &kinds, &selection, context, output).await;
    }
    let server = graphql::Server::new(&args, context)?;
    let wanted = Wanted { kinds: &kinds, today: args.today.unwrap_or_else(validity::today) };
    let organisation = Organisation::read(&server, &wanted).await?;
    organisation.check(&selection)?;
    for kind in kinds {
        output.scope(args.scope(kind));
        match kind {
            Kind::OrgUnit => organisation.write_units(&selection, output)?,
            Kind::Person => organisation.write_persons(&selection, output)?,
        }
        output.end(None)?;
    }
    Ok(())
}

impl Args {
    /// The address of the server itself, without the REST API's path.
    fn base(&self) -> Url {
        let mut url = self.url.clone();
        let path = url.path().trim_end_matches('/');
        if let Some(above) = path.strip_suffix("/service").map(str::to_owned) {
            url.set_path(&above);
        }
        url
    }

    fn api(&self) -> Api {
        let by_address = if self.base() == self.url { Api::Graphql } else { Api::Service };
        self.api.unwrap_or(by_address)
    }

    /// The kinds to write. Picked units come without persons: those would lack their positions in all other units.
    fn kinds(&self) -> Result<Vec<Kind>, Error> {
        let usage = |what: &str, hint: &str| Err(Error::new(Exit::Usage, what).hint(hint));
        if self.api() == Api::Service && self.today.is_some() {
            return usage("the REST API knows no other day than its own", "leave --today out");
        }
        match (self.kind.as_slice(), self.unit.is_empty()) {
            ([], true) => Ok(vec![Kind::OrgUnit, Kind::Person]),
            (kinds, true) => Ok(kinds.to_vec()),
            (kinds, false) if kinds.contains(&Kind::Person) => usage(
                "--unit gives no persons: they would lack their positions in all other units",
                "leave --kind out",
            ),
            (_, false) => Ok(vec![Kind::OrgUnit]),
        }
    }

    /// The population of a segment: the server, the kind and the top unit, as they were set.
    fn scope(&self, kind: Kind) -> String {
        let mut url = self.base();
        // An address without host, such as `data:`, cannot carry credentials either.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.query_pairs_mut().clear().append_pair("kind", kind.name());
        if let Some(top) = self.top_unit {
            url.query_pairs_mut().append_pair("top_unit", &top.to_string());
        }
        url.into()
    }

    /// How to connect.
    fn connection(&self) -> Connection {
        self.ca_bundle.on(&self.connection)
    }
}

fn main() -> ExitCode {
    muster_command::extract(extract)
}
