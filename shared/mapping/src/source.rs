//! The source record: a line that was checked, and what is read of it when it is asked for.

use crate::escape;
use crate::unknown::{Taint, Unknown};
use crate::value::from_json;
use minijinja::value::{Enumerator, Object, Value};
use muster_stream::{Line, Map, Record, Scan, Span, Token, Value as Json, Wanted};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// Slots of our own members.
const KIND: usize = 0;
const KEY: usize = 1;
const OP: usize = 2;
const ALIAS: usize = 3;
const UNKNOWN: usize = 4;

/// The source record. A member becomes a value of the expression language when it is first asked for.
///
/// One thread fills the same one again and again.
#[derive(Debug, Default)]
pub(crate) struct Source {
    text: Arc<String>,
    start: usize,
    end: usize,
    scan: Scan,
    unknown: Option<Unknown>,
    taint: Arc<Taint>,
    seen: Mutex<Vec<(String, Value)>>,
}

impl Source {
    /// What is wanted of every record, whatever the spec.
    pub(crate) fn wanted() -> Wanted {
        let mut wanted = Wanted::default();
        for name in ["_kind", "_key", "_op", "_alias", "_unknown"] {
            wanted.path([name]);
        }
        wanted
    }

    /// A record that is not in a line, as a source.
    pub(crate) fn of(record: &Record, wanted: &Wanted) -> Arc<Self> {
        let text = Json::Object(record.map().clone()).to_string();
        let (mut source, end) = (Self::default(), text.len());
        source.read(&Arc::new(text), 0, end, wanted);
        Arc::new(source)
    }

    /// Take the line that stands in `text` from `start` to `end`. False when it is no sound record.
    pub(crate) fn read(&mut self, text: &Arc<String>, start: usize, end: usize, wanted: &Wanted) -> bool {
        if !Arc::ptr_eq(&self.text, text) {
            self.text = text.clone();
        }
        (self.start, self.end, self.unknown) = (start, end, None);
        self.taint.take();
        self.seen.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        if !self.scan.read(text, start, end, wanted) || !self.is_record() {
            return false;
        }
        if self.slot(UNKNOWN).is_some() {
            let Ok(Line::Record(record)) = Line::parse(self.line()) else { return false };
            self.unknown = Unknown::of(&record);
        }
        true
    }

    fn is_record(&self) -> bool {
        let is_string = |span: &Span| span.token() == Token::String;
        self.slot(KIND).filter(is_string).is_some_and(|kind| !kind.string(&self.text).starts_with('_'))
            && self.slot(KEY).filter(is_string).is_some_and(|key| !key.is_empty(&self.text))
            && self.slot(OP).is_none()
    }

    /// Its line.
    pub(crate) fn line(&self) -> &[u8] {
        self.text.as_bytes().get(self.start..self.end).unwrap_or_default()
    }

    /// The text that its spans stand in.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the line has at the path of this slot.
    pub(crate) fn slot(&self, slot: usize) -> Option<Span> {
        self.scan.slot(slot)
    }

    pub(crate) fn kind(&self) -> Cow<'_, str> {
        self.slot(KIND).map_or(Cow::Borrowed(""), |kind| kind.string(&self.text))
    }

    pub(crate) fn key(&self) -> Cow<'_, str> {
        self.slot(KEY).map_or(Cow::Borrowed(""), |key| key.string(&self.text))
    }

    pub(crate) fn alias(&self) -> Option<Span> {
        self.slot(ALIAS)
    }

    pub(crate) fn unknown(&self) -> Option<&Unknown> {
        self.unknown.as_ref()
    }

    pub(crate) fn taint(&self) -> &Taint {
        &self.taint
    }

    /// The whole record, built.
    pub(crate) fn map(&self) -> Map {
        match Line::parse(self.line()) {
            Ok(Line::Record(record)) => record.into_map(),
            _ => Map::new(),
        }
    }

    /// A member whole, as JSON.
    pub(crate) fn json(&self, name: &str) -> Option<Json> {
        if self.unknown.as_ref().is_some_and(|unknown| unknown.touches_odd(name)) {
            self.taint.raise();
        }
        self.value(name)
    }

    /// A member as JSON, whether something of it is unknown or not.
    pub(crate) fn value(&self, name: &str) -> Option<Json> {
        Some(self.span(name)?.value(&self.text))
    }

    /// The member whose escaped name this is.
    pub(crate) fn named(&self, escaped: &str) -> Option<String> {
        let mut names = self.scan.members().iter().map(|(name, _)| name.string(&self.text));
        names.find(|name| escape::name(name) == escaped).map(Cow::into_owned)
    }

    fn span(&self, name: &str) -> Option<Span> {
        let mut members = self.scan.members().iter();
        members.find(|(known, _)| known.string(&self.text) == name).map(|(_, value)| *value)
    }

    pub(crate) fn member(&self, name: &str) -> Option<Value> {
        if self.unknown.as_ref().is_some_and(|unknown| unknown.touches_member(name)) {
            self.taint.raise();
        }
        let span = self.span(name)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = seen.iter().find(|(known, _)| known == name) {
            return Some(value.clone());
        }
        let below = self.unknown.as_ref().and_then(|unknown| unknown.below(name));
        let json = span.value(&self.text);
        let value = from_json(&json, below.map(|unknown| (unknown, &self.taint)));
        seen.push((name.to_owned(), value.clone()));
        Some(value)
    }
}

impl Object for Source {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.member(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.member(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        if self.unknown.as_ref().is_some_and(|unknown| unknown.names().next().is_some()) {
            self.taint.raise();
        }
        let name = |(name, _): &(Span, Span)| Value::from(&*name.string(&self.text));
        Enumerator::Values(self.scan.members().iter().map(name).collect())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }
}
