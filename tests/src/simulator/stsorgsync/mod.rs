//! STSOrgSync: the queue in front of the national registry that came before OS2sync, API v1_1.
//!
//! Written from the fact sheet. Writes are only queued; here they reach the registry at once, and what the registry refuses
//! shows in `Registry::failures` alone. Every refusal of a write is 400 with an empty body. Two builds differ in where a call
//! names its object and in what they say of an unknown one, see `Options`.

mod control;
mod objects;
mod registry;
mod routes;

pub use registry::{Kind, Registry, Write};

use super::{Faults, Seen, Served, serve};
use axum::extract::DefaultBodyLimit;
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// The builds of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Build {
    /// `/user/{uuid}`, 404 for an unknown object; every call needs the header `CVR`.
    #[default]
    Docker,
    /// `/user?uuid=…`, 500 for an unknown object, no header asked for.
    Windows,
}

/// How a simulator is started; the default is the docker build at a free port.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// 0: a free one.
    pub port: u16,
    pub build: Build,
    /// A delete of an unknown object is answered with 404 instead of 200.
    pub unknown_delete_is_404: bool,
}

/// A running STSOrgSync. Dropping it stops the server.
pub struct Stsorgsync {
    served: Served,
    registry: Arc<Mutex<Registry>>,
}

impl Stsorgsync {
    /// Start one with an empty registry.
    pub fn start(options: Options) -> Self {
        let port = options.port;
        let registry = Arc::new(Mutex::new(Registry::new(options)));
        let router = control::control()
            .fallback(routes::answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(registry.clone());
        Self { served: serve(router, port).unwrap(), registry }
    }

    /// `http://127.0.0.1:<port>/api/v1_1`.
    pub fn api_url(&self) -> String {
        format!("{}/api/v1_1", self.served.url())
    }

    /// The faults of this server, which can be changed while it runs.
    pub fn faults(&self) -> &Faults {
        &self.served.faults
    }

    /// The server itself, for its limit.
    pub fn served(&self) -> &Served {
        &self.served
    }

    /// All requests so far in the order of their arrival, refused ones too, those of the control path left out.
    pub fn seen(&self) -> Vec<Seen> {
        let control = |seen: &Seen| seen.path_and_query.starts_with("/simulator/");
        self.served.seen().into_iter().filter(|seen| !control(seen)).collect()
    }

    /// Forget the requests and writes so far, not what they did.
    pub fn forget(&self) {
        self.served.forget();
        self.registry.lock().unwrap().forget_writes();
    }

    /// A snapshot of the registry.
    pub fn registry(&self) -> Registry {
        self.registry.lock().unwrap().clone()
    }

    /// Put an object into the registry as if somebody else had made it.
    pub fn place(&self, kind: Kind, object: Value) {
        self.registry.lock().unwrap().place(kind, object);
    }
}
