//! `--explain`: how the records of standard input come about.

use muster_base::{Error, Exit};
use muster_command::standard_output;
use muster_mapping::{Engine, Form, Spec, explain};
use std::io::{BufReader, stdin};

/// A parser for the form.
pub fn form(text: &str) -> Result<Form, String> {
    match text {
        "text" => Ok(Form::Text),
        "json" => Ok(Form::Json),
        other => Err(format!("it is text or json, not '{other}'")),
    }
}

/// A parser for `KIND/KEY`.
pub fn name(text: &str) -> Result<(String, String), String> {
    let (kind, key) = text.split_once('/').ok_or("it is not of the form KIND/KEY")?;
    Ok((kind.to_owned(), key.to_owned()))
}

/// Print it, for all records or for those in `only`; 1 when one of these did not come.
pub fn print(spec: &Spec, engine: &Engine, form: Form, only: &[(String, String)]) -> Result<Exit, Error> {
    let input = BufReader::with_capacity(1 << 16, stdin());
    let missing = explain(spec, engine, input, &mut standard_output()?, form, only)?;
    for (kind, key) in &missing {
        tracing::warn!("the input has no {kind} {key}");
    }
    Ok(if missing.is_empty() { Exit::Done } else { Exit::Look })
}
