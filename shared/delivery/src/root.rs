//! The root of a tree at the target: the only object that may lie in nothing, and the one that is never taken away.
//!
//! A target that takes whatever comes without a container for the new root would lose the old one by a slip; so a second
//! such object is refused.

use crate::Facts;
use muster_stream::Form;

/// Its name in the ledger.
const FACT: &str = "top_unit";

/// Which object is the root, as far as anybody said.
#[derive(Debug)]
pub struct Root {
    /// What names it.
    flag: &'static str,
    configured: Option<String>,
    remembered: Option<String>,
    /// Objects of this stream that lie in nothing.
    loose: Vec<String>,
    /// Whether the stream is of changes: the root may well not be among them.
    is_of_changes: bool,
}

impl Root {
    /// The one that the settings name, if they do; `flag` is theirs.
    pub fn new(configured: Option<String>, flag: &'static str) -> Self {
        Self { flag, configured, remembered: None, loose: Vec::new(), is_of_changes: false }
    }

    /// Take up what [`Root::facts`] gave at an earlier run.
    pub fn recall(&mut self, facts: &Facts) {
        self.remembered = facts.get(FACT).cloned();
    }

    /// What is to be remembered.
    pub fn facts(&self) -> Facts {
        self.known().map(|key| (FACT.to_owned(), key.to_owned())).into_iter().collect()
    }

    /// Take notice of an object that lies in nothing, in a stream of this form.
    pub fn survey(&mut self, key: &str, form: Form) {
        self.is_of_changes = form == Form::Changes;
        self.loose.push(key.to_owned());
    }

    /// The root: the configured one, else that of earlier runs, else the only object that lies in nothing.
    pub fn key(&self) -> Option<&str> {
        let only = match self.loose.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        self.configured.as_ref().or(self.remembered.as_ref()).or(only).map(String::as_str)
    }

    /// The same where that is no guess: of some changes, the only object that lies in nothing need not be the root.
    fn known(&self) -> Option<&str> {
        let is_said = self.configured.is_some() || self.remembered.is_some() || !self.is_of_changes;
        self.key().filter(|_| is_said)
    }

    /// Why an object that lies in nothing must not be sent.
    pub fn check(&self, key: &str) -> Result<(), String> {
        match self.key() {
            Some(root) if root == key => Ok(()),
            Some(root) => Err(format!(
                "it has no parent and would become the root of the organisation; only the top unit {root} may be without one"
            )),
            None => Err(format!(
                "{} units have no parent; name the top unit with {}",
                self.loose.len(),
                self.flag
            )),
        }
    }

    /// Why an object must not be taken away.
    pub fn protects(&self, key: &str) -> Option<String> {
        match self.known() {
            Some(root) if root == key => Some("the top unit is never taken away".to_owned()),
            Some(_) => None,
            None => Some(format!("nobody said which unit is the top unit; name it with {}", self.flag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(loose: &[&str]) -> Root {
        let mut root = Root::new(None, "--top");
        loose.iter().for_each(|key| root.survey(key, Form::State));
        root
    }

    #[test]
    fn the_only_loose_object_is_the_root_and_is_remembered() {
        let root = with(&["a"]);
        assert!(root.check("a").is_ok());
        assert_eq!(root.facts()["top_unit"], "a");
        assert!(root.protects("a").is_some() && root.protects("b").is_none());
    }

    #[test]
    fn of_two_neither_is_the_root() {
        let root = with(&["a", "b"]);
        assert_eq!(root.check("a").unwrap_err(), "2 units have no parent; name the top unit with --top");
        assert!(root.facts().is_empty() && root.protects("c").is_some());
    }

    #[test]
    fn of_changes_the_only_loose_object_is_a_guess() {
        let mut root = Root::new(None, "--top");
        root.survey("a", Form::Changes);
        assert!(root.check("a").is_ok());
        assert!(root.facts().is_empty() && root.protects("b").is_some());
    }

    #[test]
    fn settings_win_over_memory_and_memory_over_the_stream() {
        let mut root = with(&["b"]);
        root.recall(&Facts::from([("top_unit".to_owned(), "a".to_owned())]));
        assert!(root.check("b").unwrap_err().ends_with("only the top unit a may be without one"));
        root.configured = Some("b".to_owned());
        assert!(root.check("b").is_ok());
    }
}
