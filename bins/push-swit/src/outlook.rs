//! What can be told of the end before the first write: which teams stay, whose members leave, which parents need sorting.
//!
//! The ledger's ids are known to the engine alone, one object at a time; here teams are found by their references, which
//! every team of ours carries, and people by their addresses.

use crate::wanted::{Group, Survey};
use crate::world::World;
use std::collections::{HashMap, HashSet};

/// The end, as far as it shows.
#[derive(Default)]
pub(crate) struct Outlook {
    /// Ids of teams that records want.
    wanted: HashSet<String>,
    /// Keys of the teams whose step sorts the sub-teams of their parent, and the keys of these in their order.
    sorted: HashMap<String, Vec<String>>,
}

impl Outlook {
    /// `is_placed` tells of a team of ours that it stays where it is: who does not know all siblings sorts none.
    pub(crate) fn of(world: &World, survey: &Survey, sorts: bool, is_placed: &dyn Fn(&str) -> bool) -> Self {
        let ids: HashMap<&str, &str> = survey
            .teams
            .iter()
            .filter_map(|group| Some((group.key.as_str(), id_of(world, group)?)))
            .collect();
        let mut siblings: HashMap<Option<&str>, Vec<&Group>> = HashMap::new();
        for group in survey.teams.iter().filter(|_| sorts) {
            let parent = survey.parent_of(group).map(|parent| parent.key.as_str());
            siblings.entry(parent).or_default().push(group);
        }
        let keys = |groups: &[&Group]| groups.iter().map(|group| group.key.clone()).collect::<Vec<_>>();
        let sorted = siblings
            .iter()
            .filter(|(parent, _)| {
                let parent = parent.map_or(Some(world.root.as_str()), |key| ids.get(key).copied());
                let is_silent = |id: &str| is_placed(id) && !ids.values().any(|known| *known == id);
                parent.is_none_or(|parent| !world.children(parent).any(|team| is_silent(&team.id)))
            })
            .filter(|(parent, groups)| !is_sorted(world, **parent, groups, &ids))
            .filter_map(|(_, groups)| Some((groups.first()?.key.clone(), keys(groups))))
            .collect();
        Self { wanted: ids.values().map(|id| (*id).to_owned()).collect(), sorted }
    }

    /// Whether a record wants this team.
    pub(crate) fn wants(&self, id: &str) -> bool {
        self.wanted.contains(id)
    }

    /// The siblings that a team's step sorts, itself the first.
    pub(crate) fn sorts(&self, key: &str) -> Option<&[String]> {
        self.sorted.get(key).map(Vec::as_slice)
    }
}

/// The team that a record means, by what it is called there.
fn id_of<'a>(world: &'a World, group: &'a Group) -> Option<&'a str> {
    let found = group.references.iter().find_map(|name| world.with_reference(name).next())?;
    Some(found.id.as_str())
}

/// Whether the sub-teams of a parent are all there and stand as wanted.
fn is_sorted(world: &World, parent: Option<&str>, groups: &[&Group], ids: &HashMap<&str, &str>) -> bool {
    let parent_id = match parent {
        None => world.root.as_str(),
        Some(key) => match ids.get(key) {
            Some(id) => id,
            None => return false,
        },
    };
    let wanted: Vec<Option<&str>> = groups.iter().map(|group| ids.get(group.key.as_str()).copied()).collect();
    let present: Vec<Option<&str>> = world.children(parent_id).map(|team| Some(team.id.as_str())).collect();
    let (known, others): (Vec<_>, Vec<_>) = present.iter().partition(|id| wanted.contains(id));
    known == wanted && present == [known, others].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_stream::{Map, Record};
    use muster_swit::{Team, Teams};
    use serde_json::json;

    fn team(id: &str, parent: Option<&str>, reference: Option<&str>) -> Team {
        Team {
            id: id.to_owned(),
            name: id.to_owned(),
            parent: parent.map(str::to_owned),
            reference: reference.map(str::to_owned),
            members: Vec::new(),
            map: Map::new(),
        }
    }

    fn world(children: &[(&str, Option<&str>)]) -> World {
        let mut all = vec![team("root", None, None)];
        all.extend(children.iter().map(|(id, reference)| team(id, Some("root"), *reference)));
        World::of(Vec::new(), Teams { root: "root".to_owned(), all })
    }

    fn survey(keys: &[&str]) -> Survey {
        let mut survey = Survey::default();
        for key in keys {
            let mut record = Record::new("team", key, json!({ "name": key }).as_object().unwrap().clone());
            record.set_own("_alias", json!([format!("CN={key}")]));
            survey.add(&record);
        }
        survey
    }

    #[test]
    fn what_stands_as_wanted_with_others_behind_is_sorted() {
        let world = world(&[("1", Some("a")), ("2", Some("CN=b")), ("3", None)]);
        let outlook = Outlook::of(&world, &survey(&["a", "b"]), true, &|_| false);
        assert!(
            outlook.sorts("a").is_none() && outlook.wants("1") && outlook.wants("2") && !outlook.wants("3")
        );
    }

    #[test]
    fn another_order_or_a_stranger_between_needs_sorting() {
        let wanted = |children: &[(&str, Option<&str>)], keys: &[&str]| {
            Outlook::of(&world(children), &survey(keys), true, &|_| false).sorts(keys[0]).is_some()
        };
        assert!(wanted(&[("1", Some("a")), ("2", Some("b"))], &["b", "a"]));
        assert!(wanted(&[("1", Some("a")), ("3", None), ("2", Some("b"))], &["a", "b"]));
        assert!(wanted(&[("1", Some("a"))], &["a", "b"]));
        assert!(Outlook::of(&world(&[]), &survey(&["a", "b"]), false, &|_| false).sorts("a").is_none());
    }
}
