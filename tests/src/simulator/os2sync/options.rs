//! The settings of the simulated server, and how friendly its registry is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Settings; `Options::default()` is a server as installed, with a queue that is worked off before each read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Options {
    /// The only municipality with an agreement: transfers for another one fail. None: any.
    pub cvr: Option<String>,
    /// The server's own CVR; it overrides the header, which may then be missing.
    pub default_cvr: Option<String>,
    /// The `ApiKey` that every call must bring. None: no key is asked for.
    pub api_key: Option<String>,
    /// Work the queue off before each read; else only `settle` does.
    pub immediate: bool,
    /// So many answers 404 before a hierarchy is ready.
    pub hierarchy_polls: usize,
    /// Hierarchies end with `Status` 1 and no result.
    pub hierarchy_fails: bool,
    /// The national registry cannot be reached: reads give 400, the queue stands still, hierarchies fail.
    pub registry_down: bool,
    /// `GET` of a soft-deleted object gives 404; else the object, a user with `Status` 2.
    pub deleted_is_404: bool,
    /// Entries per batch.
    pub threads: usize,
    /// The server's `DisableHenvendelsessteder`: `ContactForTasks` and `ContactPlaces` are ignored.
    pub disable_contact_places: bool,
    /// The server's `DisableUdbetalingsenheder`: `PayoutUnitUuid` is ignored.
    pub disable_payout_units: bool,
    /// The server's `DisableOpgaver`: `Tasks` are ignored.
    pub disable_tasks: bool,
    /// The server's `IgnoredOUAddressTypes`: names of unit fields in upper case.
    pub ignored_address_types: Vec<String>,
    /// The start of positions that are sent without one, and the day of all timestamps.
    pub today: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cvr: None,
            default_cvr: None,
            api_key: None,
            immediate: true,
            hierarchy_polls: 2,
            hierarchy_fails: false,
            registry_down: false,
            deleted_is_404: true,
            threads: 4,
            disable_contact_places: true,
            disable_payout_units: true,
            disable_tasks: false,
            ignored_address_types: vec!["SOR".to_owned()],
            today: "2026-01-01".to_owned(),
        }
    }
}

impl Options {
    /// The same with these members, named as here; what is wrong with them otherwise.
    pub(super) fn with(&self, members: Map<String, Value>) -> Result<Self, String> {
        let Ok(Value::Object(mut all)) = serde_json::to_value(self) else {
            return Err("no options".to_owned());
        };
        if let Some(name) = members.keys().find(|name| !all.contains_key(*name)) {
            return Err(format!("there is no option '{name}'"));
        }
        all.extend(members);
        serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())
    }

    /// Whether the transfer of a unit leaves this field out.
    pub(super) fn ignores(&self, field: &str) -> bool {
        match field {
            "ContactForTasks" | "ContactPlaces" => self.disable_contact_places,
            "PayoutUnitUuid" => self.disable_payout_units,
            "Tasks" => self.disable_tasks,
            _ => self.ignored_address_types.iter().any(|name| name.eq_ignore_ascii_case(field)),
        }
    }
}
