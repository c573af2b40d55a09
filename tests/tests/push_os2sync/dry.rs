//! A dry run shows the requests of a real one: all of them, in their order, whole, without secrets.

use super::*;

#[test]
fn a_dry_run_shows_what_a_real_one_sends_in_its_order() {
    let town_hall = Town::with(Options { api_key: Some("very secret".to_owned()), ..Options::default() });
    let push = |arguments: &[&str], input: String| {
        let command = town_hall.command().args(["--ledger", "ledger"]).args(arguments);
        command.env("OS2SYNC_API_KEY", "very secret").stdin(input).run().with_status(0)
    };
    push(&[], state(&town(40)));
    town_hall.os2sync.forget();
    let mut lines = town(41);
    lines.remove(10);
    lines[1]["Email"] = json!("enhed@example.org");
    lines[3]["Email"] = json!("top@example.org");
    lines[20]["Email"] = json!("bruger@example.org");

    let dry = push(&["--dry-run"], state(&lines));
    assert!(town_hall.os2sync.seen().is_empty());
    assert!(!dry.stdout.contains("very secret") && !dry.stderr.contains("very secret"));
    let shown: Vec<Value> = dry.records().into_iter().filter(|line| line["_kind"] == "_request").collect();
    for request in &shown {
        assert_eq!(
            (&request["headers"]["Cvr"], &request["headers"]["ApiKey"]),
            (&json!("12345678"), &json!("***"))
        );
    }

    push(&["--parallel", "1"], state(&lines));
    let (base, seen) = (town_hall.os2sync.url(), town_hall.os2sync.seen());
    // Two units, top first, each read before it is written; a new user, a changed one, one who left.
    assert_eq!((shown.len(), seen.len()), (7, 7));
    for (shown, seen) in shown.iter().zip(&seen) {
        assert_eq!(shown["method"], seen.method.as_str());
        assert_eq!(shown["url"], format!("{base}{}", seen.path_and_query));
        let sent: Value = serde_json::from_str(&seen.body).unwrap_or_default();
        // Members that are kept from what was read are named, not shown.
        let kept: Vec<&str> =
            shown["keeps"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, value) in
            sent.as_object().into_iter().flatten().filter(|(name, _)| !kept.contains(&name.as_str()))
        {
            assert_eq!(&shown["body"][name], value, "{name} of {}", seen.path_and_query);
        }
        assert!(seen.method != "POST" || shown["body"]["Uuid"] == sent["Uuid"]);
    }
    assert_eq!(seen[6].method, "DELETE");
}
