//! How a client connects.

use crate::{Rate, Retry, Tls};
use std::time::Duration;

/// How to connect.
#[derive(Clone, Debug)]
pub struct Options {
    /// The longest wait for a whole answer.
    pub timeout: Duration,
    /// When to try again.
    pub retry: Retry,
    /// Whom to trust, and who we are.
    pub tls: Tls,
    /// How many requests may be on their way at once.
    pub parallel: usize,
    /// How many requests the server takes in a window of time, when that is known.
    pub rate: Option<Rate>,
    /// Name and version of the command.
    pub user_agent: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(120),
            retry: Retry::default(),
            tls: Tls::default(),
            parallel: 8,
            rate: None,
            user_agent: concat!("muster/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
