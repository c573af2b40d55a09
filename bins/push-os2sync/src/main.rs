//! `push-os2sync`: organisation units and users into OS2sync, the queue in front of the national FK Organisation.
//!
//! OS2sync 4.9: `POST`/`DELETE /user` and `/orgUnit`, `GET` before a `POST` that must keep something, `GET /hierarchy`.

mod api;
mod body;
mod fields;
mod os2sync;
mod top_unit;

use crate::os2sync::Os2sync;
use clap::Parser;
use muster_base::{Error, Exit};
use muster_command::{Connection, Context};
use muster_delivery::{Arguments, WhatOfForeign, deliver};
use muster_http::{Client, Url};
use muster_settings::{Declaration, Declared, SecretSetting, value};
use std::process::ExitCode;
use std::time::Duration;

/// Bring organisation units and users to OS2sync, and write what became of each to standard output
#[derive(Parser)]
#[command(name = "push-os2sync", version, after_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    delivery: Arguments,

    /// Address of OS2sync, with /api at its end; `stub`: no server, as --dry-run
    #[arg(long, value_name = "URL", default_value = "http://localhost:8081/api", value_parser = api_url)]
    api_url: ApiUrl,

    /// The municipality's CVR number
    #[arg(long, value_name = "CVR", value_parser = cvr)]
    municipality: String,

    /// The top unit's uuid in the registry: the only unit without parent, never taken away [default: the one of earlier
    /// runs, else the only unit without parent in the input]
    #[arg(long, value_name = "UUID", value_parser = fields::lower_uuid)]
    top_unit: Option<String>,

    /// Members that keep the registry's value where the record says nothing
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = body::KEEP, value_parser = member)]
    keep: Vec<String>,

    /// Have the server send users on that it takes for unchanged
    #[arg(long, value_name = "BOOL", default_value = "false", value_parser = value::boolean, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    bypass_cache: bool,

    /// Place in the server's queue: lower goes first
    #[arg(long, value_name = "N", default_value_t = 10)]
    priority: u16,

    /// Longest wait for the registry's hierarchy, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    hierarchy_wait: u64,

    #[arg(long, value_name = "BOOL", hide = true, default_value = "false", value_parser = value::boolean, action = clap::ArgAction::Set)]
    autowash: bool,

    #[command(flatten)]
    connection: Connection,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2mo | map --spec os2sync | push-os2sync --ledger os2sync.ledger --dry-run | jq .
  extract-os2mo | map --spec os2sync | push-os2sync --ledger os2sync.ledger --rejects rejects.ndjson
  echo '{\"_op\":\"delete\",\"_kind\":\"user\",\"_key\":\"6f5c0000-0000-4000-8000-00000000000a\"}' |
    push-os2sync --ledger os2sync.ledger --assume-complete";

#[derive(Clone)]
enum ApiUrl {
    Stub,
    At(Url),
}

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        secrets: &[SecretSetting {
            key: "api_key",
            about: "Key that the server asks for, if it does",
            names: &[],
        }],
        names: &[
            ("api_url", &["os2sync_api_url"]),
            ("municipality", &["municipality.cvr", "municipality"]),
            ("verify_ssl", &["os2sync.ca_verify_os2sync"]),
            ("autowash", &["os2sync_autowash"]),
        ],
        elsewhere: ELSEWHERE,
        retired: &[
            ("hash_cache", "the file that --ledger names remembers what was accepted"),
            ("log_file", "redirect standard error, or let the systemd journal keep it"),
            ("randomize_fk_org_uuid", "users have the uuids of OS2mo, nothing is written there"),
            ("log_level", "-v, -vv and -q say how much is told"),
        ],
        manual: include_str!("manual.roff"),
        ..Declaration::of("os2sync")
    };
}

/// Settings of the old program's section that decide what is read and how it is mapped.
const ELSEWHERE: &[(&str, &str)] = &[
    ("top_unit_uuid", "map"),
    ("ca_verify_os2mo", "extract-os2mo"),
    ("use_lc_db", "extract-os2mo"),
    ("xfer_cpr", "map"),
    ("sync_cpr", "map"),
    ("phone_scope_classes", "map"),
    ("email_scope_classes", "map"),
    ("landline_scope_classes", "map"),
    ("ignored.unit_levels", "map"),
    ("ignored.unit_types", "map"),
    ("ignored_unit_levels", "map"),
    ("ignored_unit_types", "map"),
    ("sync_managers", "map"),
    ("use_contact_for_tasks", "map"),
    ("enable_kle", "map"),
    ("templates", "map"),
    ("use_nickname", "map"),
    ("user_key_it_system_name", "map"),
    ("user_key_it_system_names", "map"),
    ("it_system_user_keys", "map"),
    ("uuid_from_it_systems", "map"),
    ("group_by_engagement_uuid", "map"),
    ("employee_engagement_address", "map"),
    ("filter_hierarchy_names", "map"),
    ("filter_orgunit_uuid", "map"),
    ("filter_users_by_it_system", "map"),
    ("extension_field_as_job_function", "map"),
    ("truncate_length", "map"),
];

fn api_url(text: &str) -> Result<ApiUrl, String> {
    match text {
        "stub" => Ok(ApiUrl::Stub),
        _ => match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(ApiUrl::At(url)),
            _ => Err("it is neither an http address nor 'stub'".to_owned()),
        },
    }
}

fn cvr(text: &str) -> Result<String, String> {
    match text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("a CVR number has eight digits".to_owned()),
    }
}

fn member(name: &str) -> Result<String, String> {
    let known = || fields::UNIT.iter().chain(fields::USER).map(|(known, _)| *known);
    if name.is_empty() || known().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let near = value::nearest(name, known()).map(|near| format!("; did you mean '{near}'?"));
    Err(format!("OS2sync knows no member of this name{}", near.unwrap_or_default()))
}

async fn push(args: Args, context: &Context) -> Result<Exit, Error> {
    let client = Client::new(&args.connection.options(usize::from(args.delivery.parallel), context.name()))?;
    let (base, delivery) = match args.api_url {
        ApiUrl::At(url) => (url, args.delivery),
        ApiUrl::Stub => (stub()?, args.delivery.dry()),
    };
    let api = api::Api {
        base,
        municipality: args.municipality,
        key: context.find_secret("api_key")?,
        bypass_cache: args.bypass_cache,
        priority: args.priority,
        hierarchy_wait: Duration::from_secs(args.hierarchy_wait),
    };
    let delivery = with_autowash(delivery, args.autowash);
    let mut target = Os2sync::new(api, client, args.keep, top_unit::TopUnit::new(args.top_unit));
    deliver(&mut target, &delivery, context).await
}

/// The address that `stub` stands for in what a dry run shows.
fn stub() -> Result<Url, Error> {
    Url::parse("stub://os2sync/api").map_err(|error| Error::new(Exit::Bug, error.to_string()))
}

fn with_autowash(mut delivery: Arguments, autowash: bool) -> Arguments {
    if autowash {
        tracing::warn!(
            "autowash only lists here, as --foreign list: nothing is deleted because it is absent; what is to go, push \
             as {{\"_op\":\"delete\",\"_kind\":…,\"_key\":…}}"
        );
    }
    let autowash = autowash.then_some(WhatOfForeign::List);
    delivery.removal.foreign = delivery.removal.foreign.or(autowash);
    delivery
}

fn main() -> ExitCode {
    muster_command::push(push)
}
