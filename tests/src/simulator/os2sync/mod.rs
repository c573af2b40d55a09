//! OS2sync: a queue in front of the national registry of organisations, and that registry.
//!
//! Written from the fact sheet of OS2sync 4.9: writes are only queued, a transfer happens when the queue is worked off
//! (before each read, or with `Os2sync::settle` when `Options::immediate` is false), and what the registry refuses
//! shows in `Registry::failures` alone. Calls stand under `/api`; `/simulator/…` is the control path.

mod answers;
mod call;
mod check;
mod control;
mod entry;
mod fields;
mod hierarchy;
mod look;
mod options;
mod positions;
mod queue;
mod registry;
mod routes;
mod transfer;

pub use entry::{EndedPosition, Entry, Failure, Finished, Kind, Operation, Outcome, RootChange, Write};
pub use options::Options;
pub use registry::Registry;

use super::{Faults, Limit, Seen, Served, serve};
use axum::extract::DefaultBodyLimit;
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// A running OS2sync. Dropping it stops the server.
pub struct Os2sync {
    served: Served,
    registry: Arc<Mutex<Registry>>,
}

impl Os2sync {
    /// Start one at a free port with an empty registry.
    pub fn start(options: Options) -> Self {
        Self::start_at(0, options).unwrap()
    }

    /// Start at `port`, 0: a free one.
    pub fn start_at(port: u16, options: Options) -> std::io::Result<Self> {
        let registry = Arc::new(Mutex::new(Registry { options, ..Registry::default() }));
        let router = control::control()
            .fallback(routes::answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(registry.clone());
        Ok(Self { served: serve(router, port)?, registry })
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        self.served.url()
    }

    /// `http://127.0.0.1:<port>/api`.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.url())
    }

    /// The faults of this server, which can be changed while it runs.
    pub fn faults(&self) -> &Faults {
        &self.served.faults
    }

    /// The limit of requests in a time, none at first.
    pub fn limit(&self) -> &Limit {
        &self.served.limit
    }

    /// All requests so far in the order of their arrival, refused ones too, those of the control path left out.
    pub fn seen(&self) -> Vec<Seen> {
        let control = |seen: &Seen| seen.path_and_query.starts_with("/simulator/");
        self.served.seen().into_iter().filter(|seen| !control(seen)).collect()
    }

    /// How many requests there were so far.
    pub fn count(&self) -> usize {
        self.served.count()
    }

    /// Forget the requests and the accepted writes so far, not what they did.
    pub fn forget(&self) {
        self.served.forget();
        self.registry.lock().unwrap().writes.clear();
    }

    /// A snapshot of the registry, after the queue when it is `immediate`.
    pub fn registry(&self) -> Registry {
        let mut registry = self.registry.lock().unwrap();
        registry.settle_if_immediate();
        registry.clone()
    }

    /// Work the queue off once.
    pub fn settle(&self) {
        self.registry.lock().unwrap().settle();
    }

    /// Change something behind the server's back: its options, its caches.
    pub fn change(&self, change: impl FnOnce(&mut Registry)) {
        change(&mut self.registry.lock().unwrap());
    }

    /// Put a unit into the registry as if somebody else had made it.
    pub fn place_unit(&self, unit: &Value) {
        assert!(self.registry.lock().unwrap().place(Kind::Unit, unit), "not a unit: {unit}");
    }

    /// Put a user into the registry as if somebody else had made it.
    pub fn place_user(&self, user: &Value) {
        assert!(self.registry.lock().unwrap().place(Kind::User, user), "not a user: {user}");
    }
}
