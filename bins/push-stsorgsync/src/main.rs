//! `push-stsorgsync`: organisation units and users into STSOrgSync, the predecessor of OS2sync.
//!
//! Its API v1_1: `POST`/`DELETE /user` and `/orgunit`, `GET` of one object before a `POST` that must keep a member, `GET`
//! of the lists of uuids for what is foreign.

mod answers;
mod api;
mod members;
mod sending;
mod stsorgsync;

use crate::api::{Api, UuidStyle};
use crate::stsorgsync::Stsorgsync;
use clap::Parser;
use muster_base::text::lower_uuid;
use muster_base::{Error, Exit};
use muster_command::{CaBundle, Connection, Context};
use muster_delivery::{Arguments, deliver};
use muster_http::Url;
use muster_settings::{Declaration, Declared, OldFile};
use std::process::ExitCode;

/// Bring organisation units and users to STSOrgSync, and write what became of each to standard output
#[derive(Parser)]
#[command(name = "push-stsorgsync", version, after_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    delivery: Arguments,

    /// Address of the API, with /api/v1_1 at its end
    #[arg(long, value_name = "URL", default_value = "http://localhost:9010/api/v1_1", value_parser = api_url)]
    api_url: Url,

    /// The municipality's CVR number, for builds that ask for it
    #[arg(long, value_name = "CVR", value_parser = cvr)]
    municipality: Option<String>,

    /// Where a call names its object: in the path, or in the query as the Windows service wants it
    #[arg(long, value_name = "STYLE", value_enum, default_value = "path")]
    uuid_style: UuidStyle,

    /// The top unit's uuid: the only unit without parent, never taken away [default: the one of earlier runs, else the only
    /// unit without parent in the input]
    #[arg(long, value_name = "UUID", value_parser = lower_uuid)]
    top_unit: Option<String>,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    ca_bundle: CaBundle,
}

const EXAMPLES: &str = "\
Examples:
  extract-os2mo | map --spec stsorgsync | push-stsorgsync --ledger stsorgsync.ledger --dry-run | jq .
  extract-os2mo | map --spec stsorgsync | push-stsorgsync --ledger stsorgsync.ledger --rejects rejects.ndjson
  extract-os2mo --unit 28132c2e-1fbb-556a-b240-7bf04ac9d8b0 | map --spec stsorgsync |
    push-stsorgsync --ledger stsorgsync.ledger";

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        names: &[
            ("api_url", &["settings.stsorgsync_api_url"]),
            ("municipality", &["settings.stsorgsync_municipality"]),
            ("ca_bundle", &["settings.stsorgsync_ca_bundle"]),
        ],
        elsewhere: ELSEWHERE,
        retired: &[
            (
                "settings.stsorgsync_hash_cache",
                "the file that --ledger names remembers what was accepted; --adopt-from takes what the cache knows",
            ),
            ("settings.mox_log_file", "redirect standard error, or let the systemd journal keep it"),
            ("settings.mox_log_level", "-v, -vv and -q say how much is told"),
        ],
        old_file: Some(OldFile::OF_EXPORTER.checked()),
        manual: include_str!("manual.roff"),
        ..Declaration::of("stsorgsync")
    };
}

/// Settings that decide what is read and how it is mapped.
const ELSEWHERE: &[(&str, &str)] = &[
    ("settings.os2mo_service_url", "extract-os2mo"),
    ("settings.os2mo_saml_token", "extract-os2mo"),
    ("settings.os2mo_org_uuid", "extract-os2mo"),
    ("settings.os2mo_ca_bundle", "extract-os2mo"),
    ("settings.os2mo_top_unit_uuid", "map"),
    ("settings.stsorgsync_phone_scope_classes", "map"),
    ("settings.stsorgsync_email_scope_classes", "map"),
    ("settings.stsorgsync_truncate", "map"),
    ("top_unit_uuid", "map"),
    ("phone_scope_classes", "map"),
    ("email_scope_classes", "map"),
    ("truncate_length", "map"),
];

fn api_url(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err("it is no http address".to_owned()),
    }
}

fn cvr(text: &str) -> Result<String, String> {
    match text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("a CVR number has eight digits".to_owned()),
    }
}

async fn push(args: Args, context: &Context) -> Result<Exit, Error> {
    let client = args.delivery.client(&args.ca_bundle.on(&args.connection), context)?;
    let api = Api { base: args.api_url, municipality: args.municipality, style: args.uuid_style };
    let mut target = Stsorgsync::new(api, client, args.top_unit);
    deliver(&mut target, &args.delivery, context).await
}

fn main() -> ExitCode {
    muster_delivery::main(push)
}
