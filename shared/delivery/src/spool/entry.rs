//! An object of a run, as the index of the spool holds it.

use muster_stream::{Bad, Op};

/// An object of this run: a record or change line, or one that no line names and that is taken away.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kind: String,
    /// The key as the target writes it, or as it came when it can be none.
    pub(crate) key: String,
    /// The number of its line; 0 where there is none.
    pub(crate) line: u64,
    /// Its change; none for a record.
    pub(crate) op: Option<Op>,
    /// Why it is not to be pushed, if that is known from reading alone.
    pub(crate) flaw: Option<Flaw>,
    /// Why it is here.
    pub(crate) cause: Cause,
    /// Kind and key of its source, if the line tells.
    pub(crate) from: Option<(String, String)>,
    /// Its other names.
    pub(crate) aliases: Vec<String>,
    /// The segment that it stands in, by its index.
    pub(crate) segment: usize,
    pub(super) offset: u64,
    pub(super) length: usize,
}

#[cfg(test)]
impl Entry {
    /// A line about an object of `kind`.
    pub(crate) fn named(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            key: "1".to_owned(),
            line: 1,
            op: None,
            flaw: None,
            cause: Cause::Line,
            from: None,
            aliases: Vec::new(),
            segment: 0,
            offset: 0,
            length: 0,
        }
    }
}

impl Entry {
    /// Whether it takes away all that came of its source, and has the source's key.
    pub(crate) fn names_source(&self) -> bool {
        self.cause == Cause::Whole && self.op == Some(Op::Delete)
    }
}

/// Why an object is part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A line names it.
    Line,
    /// A line names it as all that came of its source: what else came of that is taken away.
    Whole,
    /// It is ours and missing.
    Missing,
    /// It is ours, and lines that came of its source do not name it any more.
    Replaced,
    /// It is not ours.
    Foreign,
}

impl Cause {
    /// Its name in results; none for a line.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Line | Self::Whole => None,
            Self::Missing => Some("missing"),
            Self::Replaced => Some("replaced"),
            Self::Foreign => Some("foreign"),
        }
    }
}

/// Why a line is not to be pushed.
#[derive(Clone, Debug)]
pub(crate) enum Flaw {
    /// It is wrong.
    Wrong(String),
    /// Nobody knows what its object shall be.
    Unknown(String),
}

/// A line that is no line of the stream.
pub(crate) struct BadLine {
    pub(crate) number: u64,
    pub(crate) bad: Bad,
}
