//! What Swit holds, as the delivery sees it, and what of it stops a run.

use crate::target::Swit;
use crate::teams;
use crate::wanted::{TEAM, USER};
use crate::world::World;
use muster_base::{Error, Exit};
use muster_delivery::{Held, Holdings};
use muster_stream::Map;
use muster_swit::{Team, User};

impl Swit<'_> {
    pub(crate) fn held_user(&self, user: &User) -> Held {
        let mut members = Map::new();
        members.insert("name".to_owned(), user.name.as_str().into());
        members.insert("email".to_owned(), user.email.as_str().into());
        let protected = match user {
            user if user.is_administrator() => Some("administrators are never taken away"),
            user if user.is_guest() && self.options.protect_guests => {
                Some("guests stay; --guests include lets them go")
            }
            _ => None,
        };
        Held {
            id: user.id.clone(),
            name: user.name.clone(),
            members,
            is_active: user.is_active,
            protected: protected.map(str::to_owned),
            ..Held::new(USER, "")
        }
    }

    pub(crate) fn held_team(&self, team: &Team, world: &World) -> Held {
        let mut members = Map::new();
        members.insert("name".to_owned(), team.name.as_str().into());
        Held {
            id: team.id.clone(),
            name: team.name.clone(),
            members,
            container: team.parent.clone(),
            protected: world.is_fixed(team).then(|| "this team is Swit's own".to_owned()),
            ..Held::new(TEAM, team.reference.clone().unwrap_or_default())
        }
    }

    pub(crate) fn holdings(&self) -> Holdings {
        let world = self.world.borrow();
        let users = world.users.values().map(|user| self.held_user(user));
        let teams = world.ordered().map(|team| self.held_team(team, &world));
        Holdings { objects: users.chain(teams).collect(), doubt: None }
    }

    /// The teams with a reference, or the one of them that is kept.
    pub(crate) fn with_reference(&self, reference: &str, world: &World) -> Vec<Held> {
        let kept = teams::kept(world, reference).filter(|_| self.options.repairs);
        let meant = |team: &&Team| kept.is_none_or(|kept| kept == team.id);
        world.with_reference(reference).filter(meant).map(|team| self.held_team(team, world)).collect()
    }

    /// Refuse an organisation that is not the ledger's.
    pub(crate) async fn check_organisation(&mut self) -> Result<(), Error> {
        let Some(id) = self.api.organisation().await? else { return Ok(()) };
        match self.organisation.replace(id.clone()).filter(|known| *known != id) {
            None => Ok(()),
            Some(known) => {
                let what = format!("the ledger belongs to the organisation {known}, the token to {id}");
                Err(Error::new(Exit::Config, what)
                    .hint("use the ledger of this organisation, or log in to the other"))
            }
        }
    }

    /// Several teams with one reference stop the run: which of them is meant?
    pub(crate) fn check_references(&self) -> Result<(), Error> {
        let world = self.world.borrow();
        let Some((reference, ids)) = world.duplicates().min() else { return Ok(()) };
        let what = format!("the teams {} have the same reference '{reference}'", ids.join(" and "));
        if self.options.repairs {
            tracing::warn!("{what}; the one with most members is kept");
            return Ok(());
        }
        let hint =
            "clear all but one in Swit, or let --duplicates repair delete all but the one with most members";
        Err(Error::new(Exit::Data, what).hint(hint))
    }
}
