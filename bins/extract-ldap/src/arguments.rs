//! The settings, with their names in the files of the old programs.

use crate::address::Address;
use crate::directory::Way;
use crate::extraction::Nested;
use crate::population::Kind;
use crate::request::Scope;
use clap::Parser;
use muster_base::{Error, Exit};
use muster_command::Trust;
use muster_settings::{Declaration, Declared, SecretSetting, value};
use std::path::PathBuf;

/// Write the users, groups or devices of an LDAP directory to standard output, one record per line
#[derive(Parser)]
#[command(name = "extract-ldap", version, after_help = EXAMPLES)]
pub struct Args {
    /// Address of the server, ldap://, ldaps:// or ldapi://; several, parted by blanks, are tried in this order
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// Who asks: a DN, or user@domain or DOMAIN\user on Active Directory; the password is the secret `password`; with --auth gssapi a principal, if there are several
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,

    /// How to bind
    #[arg(long, value_name = "WAY", value_enum, default_value = "simple")]
    pub auth: Way,

    /// Whom to act as, dn:DN or u:NAME, where the server lets us; for --auth gssapi and external
    #[arg(long, value_name = "ID")]
    pub authzid: Option<String>,

    /// Ask for TLS on the port of ldap://
    #[arg(long, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, value_parser = value::boolean, action = clap::ArgAction::Set)]
    pub starttls: bool,

    /// Entry below which is searched
    #[arg(long, value_name = "DN")]
    pub base_dn: Option<String>,

    /// How far below it
    #[arg(long, value_name = "SCOPE", value_enum, default_value = "sub")]
    pub scope: Scope,

    /// Which entries are users, or devices [default: those of the usual classes]
    #[arg(long, value_name = "FILTER")]
    pub filter: Option<String>,

    /// Which entries are groups [default: those of the usual classes]
    #[arg(long, value_name = "FILTER")]
    pub group_filter: Option<String>,

    /// Names of the organisational units below the base that hold the users, parted by commas
    #[arg(long, value_name = "NAMES")]
    pub user_ous: Option<String>,

    /// Names of those that hold the groups; groups are read then, too
    #[arg(long, value_name = "NAMES")]
    pub group_ous: Option<String>,

    /// Only the members of this group
    #[arg(long, value_name = "DN")]
    pub group_dn: Option<String>,

    /// Only the members of these groups, a JSON list; this one counts before the other two
    #[arg(long, value_name = "DNS")]
    pub groups_dn: Option<String>,

    /// Attribute with the members of a group
    #[arg(long, value_name = "NAME", default_value = "member")]
    pub group_members_attr: String,

    /// How to find a member that is not named by its DN, such as (uid={})
    #[arg(long, value_name = "FILTER")]
    pub group_member_filter: Option<String>,

    /// What becomes of groups in groups: they stay, or their members take their place
    #[arg(long, value_name = "HOW", value_enum, default_value = "keep")]
    pub nested: Nested,

    /// Kinds to write, each a segment of its own [default: user; asset in a section ldap_assets]
    #[arg(long, value_name = "KIND", value_enum)]
    pub kind: Vec<Kind>,

    /// Write so many records of each kind at most; the read counts as incomplete then
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,

    /// Write only what changed since this file was made by an earlier run, and FILE.next for the next one
    #[arg(long, value_name = "FILE", conflicts_with = "limit")]
    pub since: Option<PathBuf>,

    /// Attributes to read, parted by commas [default: all ordinary ones, and memberOf]
    #[arg(long, value_name = "NAMES")]
    pub attrs: Option<String>,

    /// Attributes that are no text, parted by commas, beside those known as such
    #[arg(long, value_name = "NAMES")]
    pub binary_attrs: Option<String>,

    /// Write every attribute as a list of all its values [default: references and classes only, of others the first value]
    #[arg(long, value_name = "BOOL", default_value = "false", default_missing_value = "true", num_args = 0..=1, value_parser = value::boolean, action = clap::ArgAction::Set)]
    pub lists: bool,

    /// Entries to ask for per page
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub page_size: u32,

    /// Longest wait for the server, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    pub timeout: f64,

    /// Version of the protocol, 2 or 3; 2 knows no pages
    #[arg(long, value_name = "N", default_value = "3")]
    pub protocol_version: String,

    #[command(flatten)]
    pub trust: Trust,

    /// PEM file with our own certificate, for --auth external
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub client_cert: Option<PathBuf>,

    /// PEM file with its key
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,

    #[arg(long, hide = true)]
    pub page_criterium: Option<String>,

    #[arg(long, hide = true)]
    pub server_domain: Option<String>,

    #[arg(long, hide = true)]
    pub server_port: Option<u16>,

    #[arg(long, hide = true)]
    pub user: Option<String>,

    #[arg(long, hide = true)]
    pub search_base: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  extract-ldap | map --spec ldap.json | push-oomnitza --ledger oomnitza.ledger
  extract-ldap --url ldaps://ldap.example.org --base-dn dc=example,dc=org --limit 3 | jq .
  extract-ldap --kind group --group-filter '(cn=staff)' --nested flatten | jq -r '.member[]?'";

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        secrets: &[SecretSetting {
            key: "password",
            about: "Password of 'username'",
            names: &["LDAP_PASSWORD"],
        }],
        names: &[
            ("server_domain", &["LDAP_SERVER_DOMAIN"]),
            ("server_port", &["LDAP_SERVER_PORT"]),
            ("user", &["LDAP_USER"]),
            ("search_base", &["LDAP_SEARCH_BASE"]),
            ("user_ous", &["LDAP_USER_OUS"]),
            ("group_ous", &["LDAP_GROUP_OUS"]),
        ],
        elsewhere: &[
            ("enable", "nobody: the pipeline is run or not"),
            ("default_role", "map"),
            ("default_position", "map"),
            ("sync_field", "push-oomnitza"),
            ("vault_keys", "the secrets"),
            ("vault_backend", "the secrets"),
            ("vault_alias", "the secrets"),
            ("env_password", "the secrets"),
        ],
        manual: include_str!("manual.roff"),
        ..Declaration::of("ldap")
    };
}

impl Args {
    /// The address of the directory: `url`, or host and port apart.
    pub fn address(&self) -> Result<String, Error> {
        let missing = || {
            Error::new(Exit::Config, "--url is missing")
                .hint("give it, set LDAP_URL, or write 'url = …' into [ldap] of the settings file")
        };
        match (&self.url, &self.server_domain) {
            (Some(url), _) => Ok(url.clone()),
            (None, Some(host)) => Ok(Address::url_of(host, self.server_port)),
            (None, None) => Err(missing()),
        }
    }

    /// The base of searches.
    pub fn base(&self) -> Result<&str, Error> {
        self.base_dn.as_deref().or(self.search_base.as_deref()).ok_or_else(|| {
            Error::new(Exit::Config, "--base-dn is missing")
                .hint("give it, set LDAP_BASE_DN, or write 'base_dn = …' into [ldap] of the settings file")
        })
    }

    /// The groups whose members are to be read: `groups_dn` before `group_dn`.
    pub fn groups(&self) -> Result<Vec<String>, Error> {
        if self.page_criterium.as_deref().is_some_and(|text| !text.trim().is_empty()) {
            tracing::warn!("the setting 'page_criterium' has no effect: pages need no order");
        }
        let several = self.groups_dn.as_deref().map(str::trim).unwrap_or_default();
        let groups: Vec<String> = match several.starts_with('[') {
            true => serde_json::from_str(several).map_err(|error| {
                Error::new(Exit::Config, format!("'groups_dn' is no JSON list of texts: {error}"))
                    .hint("write [\"cn=staff,dc=example,dc=org\", …]")
            })?,
            // A single name holds commas itself.
            false => several.lines().map(|line| line.trim().to_owned()).collect(),
        };
        let groups: Vec<String> = groups.into_iter().filter(|group| !group.is_empty()).collect();
        let single = self.group_dn.as_deref().map(str::trim).filter(|group| !group.is_empty());
        Ok(if groups.is_empty() { single.map(str::to_owned).into_iter().collect() } else { groups })
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.01..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("it is no count of seconds between 0.01 and 86400".to_owned()),
    }
}
