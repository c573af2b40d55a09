//! `push-os2sync`: organisation units and users into OS2sync, the queue in front of the national FK Organisation.
//!
//! OS2sync 4.9: `POST`/`DELETE /user` and `/orgUnit`, `GET` before a `POST` that must keep something, `GET /hierarchy`.

mod body;
mod check;
mod os2sync;
mod registry;
mod repair;
mod sending;

use crate::os2sync::Os2sync;
use crate::registry::Registry;
use crate::repair::{Repair, Repairs};
use clap::Parser;
use muster_base::text::lower_uuid;
use muster_base::{Error, Exit};
use muster_command::{Connection, Context};
use muster_delivery::{Arguments, Root, WhatOfForeign, deliver};
use muster_os2sync::{API_KEY, API_URL, MUNICIPALITY, SECTION, Server, VERIFY_SSL, fields};
use muster_settings::{Declaration, Declared, value};
use std::collections::HashSet;
use std::process::ExitCode;
use tokio::sync::OnceCell;

/// Bring organisation units and users to OS2sync, and write what became of each to standard output
#[derive(Parser)]
#[command(name = "push-os2sync", version, after_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    delivery: Arguments,

    #[command(flatten)]
    server: Server,

    /// The top unit's uuid in the registry: the only unit without parent, never taken away [default: the one of earlier
    /// runs, else the only unit without parent in the input]
    #[arg(long, value_name = "UUID", value_parser = lower_uuid)]
    top_unit: Option<String>,

    /// Members that keep the registry's value also where the record's is empty
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = body::KEEP, value_parser = fields::member)]
    keep: Vec<String>,

    /// Have the server send users on that it takes for unchanged
    #[arg(long, value_name = "BOOL", default_value = "false", value_parser = value::boolean, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    bypass_cache: bool,

    /// Place in the server's queue: lower goes first
    #[arg(long, value_name = "N", default_value_t = 10)]
    priority: u16,

    /// Send what was accepted so many hours ago or longer, and is not in the registry, again, past the server's cache
    #[arg(long, value_name = "HOURS", num_args = 0..=1, default_missing_value = "24")]
    verify: Option<u32>,

    /// Take objects out of the registry and send them again: users with duplicate positions, or everything, passivated
    #[arg(long, value_name = "WHAT", value_enum)]
    repair: Option<Repair>,

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

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        secrets: &[API_KEY],
        names: &[API_URL, MUNICIPALITY, VERIFY_SSL, ("autowash", &["os2sync_autowash", "autowash"])],
        elsewhere: SECTION,
        retired: &[
            (
                "hash_cache",
                "the file that --ledger names remembers what was accepted; --adopt-from takes what the cache knows",
            ),
            ("log_file", "redirect standard error, or let the systemd journal keep it"),
            ("randomize_fk_org_uuid", "users have the uuids of OS2mo, nothing is written there"),
            ("log_level", "-v, -vv and -q say how much is told"),
        ],
        manual: include_str!("manual.roff"),
        ..Declaration::of("os2sync")
    };
}

async fn push(args: Args, context: &Context) -> Result<Exit, Error> {
    let client = args.delivery.client(&args.connection, context)?;
    let delivery = if args.server.is_stub() { args.delivery.dry() } else { args.delivery };
    let api = args.server.api(context.find_secret("api_key")?)?;
    let mut target = Os2sync {
        api,
        client,
        keep: args.keep,
        bypass_cache: args.bypass_cache,
        priority: args.priority,
        top_unit: Root::new(args.top_unit, "--top-unit"),
        registry: Registry::default(),
        repair: Repairs::new(args.repair),
        strange: HashSet::new(),
        named: HashSet::new(),
        answers: OnceCell::new(),
    };
    if !args.server.is_stub() && (args.verify.is_some() || args.repair.is_some()) {
        target.look(args.verify, &delivery).await?;
    }
    deliver(&mut target, &with_autowash(delivery, args.autowash), context).await
}

/// The old setting: what this pipeline did not bring is deleted. A flag that says something else wins.
fn with_autowash(mut delivery: Arguments, autowash: bool) -> Arguments {
    if autowash {
        delivery.removal.foreign.get_or_insert(WhatOfForeign::Delete);
    }
    delivery
}

fn main() -> ExitCode {
    muster_delivery::main(push)
}
