//! `--protect`: current records that must not be touched.

use muster_base::{Error, text};
use muster_mapping::Condition;
use muster_stream::Record;

/// Conditions with their text.
pub fn conditions(sources: &[String]) -> Result<Vec<(String, Condition)>, Error> {
    sources.iter().map(|source| Ok((source.clone(), Condition::parse(source)?))).collect()
}

/// Why `record` must not be touched, if so: also when nobody can say whether a condition holds.
pub fn reason(conditions: &[(String, Condition)], record: &Record) -> Option<String> {
    conditions.iter().find_map(|(source, condition)| match condition.holds(record) {
        Ok(false) => None,
        Ok(true) => Some(format!("protected by {source}")),
        Err(why) => Some(format!("protected, for nobody can say whether {source}: {}", text::cut(&why))),
    })
}
