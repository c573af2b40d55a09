//! Managers and KLE of the units.

use super::classes::{KLE_ASPECTS, KLE_NUMBERS};
use super::persons::Placed;
use super::{Generator, Unit};
use crate::simulator::os2mo::Collection;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn generate(generator: &mut Generator, units: &[Unit], placed: &Placed) {
    let everybody: Vec<Uuid> =
        generator.organisation.objects(Collection::Employees).keys().copied().collect();
    for (n, unit) in units.iter().enumerate() {
        let here = placed.get(&unit.uuid).map(Vec::as_slice).unwrap_or(&everybody);
        managers(generator, n, unit, here);
        kles(generator, n, unit);
    }
}

/// Most units have one manager; some none, several, a vacant or a coming one.
fn managers(generator: &mut Generator, n: usize, unit: &Unit, here: &[Uuid]) {
    if n % 6 == 4 || here.is_empty() {
        return;
    }
    let since = unit.from.max(date(2020, 1, 1));
    if n % 15 == 3 {
        return manager(generator, n, unit, None, since);
    }
    let (first, second, coming) =
        (generator.random.pick(here), generator.random.pick(here), generator.random.pick(here));
    manager(generator, n, unit, Some(first), since);
    if n % 10 == 2 {
        manager(generator, n + 1, unit, Some(second), since);
    }
    if n % 16 == 7 && unit.until.is_none() {
        manager(generator, n, unit, Some(coming), date(2029, 1, 1).max(unit.from));
    }
}

fn manager(generator: &mut Generator, n: usize, unit: &Unit, person: Option<Uuid>, from: Date) {
    let both = json!([generator.of("personale"), generator.of("budget")]);
    let members = [
        ("user_key", json!(format!("leder-{n}"))),
        ("employee_uuid", json!(person)),
        ("org_unit_uuid", json!(unit.uuid)),
        ("manager_type_uuid", generator.of(if unit.depth < 2 { "direktor" } else { "leder" })),
        ("manager_level_uuid", generator.of(if unit.depth < 2 { "niv1" } else { "niv2" })),
        ("responsibility_uuids", if n.is_multiple_of(3) { both } else { json!([generator.of("personale")]) }),
    ];
    generator.put(Collection::Managers, Some(from), unit.until, &members);
}

/// None to three tasks, some of them with several aspects.
fn kles(generator: &mut Generator, n: usize, unit: &Unit) {
    for k in 0..n % 4 {
        let number = KLE_NUMBERS[(n + k) % KLE_NUMBERS.len()];
        let count = if (n + k) % 5 == 2 { 1 + (n + k) % 3 } else { 1 };
        let mut aspects: Vec<Value> = (0..count).map(|a| generator.of(KLE_ASPECTS[(n + a) % 3])).collect();
        aspects.sort_by_key(Value::to_string);
        let members = [
            ("user_key", json!(format!("{n}-{number}"))),
            ("org_unit_uuid", json!(unit.uuid)),
            ("kle_number_uuid", generator.of(number)),
            ("kle_aspect_uuids", json!(aspects)),
        ];
        generator.put(Collection::Kles, Some(unit.from.max(date(2018, 1, 1))), unit.until, &members);
    }
}
