//! Names of teams: unique in the organisation whatever their case, with a number in brackets where they collide.

use crate::clean::folded;
use std::collections::HashMap;

/// The last number in brackets.
const LAST: u32 = 99;

/// Which name belongs to which team; teams by whatever names them uniquely.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(HashMap<String, String>);

impl Names {
    /// Give `name` to `owner`, whoever had it.
    pub(crate) fn set(&mut self, name: &str, owner: &str) {
        self.0.insert(folded(name), owner.to_owned());
    }

    /// Nobody has `name` any more, if it is `owner` who had it.
    pub(crate) fn release(&mut self, name: &str, owner: &str) {
        if self.0.get(&folded(name)).is_some_and(|known| known == owner) {
            self.0.remove(&folded(name));
        }
    }

    /// Whether `owner` may have `name`.
    pub(crate) fn is_free(&self, name: &str, owner: &str) -> bool {
        self.0.get(&folded(name)).is_none_or(|known| known == owner)
    }

    /// Give `name` to `owner`, with a number behind it when another team has it; none when all numbers are taken.
    pub(crate) fn claim(&mut self, name: &str, owner: &str) -> Option<String> {
        let numbered = (2..=LAST).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| self.is_free(name, owner))?;
        self.set(&free, owner);
        Some(free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collision_gets_the_first_free_number_whatever_the_case() {
        let mut names = Names::default();
        names.set("Sales", "1");
        names.set("SALES (2)", "2");
        assert_eq!(names.claim("sales", "3").as_deref(), Some("sales (3)"));
        assert_eq!(names.claim("Sales", "1").as_deref(), Some("Sales"));
        names.release("Sales", "1");
        assert_eq!(names.claim("Sales", "4").as_deref(), Some("Sales"));
    }

    #[test]
    fn behind_99_there_is_no_number() {
        let mut names = Names::default();
        let claimed = (0..100).filter_map(|owner| names.claim("A", &owner.to_string())).collect::<Vec<_>>();
        assert_eq!(claimed.len(), 99);
        assert_eq!(claimed.last().map(String::as_str), Some("A (99)"));
    }
}
