//! The changes on standard output, in the form that was asked for.

use crate::arguments::{Args, Format};
use muster_base::{Error, Exit};
use muster_changes::html::page;
use muster_changes::text::{Style, Text, stat};
use muster_changes::{Difference, Step, patch};
use muster_command::{Context, Screen, standard_output};
use muster_stream::{Change, Line, Writer, unwritable};
use std::io::Write;

/// Write all steps and the end.
pub fn write(difference: Difference, args: &Args, context: &Context) -> Result<(), Error> {
    context.progress.end();
    match args.format() {
        _ if args.stat => counts(&difference),
        Format::Text => text(difference),
        Format::Html => page(difference, &mut standard_output()?),
        Format::Ndjson => stream(difference, context, |step| Ok(step.line)),
        Format::JsonPatch => stream(difference, context, |step| patched(patch::Form::Json, &step)),
        Format::MergePatch => stream(difference, context, |step| patched(patch::Form::Merge, &step)),
    }
}

fn stream(
    mut difference: Difference,
    context: &Context,
    line: impl Fn(Step) -> Result<Vec<u8>, Error>,
) -> Result<(), Error> {
    let mut output = Writer::new(standard_output()?, context.name());
    while let Some(step) = difference.next_step()? {
        let kind = step.kind.clone();
        output.write_bytes(&kind, &line(step)?)?;
    }
    difference.end(&mut output, context.name())
}

fn patched(form: patch::Form, step: &Step) -> Result<Vec<u8>, Error> {
    let mut line = serde_json::to_vec(&patch::patch(form, &change(step)?))
        .map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

fn change(step: &Step) -> Result<Change, Error> {
    match Line::parse(step.line.trim_ascii_end()) {
        Ok(Line::Change(change)) => Ok(change),
        _ => Err(Error::new(Exit::Bug, "a step is no change")),
    }
}

fn text(mut difference: Difference) -> Result<(), Error> {
    let mut output = standard_output()?;
    let mut text = Text::new(style());
    let mut is_empty = true;
    while let Some(step) = difference.next_step()? {
        let drawn = text.change(&change(&step)?.map, &difference.summary);
        output.write_all(drawn.as_bytes()).map_err(unwritable)?;
        is_empty = false;
    }
    let between = if is_empty { "" } else { "\n" };
    writeln!(output, "{between}{}", difference.summary).map_err(unwritable)?;
    output.flush().map_err(unwritable)
}

fn counts(difference: &Difference) -> Result<(), Error> {
    let mut output = standard_output()?;
    let lines = stat(&difference.summary, style());
    writeln!(output, "{lines} {}", difference.summary).map_err(unwritable)?;
    output.flush().map_err(unwritable)
}

fn style() -> Style {
    let screen = Screen::of_output();
    Style { width: screen.columns, colours: screen.colours }
}
