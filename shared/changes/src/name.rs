//! What names an object for a person.

use muster_stream::Map;

/// Members whose value names their object, the best first.
const NAMES: [&str; 5] = ["name", "displayname", "fullname", "title", "cn"];
/// Given and family name, where they stand apart.
const GIVEN: [&str; 2] = ["givenname", "firstname"];
const FAMILY: [&str; 4] = ["sn", "surname", "lastname", "familyname"];
/// Objects within a record that are about whom the record is about.
const WITHIN: [&str; 4] = ["person", "user", "employee", "profile"];
/// What names it when there is nothing better.
const ADDRESSES: [&str; 4] = ["login", "mail", "email", "username"];

/// The text that names `record` for a person, if it has one.
pub(crate) fn name(record: &Map) -> Option<String> {
    let within = || {
        WITHIN.iter().find_map(|wanted| {
            let (_, inner) = record.iter().find(|(name, _)| plain(name) == *wanted)?;
            own(inner.as_object()?)
        })
    };
    own(record).or_else(within).or_else(|| text(record, &ADDRESSES))
}

fn own(record: &Map) -> Option<String> {
    let apart = || match (text(record, &GIVEN), text(record, &FAMILY)) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        (given, family) => family.or(given),
    };
    text(record, &NAMES).or_else(apart)
}

fn text(record: &Map, names: &[&str]) -> Option<String> {
    names.iter().find_map(|wanted| {
        let (_, value) = record.iter().find(|(name, _)| plain(name) == *wanted)?;
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    })
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-', ' '], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(value: Value) -> Option<String> {
        name(value.as_object().unwrap())
    }

    #[test]
    fn the_best_name_wins() {
        assert_eq!(of(json!({"Email":"a@example.org","Person":{"Name":"Ane"}})).unwrap(), "Ane");
        assert_eq!(of(json!({"LAST_NAME":"Larsen","FIRST_NAME":"Ane"})).unwrap(), "Ane Larsen");
        assert_eq!(of(json!({"display_name":"","mail":"a@example.org"})).unwrap(), "a@example.org");
        assert_eq!(of(json!({"location":{"name":"Hall"}})), None);
    }
}
