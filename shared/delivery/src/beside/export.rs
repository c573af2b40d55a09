//! The objects of a ledger as lines of a stream.
//!
//! The stream is one of changes, so that nothing is ever taken away because it is absent here.

use crate::{Ledger, Row};
use muster_base::{Error, Exit};
use muster_command::standard_output;
use muster_stream::{Form, Map, Value, Writer};

/// Write all objects, tombstones included, and the end.
pub(super) fn export(ledger: &Ledger, name: &str) -> Result<(), Error> {
    let mut output = Writer::new(standard_output()?, name);
    output.form(Form::Changes);
    output.scope(format!("the ledger of {}", ledger.identity()?.unwrap_or_default()));
    let scopes = ledger.scopes()?;
    let mut written = Ok(());
    ledger.each(|row| {
        if written.is_ok() {
            written = write(&row, scopes.get(&row.origin.scope.unwrap_or_default()), &mut output);
        }
    })?;
    written?;
    output.end(None)
}

fn write(row: &Row, scope: Option<&String>, output: &mut Writer) -> Result<(), Error> {
    let mut map = Map::new();
    map.insert("_kind".to_owned(), row.kind.as_str().into());
    map.insert("_key".to_owned(), row.key.as_str().into());
    if let Some((kind, key)) = &row.origin.from {
        map.insert("_from".to_owned(), Value::from(vec![kind.as_str(), key.as_str()]));
    }
    if let Some(id) = &row.id {
        map.insert("id".to_owned(), id.as_str().into());
    }
    map.insert("state".to_owned(), row.state.name().into());
    if let Some(scope) = scope {
        map.insert("scope".to_owned(), scope.as_str().into());
    }
    if let Some(since) = row.missing_since {
        map.insert("missing_since".to_owned(), crate::ledger::time(since).into());
    }
    let mut line = serde_json::to_vec(&map).map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
    line.push(b'\n');
    output.write_bytes(&row.kind, &line)
}
