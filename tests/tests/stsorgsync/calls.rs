//! What goes over the line: addresses in both styles, the header, bodies, dry runs.

use super::*;

fn lines(town: &Town) -> Vec<String> {
    let seen = town.stsorgsync.seen().into_iter();
    seen.map(|seen| format!("{} {}", seen.method, seen.path_and_query.trim_start_matches("/api/v1_1")))
        .collect()
}

#[test]
fn objects_are_named_in_the_path_or_in_the_query() {
    let one = [unit(1, None), user(100, &[1])];
    for (town, style, place) in [(Town::new(), "path", "/user/"), (Town::windows(), "query", "/user?uuid=")] {
        town.command().args(["--uuid-style", style]).stdin(state(&one)).run().with_status(0);
        let gone = changes(&[delete("user", 100)]);
        let ran = town.command().args(["--uuid-style", style]).stdin(gone).run().with_status(0);
        assert_eq!(count(&ran, "deleted"), 1);
        assert_eq!(
            lines(&town),
            ["POST /orgunit".to_owned(), "POST /user".to_owned(), format!("DELETE {place}{}", uuid(100))]
        );
        assert!(town.stsorgsync.registry().users().is_empty());
    }
}

#[test]
fn the_wrong_style_is_noticed_and_deletes_do_not_count_as_done() {
    let town = Town::windows();
    town.command().stdin(state(&[unit(1, None), user(100, &[1])])).run().with_status(0);
    let ran = town.push(changes(&[delete("user", 100)])).with_status(78);
    assert!(ran.stderr.contains("choose the other --uuid-style"), "{}", ran.stderr);
    assert_eq!(town.stsorgsync.registry().users().len(), 1);
    let again = town.command().args(["--uuid-style", "query"]).stdin(changes(&[delete("user", 100)])).run();
    assert_eq!(count(&again.with_status(0), "deleted"), 1);
}

#[test]
fn a_delete_of_what_is_gone_is_done() {
    let town = Town::with(Options { unknown_delete_is_404: true, ..Options::default() });
    let gone = changes(&[delete("user", 100), delete("user", 101)]);
    // What no ledger knows goes only without one.
    let arguments = ["--municipality", "12345678", "--max-deletes", "2"];
    let ran = town.bare().args(arguments).stdin(gone).run().with_status(0);
    assert_eq!(count(&ran, "deleted"), 2);
    assert_eq!(result(&ran, 100)["http"], 404);
    let lists = lines(&town).iter().filter(|line| *line == "GET /user").count();
    assert_eq!(lists, 1, "the list is read once");
}

#[test]
fn without_a_municipality_no_header_is_sent() {
    Town::windows().bare().stdin(state(&[unit(1, None)])).run().with_status(0);
    let ran = Town::new().bare().stdin(state(&[unit(1, None)])).run().with_status(77);
    assert!(ran.stderr.contains("set 'municipality'"), "{}", ran.stderr);
}

#[test]
fn what_says_nothing_is_not_sent() {
    let town = Town::new();
    let mut unit = unit(1, None);
    unit["Email"] = json!({ "Value": " ", "Uuid": uuid(7) });
    unit["Phone"] = Value::Null;
    unit["ItSystemUuids"] = json!([uuid(8).to_uppercase()]);
    unit["Url"] = json!("https://example.org");
    let ran = town.push(state(&[unit])).with_status(0);
    assert!(ran.stderr.contains("knows no member 'Url' of a org_unit"), "{}", ran.stderr);
    let body: Value = serde_json::from_str(&town.stsorgsync.seen()[0].body).unwrap();
    assert_eq!(body, json!({ "Uuid": uuid(1), "Name": "Enhed 1", "ItSystemUuids": [uuid(8)] }));
}

#[test]
fn a_dry_run_shows_the_requests_and_sends_none() {
    let town = Town::new();
    let mut person = user(100, &[1]);
    person["Location"] = Value::Null;
    person["_unknown"] = json!(["/Location"]);
    let ran = town.command().args(["--dry-run"]).stdin(state(&[unit(1, None), person])).run().with_status(0);
    assert!(town.stsorgsync.seen().is_empty());
    let shown: Vec<String> = ran
        .records()
        .iter()
        .map(|line| format!("{} {}", line["method"], line["url"]).replace('"', ""))
        .collect();
    let api = town.stsorgsync.api_url();
    let user = format!("{api}/user/{}", uuid(100));
    assert_eq!(shown, [format!("POST {api}/orgunit"), format!("GET {user}"), format!("POST {api}/user")]);
    assert_eq!(ran.records()[0]["headers"]["CVR"], "12345678");
    assert_eq!(ran.records()[2]["keeps"], json!(["Location"]));
}
