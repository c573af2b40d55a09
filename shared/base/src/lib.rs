//! What every crate of muster stands on: errors with an exit code, secrets, text that is safe to show, and distinguished
//! names.

pub mod dn;
mod error;
mod exit;
pub mod private;
mod secret;
pub mod text;

pub use error::Error;
pub use exit::Exit;
pub use secret::Secret;

/// The result of nearly everything in muster.
pub type Result<T, E = Error> = std::result::Result<T, E>;
