//! Builds an organisation from the recorded answers of an OS2mo server.

use super::collection::Collection;
use super::dates::date;
use super::organisation::{Dar, Organisation, State};
use serde_json::{Map, Value};
use std::path::Path;
use uuid::Uuid;

/// The recorded organisation and its top unit.
const ORGANISATION: Uuid = Uuid::from_u128(0x7a0bb6df_da03_4593_ab2b_3c69e0db274d);
const TOP_UNIT: Uuid = Uuid::from_u128(0xa8b26d0c_7268_56d3_9a49_7f2ecdad54a3);

impl Organisation {
    /// The organisation whose answers lie in `folder` (`graphql/v25/*.json`), on the day of their recording.
    pub fn recorded(folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref().join("graphql/v25");
        let mut organisation = Self::empty(ORGANISATION, "Fjordby Kommune", jiff::civil::date(2026, 11, 21));
        organisation.top_unit = TOP_UNIT;
        for collection in Collection::ALL {
            let flat = read(&folder, &format!("flat_{}", collection.name()));
            organisation.merge(collection, &flat["data"][collection.name()]["objects"]);
        }
        for (collection, file) in
            [(Collection::Engagements, "engagements_all_time"), (Collection::OrgUnits, "unit_validities")]
        {
            organisation.merge(collection, &read(&folder, file)["data"][collection.name()]["objects"]);
        }
        let units = read(&folder, "units_nested");
        for unit in units["data"]["org_units"]["objects"].as_array().unwrap() {
            organisation.merge_user_keys(&unit["current"]["kles"]);
        }
        for page in ["persons_nested.page1", "persons_nested.page2"] {
            for person in read(&folder, page)["data"]["employees"]["objects"].as_array().unwrap() {
                organisation.merge_engagement_types(&person["current"]["engagements_response"]["objects"]);
            }
        }
        organisation.read_dar(&read(&folder, "dar_names"));
        organisation.complete();
        organisation
    }

    /// Take over the states of `objects`, those of the same first day as one.
    fn merge(&mut self, collection: Collection, objects: &Value) {
        for object in objects.as_array().unwrap() {
            let uuid = object["uuid"].as_str().unwrap().parse().unwrap();
            let validities = object["validities"].as_array().into_iter().flatten();
            for recorded in validities.chain([&object["current"]]) {
                if recorded.get("validity").is_some() || recorded.get("user_key").is_some() {
                    self.merge_state(collection, uuid, recorded);
                }
            }
        }
    }

    fn merge_state(&mut self, collection: Collection, uuid: Uuid, recorded: &Value) {
        let from = recorded["validity"]["from"].as_str().map(date);
        let until = recorded["validity"]["to"].as_str().map(|last| Self::after(date(last)));
        let states = self.objects_mut(collection).entry(uuid).or_default();
        let position = states.iter().position(|state| state.from == from).unwrap_or_else(|| {
            states.push(State { from, until, members: Map::new() });
            states.len() - 1
        });
        for (name, value) in recorded.as_object().unwrap() {
            let is_root = name == "parent_uuid" && *value == ORGANISATION.to_string();
            if collection.members().contains(&name.as_str()) && !value.is_null() && !is_root {
                states[position].members.insert(name.clone(), value.clone());
            }
        }
        states.sort_by_key(|state| state.from);
    }

    /// The user keys of KLE are only in the nested answer.
    fn merge_user_keys(&mut self, kles: &Value) {
        for kle in kles.as_array().unwrap() {
            let uuid = kle["uuid"].as_str().unwrap().parse().unwrap();
            let state = &mut self.objects_mut(Collection::Kles).get_mut(&uuid).unwrap()[0];
            state.members.insert("user_key".into(), kle["user_key"].clone());
        }
    }

    /// The types of future engagements are only in the nested answer.
    fn merge_engagement_types(&mut self, engagements: &Value) {
        for engagement in engagements.as_array().unwrap() {
            let uuid = engagement["uuid"].as_str().unwrap().parse().unwrap();
            let kind = &engagement["validities"][0]["engagement_type"]["uuid"];
            for state in self.objects_mut(Collection::Engagements).get_mut(&uuid).unwrap() {
                state.members.entry("engagement_type_uuid").or_insert_with(|| kind.clone());
            }
        }
    }

    fn read_dar(&mut self, names: &Value) {
        for address in names["data"]["addresses"]["objects"].as_array().unwrap() {
            let text = address["current"]["name"].as_str().unwrap();
            let dar = if text == "Ukendt" { Dar::Unknown } else { Dar::Text(text.into()) };
            self.set_dar(address["current"]["value"].as_str().unwrap(), dar);
        }
    }

    /// Past and future states were recorded with fewer members: the others are those of the object's other state, or
    /// for an engagement without another the type of most.
    fn complete(&mut self) {
        let usual = self.find(Collection::Classes, "ansat").unwrap().to_string();
        for states in self.objects_mut(Collection::Engagements).values_mut() {
            fill(states, &["engagement_type_uuid"]);
            for state in states {
                state.members.entry("engagement_type_uuid").or_insert_with(|| usual.clone().into());
            }
        }
        for states in self.objects_mut(Collection::OrgUnits).values_mut() {
            fill(states, &["user_key", "unit_type_uuid", "org_unit_level_uuid", "org_unit_hierarchy"]);
        }
        for (name, user_key) in [("Nedlagt afdeling", "nedlagt"), ("Kommende klimaafdeling", "fremtid")] {
            let mut states = self.objects_mut(Collection::OrgUnits).values_mut().flatten();
            let state = states.find(|state| state.text("name") == Some(name)).unwrap();
            state.members.insert("user_key".into(), user_key.into());
        }
    }
}

/// Give all states those of `members` that one of them has.
fn fill(states: &mut [State], members: &[&str]) {
    for member in members {
        let Some(value) = states.iter().find_map(|state| state.members.get(*member)).cloned() else {
            continue;
        };
        for state in states.iter_mut() {
            state.members.entry(*member).or_insert_with(|| value.clone());
        }
    }
}

fn read(folder: &Path, name: &str) -> Value {
    let path = folder.join(format!("{name}.json"));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}
