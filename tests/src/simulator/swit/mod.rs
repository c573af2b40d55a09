//! Swit: the organisation behind its Core API v1, its OAuth pages, and on another port its SCIM host and its webhooks.
//!
//! Written from the fact sheet: names of teams are unique whatever their case, a deleted team takes its sub-teams with
//! it, successes are 200 or 204 and `data` may be null, objects come in two shapes (`Shape`). `/simulator/…` is the
//! control path.

mod answers;
mod call;
mod control;
mod generated;
mod oauth;
mod options;
mod organisation;
mod people;
mod routes;
mod scim;
mod shape;
mod teams;

pub use options::{Options, Shape};
pub use organisation::{ACCESS_TOKEN, BOT_TOKEN, Organisation, Team, User, Write};

use super::{Faults, Limit, Seen, Served, serve};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use std::sync::{Arc, Mutex};

/// State that both servers and the tests share.
pub(crate) type Shared = Arc<Mutex<Organisation>>;

/// A running Swit. Dropping it stops both servers.
pub struct Swit {
    api: Served,
    scim: Served,
    organisation: Shared,
}

impl Swit {
    /// Start one at free ports, with a root team, the team `Unassigned` and the master of the organisation.
    pub fn start(options: Options) -> Self {
        Self::start_at(0, Organisation::new(options)).unwrap()
    }

    /// Start with this organisation at `port`, 0: a free one; the SCIM host has a free port in any case.
    pub fn start_at(port: u16, organisation: Organisation) -> std::io::Result<Self> {
        let organisation = Arc::new(Mutex::new(organisation));
        let api = Router::new()
            .route("/oauth/authorize", axum::routing::get(oauth::authorize))
            .route("/oauth/token", axum::routing::post(oauth::token))
            .fallback(routes::answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(organisation.clone());
        let scim = Router::new().fallback(scim::answer).with_state(organisation.clone());
        let api = super::server::serve_with(api, control::control(organisation.clone()), port)?;
        Ok(Self { api, scim: serve(scim, 0)?, organisation })
    }

    /// `http://127.0.0.1:<port>`, to which `/v1/api` is appended.
    pub fn url(&self) -> String {
        self.api.url()
    }

    /// `http://127.0.0.1:<port>/scim/v2`, another port than that of the API.
    pub fn scim_url(&self) -> String {
        format!("{}/scim/v2", self.scim.url())
    }

    /// The address that messages are sent to.
    pub fn webhook_url(&self) -> String {
        format!("{}/chat/22011703233609ABCDEF/secretwebhookid", self.scim.url())
    }

    /// The faults of the API host.
    pub fn faults(&self) -> &Faults {
        &self.api.faults
    }

    /// The faults of the SCIM and webhook host.
    pub fn scim_faults(&self) -> &Faults {
        &self.scim.faults
    }

    /// The limit of requests to the API host.
    pub fn limit(&self) -> &Limit {
        &self.api.limit
    }

    /// All requests to both hosts so far, refused ones too; those of the API first.
    pub fn seen(&self) -> Vec<Seen> {
        self.api.seen().into_iter().chain(self.scim.seen()).collect()
    }

    /// The writes that were accepted so far, in their order.
    pub fn writes(&self) -> Vec<Write> {
        self.organisation.lock().unwrap().writes.clone()
    }

    /// Forget requests, writes and messages so far, not what they did.
    pub fn forget(&self) {
        self.api.forget();
        self.scim.forget();
        self.change(|organisation| {
            organisation.writes.clear();
            organisation.messages.clear();
        });
    }

    /// A snapshot of the organisation.
    pub fn organisation(&self) -> Organisation {
        self.organisation.lock().unwrap().clone()
    }

    /// Change something behind the server's back.
    pub fn change<T>(&self, change: impl FnOnce(&mut Organisation) -> T) -> T {
        change(&mut self.organisation.lock().unwrap())
    }
}
