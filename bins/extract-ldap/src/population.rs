//! What is read: for each kind, where and with which filter.

use crate::Args;
use crate::name;
use crate::request::{Filter, Scope};
use muster_base::{Error, Exit};
use muster_settings::value;
use std::fmt::Write;

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    User,
    Group,
    Asset,
}

impl Kind {
    /// Its name in the stream.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Asset => "asset",
        }
    }

    /// The filter where none is set.
    fn filter(self) -> &'static str {
        match self {
            Self::User => USERS,
            Self::Group => GROUPS,
            Self::Asset => "(|(objectClass=computer)(objectClass=device)(objectClass=ipHost))",
        }
    }
}

/// The users of all directories. Computers of Active Directory are persons, too; they are not excluded by a negation, as
/// "not of a class that the server does not know" is neither true nor false there.
const USERS: &str = "(|(&(objectCategory=person)(objectClass=user))(objectClass=inetOrgPerson)(objectClass=posixAccount)\
                     (objectClass=account))";

/// The groups of all directories.
pub const GROUPS: &str = "(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)\
                          (objectClass=groupOfMembers)(objectClass=groupOfURLs)(objectClass=posixGroup))";

/// Where entries come from.
#[derive(Clone, Debug)]
pub enum Places {
    /// From these bases.
    Bases(Vec<String>),
    /// They are the members of these groups.
    MembersOf(Vec<String>),
}

/// The entries of one kind.
#[derive(Clone, Debug)]
pub struct Population {
    pub kind: Kind,
    pub places: Places,
    pub scope: Scope,
    pub filter: Filter,
    filter_text: String,
    server: String,
}

/// The populations that the settings ask for, in the order of their kinds. `section` is where the settings stand.
pub fn wanted(args: &Args, section: &str) -> Result<Vec<Population>, Error> {
    let groups = args.groups()?;
    let kinds = kinds(args, section);
    if kinds.contains(&Kind::User) && kinds.contains(&Kind::Asset) && args.filter.is_some() {
        return Err(Error::new(Exit::Config, "one 'filter' cannot be for users and assets")
            .hint("give one of these kinds at a time"));
    }
    kinds.into_iter().map(|kind| Population::new(args, kind, &groups)).collect()
}

fn kinds(args: &Args, section: &str) -> Vec<Kind> {
    let mut kinds = args.kind.clone();
    if kinds.is_empty() {
        let is_assets = section == "ldap_assets" || section.starts_with("ldap_assets.");
        kinds.push(if is_assets { Kind::Asset } else { Kind::User });
        if args.group_ous.is_some() && !is_assets {
            kinds.push(Kind::Group);
        }
    }
    [Kind::User, Kind::Group, Kind::Asset].into_iter().filter(|kind| kinds.contains(kind)).collect()
}

impl Population {
    fn new(args: &Args, kind: Kind, groups: &[String]) -> Result<Self, Error> {
        let own = if kind == Kind::Group { args.group_filter.as_deref() } else { args.filter.as_deref() };
        let filter_text =
            own.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(kind.filter()).to_owned();
        let (places, scope) = match (kind, groups) {
            (Kind::Group, [_, ..]) => (Places::Bases(groups.to_vec()), Scope::Base),
            (_, [_, ..]) => (Places::MembersOf(groups.to_vec()), Scope::Base),
            (kind, []) => (Places::Bases(bases(args, kind)?), args.scope),
        };
        let server =
            args.address()?.split_whitespace().next().unwrap_or_default().trim_end_matches('/').to_owned();
        Ok(Self { kind, places, scope, filter: Filter::parse(&filter_text)?, filter_text, server })
    }

    /// The population as the stream names it: an LDAP URL (RFC 4516) with the kind as its extension.
    pub fn scope_text(&self) -> String {
        let (bases, extension) = match &self.places {
            Places::Bases(bases) => (bases, "kind"),
            Places::MembersOf(groups) => (groups, "member-kind"),
        };
        let (bases, filter) = (escaped(&bases.join(";")), escaped(&self.filter_text));
        format!("{}/{bases}??{}?{filter}?{extension}={}", self.server, self.scope.name(), self.kind.name())
    }
}

/// The bases of a kind: its organisational units below the base, else the base itself. One below another is left out.
fn bases(args: &Args, kind: Kind) -> Result<Vec<String>, Error> {
    let base = args.base()?;
    let units = match kind {
        Kind::User => args.user_ous.as_deref(),
        Kind::Group => args.group_ous.as_deref(),
        Kind::Asset => None,
    };
    let units = value::list(units.unwrap_or_default());
    if units.is_empty() {
        return Ok(vec![base.to_owned()]);
    }
    let mut bases: Vec<String> = units.iter().map(|unit| name::unit_below(unit, base)).collect();
    if args.scope == Scope::Sub {
        let all = bases.clone();
        let is_covered = |place: usize, base: &str| {
            all.iter().enumerate().any(|(other_place, other)| {
                let is_same = name::key(base) == name::key(other);
                name::is_within(base, other)
                    && (!is_same && place != other_place || is_same && other_place < place)
            })
        };
        let mut place = 0;
        bases.retain(|base| {
            place += 1;
            !is_covered(place - 1, base)
        });
    }
    Ok(bases)
}

/// `text` as a part of a URL.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            ' ' | '?' | '%' | '#' | '"' | '<' | '>' => {
                let _ = write!(escaped, "%{:02X}", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}
