//! Addresses as records hold them.
//!
//! The text of a DAR address is not its value (a uuid of the national register) but what the server found there; where
//! it found nothing, `name` is left out and counts as unknown: never as a text, never as empty.

use crate::account::Class;
use crate::organisation::{Detail, Organisation};
use crate::validity::Validity;
use serde::Serialize;
use std::borrow::Cow;
use uuid::Uuid;

/// What the server writes for a register uuid that it could not look up.
const UNRESOLVED: &str = "Ukendt";

/// An address of a person or unit.
#[derive(Serialize)]
pub struct Address<'a> {
    pub uuid: Uuid,
    pub user_key: &'a str,
    pub value: &'a str,
    pub value2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
    pub address_type: Class<'a>,
    pub visibility: Option<Class<'a>>,
    pub engagement_uuid: Option<Uuid>,
    /// Left out where the interface does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ituser_uuid: Option<Option<Uuid>>,
    pub validity: Validity,
}

impl Organisation {
    /// The addresses of a person or unit, by uuid; none when they could not be read. Pointers of members that could not be
    /// read go to `unknown`, with `place` before them.
    pub fn addresses(&self, owner: Uuid, place: &str, unknown: &mut Vec<String>) -> Option<Vec<Address<'_>>> {
        if !self.is_readable(owner, Detail::Addresses, place, unknown) {
            return None;
        }
        let held = self.addresses_of.get(&owner).into_iter().flatten();
        let addresses: Vec<Address<'_>> =
            held.map(|held| self.address(held.uuid, &held.object, held.validity)).collect();
        let nameless = addresses.iter().enumerate().filter(|(_, address)| address.name.is_none());
        unknown.extend(nameless.map(|(index, _)| format!("{place}/{index}/name")));
        if self.is_terse {
            unknown.extend((0..addresses.len()).map(|index| format!("{place}/{index}/ituser_uuid")));
        }
        Some(addresses)
    }

    fn address<'a>(
        &'a self,
        uuid: Uuid,
        address: &'a crate::wire::Address,
        validity: Validity,
    ) -> Address<'a> {
        let address_type = self.class(address.address_type_uuid);
        Address {
            uuid,
            user_key: &address.user_key,
            value: &address.value,
            value2: address.value2.as_deref(),
            name: self.text(uuid, address, address_type.scope),
            visibility: address.visibility_uuid.map(|uuid| self.class(uuid)),
            address_type,
            engagement_uuid: address.engagement_uuid,
            ituser_uuid: (!self.is_terse).then_some(address.ituser_uuid),
            validity,
        }
    }

    fn text<'a>(
        &'a self,
        uuid: Uuid,
        address: &'a crate::wire::Address,
        scope: Option<&str>,
    ) -> Option<Cow<'a, str>> {
        match (scope, &address.value2) {
            (Some("DAR"), _) => self.dar_names.get(&uuid).map(|name| name.as_str().into()),
            (Some("MULTIFIELD_TEXT"), Some(second)) if !second.is_empty() => {
                Some(format!("{} :: {second}", address.value).into())
            }
            _ => Some(address.value.as_str().into()),
        }
    }
}

/// Whether the server's text for a DAR address is one.
pub fn is_resolved(name: &str) -> bool {
    !name.is_empty() && name != UNRESOLVED
}
