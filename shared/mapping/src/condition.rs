//! A condition on a record, as `when` is one, outside of any spec.

use crate::expression::{Compiled, Language, reason, strict};
use crate::source::Source;
use crate::tables::Tables;
use minijinja::value::Value;
use muster_base::{Error, Exit};
use muster_stream::{Map, Record};
use std::collections::BTreeMap;

/// A Jinja expression over the members of a record, in the language of `when`.
pub struct Condition(Compiled);

impl Condition {
    /// The condition that `source` states; it is wrong usage when it does not compile.
    pub fn parse(source: &str) -> Result<Self, Error> {
        let wrong =
            |why: String| Error::new(Exit::Usage, format!("the expression '{source}' is wrong: {why}"));
        let nothing = strict(&[]).map_err(|failed| wrong(reason(&failed.error)))?;
        let (language, _) = Language::new(&Map::new(), &[], &BTreeMap::new(), nothing, &Tables::default());
        language.expression(source).map(Self).map_err(|error| wrong(reason(&error)))
    }

    /// Whether it holds for `record`; the reason when nobody can say, for it fails or needs an unknown member.
    pub fn holds(&self, record: &Record) -> Result<bool, String> {
        let source = Source::of(record, &Source::wanted());
        let value = self.0.eval(Value::from_dyn_object(source.clone()));
        match source.taint().take() {
            true => Err("what it needs could not be read".to_owned()),
            false => value.map(|value| value.is_true()).map_err(|error| reason(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;
    use muster_stream::{Record, Value};
    use serde_json::json;

    fn holds(source: &str) -> Result<bool, String> {
        let Value::Object(map) = json!({"role":"admin","groups":["a"]}) else { return Err(String::new()) };
        let mut record = Record::new("user", "1", map);
        record.set_own("_unknown", json!(["/mail"]));
        Condition::parse(source).unwrap().holds(&record)
    }

    #[test]
    fn it_holds_or_not_or_nobody_can_say() {
        assert_eq!(holds("role == 'admin' and 'a' in groups"), Ok(true));
        assert_eq!(holds("_key == '2' or missing"), Ok(false));
        assert_eq!(holds("mail"), Err("what it needs could not be read".to_owned()));
        assert!(holds("role | uuid").is_err());
        assert!(Condition::parse("role ==").is_err());
    }
}
