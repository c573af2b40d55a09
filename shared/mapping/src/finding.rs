//! What is wrong with a spec, or looks wrong, and where.

use muster_base::{Error, Exit, text};
use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The spec cannot be used.
    Error,
    /// It can, but hardly as it was meant.
    Warning,
}

/// One thing to look at in a spec, with its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, or the name of a shipped spec.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// How much it matters.
    pub weight: Weight,
    /// What it is.
    pub what: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

impl Finding {
    /// It as the error that a run ends with.
    pub(crate) fn into_error(self) -> Error {
        let place = self.place();
        let error = Error::new(Exit::Data, self.what).at(place);
        match self.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// A finding that no text of the spec writes.
    pub(crate) fn nowhere(wrong: Wrong, weight: Weight) -> Self {
        Self { file: String::new(), line: 1, column: 1, weight, what: wrong.what, hint: wrong.hint }
    }

    fn place(&self) -> String {
        match self.file.strip_suffix(", shipped") {
            Some(file) => format!("{file}:{}:{}, shipped", self.line, self.column),
            None => format!("{}:{}:{}", self.file, self.line, self.column),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
        };
        let hint = self.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        let line = format!("{}: {weight}: {}{hint}", self.place(), self.what);
        f.write_str(&text::one_line(&line))
    }
}

/// A place in a spec: in words, and as the path to it from the outermost object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    words: String,
    path: Vec<String>,
    offset: Option<usize>,
}

impl Place {
    /// The place of a member of the spec, called by `words`.
    pub(crate) fn of(words: impl Into<String>, path: &[&str]) -> Self {
        let path = path.iter().map(|&step| step.to_owned()).collect();
        Self { words: words.into(), path, offset: None }
    }

    /// The same words for what stands at `steps` below it.
    pub(crate) fn at(&self, steps: &[&str]) -> Self {
        let mut place = self.clone();
        place.path.extend(steps.iter().map(|&step| step.to_owned()));
        place
    }

    /// The same place in other words.
    pub(crate) fn called(&self, words: impl Into<String>) -> Self {
        Self { words: words.into(), ..self.clone() }
    }

    /// The byte `offset` of the text that stands there.
    pub(crate) fn byte(&self, offset: usize) -> Self {
        Self { offset: Some(offset), ..self.clone() }
    }

    pub(crate) fn path(&self) -> &[String] {
        &self.path
    }

    pub(crate) fn offset(&self) -> Option<usize> {
        self.offset
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// Something found at a place, not yet traced to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) place: Place,
    pub(crate) what: String,
    pub(crate) hint: Option<String>,
}

impl Wrong {
    /// What can be done about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

/// `why` at `place`; what stands behind a semicolon in it is what can be done.
pub(crate) fn advised(place: &Place, why: &str) -> Wrong {
    match why.split_once("; ") {
        Some((why, hint)) => wrong(place, why).hint(hint),
        None => wrong(place, why),
    }
}

/// `why` at `place`.
pub(crate) fn wrong(place: &Place, why: impl fmt::Display) -> Wrong {
    let what = if place.words.is_empty() { why.to_string() } else { format!("{place}: {why}") };
    Wrong { place: place.clone(), what, hint: None }
}
