//! How a record came about, as text for people.

use crate::compile_places::map_name;
use crate::explain::{Told, What};
use crate::field::Failure;
use crate::text::KeyText;
use crate::trace::{End, FieldTrace, LineTrace, MapTrace, Step, Trace};
use muster_base::text::one_line;
use muster_stream::Value;
use std::io::{Result, Write};

/// Characters of a value or of an expression that are shown.
const WIDTH: usize = 72;

/// Write what `told` says.
pub(crate) fn write(told: &Told<'_>, output: &mut impl Write) -> Result<()> {
    let name = match told.kind {
        "" => String::new(),
        kind => format!(": {} {}", one_line(kind), one_line(told.key)),
    };
    let number = told.number;
    match &told.what {
        What::Record(trace) => {
            writeln!(output, "line {number}{name}")?;
            record(trace, output)
        }
        What::Unmapped => writeln!(output, "line {number}{name}\n  dropped: no map takes its kind"),
        What::Operation(op, kinds) => {
            writeln!(output, "line {number}{name}\n  goes on as {} of {}", op.name(), kinds.join(", "))
        }
        What::Unreadable(error) => {
            let why = one_line(error.message());
            writeln!(output, "line {number}{name}\n  goes on as it is: it could not be read: {why}")
        }
        What::End(end) => {
            let complete = if end.complete { "complete" } else { "not complete" };
            writeln!(output, "line {number}: the end, {complete}, of {} records", end.records)
        }
        What::Bad(reason) => writeln!(output, "line {number}{name}\n  rejected: {}", one_line(reason)),
    }
}

fn record(trace: &Trace<'_>, output: &mut impl Write) -> Result<()> {
    for map in &trace.maps {
        self::map(map, output)?;
    }
    match &trace.failure {
        Some(Failure::Rejected(why)) => writeln!(output, "  rejected: {}", one_line(why)),
        Some(Failure::Unknown(what)) => writeln!(output, "  unknown: {}", one_line(what)),
        None if trace.maps.iter().any(|map| map.lines.iter().any(|line| line.record.is_some())) => Ok(()),
        None => writeln!(output, "  dropped: nothing came of it"),
    }
}

fn map(map: &MapTrace<'_>, output: &mut impl Write) -> Result<()> {
    writeln!(output, "  {}", one_line(&map_name(map.text)))?;
    if let (Some(items), Some((name, source))) = (map.items, map.text.each.0.first()) {
        writeln!(output, "    each {name}: {items} items of {}", cut(source))?;
    }
    for line in &map.lines {
        self::line(line, map, output)?;
    }
    Ok(())
}

fn line(line: &LineTrace<'_>, map: &MapTrace<'_>, output: &mut impl Write) -> Result<()> {
    if let (Some(item), Some((name, _))) = (&line.item, map.text.each.0.first()) {
        writeln!(output, "    {name}: {}", shown(item))?;
    }
    for (name, source, value) in &line.lets {
        match value {
            Ok(value) => writeln!(output, "    let {name}: {} from {}", shown(value), cut(source))?,
            Err(why) => writeln!(output, "    let {name}: fails: {} in {}", one_line(why), cut(source))?,
        }
    }
    if let (Some(holds), Some(when)) = (line.when, &map.text.when) {
        let holds = if holds { "holds" } else { "does not hold, so this is out of scope" };
        writeln!(output, "    when: {} {holds}", cut(when))?;
    }
    for field in &line.fields {
        self::field(field, output)?;
    }
    match &line.record {
        Some(record) => {
            let own = |name: &str| record.get(name).and_then(Value::as_str).map(one_line).unwrap_or_default();
            let key = match &map.text.key {
                None => String::new(),
                Some(KeyText::Member(name)) => format!(", the key from {}", one_line(name)),
                Some(KeyText::Expr(source)) => format!(", the key from {}", cut(source)),
            };
            writeln!(output, "    -> {} {}{key}", own("_kind"), own("_key"))
        }
        None => Ok(()),
    }
}

fn field(field: &FieldTrace<'_>, output: &mut impl Write) -> Result<()> {
    for below in &field.below {
        self::field(below, output)?;
    }
    let name = name(field.pointer);
    let is_object = field.text.fields.is_some();
    let last = field.steps.last();
    match (&field.end, field.steps.as_slice()) {
        // Its fields have been told.
        (End::Value(_), []) if is_object => return Ok(()),
        (End::LeftOut(_), []) if is_object && !field.below.is_empty() => return Ok(()),
        (End::Value(value), [one]) => {
            let missing = if one.missing { ", which is missing" } else { "" };
            return writeln!(output, "    {name}: {} from {}{missing}", shown(value), cut(&one.name));
        }
        (End::Value(value), _) => writeln!(output, "    {name}: {}", shown(value))?,
        (End::LeftOut(why), _) => writeln!(output, "    {name}: left out: {why}")?,
        (End::Unknown(pointers), _) => {
            writeln!(output, "    {name}: unknown: {} could not be read", pointers.join(", "))?;
        }
        (End::Rejected(why), _) => writeln!(output, "    {name}: rejected: {}", one_line(why))?,
    }
    field.steps.iter().try_for_each(|step| self::step(step, output))?;
    let failed = field.text.converter.0.get(field.steps.len().saturating_sub(1));
    match (&field.end, failed, last) {
        (End::Rejected(_), Some(converter), Some(_)) => writeln!(output, "      {} fails", cut(converter)),
        (End::Rejected(_) | End::Unknown(_), _, None) => match source(field) {
            Some(source) => writeln!(output, "      {}", cut(source)),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn source<'a>(field: &'a FieldTrace<'_>) -> Option<&'a str> {
    let text = field.text;
    [&text.source, &text.expr, &text.template].into_iter().flatten().next().map(String::as_str)
}

fn step(step: &Step, output: &mut impl Write) -> Result<()> {
    let missing = if step.missing { ", which is missing" } else { "" };
    writeln!(output, "      {}: {}{missing}", cut(&step.name), shown(&step.value))
}

/// A pointer as people write it: `Person.Name`.
pub(crate) fn name(pointer: &str) -> String {
    one_line(&pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~"))
}

fn shown(value: &Value) -> String {
    cut(&value.to_string())
}

/// At most so many characters, on one line.
fn cut(text: &str) -> String {
    let line = one_line(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
