//! A backend behind a network: its client, and the runtime on which its requests run.

use crate::Options;
use crate::apart::apart;
use muster_base::{Error, Exit};
use muster_http::{Client, Retry, Tls, Url};
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// The environment variables of one system's own tools.
pub(crate) struct Variables {
    pub(crate) ca_file: &'static str,
    pub(crate) ca_dir: &'static [&'static str],
    pub(crate) skip_verify: &'static str,
    pub(crate) timeout: &'static str,
    pub(crate) retries: &'static str,
}

/// A client that can be used from anywhere.
pub(crate) struct Remote {
    runtime: Option<Runtime>,
    pub(crate) client: Client,
}

impl Remote {
    pub(crate) fn new(options: &Options, variables: &Variables) -> Result<Self, Error> {
        let skip = || options.or_variable("", &[variables.skip_verify]).is_some_and(|value| is_true(&value));
        let verify = options.boolean("vault_verify_ssl")?.unwrap_or_else(|| !skip());
        let seconds = options.or_variable("vault_timeout", &[variables.timeout]);
        let retries = options.or_variable("vault_retries", &[variables.retries]);
        let path = |key: &str, variables: &[&str]| options.or_variable(key, variables).map(PathBuf::from);
        let client = Client::new(&muster_http::Options {
            timeout: seconds.map_or(Ok(Duration::from_secs(60)), |text| seconds_of(&text))?,
            retry: Retry {
                times: retries.map_or(Ok(2), |text| count_of(&text))?,
                first_wait: Duration::from_millis(250),
            },
            tls: Tls {
                verify,
                ca_file: path("vault_cacert_file", &[variables.ca_file]),
                ca_dir: path("vault_cacert_dir", variables.ca_dir),
                user_pem_file: path("vault_user_pem_file", &[]),
                authority_setting: "vault_cacert_file",
            },
            ..muster_http::Options::default()
        })?;
        Ok(Self { runtime: Some(Builder::new_current_thread().enable_all().build()?), client })
    }

    /// Wait for `work`, wherever the caller stands.
    pub(crate) fn wait<T: Send>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, Error> {
        let runtime = self.runtime.as_ref().ok_or_else(|| Error::new(Exit::Bug, "the runtime has ended"))?;
        apart(|| runtime.block_on(work))
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // A runtime that is dropped inside another one panics.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn is_true(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "1" | "yes" | "true" | "on" | "y" | "t")
}

fn count_of(text: &str) -> Result<u32, Error> {
    text.trim().parse().map_err(|_| {
        Error::new(Exit::Config, format!("'{}' is no count of tries for a secret", text.trim()))
            .hint("write 2")
    })
}

/// `60`, `60s` or `2m`.
fn seconds_of(text: &str) -> Result<Duration, Error> {
    let text = text.trim();
    let (digits, factor) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.trim_end_matches('s'), 1),
    };
    let seconds = digits.parse::<u32>().ok().filter(|seconds| *seconds > 0);
    seconds.map(|seconds| Duration::from_secs(u64::from(seconds) * factor)).ok_or_else(|| {
        Error::new(Exit::Config, format!("'{text}' is no time to wait for a secret")).hint("write 60 or 60s")
    })
}

/// The address of a server of secrets.
pub(crate) fn address(text: &str, what: &str) -> Result<Url, Error> {
    let url =
        Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    // The text is not shown: a token that was stored under the wrong key would be.
    let url = url.ok_or_else(|| {
        Error::new(Exit::Config, format!("the address of {what} is no http address"))
            .hint("store it again with `strongbox --connector NAME --key vault_url`")
    })?;
    match url.username().is_empty() && url.password().is_none() {
        true => Ok(url),
        false => Err(Error::new(Exit::Config, format!("the address of {what} has a password in it"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(seconds_of("60s").unwrap(), Duration::from_secs(60));
        assert_eq!(seconds_of("2m").unwrap(), Duration::from_secs(120));
        assert!(seconds_of("soon").is_err() && seconds_of("0").is_err());
    }
}
