//! The REST API: every recorded answer and refusal.

use crate::{agent, fixtures, fjordby, recorded, token};
use muster_tests::simulator::os2mo::{Authentication, Dar, DarService, Options, Organisation, Os2mo};
use serde_json::{Value, json};

const ORGANISATION: &str = "7a0bb6df-da03-4593-ab2b-3c69e0db274d";
const TOP: &str = "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3";
const LINE: &str = "ec0fae59-ea64-58f5-b0a4-125c08f20d92";

/// The owners in the names of recorded files.
const OWNERS: [(&str, &str); 5] = [
    ("e.p003", "2679eb03-193f-5481-a288-733ccfa3da23"),
    ("e.p010", "490e58ec-fb95-56a6-b977-cbdfc3d3e60f"),
    ("e.p011", "97624cdf-a144-5dc0-8a69-9dbfe95ef568"),
    ("ou.hr", "4894d1c6-8e18-5fca-9994-066eba76eb1d"),
    ("ou.it", "28132c2e-1fbb-556a-b240-7bf04ac9d8b0"),
];

fn get(os2mo: &Os2mo, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let mut request = agent().get(format!("{}{path}", os2mo.url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = request.call().unwrap();
    let text = answer.body_mut().with_config().limit(u64::MAX).read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The request that was recorded in this file.
fn request(file: &str) -> String {
    let of_organisation = |rest: &str| format!("/service/o/{ORGANISATION}/{rest}");
    match file {
        "o" => "/service/o/".to_owned(),
        "o_e.limit25.start0" => of_organisation("e/?limit=25&start=0"),
        "o_e.limit25.start175" => of_organisation("e/?limit=25&start=175"),
        "o_ou.root" => of_organisation(&format!("ou/?limit=999999&root={TOP}")),
        "o_ou.hierarchy" => of_organisation(&format!("ou/?limit=999999&root={TOP}&hierarchy_uuids={LINE}")),
        "o_f_org_unit_hierarchy" => of_organisation("f/org_unit_hierarchy/"),
        "o_it" => of_organisation("it/"),
        _ => {
            let (owner, uuid) = OWNERS.iter().find(|(owner, _)| file.starts_with(owner)).unwrap();
            let base = format!("/service/{}/{uuid}/", owner.split('.').next().unwrap());
            match file.strip_prefix(owner).unwrap().trim_start_matches('.') {
                "" => base,
                "details" => format!("{base}details/"),
                "engagement" => format!("{base}details/engagement?calculate_primary=true"),
                "engagement.future" => format!("{base}details/engagement?validity=future"),
                what => format!("{base}details/{what}"),
            }
        }
    }
}

/// What the simulator cannot know: coordinates, and user keys of managers, which no recorded query asked for.
fn without_places(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_places),
        Value::Object(members) => {
            if members.get("href").and_then(Value::as_str).is_some_and(|href| href.starts_with("https://")) {
                members.insert("href".into(), Value::Null);
            }
            members.values_mut().for_each(without_places);
        }
        _ => (),
    }
}

#[test]
fn every_recorded_request_is_answered_as_recorded() {
    let os2mo = fjordby();
    let mut count = 0;
    for entry in std::fs::read_dir(fixtures().join("rest")).unwrap() {
        let file = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        let (status, mut ours) = get(&os2mo, &request(&file), &[]);
        let mut theirs = recorded(&format!("rest/{file}.json"));
        without_places(&mut theirs);
        for manager in [&mut ours, &mut theirs].into_iter().filter(|_| file.ends_with(".manager")) {
            manager.as_array_mut().unwrap().iter_mut().for_each(|manager| manager["user_key"] = Value::Null);
        }
        assert_eq!(status, 200, "{file}");
        assert!(
            ours == theirs,
            "{file}\nours     {:.900}\nrecorded {:.900}",
            ours.to_string(),
            theirs.to_string()
        );
        count += 1;
    }
    assert_eq!(count, 31);
}

fn guarded() -> Os2mo {
    let authentication = Some(Authentication::new("reader", "secret"));
    Os2mo::start(Organisation::recorded(fixtures()), Options { authentication, ..Options::default() })
        .unwrap()
}

fn assert_recorded(answer: (u16, Value), file: &str) {
    let recorded = recorded(&format!("errors/{file}.json"));
    assert_eq!(answer.0, recorded["status"].as_u64().unwrap() as u16, "{file}");
    assert_eq!(answer.1, recorded["body"], "{file}");
}

#[test]
fn every_recorded_refusal_is_given() {
    let open = fjordby();
    for file in ["rest_bad_uuid", "rest_no_such_endpoint", "rest_unit_not_found", "rest_user_not_found"] {
        let path = recorded(&format!("errors/{file}.json"))["request"]["path"].as_str().unwrap().to_owned();
        assert_recorded(get(&open, &path, &[]), file);
    }
    let os2mo = guarded();
    assert_recorded(get(&os2mo, "/service/o/", &[]), "rest_no_token");
    assert_recorded(get(&os2mo, "/service/o/", &[("session", ORGANISATION)]), "rest_unknown_session");
    assert_recorded(get(&os2mo, "/service/o/", &[("authorization", "Bearer x")]), "rest_bad_token");
    let bearer = format!("Bearer {}", token(&os2mo));
    os2mo.set_roles(["admin"]);
    let answer = get(&os2mo, "/service/o/", &[("authorization", &bearer)]);
    assert_recorded(answer, "rest_role_missing_service_api");
    os2mo.set_roles(["service_api"]);
    assert_recorded(get(&os2mo, "/service/o/", &[("authorization", &bearer)]), "rest_role_missing_read");
    os2mo.expire_tokens();
    assert_recorded(get(&os2mo, "/service/o/", &[("authorization", &bearer)]), "rest_expired_token");
}

#[test]
fn a_listed_session_may_read() {
    let os2mo = guarded();
    os2mo.change_authentication(|authentication| authentication.sessions.push(ORGANISATION.parse().unwrap()));
    assert_eq!(get(&os2mo, "/service/o/", &[("session", ORGANISATION)]).0, 200);
}

#[test]
fn slashes_matter() {
    let os2mo = fjordby();
    for path in
        ["/service/o".to_owned(), format!("/service/o/{ORGANISATION}/ou"), format!("/service/ou/{TOP}")]
    {
        let (status, body) = get(&os2mo, &path, &[]);
        assert_eq!((status, &body["error_key"]), (404, &json!("E_NO_SUCH_ENDPOINT")), "{path}");
    }
    assert_eq!(get(&os2mo, &format!("/service/ou/{TOP}/details/it/"), &[]).0, 404);
}

#[test]
fn lists_come_in_pages() {
    let os2mo = fjordby();
    let page = |query: &str| get(&os2mo, &format!("/service/o/{ORGANISATION}/ou/?{query}"), &[]).1;
    let all = page("limit=0")["items"].as_array().unwrap().clone();
    assert_eq!((all.len(), &page("limit=0")["total"]), (34, &json!(34)));
    assert_eq!(page("limit=5&start=30")["items"], json!(all[30..]));
    assert_eq!(page("limit=5&start=40")["items"], json!([]));
    assert_eq!(get(&os2mo, &format!("/service/o/{ORGANISATION}/ou/?hierarchy_uuids="), &[]).0, 400);
}

#[test]
fn details_of_nobody_are_empty() {
    let os2mo = fjordby();
    assert_eq!(get(&os2mo, &format!("/service/e/{TOP}/details/engagement"), &[]), (200, json!([])));
}

#[test]
fn an_address_that_the_register_cannot_give_fails_the_whole_answer() {
    let os2mo = fjordby();
    let addresses = || get(&os2mo, "/service/ou/28132c2e-1fbb-556a-b240-7bf04ac9d8b0/details/address", &[]);
    os2mo.edit(|organisation| organisation.dar_service = DarService::Unreachable);
    assert_eq!(addresses().0, 500);
    os2mo.edit(|organisation| {
        organisation.dar_service = DarService::Up;
        organisation.set_dar("95e062db-d8f7-5970-9011-25f98a9c1c6e", Dar::Unknown);
    });
    let (status, body) = addresses();
    assert_eq!((status, &body[1]["name"]), (200, &json!("Ukendt")));
}
