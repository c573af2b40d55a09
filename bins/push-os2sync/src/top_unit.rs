//! The top unit: the only one that may be pushed without a parent, and the one that is never taken away.
//!
//! A unit without parent becomes the root of the municipality's organisation in the registry, so a second one is refused.

use crate::body::ORG_UNIT;
use muster_delivery::Facts;
use muster_os2sync::fields;
use muster_stream::Record;

/// Its name in the ledger.
const FACT: &str = "top_unit";

/// Which unit is the top unit, as far as anybody said.
#[derive(Default)]
pub(crate) struct TopUnit {
    configured: Option<String>,
    remembered: Option<String>,
    /// Units of this stream without a parent.
    parentless: Vec<String>,
}

impl TopUnit {
    /// The one that the settings name, if they do.
    pub(crate) fn new(configured: Option<String>) -> Self {
        Self { configured, ..Self::default() }
    }

    pub(crate) fn recall(&mut self, facts: &Facts) {
        self.remembered = facts.get(FACT).cloned();
    }

    pub(crate) fn facts(&self) -> Facts {
        self.uuid().map(|uuid| (FACT.to_owned(), uuid.to_owned())).into_iter().collect()
    }

    /// Take notice of a unit without a parent.
    pub(crate) fn survey(&mut self, key: &str, record: &Record) {
        if record.kind() == ORG_UNIT && is_parentless(record) {
            self.parentless.push(key.to_owned());
        }
    }

    /// The top unit: the configured one, else that of earlier runs, else the only unit without a parent.
    pub(crate) fn uuid(&self) -> Option<&str> {
        let only = match self.parentless.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        self.configured.as_ref().or(self.remembered.as_ref()).or(only).map(String::as_str)
    }

    /// Why a unit without a parent must not be pushed.
    pub(crate) fn check(&self, key: &str) -> Result<(), String> {
        match self.uuid() {
            Some(top) if top == key => Ok(()),
            Some(top) => Err(format!(
                "it has no parent and would become the root of the organisation; only the top unit {top} may be without one"
            )),
            None => Err(format!(
                "{} units have no parent; name the top unit with --top-unit",
                self.parentless.len()
            )),
        }
    }

    /// Why a unit must not be taken away.
    pub(crate) fn protects(&self, key: &str) -> Option<String> {
        match self.uuid() {
            Some(top) if top == key => Some("the top unit is never taken away".to_owned()),
            Some(_) => None,
            None => Some("nobody said which unit is the top unit; name it with --top-unit".to_owned()),
        }
    }
}

/// Whether a unit has no parent, as far as that is known.
pub(crate) fn is_parentless(unit: &Record) -> bool {
    let unknown = unit.unknown().any(|pointer| pointer == "/ParentOrgUnitUuid");
    !unknown && fields::is_empty(unit.map().get("ParentOrgUnitUuid"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_stream::Map;

    fn with(parentless: &[&str]) -> TopUnit {
        let mut top = TopUnit::default();
        for key in parentless {
            top.survey(key, &Record::new(ORG_UNIT, key, Map::new()));
        }
        top
    }

    #[test]
    fn the_only_parentless_unit_is_taken_and_remembered() {
        let top = with(&["a"]);
        assert!(top.check("a").is_ok());
        assert_eq!(top.facts()["top_unit"], "a");
        assert!(top.protects("a").is_some() && top.protects("b").is_none());
    }

    #[test]
    fn of_two_neither_is_taken() {
        let top = with(&["a", "b"]);
        assert!(top.check("a").is_err() && top.check("b").is_err());
        assert!(top.facts().is_empty());
    }

    #[test]
    fn another_one_than_remembered_is_refused_and_the_setting_wins() {
        let mut top = with(&["b"]);
        top.recall(&Facts::from([("top_unit".to_owned(), "a".to_owned())]));
        assert!(top.check("b").is_err());
        top.configured = Some("b".to_owned());
        assert!(top.check("b").is_ok());
    }

    #[test]
    fn without_a_top_unit_no_unit_is_taken_away() {
        assert!(with(&[]).protects("a").is_some());
    }
}
