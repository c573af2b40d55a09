//! Classes, IT systems and IT accounts as records hold them.

use crate::organisation::{Detail, Organisation};
use crate::validity::Validity;
use serde::Serialize;
use uuid::Uuid;

/// A class; only its uuid where the server no longer has it.
#[derive(Clone, Serialize)]
pub struct Class<'a> {
    pub uuid: Uuid,
    pub user_key: Option<&'a str>,
    pub name: Option<&'a str>,
    pub scope: Option<&'a str>,
}

/// An IT system; only its uuid where the server no longer has it.
#[derive(Clone, Serialize)]
pub struct System<'a> {
    pub uuid: Uuid,
    pub user_key: Option<&'a str>,
    pub name: Option<&'a str>,
}

/// An account of a person or unit in an IT system.
#[derive(Clone, Serialize)]
pub struct Account<'a> {
    pub uuid: Uuid,
    pub user_key: &'a str,
    /// Left out where the interface does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Option<&'a str>>,
    pub itsystem: System<'a>,
    pub engagement_uuids: &'a [Uuid],
    pub validity: Validity,
}

impl Organisation {
    /// The class `uuid`.
    pub fn class(&self, uuid: Uuid) -> Class<'_> {
        let class = self.classes.get(&uuid);
        Class {
            uuid,
            user_key: class.map(|class| class.user_key.as_str()),
            name: class.map(|class| class.name.as_str()),
            scope: class.and_then(|class| class.scope.as_deref()),
        }
    }

    /// The accounts of a person or unit, by uuid; none when they could not be read. Pointers of what could not be read go
    /// to `unknown`; `place` is that of the list.
    pub fn accounts(&self, owner: Uuid, place: &str, unknown: &mut Vec<String>) -> Option<Vec<Account<'_>>> {
        if !self.is_readable(owner, Detail::Accounts, place, unknown) {
            return None;
        }
        let held = self.accounts_of.get(&owner).into_iter().flatten();
        let accounts: Vec<_> =
            held.map(|held| self.account(held.uuid, &held.object, held.validity)).collect();
        if self.is_terse {
            unknown.extend((0..accounts.len()).map(|index| format!("{place}/{index}/external_id")));
        }
        Some(accounts)
    }

    fn account<'a>(
        &'a self,
        uuid: Uuid,
        account: &'a crate::wire::Account,
        validity: Validity,
    ) -> Account<'a> {
        let system = self.systems.get(&account.itsystem_uuid);
        Account {
            uuid,
            user_key: &account.user_key,
            external_id: (!self.is_terse).then_some(account.external_id.as_deref()),
            itsystem: System {
                uuid: account.itsystem_uuid,
                user_key: system.map(|system| system.user_key.as_str()),
                name: system.map(|system| system.name.as_str()),
            },
            engagement_uuids: &account.engagement_uuids,
            validity,
        }
    }
}
