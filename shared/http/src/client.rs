//! The client: sends a request until it is answered, refused or given up.
//!
//! Redirects are followed for GET only, at most five, within scheme, host and port. At most `parallel` requests are on
//! their way at once.

use crate::{Answer, MAX_ANSWER, Request, Retry, Tls, retry};
use muster_base::{Error, Exit};
use reqwest::Method;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use std::sync::Once;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Semaphore;
use url::Url;

const REDIRECTS: usize = 5;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

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
    /// Name and version of the command.
    pub user_agent: String,
}

/// Sends requests.
pub struct Client {
    inner: reqwest::Client,
    retry: Retry,
    places: Semaphore,
    warned: Once,
}

/// Why a try brought no answer.
enum Failed {
    /// Nothing will change it.
    ForGood(Error),
    /// It may go better next time; true when the request cannot have reached the server.
    Perhaps(Error, bool),
}

impl Client {
    /// A client with `options`.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let builder = reqwest::Client::builder()
            .user_agent(&options.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT.min(options.timeout))
            .timeout(options.timeout);
        let inner = options
            .tls
            .apply(builder)?
            .build()
            .map_err(|error| Error::new(Exit::Config, format!("cannot set up TLS: {}", root(&error))))?;
        if !options.tls.verify {
            tracing::warn!("the server's certificate is not checked");
        }
        Ok(Self {
            inner,
            retry: options.retry,
            warned: Once::new(),
            places: Semaphore::new(options.parallel.max(1)),
        })
    }

    /// Send `request` until there is an answer, of whatever status, that another try would not better.
    ///
    /// An address that holds a user or a password is refused: it would stand in every message.
    pub async fn send(&self, request: &Request) -> Result<Answer, Error> {
        if !request.url.username().is_empty() || request.url.password().is_some() {
            return Err(Error::new(Exit::Config, "the address holds a user or a password")
                .at(request)
                .hint("take them out; `--help` names the settings for credentials"));
        }
        let mut tried = 0;
        loop {
            let outcome = self.send_once(request).await;
            let retry_after = outcome.as_ref().ok().and_then(|answer| answer.retry_after);
            let again = match &outcome {
                Ok(answer) => retry::may_pass(answer.status) && (request.repeatable || answer.status == 429),
                Err(Failed::ForGood(_)) => false,
                Err(Failed::Perhaps(_, unsent)) => request.repeatable || *unsent,
            };
            let Some(wait) = self.retry.wait(tried, retry_after).filter(|_| again) else {
                return outcome.map_err(|failed| match failed {
                    Failed::ForGood(error) | Failed::Perhaps(error, _) => error,
                });
            };
            tried += 1;
            let why = match &outcome {
                Ok(answer) => format!("HTTP {}", answer.status),
                Err(Failed::ForGood(error) | Failed::Perhaps(error, _)) => error.what().to_owned(),
            };
            tracing::info!("{why} ({request}); try {} in {:.1} s", tried + 1, wait.as_secs_f64());
            tokio::time::sleep(wait).await;
        }
    }

    /// One try, redirects included.
    async fn send_once(&self, request: &Request) -> Result<Answer, Failed> {
        let _place =
            self.places.acquire().await.map_err(|_| Failed::ForGood(Error::new(Exit::Bug, "no places")))?;
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.exchange(request, &url).await?;
            tracing::debug!("{} {url}: {} in {} ms", request.method, answer.status, answer.took.as_millis());
            match &answer.location {
                Some(location) if request.method == Method::GET && (300..400).contains(&answer.status) => {
                    url = followed(request, &url, location).map_err(Failed::ForGood)?;
                }
                _ => return Ok(answer),
            }
        }
        Err(Failed::ForGood(Error::new(Exit::Protocol, "the server redirects in a circle").at(request)))
    }

    async fn exchange(&self, request: &Request, url: &Url) -> Result<Answer, Failed> {
        if url.scheme() == "http" && !is_loopback(url) {
            self.warned
                .call_once(|| tracing::warn!("everything goes over plain http, readable on its way ({url})"));
        }
        let started = Instant::now();
        let mut builder = self.inner.request(request.method.clone(), url.clone()).body(request.body.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        for (name, value) in &request.credentials {
            builder = builder.header(*name, value.reveal());
        }
        let mut response = builder.send().await.map_err(|error| unanswered(request, &error))?;
        let (status, retry_after, location) =
            (response.status().as_u16(), wait_of(response.headers()), text_of(response.headers()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(request, &error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                let error = Error::new(Exit::Protocol, "the answer is longer than 256 MiB").at(request);
                return Err(Failed::ForGood(error.hint("ask for fewer objects at once")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, retry_after, location, body, took: started.elapsed() })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn unanswered(request: &Request, error: &reqwest::Error) -> Failed {
    let cause = root(error);
    if error.is_builder() {
        return Failed::ForGood(
            Error::new(Exit::Config, format!("the request cannot be built: {cause}")).at(request),
        );
    }
    let what = match error {
        error if error.is_timeout() => "the server did not answer in time".to_owned(),
        error if error.is_connect() => format!("cannot connect to the server: {cause}"),
        error if error.is_body() || error.is_decode() => format!("the answer was cut off: {cause}"),
        _ => format!("the connection broke: {cause}"),
    };
    let failure = Error::new(Exit::Unavailable, what).at(request).because(error.without_url_text());
    let untrusted = error.is_connect() && cause.contains("certificate");
    match untrusted {
        true => {
            Failed::ForGood(failure.hint("name the authority that issued the certificate with --cacert-file"))
        }
        false => Failed::Perhaps(failure, error.is_connect()),
    }
}

trait WithoutUrl {
    fn without_url_text(&self) -> String;
}

impl WithoutUrl for reqwest::Error {
    /// The chain of causes in one line; the place names the URL already.
    fn without_url_text(&self) -> String {
        let mut causes = Vec::new();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            causes.push(error.to_string());
            source = error.source();
        }
        causes.join(": ")
    }
}

/// The innermost cause: what the operating system or the TLS library said.
fn root(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

fn followed(request: &Request, from: &Url, location: &str) -> Result<Url, Error> {
    let elsewhere = |url: &str| {
        Error::new(Exit::Protocol, format!("the server redirects to another origin, '{url}'"))
            .at(request)
            .hint("set the address of that server if it is meant")
    };
    let url = from.join(location).map_err(|_| elsewhere(location))?;
    if url.origin() == request.url.origin() { Ok(url) } else { Err(elsewhere(url.as_str())) }
}

fn text_of(headers: &HeaderMap) -> Option<String> {
    headers.get(LOCATION)?.to_str().ok().map(str::to_owned)
}

/// `Retry-After` is a count of seconds or a date (RFC 9110, 10.2.3).
fn wait_of(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(SystemTime::from(date).duration_since(SystemTime::now()).unwrap_or_default())
}
