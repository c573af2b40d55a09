//! The reading side: lines told apart, counted and judged.

use crate::{Bad, Form, Line, Lines, Segment, Tally};
use muster_base::{Error, Exit};
use std::io::BufRead;

/// What reading gives, in the order of the stream.
#[derive(Debug)]
pub enum Item {
    /// A record, change or unreadable object; never an end.
    Line(Line),
    /// A line that is not what a line must be.
    Bad(Bad),
    /// The segment of the items before this one is over.
    Segment(Segment),
}

/// Reads a stream.
pub struct Reader<R> {
    lines: Lines<R>,
    tally: Tally,
    assume_complete: bool,
    finished: bool,
    number: u64,
    raw: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// Read `input`.
    pub fn new(input: R) -> Self {
        let (lines, tally) = (Lines::new(input), Tally::default());
        Self { lines, tally, assume_complete: false, finished: false, number: 0, raw: Vec::new() }
    }

    /// Take a stream without `_end` for complete, as hand-made files are.
    pub fn assume_complete(self, assume_complete: bool) -> Self {
        Self { assume_complete, ..self }
    }

    /// The next item, nothing at the end. The last item is always a segment: an empty input is a partial one.
    pub fn next_item(&mut self) -> Result<Option<Item>, Error> {
        if self.finished {
            return Ok(None);
        }
        let Some(raw) =
            self.lines.next_line().map_err(|error| Error::new(Exit::Io, format!("cannot read: {error}")))?
        else {
            self.finished = true;
            return Ok(self.tally.finish(self.assume_complete).map(Item::Segment));
        };
        self.number = raw.number;
        self.raw = raw.bytes;
        let parsed = match raw.too_long {
            true => Err(Bad { reason: "the line is longer than 64 MiB".to_owned(), about: None }),
            false => Line::parse(&self.raw),
        };
        match parsed {
            Ok(Line::End(end)) => Ok(Some(Item::Segment(self.tally.close(self.number, end, raw.ended)?))),
            Ok(line) => {
                self.tally.count(self.number, &line);
                Ok(Some(Item::Line(line)))
            }
            Err(bad) => {
                self.tally.count_bad(self.number, &bad);
                Ok(Some(Item::Bad(bad)))
            }
        }
    }

    /// The number of the line that the last item came from.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The bytes of the line that the last item came from, without its end.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// What absence means in this stream, as far as it was said.
    pub fn form(&self) -> Form {
        self.tally.form()
    }
}
