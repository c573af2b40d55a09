//! OAuth 2.0 client credentials (RFC 6749, 4.4): a bearer token that is renewed before it expires.

use crate::{Client, Request};
use muster_base::{Error, Exit, Secret};
use serde::Deserialize;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

/// A token is renewed so long before its end, or after half its life when that is short.
const MARGIN: Duration = Duration::from_secs(30);
/// What a token is taken to last when the server does not say.
const UNSAID_LIFETIME: u64 = 60;

/// Gets tokens from one token endpoint and keeps the last one; many may ask at once, one request is sent.
pub struct Tokens {
    endpoint: Url,
    client_id: String,
    client_secret: Secret,
    current: Mutex<Option<Token>>,
}

struct Token {
    value: Secret,
    renew_at: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<u64>,
}

impl Tokens {
    /// Tokens of `client_id` from `endpoint`.
    pub fn new(endpoint: Url, client_id: &str, client_secret: Secret) -> Self {
        Self { endpoint, client_id: client_id.to_owned(), client_secret, current: Mutex::new(None) }
    }

    /// The value of the `Authorization` header: `Bearer …`.
    pub async fn bearer(&self, client: &Client) -> Result<Secret, Error> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| Instant::now() < token.renew_at) {
            return Ok(token.value.clone());
        }
        let token = self.fetch(client).await?;
        Ok(current.insert(token).value.clone())
    }

    /// Forget `refused`, which the server did not accept, so that the next call gets another.
    pub async fn forget(&self, refused: &Secret) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|token| token.value == *refused) {
            *current = None;
        }
    }

    async fn fetch(&self, client: &Client) -> Result<Token, Error> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.reveal())
            .finish();
        let mut request = Request::post(self.endpoint.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .repeatable();
        request.body = form.into_bytes();
        let answer = client.send(&request).await?;
        // RFC 6749, 5.2: wrong credentials are answered 401 by some servers and 400 by others.
        if matches!(answer.status, 400 | 401) {
            return Err(answer_refused(&answer.failure(&request), &self.client_id, &request));
        }
        let granted: Granted = answer.success(&request)?.json(&request)?;
        let lifetime = Duration::from_secs(granted.expires_in.unwrap_or(UNSAID_LIFETIME));
        let value = Secret::new(format!("Bearer {}", granted.access_token));
        Ok(Token { value, renew_at: Instant::now() + lifetime.saturating_sub(MARGIN).max(lifetime / 2) })
    }
}

fn answer_refused(failure: &Error, client_id: &str, request: &Request) -> Error {
    Error::new(Exit::NoPerm, format!("no token for the client '{client_id}': {}", failure.what()))
        .at(request)
        .hint("check client id and client secret")
}
