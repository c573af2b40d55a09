//! What `push-swit` is asked, and what it reads from the files of the program that it follows.

use crate::target::Options;
use clap::{Arg, Parser, ValueEnum};
use muster_delivery::{Arguments, OnMissing, WhatOfForeign};
use muster_http::Url;
use muster_settings::{Declaration, Declared, SecretSetting, value};
use muster_swit::{Access, SECTION, ScimForm};

/// Bring people and teams to Swit, and write what became of each to standard output
#[derive(Parser)]
#[command(name = "push-swit", version, after_help = EXAMPLES, mut_arg("rate", paced))]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) delivery: Arguments,

    /// Get tokens: an administrator agrees in a browser, the strongbox keeps them
    #[arg(long)]
    pub(crate) login: bool,

    /// Where the browser is sent back to, as registered in Swit's developer console; port 0: a free one
    #[arg(long, value_name = "URL", default_value = "http://localhost:5000/oauth_callback")]
    pub(crate) redirect_url: Url,

    /// What to ask the administrator for
    #[arg(long, value_name = "SCOPES", default_value = "user:read admin:read admin:write")]
    pub(crate) oauth_scope: String,

    /// Make people whom Swit does not have
    #[arg(long, value_name = "BOOL", default_value = "true", value_parser = value::boolean, action = clap::ArgAction::Set)]
    pub(crate) create_users: bool,

    /// Activate people who are inactive in Swit
    #[arg(long, value_name = "BOOL", default_value = "true", value_parser = value::boolean, action = clap::ArgAction::Set)]
    pub(crate) activate_users: bool,

    /// People of ours who are no longer in the input
    #[arg(long, value_name = "WHAT", value_enum, default_value = "deactivate")]
    pub(crate) on_missing_user: MissingUser,

    /// Teams of ours that are no longer in the input; mark: renamed to `(removed) …` under the root, for a person to confirm
    #[arg(long, value_name = "WHAT", value_enum, default_value = "delete")]
    pub(crate) on_missing_team: MissingTeam,

    /// Guests: never take them away, or treat them as members
    #[arg(long, value_name = "WHAT", value_enum, default_value = "protect")]
    pub(crate) guests: Guests,

    /// What Swit keeps as a team's reference: its key, or its first alias (the DN of a group)
    #[arg(long, value_name = "WHAT", value_enum, default_value = "key")]
    pub(crate) reference: WhichReference,

    /// Several teams with one reference: stop, or keep the one with most members and delete the others
    #[arg(long, value_name = "WHAT", value_enum, default_value = "stop")]
    pub(crate) duplicates: Duplicates,

    /// Put sub-teams into the order in which they come
    #[arg(long, value_name = "BOOL", default_value = "true", value_parser = value::boolean, action = clap::ArgAction::Set)]
    pub(crate) sort: bool,

    /// Language of people who are made, when their record names none
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = ["en", "ko"])]
    pub(crate) default_user_language: String,

    /// People in one request that adds or removes members
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) batch: u16,

    /// Wording of SCIM requests: that of Swit's example, or that of the standard
    #[arg(long, value_name = "FORM", value_enum, default_value = "swit")]
    pub(crate) scim_form: ScimForm,

    /// Send the summary to the webhook in Swit whose address is the secret webhook_url [default: when there is one]
    #[arg(long, value_name = "BOOL", value_parser = value::boolean, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    pub(crate) notify: Option<bool>,

    #[command(flatten)]
    pub(crate) access: Access,
}

const EXAMPLES: &str = "\
Examples:
  push-swit --login
  extract-ldap | map --spec swit | push-swit --ledger swit.ledger --dry-run | jq .
  extract-ldap | map --spec swit | push-swit --ledger swit.ledger --foreign delete";

/// What Swit takes is not published. Its own provisioning example waits a fifth of a second behind each write, so that many
/// are known to be taken.
const PACE: &str = "5/s";

fn paced(rate: Arg) -> Arg {
    rate.default_value(PACE).help(
        "Most requests that Swit takes: N or N/s, N/m, N/h; the default is the pace of Swit's own example",
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Guests {
    // No doc comments here: with them, the help would take four lines an option.
    Protect,
    Include,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingUser {
    Keep,
    Deactivate,
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingTeam {
    Keep,
    Mark,
    Delete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhichReference {
    Key,
    Alias,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Duplicates {
    Stop,
    Repair,
}

impl Args {
    /// How the run treats people and teams.
    pub(crate) fn options(&self) -> Options {
        Options {
            create_users: self.create_users,
            activate_users: self.activate_users,
            protect_guests: self.guests == Guests::Protect,
            reference_is_alias: self.reference == WhichReference::Alias,
            repairs: self.duplicates == Duplicates::Repair,
            sorts: self.sort,
            language: self.default_user_language.clone(),
            batch: usize::from(self.batch),
            scim_form: self.scim_form,
            missing_user: match self.on_missing_user {
                MissingUser::Keep => OnMissing::Keep,
                MissingUser::Deactivate => OnMissing::Passivate,
                MissingUser::Remove => OnMissing::Delete,
            },
            missing_team: match self.on_missing_team {
                MissingTeam::Keep => OnMissing::Keep,
                MissingTeam::Mark => OnMissing::Passivate,
                MissingTeam::Delete => OnMissing::Delete,
            },
            foreign_goes: self.delivery.removal.foreign == Some(WhatOfForeign::Delete),
            page_size: self.access.page_size,
            identity: self.access.base_url.as_str().trim_end_matches('/').to_owned(),
        }
    }
}

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        secrets: &SECRETS,
        names: &[("default_user_language", &["DEFAULT_USER_LANGUAGE"])],
        elsewhere: SECTION,
        retired: &[
            ("is_running_locally", "--dry-run shows what would be sent"),
            ("operation_auth_key", "nothing listens: cron, a systemd timer or a person starts the pipeline"),
            ("port", "--redirect-url says where --login listens"),
            ("schedule_time", "the systemd timer in scripts/pipelines decides when a pipeline runs"),
        ],
        manual: include_str!("manual.roff"),
        ..Declaration::of("swit")
    };
}

const SECRETS: [SecretSetting; 5] = {
    let [access, refresh, id, secret] = muster_swit::SECRETS;
    let webhook = SecretSetting {
        key: "webhook_url",
        about: "Address of the webhook that --notify sends to",
        names: &[],
    };
    [access, refresh, id, secret, webhook]
};
