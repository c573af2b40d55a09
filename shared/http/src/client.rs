//! The client: sends a request until it is answered, refused or given up.
//!
//! Redirects are followed for GET only, at most five, within scheme, host and port. All requests of a client pass one
//! limiter: at most `parallel` on their way at once, at most `rate`, none while the server asked for a pause.

use crate::failed::{Failed, root, unanswered};
use crate::limiter::Limiter;
use crate::origin::{followed, is_loopback};
use crate::pace::Signal;
use crate::{Answer, MAX_ANSWER, Options, Request, Retry, retry};
use muster_base::{Error, Exit, Secret};
use reqwest::Method;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant, SystemTime};
use url::Url;

const REDIRECTS: usize = 5;
/// However often the server refuses a request and takes others, it is not sent more often than this.
const MOST_TRIES: u32 = 50;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Sends requests.
pub struct Client {
    inner: reqwest::Client,
    retry: Retry,
    limiter: Arc<Limiter>,
    warned: Once,
    authority_setting: &'static str,
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
            authority_setting: options.tls.authority_setting,
            limiter: Arc::new(Limiter::new(options.parallel, options.rate)),
        })
    }

    /// What is to be called when the run is to end: requests on their way are finished, and those that can go at once or
    /// nearly so; what would have to wait fails as stopped.
    pub fn closer(&self) -> impl FnOnce() + Send + 'static {
        let limiter = self.limiter.clone();
        move || limiter.close()
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
        let (mut tried, mut sent) = (0, 0);
        loop {
            let taken = self.limiter.taken();
            let outcome = self.send_once(request).await;
            sent += 1;
            let refused = matches!(&outcome, Ok(answer) if answer.status == 429);
            // A refusal tells of the pace, not of this request, as long as the server takes others.
            let others_were_taken = refused && self.limiter.taken() > taken && sent < MOST_TRIES;
            let next = if others_were_taken { 0 } else { tried };
            let Some(wait) = self.retry_wait(request, &outcome, next) else {
                return outcome.map_err(Failed::into_error);
            };
            tried += u32::from(!others_were_taken);
            tracing::info!("{} ({request}); try {} in {:.1} s", why(&outcome), sent + 1, wait.as_secs_f64());
            match retry_after(&outcome) {
                // The pause is everybody's, and begun.
                _ if refused => (),
                Some(_) => self.limiter.pause(wait),
                None => self.limiter.sleep(request, wait).await?,
            }
        }
    }

    /// How long to wait before another try; nothing when there is to be none.
    fn retry_wait(
        &self,
        request: &Request,
        outcome: &Result<Answer, Failed>,
        tried: u32,
    ) -> Option<Duration> {
        let may = match outcome {
            Ok(answer) => retry::may_pass(answer.status) && (request.repeatable || answer.status == 429),
            Err(Failed::ForGood(_)) => false,
            Err(Failed::Perhaps(_, unsent)) => request.repeatable || *unsent,
        };
        may.then(|| self.retry.wait(tried, retry_after(outcome))).flatten()
    }

    /// What an outcome says about the pace: 408, 425 and 5xx are trouble of the server's own.
    fn signal(&self, outcome: &Result<Answer, Failed>) -> Signal {
        match outcome {
            Ok(answer) if answer.status == 429 => {
                Signal::Refused(self.retry.pause(self.limiter.refused_in_a_row(), answer.retry_after))
            }
            Ok(answer) if !retry::may_pass(answer.status) => Signal::Taken,
            _ => Signal::None,
        }
    }

    /// One try, redirects included.
    async fn send_once(&self, request: &Request) -> Result<Answer, Failed> {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let pass = self.limiter.pass(request).await.map_err(Failed::ForGood)?;
            let outcome = self.exchange(request, &url).await;
            pass.end(self.signal(&outcome));
            let answer = outcome?;
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

    fn unanswered(&self, request: &Request, error: &reqwest::Error) -> Failed {
        unanswered(request, error, self.authority_setting)
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
            builder = builder.header(*name, sensitive(value, request)?);
        }
        let mut response = builder.send().await.map_err(|error| self.unanswered(request, &error))?;
        let (status, headers) = (response.status().as_u16(), response.headers());
        let (retry_after, location) = (wait_of(headers), text_of(headers, &LOCATION));
        let encoding = text_of(headers, &CONTENT_ENCODING);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unanswered(request, &error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                let error = Error::new(Exit::Protocol, "the answer is longer than 256 MiB").at(request);
                return Err(Failed::ForGood(error.hint("ask for fewer objects at once")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, retry_after, location, encoding, body, took: started.elapsed() })
    }
}

fn retry_after(outcome: &Result<Answer, Failed>) -> Option<Duration> {
    outcome.as_ref().ok().and_then(|answer| answer.retry_after)
}

fn why(outcome: &Result<Answer, Failed>) -> String {
    match outcome {
        Ok(answer) => format!("HTTP {}", answer.status),
        Err(failed) => failed.error().what().to_owned(),
    }
}

/// A header value that no log of the libraries below shows.
fn sensitive(value: &Secret, request: &Request) -> Result<HeaderValue, Failed> {
    let mut value = HeaderValue::from_str(value.reveal()).map_err(|_| {
        let error = Error::new(Exit::Config, "a secret has characters that cannot stand in a header");
        Failed::ForGood(error.at(request).hint("store it again without line ends"))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
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
