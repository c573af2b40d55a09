//! OS2mo: the GraphQL API of a municipal organisation register with its authentication, versions 21 to 30, and the older
//! REST API `/service` for reading.
//!
//! Written from what a real server was seen to answer. Left out: mutations, registrations, introspection; a field or
//! filter that is not simulated is answered with an error.

mod authentication;
mod collection;
mod context;
mod control;
mod cursor;
mod dates;
mod derived;
mod edit;
mod filter;
mod generated;
mod graphql;
mod index;
mod links;
mod organisation;
mod recorded;
mod relations;
mod resolve;
mod routes;
mod service;

pub use authentication::{Authentication, all_roles};
pub use collection::Collection;
pub use organisation::{Dar, DarService, Objects, Organisation, State};

use super::server::{Served, serve_with};
use std::ops::Deref;
use std::sync::RwLockReadGuard;

/// How a simulator is started; the default is a free port without authentication.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// 0: a free one.
    pub port: u16,
    /// `None`: everybody may read everything.
    pub authentication: Option<Authentication>,
}

/// A running simulator; it stops when it is dropped.
pub struct Os2mo {
    served: Served,
    shared: routes::Shared,
}

impl Os2mo {
    /// Serve `organisation`.
    pub fn start(organisation: Organisation, options: Options) -> std::io::Result<Self> {
        let shared = routes::Shared {
            organisation: std::sync::Arc::new(std::sync::RwLock::new(organisation)),
            gate: std::sync::Arc::new(authentication::Gate::new(options.authentication)),
        };
        let routes = routes::routes(shared.clone());
        let served = serve_with(routes, control::control(shared.clone()), options.port)?;
        Ok(Self { served, shared })
    }

    /// The organisation as it is now; do not hold it while requests run that change it.
    pub fn organisation(&self) -> RwLockReadGuard<'_, Organisation> {
        self.shared.organisation.read().unwrap()
    }

    /// Change the organisation between two requests.
    pub fn edit<T>(&self, edit: impl FnOnce(&mut Organisation) -> T) -> T {
        edit(&mut self.shared.organisation.write().unwrap())
    }

    /// `{url}/auth`, below which the realms of the token endpoint are.
    pub fn auth_url(&self) -> String {
        format!("{}/auth", self.served.url())
    }

    /// Let all issued tokens expire now.
    pub fn expire_tokens(&self) {
        self.shared.gate.expire();
    }

    /// Give tokens, the issued ones too, these roles.
    pub fn set_roles<'a>(&self, roles: impl IntoIterator<Item = &'a str>) {
        let roles = roles.into_iter().map(str::to_owned).collect();
        self.shared.gate.change(|authentication| authentication.roles = roles);
    }

    /// Change the secret, the sessions or the life of tokens.
    pub fn change_authentication(&self, change: impl FnOnce(&mut Authentication)) {
        self.shared.gate.change(change);
    }
}

impl Deref for Os2mo {
    type Target = Served;

    fn deref(&self) -> &Served {
        &self.served
    }
}
