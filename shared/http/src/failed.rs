//! Why a try brought no answer, in words for people.

use crate::Request;
use muster_base::{Error, Exit};

/// Why a try brought no answer.
pub(crate) enum Failed {
    /// Nothing will change it.
    ForGood(Error),
    /// It may go better next time; true when the request cannot have reached the server.
    Perhaps(Error, bool),
}

impl Failed {
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::ForGood(error) | Self::Perhaps(error, _) => error,
        }
    }

    pub(crate) fn error(&self) -> &Error {
        match self {
            Self::ForGood(error) | Self::Perhaps(error, _) => error,
        }
    }
}

/// What a request that brought no answer means; a person names trusted authorities by `authority_setting`.
pub(crate) fn unanswered(
    request: &Request,
    error: &reqwest::Error,
    authority_setting: &'static str,
) -> Failed {
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
        true => Failed::ForGood(
            failure.hint(format!("name the authority that issued the certificate with {authority_setting}")),
        ),
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
pub(crate) fn root(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
