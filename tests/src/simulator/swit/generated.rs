//! An organisation of a given size, for trying things by hand.

use super::{Options, Organisation};

impl Organisation {
    /// So many people in so many teams, four below each; nothing of it has a reference.
    pub fn generated(options: Options, people: usize, teams: usize) -> Self {
        let mut organisation = Self::new(options);
        let mut ids = vec![organisation.root()];
        for number in 0..teams {
            let parent = ids[number / 4].clone();
            ids.push(organisation.place_team(&format!("Team {number}"), Some(&parent), None));
        }
        for number in 0..people {
            let id =
                organisation.place_user(&format!("Person {number}"), &format!("p{number}@example.org"), 30);
            if teams > 0 {
                let team = organisation.teams.iter_mut().find(|team| team.id == ids[1 + number % teams]);
                team.unwrap().members.push(id);
            }
        }
        organisation
    }
}
