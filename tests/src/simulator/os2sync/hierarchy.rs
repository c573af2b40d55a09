//! The hierarchy: read in the background, fetched once.

use super::entry::Kind;
use super::fields::text;
use super::registry::Registry;
use serde_json::{Value, json};

/// A hierarchy that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Job {
    answer: Value,
    /// So many answers 404 before it.
    polls: usize,
}

impl Registry {
    /// Begin a read of what is active now; gives the uuid to fetch it with.
    pub(super) fn start_hierarchy(&mut self, only_units: bool) -> String {
        self.jobs_started += 1;
        let uuid = format!("00000000-0000-4000-8000-{:012x}", self.jobs_started);
        let failed = self.options.hierarchy_fails || self.options.registry_down;
        let result = if failed { Value::Null } else { self.hierarchy(only_units) };
        let answer = json!({ "Created": self.now(), "Status": u8::from(failed), "Result": result });
        self.jobs.insert(uuid.clone(), Job { answer, polls: self.options.hierarchy_polls });
        uuid
    }

    /// The result, once, when it is ready; none: 404.
    pub(super) fn fetch_hierarchy(&mut self, uuid: &str) -> Option<Value> {
        let job = self.jobs.get_mut(uuid)?;
        if job.polls > 0 {
            job.polls -= 1;
            return None;
        }
        self.jobs.remove(uuid).map(|job| job.answer)
    }

    /// An hour passes, or the server starts again: results that were not fetched are lost.
    pub fn forget_hierarchies(&mut self) {
        self.jobs.clear();
    }

    fn hierarchy(&self, only_units: bool) -> Value {
        let units: Vec<_> = self.active(Kind::Unit).map(unit).collect();
        let named = |user: &&Value| text(&user["Person"], "Name").is_some();
        let users: Vec<_> = match only_units {
            true => Vec::new(),
            false => self.active(Kind::User).filter(named).map(user).collect(),
        };
        json!({ "OUs": units, "Users": users })
    }

    /// Users in units with a DTR id.
    pub(super) fn users_with_dtr_id(&self) -> Value {
        let dtr_id = |position: &Value| {
            let unit = self.units.get(text(position, "OrgUnitUuid")?)?;
            text(unit, "DtrId").filter(|_| unit["Status"] == 1)
        };
        let in_unit = |user: &Value| {
            let dtr_id = user["Positions"].as_array()?.iter().find_map(dtr_id)?;
            Some(json!({
                "Uuid": user["Uuid"],
                "UserId": user["UserId"],
                "Name": user["Person"]["Name"],
                "DtrId": dtr_id,
            }))
        };
        self.active(Kind::User).filter_map(in_unit).collect()
    }
}

fn unit(unit: &Value) -> Value {
    json!({ "Uuid": unit["Uuid"], "Name": unit["Name"], "ParentOU": unit["ParentOrgUnitUuid"] })
}

fn user(user: &Value) -> Value {
    let position = |position: &Value| json!({ "Uuid": position["OrgUnitUuid"], "Name": position["Name"] });
    let positions: Vec<_> = user["Positions"].as_array().into_iter().flatten().map(position).collect();
    json!({
        "Uuid": user["Uuid"],
        "UserId": user["UserId"],
        "Name": user["Person"]["Name"],
        "Positions": positions,
        "Email": user["Email"],
        "Telephone": user["PhoneNumber"],
        "Status": user["Status"],
    })
}
