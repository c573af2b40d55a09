//! What a target states: how it is compared, its phases, its references.

use std::collections::BTreeMap;

/// How it is known what changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    /// The hash of what was last accepted decides.
    #[default]
    ByLedger,
    /// The target is read whole at the start; what differs from that reading decides.
    ByState,
}

/// What becomes of an owned object that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMissing {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is made passive.
    Passivate,
    /// It is taken away.
    Delete,
}

/// What a target remembers from run to run, by name.
pub type Facts = BTreeMap<String, String>;

/// A part of a run: it begins when the one before it has ended.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// The kind it is about.
    pub kind: &'static str,
    /// What is done to it.
    pub work: Work,
    /// In which order.
    pub order: Order,
}

/// What a phase does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Work {
    /// Objects are made and changed.
    #[default]
    Upsert,
    /// Objects are made and changed in several steps; this is the one of that name. [`Target::work`](crate::Target::work)
    /// says which of them an object needs.
    Stage(&'static str),
    /// Objects are taken away or made passive.
    Remove,
}

impl Work {
    /// Its name in the journal; nothing where an object has one step only.
    pub fn stage(self) -> &'static str {
        match self {
            Self::Stage(name) => name,
            Self::Upsert | Self::Remove => "",
        }
    }
}

/// The order within a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Side by side.
    Any,
    /// Containers before what they contain.
    ParentsFirst,
    /// What is contained before its container.
    ChildrenFirst,
}

/// An object that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its kind.
    pub kind: &'static str,
    /// Its key, or another name of it.
    pub key: String,
    /// What it is to the record.
    pub role: Role,
    /// The record's member that names it; empty where that does not matter. While the referent is unknown, the target
    /// keeps its value of this member.
    pub member: &'static str,
    /// What becomes of the record when there is no such object.
    pub absent: Absent,
}

impl Reference {
    /// A reference to an object that is taken for there already when nothing is known of it.
    pub fn new(kind: &'static str, key: impl Into<String>, role: Role) -> Self {
        Self { kind, key: key.into(), role, member: "", absent: Absent::Send }
    }

    /// The same, named by this member of the record.
    pub fn member(self, member: &'static str) -> Self {
        Self { member, ..self }
    }

    /// The same, with this rule for when there is no such object.
    pub fn absent(self, absent: Absent) -> Self {
        Self { absent, ..self }
    }
}

/// What a referent is to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The record lies in it: it is skipped when its container failed in this run.
    Container,
    /// It must exist: the record is skipped when it failed in this run and was never accepted before.
    Needed,
    /// The record speaks of it (a member of a team): it does without.
    Mentioned,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Needed => "needed",
            Self::Mentioned => "mentioned",
        }
    }

    pub(crate) fn read(name: &str) -> Option<Self> {
        [Self::Container, Self::Needed, Self::Mentioned].into_iter().find(|role| role.name() == name)
    }
}

/// What becomes of a record when an object that it names is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absent {
    /// It is sent as it is: the target may have the object all the same.
    #[default]
    Send,
    /// The target leaves the reference out ([`Found::Absent`]); it is counted.
    LeaveOut,
    /// It fails.
    Fail,
}

/// A reference, and what it was found to be.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The reference as the target gave it.
    pub reference: Reference,
    /// What it was found to be.
    pub found: Found,
}

/// What a reference was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An object of the input or the ledger.
    Here {
        /// Its key.
        key: String,
        /// What the target calls it; nothing as long as it is still to be made in this run.
        id: Option<String>,
    },
    /// Nobody knows: it could not be read, or the input is not whole. What the target has stays.
    Unknown,
    /// There is none.
    Absent,
}

impl Resolved {
    /// Whether the referent is still to be made in this run.
    pub fn is_awaited(&self) -> bool {
        matches!(self.found, Found::Here { id: None, .. })
    }

    /// What the target calls the referent, where that is known.
    pub fn id(&self) -> Option<&str> {
        match &self.found {
            Found::Here { id, .. } => id.as_deref(),
            Found::Unknown | Found::Absent => None,
        }
    }
}
