//! Records compared: the canonical form that says when two of them are equal, and its hash.

mod canonical;
mod members;

pub use canonical::{FORM, Hash, canonical, hash};
pub use members::Members;
