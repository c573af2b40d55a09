//! The two kinds of objects.

use crate::fields::{self, Field};

/// The kind of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An organisation unit.
    OrgUnit,
    /// A user.
    User,
}

impl Kind {
    /// Both, units first.
    pub const ALL: [Self; 2] = [Self::OrgUnit, Self::User];

    /// Its name in the stream.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrgUnit => "org_unit",
            Self::User => "user",
        }
    }

    /// The kind of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its members.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::OrgUnit => fields::UNIT,
            Self::User => fields::USER,
        }
    }

    /// Its name in addresses.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::OrgUnit => "orgUnit",
            Self::User => "user",
        }
    }
}
