//! Classes, IT systems and IT accounts as records hold them.

use crate::organisation::Organisation;
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
    pub external_id: Option<&'a str>,
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

    /// The accounts of a person or unit, by uuid.
    pub fn accounts(&self, owner: Uuid) -> Vec<Account<'_>> {
        self.accounts_of
            .get(&owner)
            .into_iter()
            .flatten()
            .map(|held| self.account(held.uuid, &held.object, held.validity))
            .collect()
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
            external_id: account.external_id.as_deref(),
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
