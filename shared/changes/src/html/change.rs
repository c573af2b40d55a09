//! One change: a line that names it, folded out to what was and what shall be.

use super::escape::{html, id};
use super::value;
use crate::name::name;
use crate::pointer;
use crate::text::{shown, text};
use muster_stream::{Map, Value};
use std::fmt::Write;

/// Members that the line names; the rest is counted.
const NAMED: usize = 6;

/// A change as it is drawn.
pub(super) struct Shown<'a> {
    change: &'a Map,
    op: &'a str,
    /// What would be done, also where it is blocked.
    wanted: &'a str,
    before: Option<&'a Map>,
    after: Option<&'a Map>,
    /// Pointers of what differs; none where an object comes or goes.
    changed: Option<Vec<&'a str>>,
}

impl<'a> Shown<'a> {
    pub(super) fn of(change: &'a Map) -> Self {
        let record = |side: &str| change.get(side).and_then(Value::as_object);
        let changed = change.get("changed").and_then(Value::as_array);
        let op = text(change, "_op");
        Self {
            change,
            op,
            wanted: if op == "blocked" { text(change, "op") } else { op },
            before: record("before"),
            after: record("after"),
            changed: changed.map(|changed| changed.iter().filter_map(Value::as_str).collect()),
        }
    }

    pub(super) fn drawn(&self) -> String {
        let (kind, key) = (text(self.change, "_kind"), text(self.change, "_key"));
        let names: Vec<String> = self.changed.iter().flatten().map(|pointer| shown(pointer)).collect();
        let named = self.before.or(self.after).and_then(name).or_else(|| self.after.and_then(name));
        let (who, class) = match named.filter(|name| name != key) {
            Some(name) => (format!("<b>{}</b> <code>{}</code>", html(&name), html(key)), self.class()),
            None => (format!("<b>{}</b>", html(key)), self.class()),
        };
        format!(
            "<details class=\"change {class}\" id=\"{id}\" data-op=\"{class}\" data-size=\"{size}\" data-members=\"{members}\">\n\
             <summary><span class=\"op\">{label}</span> <span class=\"who\">{who}</span> <span class=\"what\">{what}</span></summary>\n\
             <div class=\"body\">\n{notes}{table}</div>\n</details>\n",
            id = id("change", kind, key),
            size = names.len(),
            members = names.iter().map(|name| html(name)).collect::<Vec<_>>().join("\n"),
            label = self.label(),
            what = self.what(&names),
            notes = self.notes(),
            table = self.table(),
        )
    }

    fn class(&self) -> &'static str {
        match self.op {
            "create" => "create",
            "update" => "update",
            "blocked" => "blocked",
            _ => "delete",
        }
    }

    fn label(&self) -> &'static str {
        match self.op {
            "create" => "Create",
            "update" => "Update",
            "blocked" => "Blocked",
            "passivate" => "Passivate",
            _ => "Delete",
        }
    }

    /// What the line says beside the name.
    fn what(&self, names: &[String]) -> String {
        if self.op == "blocked" {
            return html(&format!("no {}: {}", self.wanted, text(self.change, "reason")));
        }
        let remark = [("rename", "likely renamed"), ("adopts", "takes over")];
        let remark =
            remark.into_iter().find(|(member, _)| self.change.contains_key(*member)).map(|(_, what)| what);
        let mut parts: Vec<String> = remark.into_iter().map(str::to_owned).collect();
        parts.extend(names.iter().take(NAMED).map(|name| html(name)));
        if names.len() > NAMED {
            parts.push(format!("{} more", names.len() - NAMED));
        }
        parts.join(", ")
    }

    fn notes(&self) -> String {
        let tie = |name: &str, part: &str| Some(self.change.get(name)?.get(part)?.as_str()?.to_owned());
        let by = |name: &str| {
            tie(name, "by").map(|by| format!(" (same {})", html(&shown(&by)))).unwrap_or_default()
        };
        let link = |key: &str| {
            let target = id("change", text(self.change, "_kind"), key);
            format!("<a href=\"#{target}\"><code>{}</code></a>", html(key))
        };
        let mut notes = String::new();
        let mut note = |text: String| {
            let _ = writeln!(notes, "<p class=\"note\">{text}</p>");
        };
        if self.op == "blocked" {
            let reason = html(text(self.change, "reason"));
            note(match self.wanted {
                "" => format!("<strong>Blocked:</strong> {reason}"),
                wanted => format!("<strong>Would be {}d, but is blocked:</strong> {reason}", html(wanted)),
            });
        }
        if let Some(other) = tie("rename", "from") {
            note(format!("Likely the same as {}, which would be deleted{}", link(&other), by("rename")));
        }
        if let Some(other) = tie("rename", "to") {
            note(format!("Likely the same as {}, which would be created{}", link(&other), by("rename")));
        }
        if let Some(others) =
            self.change.get("conflict").and_then(|conflict| conflict.get("with")?.as_array())
        {
            let others: Vec<String> = others.iter().filter_map(Value::as_str).map(link).collect();
            note(format!("May be the same as {}{}", others.join(", "), by("conflict")));
        }
        if self.change.contains_key("adopts") {
            let other = tie("adopts", "_key")
                .map_or("one without key".to_owned(), |key| format!("<code>{}</code>", html(&key)));
            note(format!("Takes over the current record {other}{}", by("adopts")));
        }
        notes
    }

    fn table(&self) -> String {
        match (&self.changed, self.before, self.after) {
            (Some(changed), before, after) => both(changed, before, after),
            (None, _, Some(after)) => one("Shall be", "after", after),
            (None, Some(before), None) => one("Is now", "before", before),
            (None, None, None) => "<p class=\"note\">Its values are not known.</p>\n".to_owned(),
        }
    }
}

/// What was and what shall be, side by side.
fn both(changed: &[&str], before: Option<&Map>, after: Option<&Map>) -> String {
    let find =
        |side: Option<&'_ Map>, pointer: &str| side.and_then(|map| pointer::find(map, pointer)).cloned();
    let rows: String = changed
        .iter()
        .map(|pointer| {
            let (old, new) = (find(before, pointer), find(after, pointer));
            let (old, new) = value::pair(old.as_ref(), new.as_ref());
            format!(
                "<tr><th scope=\"row\">{}</th><td class=\"before\">{old}</td><td class=\"after\">{new}</td></tr>\n",
                html(&shown(pointer))
            )
        })
        .collect();
    table("<th scope=\"col\">Is now</th><th scope=\"col\">Shall be</th>", "both", &rows)
}

/// All that is said of an object that comes or goes.
fn one(title: &str, class: &str, record: &Map) -> String {
    let rows: String = pointer::leaves(record)
        .iter()
        .map(|(pointer, value)| {
            format!(
                "<tr><th scope=\"row\">{}</th><td class=\"{class}\">{}</td></tr>\n",
                html(&shown(pointer)),
                value::alone(value)
            )
        })
        .collect();
    table(&format!("<th scope=\"col\">{title}</th>"), "one", &rows)
}

fn table(titles: &str, class: &str, rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<table class=\"{class}\">\n<thead><tr><td></td>{titles}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}
