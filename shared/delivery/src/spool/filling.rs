//! The spool while it is written: what each line says of itself, and which keys come twice.

use super::{BadLine, Cause, Entry, Flaw, Keys, Spool, loose};
use muster_base::{Error, Exit};
use muster_stream::{Bad, Form, Item, Line, Map, Op, Reader, Rejects, Unreadable, Value};
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};

/// What a line says about itself beside its name.
struct Told {
    op: Option<Op>,
    from: Option<(String, String)>,
    aliases: Vec<String>,
    is_whole: bool,
}

impl Told {
    /// A record of a `changes` stream is all that came of its source, unless it was picked out: as a reject was. So is a
    /// delete that `map` makes, which does not know the object as it was.
    fn by(map: &Map, op: Option<Op>) -> Self {
        let texts = |name: &str| -> Vec<String> {
            let all = map.get(name).and_then(Value::as_array).into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let from = <[String; 2]>::try_from(texts("_from")).ok().map(|[kind, key]| (kind, key));
        let is_picked = match op {
            None => map.contains_key("_reject"),
            Some(Op::Delete) => map.contains_key("before") || map.contains_key("_reject"),
            Some(_) => true,
        };
        Self { op, is_whole: from.is_some() && !is_picked, from, aliases: texts("_alias") }
    }
}

/// The spool while it is written.
pub(super) struct Filling<'a> {
    pub(super) spool: Spool,
    pub(super) offset: u64,
    pub(super) output: BufWriter<File>,
    pub(super) keys: Keys<'a>,
}

impl Filling<'_> {
    /// Read everything.
    pub(super) fn fill(
        &mut self,
        mut reader: Reader<impl BufRead>,
        rejects: &mut Option<Rejects>,
    ) -> Result<(), Error> {
        while let Some(item) = reader.next_item()? {
            let number = reader.number();
            match item {
                Item::Line(Line::Record(record)) => {
                    let told = Told::by(record.map(), None);
                    self.keep(record.kind(), record.key(), told, number, reader.raw())?;
                }
                Item::Line(Line::Change(change)) => {
                    let told = Told::by(&change.map, Some(change.op));
                    self.keep(change.kind(), change.key(), told, number, reader.raw())?;
                }
                Item::Line(Line::Unreadable(error)) => self.unreadable(&error),
                Item::Line(Line::End(_)) => (),
                Item::Bad(bad) => {
                    if let Some(rejects) = rejects {
                        rejects.text(number, reader.raw(), &bad.reason)?;
                    }
                    self.bad(number, bad);
                }
                Item::Segment(segment) => self.spool.segments.push(segment),
            }
        }
        let has_end = self.spool.segments.iter().any(|segment| segment.end.is_some());
        let has_changes = || self.spool.entries.iter().any(|entry| entry.op.is_some());
        self.spool.form = match has_end {
            true => reader.form(),
            // A file made by hand: with changes in it, absence says nothing.
            false if has_changes() => Form::Changes,
            false => Form::State,
        };
        Ok(())
    }

    fn keep(&mut self, kind: &str, key: &str, told: Told, line: u64, raw: &[u8]) -> Result<(), Error> {
        self.output.write_all(raw).map_err(full)?;
        let names_source = told.is_whole && told.op == Some(Op::Delete);
        let (key, flaw) = match (self.keys)(kind, key) {
            Ok(key) => (key, None),
            // Its key is that of the source.
            Err(_) if names_source => (key.to_owned(), None),
            Err(why) => (key.to_owned(), Some(Flaw::Wrong(why))),
        };
        let (offset, index) = (self.offset, self.spool.entries.len());
        self.offset += raw.len() as u64;
        let Told { op, from, aliases, is_whole } = told;
        let from = from.map(|(kind, key)| {
            let key = (self.keys)(&kind, &key).unwrap_or(key);
            (kind, key)
        });
        if flaw.is_some() {
            self.spool.unplaced.insert((kind.to_owned(), loose(&key)));
            self.spool.unplaced.extend(from.clone());
        }
        let mut entry = Entry {
            kind: kind.to_owned(),
            key,
            line,
            op,
            flaw,
            cause: if is_whole { Cause::Whole } else { Cause::Line },
            from,
            aliases,
            segment: self.spool.segments.len(),
            offset,
            length: raw.len(),
        };
        for alias in &entry.aliases {
            self.spool.by_alias.insert((entry.kind.clone(), alias.clone()), index);
        }
        match self.spool.by_name.get(&(entry.kind.clone(), entry.key.clone())) {
            None => {
                self.spool.by_name.insert((entry.kind.clone(), entry.key.clone()), index);
            }
            // What says that all that came of a source goes, and what came of it all the same.
            Some(_) if names_source => (),
            Some(first) if self.spool.entries[*first].names_source() => {
                self.spool.by_name.insert((entry.kind.clone(), entry.key.clone()), index);
            }
            Some(first) => {
                let first = &mut self.spool.entries[*first];
                entry.flaw = Some(Flaw::Unknown(format!("the key stands also in line {}", first.line)));
                if !matches!(first.flaw, Some(Flaw::Unknown(_))) {
                    first.flaw = Some(Flaw::Unknown(format!("the key stands also in line {line}")));
                }
            }
        }
        self.spool.entries.push(entry);
        Ok(())
    }

    fn unreadable(&mut self, error: &Unreadable) {
        match (error.of(), error.key()) {
            (Some(of), Some(key)) => self.unknown(of, key),
            _ => self.spool.nameless += 1,
        }
    }

    fn bad(&mut self, number: u64, bad: Bad) {
        if let Some((kind, key)) = &bad.about {
            self.unknown(kind, key);
        }
        self.spool.bad_lines.push(BadLine { number, bad });
    }

    fn unknown(&mut self, kind: &str, key: &str) {
        let key = (self.keys)(kind, key).unwrap_or_else(|_| key.to_owned());
        self.spool.unknown_keys.insert(loose(&key));
        self.spool.unknown.insert((kind.to_owned(), key));
    }
}

/// There is no room for the input.
pub(super) fn full(error: std::io::Error) -> Error {
    Error::new(Exit::Io, format!("cannot spool the input: {error}"))
        .hint("give a directory with room with --spool-dir")
}
