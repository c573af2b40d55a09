//! OS2sync as the commands speak to it: where it is, its calls, its hierarchy, the members of its objects.
//!
//! OS2sync 4.9 is a queue in front of the national FK Organisation. [`Api`] makes the calls, [`Api::hierarchy`] reads all
//! units and users of the registry, [`fields`] says what their members hold, [`Server`] are the settings that every
//! command of it has.

mod api;
pub mod fields;
mod hierarchy;
mod kind;
mod polls;
mod server;

pub use api::Api;
pub use hierarchy::{Hierarchy, Position, Unit, User};
pub use kind::Kind;
pub use polls::Polls;
pub use server::{API_KEY, API_URL, MUNICIPALITY, SECTION, Server, VERIFY_SSL};

/// `Status` of a soft-deleted object.
pub const INACTIVE: u64 = 2;
