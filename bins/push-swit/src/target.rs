//! Swit as a target: compared by its state, in the phases of the program that this follows.
//!
//! People first, since teams need them: made, changed, activated, deactivated. Then teams: out of what goes, deleted
//! children first, made under the root, moved parents first; then who is in them, their order, and primary teams.

use crate::call::Call;
use crate::outlook::Outlook;
use crate::wanted::{self, Survey, TEAM, USER};
use crate::world::World;
use crate::{clean, members, people, teams};
use muster_base::Error;
use muster_delivery::{
    Absent, Comparison, Facts, Fate, Held, Holdings, OnMissing, Order, Outcome, Phase, Possession, Reference,
    Request, Role, Target, Task, Work,
};
use muster_stream::{Form, Record};
use muster_swit::{Api, People, ScimForm, Teams};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use tokio::sync::{Mutex, OnceCell as Once};

/// The calls of one step, or how it ended without any.
pub(crate) type Todo = Result<Vec<Call>, Outcome>;

const fn phase(kind: &'static str, work: Work, order: Order) -> Phase {
    Phase { kind, work, order }
}

const PHASES: &[Phase] = &[
    phase(USER, people::CREATE, Order::Any),
    phase(USER, people::UPDATE, Order::Any),
    phase(USER, people::ACTIVATE, Order::Any),
    phase(USER, Work::Remove, Order::Any),
    phase(TEAM, teams::OUT, Order::ParentsFirst),
    phase(TEAM, teams::REPAIR, Order::Any),
    phase(TEAM, Work::Remove, Order::ChildrenFirst),
    phase(TEAM, teams::CREATE, Order::Any),
    phase(TEAM, teams::MOVE, Order::ParentsFirst),
    phase(TEAM, teams::NAME, Order::Any),
    phase(TEAM, members::ADD, Order::Any),
    phase(TEAM, members::REMOVE, Order::Any),
    phase(TEAM, members::CHECK, Order::Any),
    phase(TEAM, members::SORT, Order::Any),
    phase(USER, people::PRIMARY, Order::Any),
];

/// The name under which the ledger remembers whose it is.
const ORGANISATION: &str = "organisation";

/// How a run treats people and teams.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) create_users: bool,
    pub(crate) activate_users: bool,
    pub(crate) protect_guests: bool,
    /// The first alias of a team is its reference, not its key.
    pub(crate) reference_is_alias: bool,
    /// Of several teams with one reference all but one are deleted.
    pub(crate) repairs: bool,
    pub(crate) sorts: bool,
    pub(crate) language: String,
    pub(crate) batch: usize,
    pub(crate) scim_form: ScimForm,
    pub(crate) missing_user: OnMissing,
    pub(crate) missing_team: OnMissing,
    /// What this pipeline did not bring goes, too.
    pub(crate) foreign_goes: bool,
    pub(crate) page_size: u32,
    pub(crate) identity: String,
}

/// One organisation.
pub(crate) struct Swit<'a> {
    pub(crate) api: Api<'a>,
    pub(crate) options: Options,
    pub(crate) survey: Survey,
    pub(crate) world: RefCell<World>,
    pub(crate) organisation: Option<String>,
    outlook: OnceCell<Outlook>,
    /// What becomes of what the ledger owns, by kind and id.
    owned: HashMap<(String, String), Fate>,
    again: Once<Teams>,
    /// Teams are placed and named one after the other: each looks at where the others are.
    turn: Mutex<()>,
}

impl<'a> Swit<'a> {
    pub(crate) fn new(api: Api<'a>, options: Options) -> Self {
        Self {
            api,
            options,
            survey: Survey::default(),
            world: RefCell::default(),
            organisation: None,
            outlook: OnceCell::new(),
            owned: HashMap::new(),
            again: Once::new(),
            turn: Mutex::new(()),
        }
    }

    /// What Swit calls the object of a task.
    pub(crate) fn id(&self, task: &Task, world: &World) -> Option<String> {
        task.id.clone().or_else(|| world.id(&task.kind, &task.key).map(str::to_owned))
    }

    pub(crate) fn outlook(&self) -> &Outlook {
        self.outlook.get_or_init(|| {
            let is_placed = |id: &str| self.is_owned(TEAM, id) && !self.goes(TEAM, id);
            Outlook::of(&self.world.borrow(), &self.survey, self.options.sorts, &is_placed)
        })
    }

    /// Whether a record wants this team.
    pub(crate) fn is_wanted(&self, id: &str) -> bool {
        self.outlook().wants(id)
    }

    /// Whether the ledger says that this pipeline brought an object.
    pub(crate) fn is_owned(&self, kind: &str, id: &str) -> bool {
        self.owned.contains_key(&(kind.to_owned(), id.to_owned()))
    }

    /// Whether an owned object goes in this run, or went before.
    pub(crate) fn goes(&self, kind: &str, id: &str) -> bool {
        self.owned.get(&(kind.to_owned(), id.to_owned())) == Some(&Fate::Goes)
    }

    /// Whether an owned object could not be read.
    pub(crate) fn is_unknown(&self, kind: &str, id: &str) -> bool {
        self.owned.get(&(kind.to_owned(), id.to_owned())) == Some(&Fate::Unknown)
    }

    /// The teams, read once more for all who ask.
    pub(crate) async fn read_again(&self) -> Result<&Teams, Error> {
        self.again.get_or_try_init(|| Teams::read(&self.api)).await
    }

    fn calls(&self, task: &Task) -> Todo {
        if task.kind == USER { self.user_calls(task) } else { self.team_calls(task) }
    }
}

impl Target for Swit<'_> {
    fn identity(&self) -> String {
        self.options.identity.clone()
    }

    fn phases(&self) -> &'static [Phase] {
        PHASES
    }

    fn comparison(&self) -> Comparison {
        Comparison::ByState
    }

    fn recall(&mut self, facts: &Facts) {
        self.organisation = facts.get(ORGANISATION).cloned();
    }

    fn facts(&self) -> Facts {
        self.organisation.iter().map(|id| (ORGANISATION.to_owned(), id.clone())).collect()
    }

    async fn read(&mut self) -> Result<Holdings, Error> {
        self.check_organisation().await?;
        let people = People::read(&self.api, self.options.page_size).await?;
        let teams = Teams::read(&self.api).await?;
        self.world = RefCell::new(World::of(people.0, teams));
        self.check_references()?;
        Ok(self.holdings())
    }

    fn survey(&mut self, record: &Record, _form: Form) {
        self.survey.add(record);
    }

    fn check(&self, record: &Record) -> Result<(), String> {
        wanted::check(record)?;
        let email = wanted::text(record, "email").map(clean::folded).filter(|_| record.kind() == USER);
        match email.is_some_and(|email| self.survey.emails.get(&email).is_some_and(|count| *count > 1)) {
            true => Err("another person has the same e-mail address".to_owned()),
            false => Ok(()),
        }
    }

    fn references(&self, record: &Record) -> Vec<Reference> {
        let refer = |member: &'static str, kind, role| {
            let named = wanted::text(record, member).filter(|name| !name.is_empty());
            named.map(|name| Reference::new(kind, name, role).member(member).absent(Absent::LeaveOut))
        };
        if record.kind() == USER {
            return refer("primary", TEAM, Role::Mentioned).into_iter().collect();
        }
        // Groups in groups say how they nest, which the parent says here. What becomes of a list of which one person is
        // unknown is decided person by person, so these references name no member.
        let people = wanted::members(record).filter(|name| !self.survey.team_of.contains_key(*name));
        let people = people.map(|name| Reference::new(USER, name, Role::Mentioned).absent(Absent::LeaveOut));
        self.parent_of(record).into_iter().chain(people).collect()
    }

    fn on_missing(&self, kind: &str) -> OnMissing {
        if kind == USER { self.options.missing_user } else { self.options.missing_team }
    }

    fn looks_up(&self, _: &str) -> bool {
        true
    }

    async fn find(&self, record: &Record) -> Result<Vec<Held>, Error> {
        let world = self.world.borrow();
        if record.kind() == USER {
            let email = wanted::text(record, "email").unwrap_or_default();
            return Ok(world.with_email(email).map(|user| self.held_user(user)).collect());
        }
        let names = std::iter::once(record.key()).chain(wanted::aliases(record));
        let hits = names.map(|name| self.with_reference(name, &world)).find(|hits| !hits.is_empty());
        Ok(hits.unwrap_or_default())
    }

    fn possess(&mut self, possessions: Vec<Possession>) {
        self.owned = possessions.into_iter().map(|one| ((one.kind, one.id), one.fate)).collect();
    }

    fn work(&self, task: &Task) -> Vec<Work> {
        let Some(record) = &task.record else { return Vec::new() };
        let id = task.id.clone().or_else(|| task.held.as_ref().map(|held| held.id().to_owned()));
        if let Some(id) = id {
            self.world.borrow_mut().know(&task.kind, &task.key, &id);
        }
        if task.kind == USER { self.work_on_user(task, record) } else { self.work_on_team(task, record) }
    }

    fn takes_out(&self, task: &Task) -> Vec<String> {
        let world = self.world.borrow();
        let team = self.id(task, &world).and_then(|id| world.teams.get(&id));
        match (team, &task.record) {
            (Some(team), Some(record)) => {
                let mut all = self.leavers(task, record, team, &world);
                all.extend(self.doomed_duplicates(task, record, team, &world));
                all
            }
            _ => Vec::new(),
        }
    }

    fn repeats(&self, task: &Task) -> bool {
        !matches!(task.work, teams::CREATE)
    }

    async fn apply(&self, task: &Task) -> Result<Outcome, Error> {
        if task.work == members::CHECK {
            return self.checked(task).await;
        }
        let _turn = match task.work {
            teams::OUT | teams::MOVE | teams::NAME => Some(self.turn.lock().await),
            _ => None,
        };
        match self.calls(task) {
            Ok(calls) => self.carry_out(calls).await,
            Err(outcome) => Ok(outcome),
        }
    }

    fn describe(&self, task: &Task) -> Result<Vec<Request>, Error> {
        let calls =
            if task.work == members::CHECK { Vec::new() } else { self.calls(task).unwrap_or_default() };
        calls.iter().map(|call| self.shown(call)).collect()
    }
}

impl Swit<'_> {
    /// The team that a team lies in: of several names the first that a team of this run has.
    fn parent_of(&self, record: &Record) -> Option<Reference> {
        let known: Vec<&str> =
            wanted::parents(record).filter(|name| self.survey.team_of.contains_key(*name)).collect();
        if let [first, _, ..] = known.as_slice() {
            tracing::debug!(
                "team {} may lie in {} teams; it comes into '{first}'",
                record.key(),
                known.len()
            );
        }
        let name = known.first().copied().or_else(|| wanted::parents(record).next())?;
        Some(Reference::new(TEAM, name, Role::Container).member("parent").absent(Absent::LeaveOut))
    }

    /// A call as a dry run shows it, which goes on as if it had been sent.
    fn shown(&self, call: &Call) -> Result<Request, Error> {
        let request = call.request(&self.api, self.options.scim_form)?;
        self.world.borrow_mut().settle(call, None);
        let mut shown = Request::shown(&request);
        shown.headers.push(("authorization", "***".to_owned()));
        Ok(shown)
    }
}
