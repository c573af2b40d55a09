//! An access token for Conjur: bought with an API key or a signed token, renewed before its eight minutes are over.

use super::ENCODED;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use muster_base::{Error, Exit, Secret, text};
use muster_http::{Answer, Client, Request, Url};
use percent_encoding::utf8_percent_encode;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// An access token lives eight minutes; a request that is long on its way must still find it alive.
const TOKEN_LIFE: Duration = Duration::from_secs(5 * 60);

/// How we show who we are.
pub(crate) enum Login {
    /// A login name (`admin`, `host/apps/muster`) and its API key.
    ApiKey(String, Secret),
    /// A service of `authn-jwt` and a signed token.
    Jwt(String, Secret),
}

/// Sends requests in the name of one login of one account.
pub(super) struct Session {
    base: Url,
    account: String,
    login: Login,
    token: Mutex<Option<(Secret, Instant)>>,
}

impl Session {
    pub(super) fn new(base: Url, account: &str, login: Login) -> Self {
        Self { base, account: account.to_owned(), login, token: Mutex::default() }
    }

    /// An address with `segments` behind its path, each encoded whole: a `+` or `&` in an id is not itself either.
    pub(super) fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        if segments.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err(Error::new(Exit::Config, "the id of a secret cannot stand in an address"));
        }
        let encoded = segments.iter().map(|segment| format!("/{}", utf8_percent_encode(segment, ENCODED)));
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}", self.base.path().trim_end_matches('/'), encoded.collect::<String>()));
        Ok(url)
    }

    /// The answer to `request` under an access token; one that is refused is replaced once.
    pub(super) async fn send(&self, client: &Client, request: Request) -> Result<(Answer, Request), Error> {
        let mut is_fresh = false;
        loop {
            let token = self.token(client, is_fresh).await?;
            let value = Secret::new(format!("Token token=\"{}\"", token.reveal()));
            let signed = request.clone().credential("authorization", value);
            let answer = client.send(&signed).await?;
            if answer.status != 401 || is_fresh {
                return Ok((answer, signed));
            }
            is_fresh = true;
        }
    }

    async fn token(&self, client: &Client, is_to_be_fresh: bool) -> Result<Secret, Error> {
        let mut current = self.token.lock().await;
        if let Some((token, renew_at)) = current.as_ref().filter(|_| !is_to_be_fresh)
            && Instant::now() < *renew_at
        {
            return Ok(token.clone());
        }
        let token = self.authenticate(client).await?;
        *current = Some((token.clone(), Instant::now() + TOKEN_LIFE));
        Ok(token)
    }

    async fn authenticate(&self, client: &Client) -> Result<Secret, Error> {
        let (url, content, body) = match &self.login {
            Login::ApiKey(login, key) => (
                self.url(&["authn", &self.account, login, "authenticate"])?,
                "text/plain",
                key.reveal().to_owned(),
            ),
            Login::Jwt(service, jwt) => (
                self.url(&["authn-jwt", service, &self.account, "authenticate"])?,
                "application/x-www-form-urlencoded",
                format!("jwt={}", utf8_percent_encode(jwt.reveal(), ENCODED)),
            ),
        };
        // Asked so, the token comes as the header wants it; servers that do not know this send JSON.
        let mut request = Request::post(url)
            .header("content-type", content)
            .header("accept-encoding", "base64")
            .repeatable();
        request.body = body.into_bytes();
        let answer = client.send(&request).await?;
        if !answer.is_success() {
            return Err(refused(&answer, &request));
        }
        let token = Secret::new(answer.text());
        let value = token.reveal().trim();
        Ok(match value.starts_with('{') {
            true => Secret::new(BASE64_STANDARD.encode(value)),
            false => Secret::new(value.replace(['\r', '\n'], "")),
        })
    }
}

/// The error that an answer other than 2xx means; of the body only the message is shown.
pub(super) fn refused(answer: &Answer, request: &Request) -> Error {
    let (exit, what) = match answer.status {
        401 => (Exit::NoPerm, "CyberArk refuses the login or its API key"),
        403 => (Exit::NoPerm, "CyberArk does not let this login read or write it"),
        404 => (Exit::Config, "CyberArk does not know this account or service"),
        408 | 425 | 429 | 503 => (Exit::Busy, "CyberArk is busy"),
        500.. => (Exit::Unavailable, "CyberArk failed"),
        _ => (Exit::Protocol, "CyberArk does not accept the request"),
    };
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said =
        body["error"]["message"].as_str().map(|said| format!(": {}", text::cut(said))).unwrap_or_default();
    Error::new(exit, format!("{what}: {}{said}", answer.status)).at(request)
}
