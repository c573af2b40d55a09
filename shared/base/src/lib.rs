//! What every crate of muster stands on: errors with an exit code, secrets, and text that is safe to show.

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
