//! The settings of every command that speaks HTTP.

use muster_http::{Options, Rate, Retry, Tls};
use muster_settings::value;
use std::path::PathBuf;
use std::time::Duration;

/// Whom to trust: flattened into the arguments of a command that speaks TLS.
#[derive(clap::Args, Clone, Debug)]
pub struct Trust {
    /// Check the server's certificate
    #[arg(long, value_name = "BOOL", default_value = "true", value_parser = value::boolean, action = clap::ArgAction::Set)]
    pub verify_ssl: bool,

    /// PEM file with the authorities to trust beside the system's
    #[arg(long, value_name = "FILE")]
    pub cacert_file: Option<PathBuf>,

    /// Directory of such files
    #[arg(long, value_name = "DIR")]
    pub cacert_dir: Option<PathBuf>,
}

/// How to connect: flattened into the arguments of a command.
#[derive(clap::Args, Clone, Debug)]
pub struct Connection {
    /// Whom to trust.
    #[command(flatten)]
    pub trust: Trust,

    /// PEM file with our own certificate and its key, for a server that asks for one
    #[arg(long, value_name = "FILE")]
    pub user_pem_file: Option<PathBuf>,

    /// Longest wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120.0, value_parser = seconds)]
    pub timeout: f64,

    /// Tries after a cut connection, a time-out, 408, 425, 429 or 5xx
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub retries: u32,

    /// Wait before the first of them, in seconds; each further one is twice as long
    #[arg(long, value_name = "SECONDS", default_value_t = 0.5, value_parser = seconds)]
    pub retry_wait: f64,

    /// Most requests that the server takes: N or N/s, N/m, N/h [default: learnt from its answers 429]
    #[arg(long, value_name = "RATE")]
    pub rate: Option<Rate>,
}

impl Connection {
    /// The client's options, with at most `parallel` requests at once, in the name of `user_agent`.
    pub fn options(&self, parallel: usize, user_agent: &str) -> Options {
        Options {
            timeout: Duration::from_secs_f64(self.timeout),
            retry: Retry { times: self.retries, first_wait: Duration::from_secs_f64(self.retry_wait) },
            tls: Tls {
                verify: self.trust.verify_ssl,
                ca_file: self.trust.cacert_file.clone(),
                ca_dir: self.trust.cacert_dir.clone(),
                user_pem_file: self.user_pem_file.clone(),
                ..Tls::default()
            },
            parallel,
            rate: self.rate,
            user_agent: user_agent.replace(' ', "/"),
        }
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("it is no count of seconds between 0 and 86400".to_owned()),
    }
}
