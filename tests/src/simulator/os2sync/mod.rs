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

use super::{Faults, Seen, Served, serve};
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

    fn start_at(port: u16, options: Options) -> std::io::Result<Self> {
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

    /// All requests so far in the order of their arrival, refused ones too, those of the control path left out.
    pub fn seen(&self) -> Vec<Seen> {
        let control = |seen: &Seen| seen.path_and_query.starts_with("/simulator/");
        self.served.seen().into_iter().filter(|seen| !control(seen)).collect()
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

/// Run `simulate os2sync`: `--port P`, `--api-key K`, `--cvr N` (the server's own). Prints the address of the API, then
/// serves until it is killed.
pub fn command_line(arguments: impl IntoIterator<Item = String>) -> std::io::Result<()> {
    let wrong = |text: String| std::io::Error::new(std::io::ErrorKind::InvalidInput, text);
    let (mut port, mut options) = (0, Options::default());
    let mut arguments = arguments.into_iter();
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or_else(|| wrong(format!("'{flag}' needs a value")))?;
        match flag.as_str() {
            "--port" => port = value.parse().map_err(|_| wrong(format!("'{value}' is no port")))?,
            "--api-key" => options.api_key = Some(value),
            "--cvr" => options.default_cvr = Some(value),
            _ => return Err(wrong(format!("unknown flag '{flag}'"))),
        }
    }
    let os2sync = Os2sync::start_at(port, options)?;
    println!("{}", os2sync.api_url());
    loop {
        std::thread::park();
    }
}
