//! Addresses of units and persons.

use super::{Generator, Unit};
use crate::simulator::os2mo::Collection;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn of_unit(generator: &mut Generator, n: usize, unit: &Unit) {
    let mail = generator.dar(n % 10 != 3);
    let mut addresses = vec![
        ("PhoneUnit", format!("99{:06}", 100_000 + n), ""),
        ("EmailUnit", format!("enhed{n}@fjordby.example"), ""),
        ("AddressMailUnit", mail, ""),
    ];
    if n.is_multiple_of(2) {
        addresses.push(("PhoneUnitLandline", format!("98{:06}", 200_000 + n), ""));
    }
    if n % 13 == 2 {
        addresses.push(("EmailUnit", format!("hemmelig{n}@fjordby.example"), "Secret"));
        addresses.push(("EmailUnit", format!("borger{n}@fjordby.example"), "Public"));
    }
    if n % 7 == 1 {
        addresses.push(("EAN", format!("57980{n:08}"), ""));
        addresses.push(("p-nummer", format!("10{n:08}"), "Internal"));
        addresses.push(("WebUnit", format!("https://www.fjordby.example/enhed/{n}"), "Public"));
        addresses.push(("ContactOpenHours", "Mandag-torsdag kl. 10-15, fredag kl. 10-13".into(), ""));
        addresses.push(("PhoneOpenHours", "Hverdage 9-14".into(), ""));
        addresses.push(("DtrId", format!("DTR-{n}"), ""));
    }
    if n % 9 == 1 {
        let (contact, location) = (generator.dar(true), generator.dar(n % 18 == 1));
        addresses.push(("Contact", contact, ""));
        addresses.push(("Location", location, ""));
    }
    for (kind, value, visibility) in addresses {
        let owner = [("org_unit_uuid", json!(unit.uuid))];
        put(generator, (kind, &value, visibility), &owner, unit.from, unit.until);
    }
}

/// What a person's addresses are tied to.
pub(super) struct Ties {
    pub(super) person: Uuid,
    pub(super) login: String,
    pub(super) engagement: Option<Uuid>,
    pub(super) account: Option<Uuid>,
}

pub(super) fn of_person(generator: &mut Generator, n: usize, ties: &Ties) {
    let (login, visibility) = (&ties.login, ["Public", "Internal", "Secret", ""][n % 4]);
    let account = ("ituser_uuid", json!(ties.account));
    let person = ("employee_uuid", json!(ties.person));
    let since = date(2019, 1, 1);
    let both = [person.clone(), account.clone(), ("engagement_uuid", json!(ties.engagement))];
    let email = format!("{login}@fjordby.example");
    put(
        generator,
        ("EmailEmployee", &email, if n.is_multiple_of(2) { "Public" } else { "" }),
        &both,
        since,
        None,
    );
    let tied = [person.clone(), account];
    put(generator, ("PhoneEmployee", &format!("2{:07}", 100_000 + n), visibility), &tied, since, None);
    let own = [person];
    if n % 3 == 1 {
        put(generator, ("LandlineEmployee", &format!("993{n:05}"), "Public"), &tied, since, None);
    }
    if n % 5 == 1 {
        put(
            generator,
            ("EmailAlias", &format!("alias.{login}@fjordby.example"), "Internal"),
            &tied,
            since,
            None,
        );
    }
    if n % 4 == 2 {
        let home = generator.dar(n % 24 != 2);
        put(generator, ("AdressePostEmployee", &home, "Secret"), &own, since, None);
    }
    if n % 8 == 3 {
        put(generator, ("PhonePrivate", &format!("+453{n:07}"), "Secret"), &own, since, None);
    }
    if n % 20 == 1 {
        put(generator, ("LocationEmployee", &format!("Rådhuset, lokale {n}"), ""), &own, since, None);
    }
    if n % 14 == 5 {
        // Several of one type: one of them ended, one to come.
        let ended = Some(date(2022, 1, 1));
        put(generator, ("EmailEmployee", &format!("{login}.2@fjordby.example"), "Secret"), &own, since, None);
        put(generator, ("PhoneEmployee", &format!("4{:07}", 100_000 + n), "Public"), &own, since, None);
        put(generator, ("PhoneEmployee", &format!("5{:07}", 100_000 + n), "Public"), &own, since, ended);
        put(generator, ("PhoneEmployee", &format!("6{:07}", 100_000 + n), ""), &own, date(2029, 1, 1), None);
    }
}

/// One address: `what` is type, value and visibility, `ties` say whose it is.
fn put(
    generator: &mut Generator,
    what: (&str, &str, &str),
    ties: &[(&str, Value)],
    from: Date,
    until: Option<Date>,
) {
    let (kind, value, visibility) = what;
    let visibility = if visibility.is_empty() { Value::Null } else { generator.of(visibility) };
    let mut members = vec![
        ("user_key", json!(value)),
        ("value", json!(value)),
        ("address_type_uuid", generator.of(kind)),
        ("visibility_uuid", visibility),
    ];
    members.extend_from_slice(ties);
    generator.put(Collection::Addresses, Some(from), until, &members);
}
