//! The units of a generated organisation: a tree below the top unit and a second root with two units below it.

use super::words::{UNIT_KINDS, UNIT_THEMES};
use super::{Generator, Unit, addresses};
use crate::simulator::os2mo::Collection;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

pub(super) fn generate(generator: &mut Generator, count: usize) -> Vec<Unit> {
    let tree = count - 3;
    // Four to six levels: the branching is about the fourth root of the size.
    let branching = (2..).find(|b: &usize| b.pow(4) >= tree).unwrap();
    let mut units: Vec<Unit> = Vec::new();
    for n in 0..tree {
        let parent = (n > 0).then(|| units[(n - 1) / branching]);
        units.push(unit(generator, n, parent, n * branching + 1 >= tree));
    }
    generator.organisation.top_unit = units[0].uuid;
    let root = external(generator, "Eksterne samarbejdspartnere", None);
    let agency = external(generator, "Vikarbureauet A/S", Some(root));
    let cleaning = external(generator, "Rengøring & Søn", Some(root));
    units.extend([root, agency, cleaning]);
    for (n, unit) in units.iter().enumerate() {
        addresses::of_unit(generator, n, unit);
        accounts(generator, n, unit);
    }
    units
}

fn unit(generator: &mut Generator, n: usize, parent: Option<Unit>, is_leaf: bool) -> Unit {
    let depth = parent.map_or(0, |parent| parent.depth + 1);
    // Only leaves end or begin: what is below a unit lives no longer than it.
    let (from, until) = match n % 17 {
        10 if is_leaf => (date(2005, 1, 1), Some(date(2024, 7, 1))),
        11 if is_leaf => (date(2030, 1, 1), None),
        _ => (date(2005, 1, 1), None),
    };
    let name = name(generator, n, depth);
    let level = match n % 37 {
        5 => "Teknisk",
        _ => ["N1", "N2", "N3", "N4"][depth.min(3)],
    };
    let kind = match n % 31 {
        6 => "Ekstern",
        _ if is_leaf => "Institution",
        _ => "Afdeling",
    };
    let members = [
        ("user_key", json!(if n == 0 { "fjordby".to_owned() } else { format!("enhed-{n}") })),
        ("name", json!(name)),
        ("parent_uuid", parent.map_or(Value::Null, |parent| json!(parent.uuid))),
        ("unit_type_uuid", generator.of(kind)),
        ("org_unit_level_uuid", generator.of(level)),
        ("org_unit_hierarchy", hierarchy(generator, n)),
    ];
    let uuid = generator.put(Collection::OrgUnits, Some(from), until, &members);
    renamed(generator, n, uuid, &name, until.is_some() || from > date(2026, 1, 1));
    Unit { uuid, from, until, depth }
}

fn hierarchy(generator: &Generator, n: usize) -> Value {
    match n % 29 {
        7 | 8 => generator.of("hidden"),
        12 => generator.of("selvejet"),
        9 => Value::Null,
        _ => generator.of("linjeorg"),
    }
}

fn name(generator: &mut Generator, n: usize, depth: usize) -> String {
    let kinds = UNIT_KINDS[depth.saturating_sub(1).min(3)];
    let (kind, theme) = (generator.random.pick(kinds), generator.random.pick(&UNIT_THEMES));
    match n {
        0 => "Fjordby Kommune".to_owned(),
        _ if n % 53 == 13 => {
            let themes: Vec<&str> = (0..16).map(|_| generator.random.pick(&UNIT_THEMES)).collect();
            format!(
                "{kind} {theme}, herunder {} og øvrige opgaver, der ikke hører til andetsteds",
                themes.join(", ")
            )
        }
        _ => format!("{kind} {theme}"),
    }
}

/// Some units had another name, some will have.
fn renamed(generator: &mut Generator, n: usize, uuid: uuid::Uuid, name: &str, is_short: bool) {
    let day: Date = match n % 19 {
        3 if !is_short => date(2020, 3, 1),
        4 if !is_short => date(2031, 1, 1),
        _ => return,
    };
    generator.later(Collection::OrgUnits, uuid, day, json!({"name": format!("{name} og Klima")}));
}

fn external(generator: &mut Generator, name: &str, parent: Option<Unit>) -> Unit {
    let from = date(2005, 1, 1);
    let members = [
        ("user_key", json!(name.to_lowercase())),
        ("name", json!(name)),
        ("parent_uuid", parent.map_or(Value::Null, |parent| json!(parent.uuid))),
        ("unit_type_uuid", generator.of("Ekstern")),
        ("org_unit_level_uuid", generator.of(if parent.is_some() { "N2" } else { "N1" })),
    ];
    let uuid = generator.put(Collection::OrgUnits, Some(from), None, &members);
    Unit { uuid, from, until: None, depth: parent.map_or(0, |_| 1) }
}

/// FK-ORG accounts, whose user key is the uuid in FK Organisation (every other hidden unit has one), and an intranet.
fn accounts(generator: &mut Generator, n: usize, unit: &Unit) {
    let fk = (n % 5 == 1 || n % 29 == 8).then(|| generator.random.uuid().to_string());
    let intranet = (n % 12 == 1).then(|| format!("intra-{n}"));
    for (system, user_key, external_id) in
        [("FK-ORG-UUID", fk.clone(), json!(fk)), ("INTRA", intranet, Value::Null)]
    {
        let Some(user_key) = user_key else { continue };
        let members = [
            ("user_key", json!(user_key)),
            ("external_id", external_id),
            ("org_unit_uuid", json!(unit.uuid)),
            ("itsystem_uuid", generator.of(system)),
        ];
        generator.put(Collection::Itusers, Some(unit.from.max(date(2020, 1, 1))), unit.until, &members);
    }
}
