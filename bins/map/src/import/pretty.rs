//! JSON for people: what fits on a line stands on one.

use serde_json::Value;

/// How long a line may be.
const WIDTH: usize = 110;

/// `value` over several lines, with a line's end. The outermost levels are never put on one line.
pub(super) fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, indent: usize, used: usize, text: &mut String) {
    let line = on_one_line(value);
    let is_outermost = indent == 0 && value.is_object();
    if !is_outermost && indent + used + line.len() < WIDTH && !has_fields(value) {
        text.push_str(&line);
        return;
    }
    let items: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (format!("{}: ", quoted(name)), value)).collect()
        }
        Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
        _ => {
            text.push_str(&line);
            return;
        }
    };
    let (open, close) = if value.is_object() { ('{', '}') } else { ('[', ']') };
    text.push(open);
    for (index, (name, item)) in items.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(indent + 2));
        text.push_str(name);
        write(item, indent + 2, name.len(), text);
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(close);
}

/// A map of a spec, and the list of maps, keep their shape however short they are.
fn has_fields(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.contains_key("fields"),
        Value::Array(items) => items.iter().any(has_fields),
        _ => false,
    }
}

fn on_one_line(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", quoted(name), on_one_line(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(on_one_line).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}
