//! The lines of one record as they are made: bytes from the beginning, for a second document would cost more than
//! the first.

use crate::plan::MapPlan;
use crate::source::Source;
use muster_stream::Value;

/// Larger buffers are given back.
pub(crate) const KEPT: usize = 1 << 20;

/// The lines of one record. It is filled again and again, so that records cost no allocation.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// The lines that are whole, each with its `\n`.
    pub(crate) lines: Vec<u8>,
    /// Their kinds.
    pub(crate) kinds: Vec<&'static str>,
    /// The members of the line at hand, each behind a comma.
    pub(crate) body: Vec<u8>,
    /// Pointers of those that are unknown, and of those that are sets.
    pub(crate) unknown: Vec<&'static str>,
    pub(crate) sets: Vec<&'static str>,
    /// Where the value of each member of the line begins in the body.
    pub(crate) places: Vec<(&'static str, usize)>,
}

impl Made {
    /// Begin a record.
    pub(crate) fn begin(&mut self) {
        self.lines.clear();
        self.kinds.clear();
    }

    /// Begin a line.
    pub(crate) fn begin_line(&mut self) {
        self.body.clear();
        self.unknown.clear();
        self.sets.clear();
        self.places.clear();
    }

    /// Whether the member `name` of the line could not be read.
    pub(crate) fn is_unknown(&self, name: &str) -> bool {
        self.unknown.iter().any(|pointer| pointer.strip_prefix('/') == Some(name))
    }

    /// The member `name` of the line, null when it was left out.
    pub(crate) fn member(&self, name: &str) -> Value {
        let Some(index) = self.places.iter().position(|(known, _)| *known == name) else {
            return Value::Null;
        };
        let value = &self.body[self.places[index].1..];
        let mut values = serde_json::Deserializer::from_slice(value).into_iter();
        values.next().and_then(Result::ok).unwrap_or_default()
    }

    /// Write the value that the field at hand came to.
    pub(crate) fn value(&mut self, value: &Value) {
        write(&mut self.body, value);
    }

    /// Write the line at hand.
    pub(crate) fn line(&mut self, map: &'static MapPlan, source: &Source, key: &str) {
        let lines = &mut self.lines;
        lines.extend_from_slice(b"{\"_kind\":");
        write(lines, map.to.as_str());
        lines.extend_from_slice(b",\"_key\":");
        write(lines, key);
        let (from_kind, from_key) = (source.kind(), source.key());
        if map.to != from_kind || key != from_key {
            lines.extend_from_slice(b",\"_from\":");
            write(lines, &[from_kind, from_key]);
        }
        if let (Some(alias), None) = (source.alias(), &map.each) {
            lines.extend_from_slice(b",\"_alias\":");
            alias.write(source.text(), lines);
        }
        if !self.sets.is_empty() {
            lines.extend_from_slice(b",\"_sets\":");
            write(lines, &self.sets);
        }
        if !self.unknown.is_empty() {
            lines.extend_from_slice(b",\"_unknown\":");
            write(lines, &self.unknown);
        }
        lines.extend_from_slice(&self.body);
        lines.extend_from_slice(b"}\n");
        self.kinds.push(&map.to);
        let_go(&mut self.body);
    }
}

/// Empty a buffer; one that was for a long line is not kept.
pub(crate) fn let_go(buffer: &mut Vec<u8>) {
    match buffer.capacity() {
        ..KEPT => buffer.clear(),
        _ => *buffer = Vec::new(),
    }
}

/// Writing what we made to memory does not fail.
pub(crate) fn write<T: serde::Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) {
    drop(serde_json::to_writer(bytes, value));
}
