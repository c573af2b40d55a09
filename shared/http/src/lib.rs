//! One HTTP client for all commands: TLS, time-outs, retries, redirects, limits, OAuth tokens, JSON bodies.
//!
//! It knows no settings and no remote: a connector makes [`Request`]s, [`Client::send`] brings back an [`Answer`] or an
//! error that names method and URL. What is safe to repeat is repeated on cut connections, time-outs, 408, 425, 429 and
//! 5xx, with growing jittered waits or as `Retry-After` says; nothing else is. A server that answers 429 is not sent more
//! than it takes: its limit is learnt from its refusals, or known beforehand as a [`Rate`].

mod answer;
mod client;
mod failed;
mod learned;
mod limiter;
mod oauth;
mod options;
mod origin;
mod pace;
mod rate;
mod request;
mod retry;
mod tls;

pub use answer::Answer;
pub use client::Client;
pub use oauth::Tokens;
pub use options::Options;
pub use rate::Rate;
pub use request::{Request, join};
pub use reqwest::Method;
pub use retry::Retry;
pub use tls::Tls;
pub use url::Url;

/// The largest answer that is read, in bytes after decompression.
pub const MAX_ANSWER: usize = 256 << 20;
