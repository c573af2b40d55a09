//! `diff --ledger`: what a push would do, without asking the target.

use super::*;

impl Town {
    fn preview(&self, arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
        let preview = Cli::new("diff").args(["--ledger", "ledger", "-"]).args(arguments);
        preview.in_dir(self.dir.path()).stdin(input).run()
    }

    /// The steps of a preview, as `update 4`.
    fn previewed(&self, input: impl Into<Vec<u8>>, status: i32) -> Vec<String> {
        let records = self.preview(&[], input).with_status(status).records();
        let step = |line: &Value| format!("{} {}", text(line, "_op"), number(text(line, "_key")));
        let mut steps: Vec<_> = records.iter().map(step).collect();
        steps.sort();
        steps
    }
}

fn text<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().unwrap()
}

/// The same town a day later: somebody came, somebody went, somebody has another name.
fn tomorrow() -> Vec<Value> {
    let mut lines = town(25);
    lines.retain(|line| line["_key"] != uuid(103));
    lines.iter_mut().find(|line| line["_key"] == uuid(104)).unwrap()["Person"]["Name"] = "Åse Holm".into();
    lines.push(user(200, &[1]));
    lines
}

#[test]
fn a_preview_says_what_the_push_then_does() {
    let town_hall = Town::owning(&town(25));
    assert_eq!(town_hall.previewed(state(&town(25)), 0), [""; 0]);
    assert_eq!(town_hall.previewed(state(&tomorrow()), 1), ["create 200", "delete 103", "update 104"]);
    assert!(town_hall.os2sync.seen().is_empty());
    town_hall.push(state(&tomorrow())).with_status(0);
    assert_eq!(town_hall.deleted(), [103]);
    assert_eq!(town_hall.previewed(state(&tomorrow()), 0), [""; 0]);
}

#[test]
fn a_preview_is_drawn_as_any_plan_is() {
    let town_hall = Town::owning(&town(25));
    let drawn = town_hall.preview(&["--format", "text"], state(&tomorrow())).with_status(1).stdout;
    assert!(drawn.contains(&format!("+ {}  Åse 200", uuid(200))), "{drawn}");
    assert!(drawn.contains(&format!("- {}\n", uuid(103))), "{drawn}");
    assert!(drawn.ends_with("1 to create, 1 to update, 1 to delete, 27 unchanged\n"), "{drawn}");
}

#[test]
fn a_preview_deletes_nothing_of_another_scope_nothing_unknown_and_nothing_after_a_partial_read() {
    let town_hall = Town::owning(&town(25));
    let few = &town(20)[..];
    assert_eq!(town_hall.previewed(scoped("state", "another", few), 0), [""; 0]);
    let partial = state(few).replace("\"complete\":true", "\"complete\":false");
    assert_eq!(town_hall.previewed(partial, 4), [""; 0]);
    let mut unknown = town(24);
    unknown.push(json!({ "_kind": "_error", "of": "user", "_key": uuid(124), "message": "HTTP 500" }));
    assert_eq!(town_hall.previewed(state(&unknown), 0), [""; 0]);
}

#[test]
fn without_a_ledger_there_is_nothing_to_compare_with() {
    let ran = Town::new().preview(&[], state(&town(1))).with_status(78);
    assert!(ran.stderr.contains("there is no ledger here (ledger)"), "{}", ran.stderr);
}

#[test]
fn a_key_in_other_letters_is_the_same_object() {
    let town_hall = Town::owning(&town(25));
    let shouted = |line: &Value| {
        let mut line = line.clone();
        line["_key"] = text(&line, "_key").to_uppercase().into();
        line
    };
    let lines: Vec<Value> = town(25).iter().map(shouted).collect();
    assert_eq!(town_hall.previewed(state(&lines), 0), [""; 0]);
}
