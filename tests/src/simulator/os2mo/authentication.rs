//! Who may read: tokens of a stand-in for Keycloak, and the listed session uuids.

use super::collection::Collection;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How callers prove who they are.
#[derive(Clone, Debug)]
pub struct Authentication {
    pub client_id: String,
    pub client_secret: String,
    pub realm: String,
    /// Life of a token; it is refused after exactly this time.
    pub expires_in: Duration,
    /// Roles of tokens, see `Collection::role`; the organisation itself wants `read_org`.
    pub roles: Vec<String>,
    /// Uuids accepted in the header `SESSION`, with all roles.
    pub sessions: Vec<Uuid>,
}

impl Authentication {
    /// Realm `mo`, tokens of 300 seconds with all roles, no sessions.
    pub fn new(client_id: &str, client_secret: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            realm: "mo".to_owned(),
            expires_in: Duration::from_secs(300),
            roles: all_roles(),
            sessions: Vec::new(),
        }
    }
}

/// All roles that the simulator knows.
pub fn all_roles() -> Vec<String> {
    let collections = Collection::ALL.iter().map(|collection| collection.role());
    collections.chain(["read_org", super::service::ROLE]).map(str::to_owned).collect()
}

/// The roles of a reader; `None`: there is no authentication, everything may be read.
pub(super) type Roles = Option<Vec<String>>;

/// Lets callers in or not. Without an `Authentication` everybody may read everything.
pub(super) struct Gate {
    authentication: Mutex<Option<Authentication>>,
    /// Issued tokens with the end of their life; those that expired stay out.
    tokens: Mutex<HashMap<String, Instant>>,
}

impl Gate {
    pub(super) fn new(authentication: Option<Authentication>) -> Self {
        Self { authentication: Mutex::new(authentication), tokens: Mutex::default() }
    }

    /// Change the rules; issued tokens stay valid.
    pub(super) fn change(&self, change: impl FnOnce(&mut Authentication)) {
        if let Some(authentication) = self.authentication.lock().unwrap().as_mut() {
            change(authentication);
        }
    }

    /// Let all issued tokens expire now.
    pub(super) fn expire(&self) {
        self.tokens.lock().unwrap().clear();
    }

    /// The roles of a caller with these headers; an error when it is not authenticated.
    pub(super) fn roles(&self, bearer: Option<&str>, session: Option<&str>) -> Result<Roles, ()> {
        let authentication = self.authentication.lock().unwrap();
        let Some(authentication) = authentication.as_ref() else { return Ok(None) };
        let session = session.and_then(|session| session.parse::<Uuid>().ok());
        if session.is_some_and(|session| authentication.sessions.contains(&session)) {
            return Ok(Some(all_roles()));
        }
        let ends = bearer.and_then(|token| self.tokens.lock().unwrap().get(token).copied());
        match ends {
            Some(ends) if Instant::now() < ends => Ok(Some(authentication.roles.clone())),
            _ => Err(()),
        }
    }

    /// Status and body of the token endpoint's answer to a form.
    pub(super) fn token(&self, realm: &str, form: &HashMap<String, String>) -> (u16, Value) {
        let authentication = self.authentication.lock().unwrap();
        let Some(authentication) = authentication.as_ref().filter(|known| known.realm == realm) else {
            return (404, json!({"error": "Realm does not exist"}));
        };
        let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        if given("grant_type") != "client_credentials" {
            return (
                400,
                json!({"error": "unsupported_grant_type", "error_description": "Unsupported grant_type"}),
            );
        }
        let right = (authentication.client_id.as_str(), authentication.client_secret.as_str());
        if (given("client_id"), given("client_secret")) != right {
            let description = "Invalid client or Invalid client credentials";
            return (401, json!({"error": "invalid_client", "error_description": description}));
        }
        let mut tokens = self.tokens.lock().unwrap();
        let token = format!("token-{}-{}", tokens.len() + 1, fresh(&authentication.client_secret));
        tokens.insert(token.clone(), Instant::now() + authentication.expires_in);
        let seconds = authentication.expires_in.as_secs();
        let answer = json!({
            "access_token": token, "expires_in": seconds, "refresh_expires_in": 0, "token_type": "Bearer",
            "not-before-policy": 0, "scope": "email profile",
        });
        (200, answer)
    }
}

/// A text that no earlier token had.
fn fresh(secret: &str) -> Uuid {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{secret}{count}").as_bytes())
}
