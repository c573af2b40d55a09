//! The persons of a generated organisation with their engagements and accounts.

use super::addresses::{self, Ties};
use super::classes::JOB_FUNCTIONS;
use super::words::{GIVEN_NAMES, SURNAMES};
use super::{Generator, Unit};
use crate::simulator::os2mo::Collection;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Who works where today.
pub(super) type Placed = HashMap<Uuid, Vec<Uuid>>;

pub(super) fn generate(generator: &mut Generator, count: usize, units: &[Unit]) -> Placed {
    let today = generator.organisation.today;
    let open: Vec<Unit> = units.iter().copied().filter(|u| u.until.is_none() && u.from <= today).collect();
    let mut placed = Placed::new();
    let mut shared_fk = None;
    for n in 0..count {
        let unit = open[(n * 7 + generator.random.below(3)) % open.len()];
        let elsewhere = generator.random.pick(&open);
        let (person, login) = person(generator, n);
        let engagement = engagements(generator, n, person, unit, elsewhere);
        if engagement.is_some() {
            placed.entry(unit.uuid).or_default().push(person);
        }
        let account = accounts(generator, n, person, &login, engagement, &mut shared_fk);
        addresses::of_person(generator, n, &Ties { person, login, engagement, account });
    }
    placed
}

fn person(generator: &mut Generator, n: usize) -> (Uuid, String) {
    let (given, first) = (generator.random.pick(&GIVEN_NAMES), generator.random.pick(&SURNAMES));
    let surname = match n % 3 {
        0 => format!("{} {first}", generator.random.pick(&SURNAMES)),
        _ => first.to_owned(),
    };
    // No number of a living person: the day is 60 too high.
    let (day, month, year) =
        (61 + generator.random.below(28), 1 + generator.random.below(12), generator.random.below(100));
    let cpr = format!("{day:02}{month:02}{year:02}{:04}", n % 10_000);
    let has_nickname = n % 25 == 5;
    let members = [
        ("user_key", json!(format!("p{n:05}"))),
        ("cpr_number", if n % 50 == 7 { Value::Null } else { json!(cpr) }),
        ("given_name", json!(given)),
        ("surname", json!(surname)),
        (
            "nickname_given_name",
            if has_nickname {
                json!(format!("{}se", &given.split(' ').next().unwrap()))
            } else {
                Value::Null
            },
        ),
        ("nickname_surname", if has_nickname { json!(first) } else { Value::Null }),
    ];
    let uuid = generator.put(Collection::Employees, None, None, &members);
    let short = |text: &str| text.chars().filter(char::is_ascii_lowercase).take(3).collect::<String>();
    (uuid, format!("{}{}{n:05}", short(given), short(first)))
}

/// The engagements of a person; gives the first of today.
fn engagements(
    generator: &mut Generator,
    n: usize,
    person: Uuid,
    unit: Unit,
    elsewhere: Unit,
) -> Option<Uuid> {
    let job = generator.random.pick(&JOB_FUNCTIONS);
    let begun = date(2005 + generator.random.below(20) as i16, 1 + generator.random.below(12) as i8, 1);
    let mut number = 0;
    let mut engage = |generator: &mut Generator, unit: &Unit, job: &str, primary: &str, from: Date, until| {
        let is_extended = n % 20 == 3;
        let members = [
            ("user_key", json!(format!("p{n:05}-{number}"))),
            ("employee_uuid", json!(person)),
            ("org_unit_uuid", json!(unit.uuid)),
            ("job_function_uuid", generator.of(job)),
            ("engagement_type_uuid", generator.of(if n % 6 == 5 { "timelønnet" } else { "ansat" })),
            ("primary_uuid", if primary.is_empty() { Value::Null } else { generator.of(primary) }),
            ("fraction", if n % 11 == 1 { json!(50) } else { Value::Null }),
            ("extension_1", if is_extended { json!("Chefkonsulent (ext1)") } else { Value::Null }),
            ("extension_3", if is_extended { json!("Teamkoordinator (ext3)") } else { Value::Null }),
        ];
        number += 1;
        generator.put(Collection::Engagements, Some(from), until, &members)
    };
    let (past, future, none) = (Some(date(2024, 1, 1)), date(2029, 2, 1), None);
    match n % 40 {
        22 => {
            engage(generator, &unit, job, "primary", future, none);
            return None;
        }
        23 => {
            engage(generator, &unit, job, "primary", date(2018, 1, 1), past);
            return None;
        }
        24 => return None,
        _ => {}
    }
    let primary = if n % 9 == 4 { "" } else { "primary" };
    let first = engage(generator, &unit, job, primary, begun, none);
    match n % 40 {
        1 => {
            let next = json!({"job_function_uuid": generator.of("jf5")});
            generator.later(Collection::Engagements, first, date(2027, 9, 1), next);
        }
        3 => {
            let next = json!({"org_unit_uuid": elsewhere.uuid});
            generator.later(Collection::Engagements, first, date(2028, 1, 1), next);
        }
        6 => drop(engage(generator, &elsewhere, job, "primary", date(2028, 5, 1), none)),
        8 => drop(engage(generator, &unit, job, "non-primary", begun, none)),
        10 | 28 => drop(engage(generator, &elsewhere, "jf7", "non-primary", date(2022, 1, 1), none)),
        30 => drop(engage(generator, &elsewhere, job, "non-primary", date(2010, 1, 1), past)),
        33 => drop(engage(generator, &elsewhere, job, "explicitly-primary", date(2021, 1, 1), none)),
        _ => {}
    }
    Some(first)
}

/// The accounts of a person; gives the one in Active Directory of today.
fn accounts(
    generator: &mut Generator,
    n: usize,
    person: Uuid,
    login: &str,
    engagement: Option<Uuid>,
    shared_fk: &mut Option<Uuid>,
) -> Option<Uuid> {
    let account =
        |generator: &mut Generator, system: &str, user_key: &str, external: Value, tied: bool, days| {
            let (from, until): (Date, Option<Date>) = days;
            let engagements: Vec<Uuid> = engagement.filter(|_| tied).into_iter().collect();
            let members = [
                ("user_key", json!(user_key)),
                ("external_id", external),
                ("employee_uuid", json!(person)),
                ("engagement_uuids", json!(engagements)),
                ("itsystem_uuid", generator.of(system)),
            ];
            generator.put(Collection::Itusers, Some(from), until, &members)
        };
    let now = (date(2019, 1, 1), None);
    let guid = generator.random.uuid();
    let days = match n % 40 {
        13 => (date(2019, 1, 1), Some(date(2025, 1, 1))),
        14 => (date(2029, 1, 1), None),
        _ => now,
    };
    let has_account = !matches!(n % 40, 9 | 11 | 15);
    let ad = has_account.then(|| account(generator, "Active Directory", login, json!(guid), true, days));
    if matches!(n % 40, 10 | 12) {
        let (second, fk) = (generator.random.uuid(), generator.random.uuid());
        account(generator, "Active Directory", &format!("{login}-adm"), json!(second), n % 40 == 10, now);
        account(generator, "FK-ORG-UUID", &second.to_string(), json!(fk), true, now);
    }
    let fk = generator.random.uuid();
    match n % 8 {
        // New convention: the key is the account's external id, the external id the uuid in FK Organisation.
        2 => {
            account(generator, "FK-ORG-UUID", &guid.to_string(), json!(fk), true, now);
            *shared_fk = Some(fk);
        }
        // Old convention: the key is the uuid in FK Organisation; now and then two persons share one.
        3 => {
            let fk = if n % 40 == 19 { shared_fk.unwrap_or(fk) } else { fk };
            account(generator, "FK-ORG-UUID", &fk.to_string(), Value::Null, false, now);
        }
        // New convention with an account that is gone.
        7 if n % 40 == 15 => drop(account(generator, "FK-ORG-UUID", &guid.to_string(), json!(fk), true, now)),
        _ => {}
    }
    if n % 10 == 4 {
        account(generator, "SD", &format!("{n:05}"), Value::Null, true, now);
    }
    ad.filter(|_| days == now)
}
