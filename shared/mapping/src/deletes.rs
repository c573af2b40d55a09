//! Objects that a `changes` stream takes away, because no line came of their source any more.
//!
//! Only the `_end` says whether a stream is one of changes, so these lines wait for it: in memory while they are few,
//! then in a file without a name. In a stream of states they are forgotten, for there absence says it.

use muster_base::{Error, Exit};
use muster_stream::{Map, Op, Writer};
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};

/// What is kept in memory, in bytes.
const IN_MEMORY: usize = 4 << 20;

/// The line that says `op` of what came of the object `kind`, `key` as kind `to`.
///
/// Where a map has a `key` or `each` of its own nobody can tell from a delete which keys the object had become. The line
/// then carries the source's key, and `_from`, which decides: all objects that came of that source are meant.
pub(crate) fn line(op: Op, to: &str, keeps_key: bool, kind: &str, key: &str) -> Vec<u8> {
    let mut map = Map::new();
    map.insert("_op".to_owned(), op.name().into());
    map.insert("_kind".to_owned(), to.into());
    map.insert("_key".to_owned(), key.into());
    if to != kind || !keeps_key {
        map.insert("_from".to_owned(), json!([kind, key]));
    }
    let mut bytes = serde_json::Value::Object(map).to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

/// Append the line that deletes what came of the object `kind`, `key` as kind `to`, in the form in which lines are kept.
pub(crate) fn keep(kept: &mut Vec<u8>, to: &str, keeps_key: bool, kind: &str, key: &str) {
    kept.extend_from_slice(to.as_bytes());
    kept.push(b'\t');
    kept.extend_from_slice(&line(Op::Delete, to, keeps_key, kind, key));
}

/// Delete lines that wait for the `_end`.
#[derive(Default)]
pub(crate) struct Deletes {
    lines: Vec<u8>,
    spilled: Option<File>,
}

impl Deletes {
    /// Keep lines made by [`keep`].
    pub(crate) fn push(&mut self, kept: &[u8]) -> Result<(), Error> {
        self.lines.extend_from_slice(kept);
        if self.lines.len() < IN_MEMORY {
            return Ok(());
        }
        if self.spilled.is_none() {
            self.spilled = Some(tempfile::tempfile().map_err(unkept)?);
        }
        if let Some(file) = &mut self.spilled {
            file.write_all(&self.lines).map_err(unkept)?;
        }
        self.lines.clear();
        Ok(())
    }

    /// Write them all.
    pub(crate) fn write(&mut self, output: &mut Writer) -> Result<(), Error> {
        if let Some(mut file) = self.spilled.take() {
            file.seek(SeekFrom::Start(0)).map_err(unkept)?;
            copy(BufReader::new(file), output)?;
        }
        copy(std::mem::take(&mut self.lines).as_slice(), output)
    }

    /// Forget them all.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

fn copy(mut from: impl BufRead, output: &mut Writer) -> Result<(), Error> {
    let (mut kind, mut line) = (Vec::new(), Vec::new());
    while from.read_until(b'\t', &mut kind).map_err(unkept)? > 0 {
        kind.pop();
        from.read_until(b'\n', &mut line).map_err(unkept)?;
        output.write_bytes(&String::from_utf8_lossy(&kind), &line)?;
        kind.clear();
        line.clear();
    }
    Ok(())
}

fn unkept(error: std::io::Error) -> Error {
    Error::new(Exit::Io, format!("cannot keep the objects that went away: {error}"))
}
