//! Two records compared, member by member.
//!
//! The desired record decides what is compared: a member that it does not have is not its to say, at every depth of
//! objects, unless everything is asked for. Null in it means that the member shall be cleared. Lists are compared as a
//! whole, those that it calls sets without order. What is unknown on either side is not compared.

use crate::{canonical, pointer};
use muster_stream::{Map, Record, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What to compare, as far as the records do not say it.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Compare the members that only the current record has, too.
    pub whole: bool,
    /// Pointers of lists whose order means nothing.
    pub unordered: Vec<String>,
    /// Pointers of members that are not compared.
    pub ignore: Vec<String>,
    /// Pointers of the members that alone are compared; none: all.
    pub only: Vec<String>,
    /// Pointers of the members that the current side can know at all, by kind; a kind that is not named: all.
    pub known: BTreeMap<String, BTreeSet<String>>,
}

impl Rules {
    /// Pointers of what differs, sorted; none when the records are equal.
    pub fn changed(&self, desired: &Record, current: &Record) -> Vec<String> {
        let mut sets: HashSet<&str> = desired.sets().collect();
        sets.extend(self.unordered.iter().map(String::as_str));
        let left_out = self.ignore.iter().map(String::as_str);
        let mut comparison = Comparison {
            whole: self.whole,
            sets,
            left_out: left_out.chain(desired.unknown()).chain(current.unknown()).collect(),
            only: self.only.iter().map(String::as_str).collect(),
            known: self.known.get(desired.kind()),
            path: String::new(),
            changed: Vec::new(),
        };
        if !comparison.left_out.contains(&"") {
            comparison.members(own(desired), own(current));
        }
        comparison.changed.sort_unstable();
        comparison.changed
    }
}

/// The members of an object by name.
type Members<'v> = Vec<(&'v str, &'v Value)>;

fn own(record: &Record) -> Members<'_> {
    record.members().collect()
}

fn of(map: &Map) -> Members<'_> {
    map.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

fn find<'v>(members: &Members<'v>, name: &str) -> &'v Value {
    members.iter().find(|(other, _)| *other == name).map_or(&Value::Null, |(_, value)| value)
}

/// How much of a place is compared.
#[derive(Clone, Copy, PartialEq)]
enum Share {
    All,
    /// Something below it.
    Below,
    Nothing,
}

struct Comparison<'a> {
    whole: bool,
    sets: HashSet<&'a str>,
    left_out: Vec<&'a str>,
    only: Vec<&'a str>,
    known: Option<&'a BTreeSet<String>>,
    path: String,
    changed: Vec<String>,
}

impl Comparison<'_> {
    fn members(&mut self, desired: Members<'_>, current: Members<'_>) {
        for (name, value) in &desired {
            self.member(name, value, find(&current, name));
        }
        if self.whole {
            let names: HashSet<&str> = desired.iter().map(|(name, _)| *name).collect();
            for (name, value) in current.iter().filter(|(name, _)| !names.contains(name)) {
                self.member(name, &Value::Null, value);
            }
        }
    }

    fn member(&mut self, name: &str, desired: &Value, current: &Value) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(&pointer::escaped(name));
        self.value(desired, current);
        self.path.truncate(length);
    }

    fn value(&mut self, desired: &Value, current: &Value) {
        let empty = Map::new();
        match (self.share(), desired, current) {
            (Share::Nothing, _, _) => (),
            (_, Value::Object(desired), Value::Object(current)) => self.members(of(desired), of(current)),
            (Share::Below, Value::Object(desired), Value::Null) => self.members(of(desired), of(&empty)),
            (Share::Below, Value::Null, Value::Object(current)) => self.members(of(&empty), of(current)),
            // A part of a list cannot be told from the rest.
            (Share::Below, Value::Array(_), _) | (Share::Below, _, Value::Array(_)) => (),
            (_, _, _) if self.is_equal(desired, current) => (),
            (_, _, _) => self.changed.push(self.path.clone()),
        }
    }

    fn is_equal(&self, desired: &Value, current: &Value) -> bool {
        let clears = !self.whole && current.is_null() && only_clears(desired);
        clears
            || desired == current
            || canonical::part(desired, &self.path, &self.sets)
                == canonical::part(current, &self.path, &self.sets)
    }

    fn share(&self) -> Share {
        let path = self.path.as_str();
        if self.left_out.iter().any(|left_out| pointer::is_within(path, left_out)) {
            return Share::Nothing;
        }
        let known: Option<Vec<&str>> = self.known.map(|known| known.iter().map(String::as_str).collect());
        let only = (!self.only.is_empty()).then(|| among(path, &self.only));
        let shares = [only, known.map(|known| among(path, &known))];
        let is_cut = self.left_out.iter().any(|left_out| pointer::is_within(left_out, path));
        match shares.into_iter().flatten().collect::<Vec<_>>() {
            shares if shares.contains(&Share::Nothing) => Share::Nothing,
            shares if is_cut || shares.contains(&Share::Below) => Share::Below,
            _ => Share::All,
        }
    }
}

/// How much of `path` is in the members that `chosen` points to.
fn among(path: &str, chosen: &[&str]) -> Share {
    if chosen.iter().any(|chosen| pointer::is_within(path, chosen)) {
        Share::All
    } else if chosen.iter().any(|chosen| pointer::is_within(chosen, path)) {
        Share::Below
    } else {
        Share::Nothing
    }
}

/// Whether a desired value says nothing but that members shall be cleared: where there is nothing, that is done.
fn only_clears(desired: &Value) -> bool {
    match desired {
        Value::Null => true,
        Value::Object(members) => !members.is_empty() && members.values().all(only_clears),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(mut value: Value) -> Record {
        let Value::Object(map) = value.take() else { panic!("no object") };
        let (ours, members): (Map, Map) = map.into_iter().partition(|(name, _)| name.starts_with('_'));
        let mut record = Record::new("user", "1", members);
        ours.into_iter().for_each(|(name, value)| record.set_own(&name, value));
        record
    }

    fn changed(rules: &Rules, desired: Value, current: Value) -> Vec<String> {
        rules.changed(&record(desired), &record(current))
    }

    fn plain(desired: Value, current: Value) -> Vec<String> {
        changed(&Rules::default(), desired, current)
    }

    fn pointers(pointers: &[&str]) -> Vec<String> {
        pointers.iter().map(|pointer| pointer::read(pointer)).collect()
    }

    #[test]
    fn only_what_the_desired_record_has_is_compared_at_every_depth() {
        let current = json!({"a":1,"b":{"c":2,"d":3},"e":4});
        assert_eq!(plain(json!({"a":1.0,"b":{"c":2}}), current.clone()), [""; 0]);
        assert_eq!(plain(json!({"a":2,"b":{"c":3}}), current.clone()), ["/a", "/b/c"]);
        let whole = Rules { whole: true, ..Rules::default() };
        assert_eq!(changed(&whole, json!({"a":1,"b":{"c":2}}), current), ["/b/d", "/e"]);
    }

    #[test]
    fn null_clears_and_nothing_is_to_clear_where_nothing_is() {
        assert_eq!(plain(json!({"a":null}), json!({"a":1})), ["/a"]);
        assert_eq!(plain(json!({"a":null,"b":{"c":null}}), json!({})), [""; 0]);
        assert_eq!(plain(json!({"a":{}}), json!({})), ["/a"]);
    }

    #[test]
    fn lists_have_an_order_unless_they_are_sets() {
        assert_eq!(plain(json!({"a":[1,2]}), json!({"a":[2,1]})), ["/a"]);
        assert_eq!(plain(json!({"a":[1,2],"_sets":["/a"]}), json!({"a":[2,1,1]})), [""; 0]);
        let unordered = Rules { unordered: pointers(&["a"]), ..Rules::default() };
        assert_eq!(changed(&unordered, json!({"a":[1,2]}), json!({"a":[2,1]})), [""; 0]);
    }

    #[test]
    fn what_is_unknown_on_either_side_is_not_compared() {
        assert_eq!(plain(json!({"b":1,"_unknown":["/a"]}), json!({"a":1,"b":1})), [""; 0]);
        assert_eq!(plain(json!({"a":1}), json!({"_unknown":["/a"]})), [""; 0]);
        assert_eq!(plain(json!({"a":{"b":1,"c":1}}), json!({"_unknown":["/a/b"]})), ["/a/c"]);
        assert_eq!(plain(json!({"a":[{"b":1}]}), json!({"a":[{}],"_unknown":["/a/0/b"]})), [""; 0]);
        assert_eq!(plain(json!({"a":1}), json!({"a":2,"_unknown":[""]})), [""; 0]);
    }

    #[test]
    fn only_and_ignore_take_members_at_any_depth() {
        let rules = |ignore: &[&str], only: &[&str]| Rules {
            ignore: pointers(ignore),
            only: pointers(only),
            ..Rules::default()
        };
        let (desired, current) = (json!({"a":{"b":1,"c":1},"d":1}), json!({"d":2}));
        assert_eq!(changed(&rules(&["a"], &[]), desired.clone(), current.clone()), ["/d"]);
        assert_eq!(changed(&rules(&["/a/b"], &[]), desired.clone(), current.clone()), ["/a/c", "/d"]);
        assert_eq!(changed(&rules(&[], &["/a/b"]), desired.clone(), current.clone()), ["/a/b"]);
        assert_eq!(changed(&rules(&["a"], &["/a/b"]), desired, current), [""; 0]);
    }

    #[test]
    fn what_the_current_side_cannot_know_is_not_compared() {
        let known = BTreeMap::from([("user".to_owned(), BTreeSet::from(["/a".to_owned()]))]);
        let rules = Rules { known, whole: true, ..Rules::default() };
        assert_eq!(changed(&rules, json!({"a":1,"b":1}), json!({"a":2,"c":1})), ["/a"]);
    }
}
