//! Swit's Core API v1 and SCIM: the client of `extract-swit` and `push-swit`.
//!
//! [`Access`] are the arguments that say where Swit is, [`Api`] sends requests with a token that is renewed when it
//! is refused, [`People`] and [`Teams`] are whole and trusted readings. Paths stand in `requests.rs` alone.

mod access;
mod answer;
mod api;
mod member;
mod people;
mod requests;
mod section;
mod store;
mod teams;
mod tokens;

pub use access::{Access, SECRETS};
pub use answer::{made, said};
pub use api::Api;
pub use people::{People, User};
pub use requests::{Changes, ScimForm, TeamChange};
pub use section::SECTION;
pub use store::{Fixed, Kept, Store};
pub use teams::{Team, Teams};
pub use tokens::{Granted, Grants, Tokens};
