//! The access token, and its renewal with the refresh token (RFC 6749, 6).
//!
//! Swit gives a new refresh token with each renewal. What is lost between its answer and our disk is lost for good, so a
//! mark is stored before a renewal and taken away with the new tokens; a run that finds the mark and whose refresh token is
//! refused knows what happened and says so.

use crate::Store;
use muster_base::{Error, Exit, Secret};
use muster_http::{Answer, Client, Request, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::form_urlencoded;

/// The keys in the store.
pub(crate) const ACCESS: &str = "access_token";
pub(crate) const REFRESH: &str = "refresh_token";
/// There while a renewal is under way.
const MARK: &str = "renewal_begun";
const LOG_IN: &str = "log in with `push-swit --login`";

/// The token endpoint, and who asks there.
pub struct Grants {
    /// Its address.
    pub endpoint: Url,
    /// The client's id.
    pub client_id: Secret,
    /// The client's secret.
    pub client_secret: Secret,
}

/// What the endpoint grants.
#[derive(Deserialize)]
pub struct Granted {
    access_token: String,
    refresh_token: Option<String>,
}

impl Grants {
    /// Tokens for `parameters`, which begin with the `grant_type`; the answer when they are refused.
    pub async fn ask(
        &self,
        client: &Client,
        parameters: &[(&str, &str)],
    ) -> Result<Result<Granted, Answer>, Error> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(parameters)
            .append_pair("client_id", self.client_id.reveal())
            .append_pair("client_secret", self.client_secret.reveal());
        let mut request =
            Request::post(self.endpoint.clone()).header("content-type", "application/x-www-form-urlencoded");
        // A second try could find the code or the refresh token used up.
        request.body = form.finish().into_bytes();
        let answer = client.send(&request).await?;
        match answer.status {
            // RFC 6749, 5.2: wrong credentials are answered 401 by some servers and 400 by others.
            400 | 401 | 403 => Ok(Err(answer)),
            200..=299 => serde_json::from_slice(&answer.body).map(Ok).map_err(|error| {
                // Never the body: it may hold tokens.
                let what =
                    format!("the answer holds no tokens: line {}, column {}", error.line(), error.column());
                Error::new(Exit::Protocol, what).at(&request)
            }),
            _ => Err(answer.failure(&request)),
        }
    }
}

/// The tokens of one organisation; many may ask at once, one renewal is sent.
pub struct Tokens<'a> {
    grants: Option<Grants>,
    store: Box<dyn Store + 'a>,
    current: Mutex<Option<Secret>>,
}

impl<'a> Tokens<'a> {
    /// The tokens in `store`; without `grants` they are not renewed.
    pub fn new(grants: Option<Grants>, store: Box<dyn Store + 'a>) -> Self {
        Self { grants, store, current: Mutex::new(None) }
    }

    /// The token in use.
    pub(crate) async fn bearer(&self, client: &Client) -> Result<Secret, Error> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref() {
            return Ok(token.clone());
        }
        let token = match self.store.load(ACCESS)? {
            Some(token) => token,
            None => self.renewed(client).await?,
        };
        Ok(current.insert(token).clone())
    }

    /// Another token than `refused`, which Swit did not accept.
    pub(crate) async fn renew(&self, refused: &Secret, client: &Client) -> Result<Secret, Error> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| *token != refused) {
            return Ok(token.clone());
        }
        // Another run may have renewed them meanwhile.
        let token = match self.store.load(ACCESS)?.filter(|stored| stored != refused) {
            Some(stored) => stored,
            None => self.renewed(client).await?,
        };
        Ok(current.insert(token).clone())
    }

    async fn renewed(&self, client: &Client) -> Result<Secret, Error> {
        let missing = |what: &str| Error::new(Exit::NoPerm, format!("there is no {what}")).hint(LOG_IN);
        let grants = self.grants.as_ref().ok_or_else(|| {
            missing("token that Swit accepts, and to renew it client_id and client_secret are needed")
        })?;
        let refresh = self.store.load(REFRESH)?.ok_or_else(|| missing("refresh token"))?;
        let was_begun = self.store.load(MARK)?.is_some();
        let mark = Secret::new("yes");
        let marked = self.store.keep(&[(MARK, Some(&mark))]);
        let parameters = [("grant_type", "refresh_token"), ("refresh_token", refresh.reveal())];
        let granted = match grants.ask(client, &parameters).await? {
            Ok(granted) => granted,
            Err(answer) => {
                if !was_begun {
                    // Nothing was lost. That the mark cannot be taken away was told when it could not be set.
                    let _ = self.store.keep(&[(MARK, None)]);
                }
                return Err(refused(&answer, was_begun));
            }
        };
        let access = granted.keep(self.store.as_ref());
        if let Err(error) = marked.and(access.as_ref().map(|_| ()).map_err(|(error, _)| copy(error))) {
            tracing::warn!(
                "the renewed tokens are not kept: {error}; this run goes on, the next must log in again"
            );
        }
        Ok(access.unwrap_or_else(|(_, access)| access))
    }
}

impl Granted {
    /// Keep both in `store` at once, with the mark taken away; the access token, with the error when nothing was kept.
    pub fn keep(self, store: &dyn Store) -> Result<Secret, (Error, Secret)> {
        let (access, refresh) = (Secret::new(self.access_token), self.refresh_token.map(Secret::new));
        let mut entries = vec![(ACCESS, Some(&access)), (MARK, None)];
        // An answer without a refresh token leaves the old one in force.
        if let Some(refresh) = &refresh {
            entries.push((REFRESH, Some(refresh)));
        }
        match store.keep(&entries) {
            Ok(()) => Ok(access),
            Err(error) => Err((error, access)),
        }
    }
}

fn copy(error: &Error) -> Error {
    Error::new(error.exit(), error.what())
}

fn refused(answer: &Answer, was_begun: bool) -> Error {
    let what = match was_begun {
        true => {
            "an earlier run was stopped while it renewed the tokens, and Swit does not accept the old one any more"
        }
        false => "Swit does not accept the refresh token",
    };
    let said = crate::said(answer).map(|said| format!(": {said}")).unwrap_or_default();
    Error::new(Exit::NoPerm, format!("{what}: {}{said}", answer.status)).hint(LOG_IN)
}
