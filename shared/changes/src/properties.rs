//! What holds for any two streams.

use crate::{Options, Rules, apply, canonical, compare};
use muster_stream::{Item, Line, Map, Reader, Record, Value, Writer};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Records by kind and key.
type Side = BTreeMap<(String, String), Map>;

const PLENTY: usize = 64 << 20;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
        "[ab\"æ/~]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[ab/]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn members() -> impl Strategy<Value = Map> {
    let set = prop::collection::vec("[a-c]", 0..4).prop_map(Value::from);
    (prop::collection::btree_map("[a-d]", value(), 0..4), set).prop_map(|(members, set)| {
        let mut map: Map = members.into_iter().collect();
        map.insert("set".to_owned(), set);
        map
    })
}

fn side() -> impl Strategy<Value = Side> {
    prop::collection::btree_map(("[uv]", "[a-h]{1,2}"), members(), 0..8)
}

fn record(((kind, key), members): (&(String, String), &Map)) -> Record {
    let mut record = Record::new(kind, key, members.clone());
    record.set_own("_sets", json!(["/set"]));
    record
}

fn lines(side: &Side) -> Vec<String> {
    side.iter().map(|entry| Value::Object(record(entry).into_map()).to_string()).collect()
}

/// The lines as a file in `folder`, with an end.
fn file(folder: &Path, name: &str, lines: &[String]) -> PathBuf {
    let mut by_kind: BTreeMap<&str, u64> = BTreeMap::new();
    for line in lines {
        *by_kind.entry(if line.contains(r#""_kind":"u""#) { "u" } else { "v" }).or_default() += 1;
    }
    let end = json!({
        "_kind": "_end", "form": "state", "from": name, "scope": "s", "complete": true, "records": lines.len(),
        "errors": 0, "by_kind": by_kind,
    });
    let path = folder.join(name);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, format!("{text}{end}\n")).unwrap();
    path
}

fn options(whole: bool, sorted: bool, memory: usize) -> Options<'static> {
    Options {
        rules: Rules { whole, ..Rules::default() },
        assume_complete: false,
        accept_scope_change: false,
        sorted,
        memory,
        spool_dir: None,
        max_deletes: None,
        protect: None,
        match_by: Some("/a".to_owned()),
        adopt_by: None,
    }
}

/// Collects what is written.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The changes as they are written, without the times in their end.
fn changes(desired: &[String], current: &[String], options: &Options<'_>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (desired, current) = (file(folder.path(), "d", desired), file(folder.path(), "c", current));
    let plan = plan(&desired, &current, options);
    plan.split(r#","started":"#).next().unwrap_or_default().to_owned()
}

fn plan(desired: &Path, current: &Path, options: &Options<'_>) -> String {
    let mut difference = compare(desired, current, options).unwrap();
    let sink = Sink::default();
    let mut output = Writer::new(Box::new(sink.clone()), "diff");
    while let Some(step) = difference.next_step().unwrap() {
        output.write_bytes(&step.kind, &step.line).unwrap();
    }
    difference.end(&mut output, "diff").unwrap();
    let bytes = sink.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn steps(changes: &str) -> usize {
    changes.lines().filter(|line| line.starts_with(r#"{"_op""#)).count()
}

/// A side and the lines of another order of it, with the members and sets of each record turned around.
fn turned(side: &Side) -> Vec<String> {
    let turn = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::Array(items) if name == "set" => items.iter().rev().cloned().collect(),
            other => other.clone(),
        };
        (name.clone(), value)
    };
    let turned: Side =
        side.iter().map(|(id, map)| (id.clone(), map.iter().rev().map(turn).collect())).collect();
    lines(&turned).into_iter().rev().collect()
}

fn canonical_by_key(text: &str) -> BTreeMap<(String, String), Vec<u8>> {
    let mut reader = Reader::new(text.as_bytes());
    let mut records = BTreeMap::new();
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Line(Line::Record(record)) = item {
            records.insert((record.kind().to_owned(), record.key().to_owned()), canonical(&record));
        }
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_input_never_matters(
        (desired, shuffled) in side().prop_flat_map(|side| (Just(lines(&side)), Just(lines(&side)).prop_shuffle())),
        (current, others) in side().prop_flat_map(|side| (Just(lines(&side)), Just(lines(&side)).prop_shuffle())),
    ) {
        let options = options(false, false, PLENTY);
        prop_assert_eq!(changes(&desired, &current, &options), changes(&shuffled, &others, &options));
    }

    #[test]
    fn equal_streams_have_no_difference(side in side(), whole in any::<bool>()) {
        let changes = changes(&lines(&side), &turned(&side), &options(whole, false, PLENTY));
        prop_assert_eq!(steps(&changes), 0, "{}", changes);
    }

    #[test]
    fn a_plan_of_whole_records_leads_to_the_desired_ones(desired in side(), current in side()) {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (file(folder.path(), "a", &lines(&desired)), file(folder.path(), "b", &lines(&current)));
        let changes = plan(&a, &b, &options(true, false, PLENTY));
        let path = folder.path().join("plan");
        std::fs::write(&path, changes).unwrap();
        let sink = Sink::default();
        let mut output = Writer::new(Box::new(sink.clone()), "diff");
        let shortfall = apply(&path, std::fs::read(&b).unwrap().as_slice(), None, &mut output).unwrap();
        prop_assert_eq!(shortfall, None);
        let applied = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        prop_assert_eq!(canonical_by_key(&applied), canonical_by_key(&std::fs::read_to_string(&a).unwrap()));
    }

    #[test]
    fn files_give_the_same_bytes_as_memory(desired in side(), current in side(), memory in 0_usize..4000) {
        let (desired, current) = (lines(&desired), lines(&current));
        let in_memory = changes(&desired, &current, &options(false, false, PLENTY));
        prop_assert_eq!(&changes(&desired, &current, &options(false, false, memory)), &in_memory);
        prop_assert_eq!(&changes(&desired, &current, &options(false, true, memory)), &in_memory);
    }
}
