//! What OS2sync holds in the end, field by field, against payloads derived by hand from the exporters' rules.

use super::Pipeline;
use serde_json::{Map, Value};
use std::path::Path;

const PHONE_EMPLOYEE: &str = "849308fb-38a7-519f-8c63-09f86f3b2735";
const LANDLINE_EMPLOYEE: &str = "8287d17e-67dd-56ad-b398-d62d894ab6fe";
const LANDLINE_UNIT: &str = "18a17299-dfae-5c3a-ac58-86368c66dbbb";
const EMAIL_EMPLOYEE: &str = "2aa74efc-4017-5ac9-b74a-e4bb8aec5927";
const EMAIL_UNIT: &str = "3a394383-ec3b-53e2-90b0-7776766c9350";
const LEVEL_TEKNISK: &str = "94ad6bde-3b7d-5381-a5bc-70a5b5f7d09e";
const TYPE_EKSTERN: &str = "dc277096-3eb8-5240-b6c8-2fdc789d8a2e";
const FILTRERET: &str = "8cdbf668-e5b0-58bd-9e90-5edb40c0fb89";

/// What the registry adds of its own; a position without a first day begins on the simulator's day.
const OF_THE_REGISTRY: [&str; 3] = ["ShortKey", "Status", "Timestamp"];
const DAY_OF_THE_REGISTRY: &str = "2026-01-01";

fn expected(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/os2sync").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// An object of the registry without what is null, empty or the registry's own; lists in order.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let members = map.iter().filter(|(name, _)| !OF_THE_REGISTRY.contains(&name.as_str()));
            let members = members.map(|(name, value)| (name.clone(), plain(value)));
            let empty = [
                Value::Null,
                Value::from(""),
                Value::Array(Vec::new()),
                Value::Bool(false),
                DAY_OF_THE_REGISTRY.into(),
            ];
            members.filter(|(_, value)| !empty.contains(value)).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(plain).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        other => other.clone(),
    }
}

fn check(pipeline: &Pipeline, name: &str) {
    let expected = expected(name);
    let registry = pipeline.os2sync.registry();
    for unit in expected["units"].as_array().unwrap() {
        let uuid = unit["Uuid"].as_str().unwrap();
        assert_eq!(registry.unit(uuid).as_ref().map(plain), Some(plain(unit)), "unit {uuid}");
    }
    for user in expected["users"].as_array().unwrap() {
        let uuid = user["Uuid"].as_str().unwrap();
        assert_eq!(registry.user(uuid).as_ref().map(plain), Some(plain(user)), "user {uuid}");
    }
    for (why, uuid) in expected["absent"].as_object().unwrap() {
        let uuid = uuid.as_str().unwrap();
        assert_eq!((registry.unit(uuid), registry.user(uuid)), (None, None), "{why}");
    }
    let failures = registry.failures();
    assert!(failures.is_empty(), "the registry refused: {failures:?}");
    assert_eq!(registry.root(), Some(super::TOP));
}

#[test]
fn by_the_seed_table() {
    let settings = format!("ignored.unit_levels = {LEVEL_TEKNISK}\nignored.unit_types = {TYPE_EKSTERN}\n");
    let pipeline = Pipeline::new("os2sync", &settings);
    let ran = pipeline.run().with_status(0);
    check(&pipeline, "seed.json");
    let (found, created) =
        (ran.ends()[0]["counts"]["found"].clone(), ran.ends()[0]["counts"]["created"].clone());
    assert_eq!(found, created);
}

#[test]
fn with_what_came_later_switched_on() {
    let settings = format!(
        "phone_scope_classes = {PHONE_EMPLOYEE}\nlandline_scope_classes = {LANDLINE_EMPLOYEE} {LANDLINE_UNIT}\n\
         email_scope_classes = {EMAIL_EMPLOYEE}\nlisted_classes_only = true\nuse_nickname = true\nsync_cpr = true\n\
         sync_managers = true\none_manager_only = false\nuse_contact_for_tasks = true\npnumber_field = PNR\n\
         dar_fields = true\nlater_unit_fields = true\npublic_unit_addresses_only = true\n\
         uuid_from_it_systems = FK-ORG UUID\ngroup_by_engagement_uuid = true\nemployee_engagement_address = Lokation\n\
         filter_hierarchy_names = Linjeorganisation\nfilter_orgunit_uuid = {FILTRERET}\n\
         extension_field_as_job_function = 1\ntemplates = {{\"person.user_id\": \"{{{{ user_key }}}}\"}}\n"
    );
    let pipeline = Pipeline::new("os2sync", &settings);
    let ran = pipeline.run().with_status(1);
    check(&pipeline, "later.json");
    assert!(ran.stderr.contains("they would all be one user"), "{}", ran.stderr);
}

#[test]
fn where_users_are_accounts() {
    let settings = format!(
        "phone_scope_classes = {PHONE_EMPLOYEE}\nlandline_scope_classes = {LANDLINE_EMPLOYEE} {LANDLINE_UNIT}\n\
         email_scope_classes = {EMAIL_EMPLOYEE} {EMAIL_UNIT}\nsync_cpr = true\nsync_managers = true\n\
         filter_hierarchy_names = Linjeorganisation\n"
    );
    let pipeline = Pipeline::new("os2sync-accounts", &settings);
    pipeline.run().with_status(0);
    check(&pipeline, "accounts.json");
}

#[test]
fn a_template_names_persons() {
    let template =
        r#"templates = {"person.name": "{% if nickname -%}{{ nickname }}{%- else %}{{ name }}{%- endif %}"}"#;
    let pipeline = Pipeline::new("os2sync", &format!("{template}\n"));
    pipeline.run().with_status(0);
    let name = |uuid: &str| pipeline.os2sync.registry().user(uuid).unwrap()["Person"]["Name"].clone();
    assert_eq!(name("7ee4ae79-e816-5e21-9352-5abd8854052f"), "Sigse Ravn");
    assert_eq!(name("9888792d-3e90-5184-8746-620beeea47c6"), "Birgit Lund");
}

#[test]
fn long_names_are_cut_and_uuids_are_not() {
    let pipeline = Pipeline::new("os2sync", "truncate_length = 10\nuuid_from_it_systems = FK-ORG UUID\n");
    pipeline.run().with_status(0);
    let registry = pipeline.os2sync.registry();
    let unit = registry.unit("7046a0e0-64a3-536b-880a-3728f6c04934").unwrap();
    assert_eq!(unit["Name"], "Tværgående");
    assert_eq!(unit["ParentOrgUnitUuid"], "1e06f353-48b8-5a1b-974e-53dc34244ab8");
    let user = registry.user("490e58ec-fb95-56a6-b977-cbdfc3d3e60f");
    let of_account = registry
        .users()
        .into_iter()
        .filter(|user| user["Person"]["Name"] == "Dorthe Pedersen Iversen")
        .count();
    assert_eq!((user.is_some() as usize).max(of_account), 1);
}
