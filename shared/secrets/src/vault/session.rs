//! A token for Vault: given, or logged in for; renewed while it lives, given back at the end.

use super::answers::{json, refused, said};
use crate::{Change, Options};
use muster_base::{Error, Exit, Secret};
use muster_http::{Answer, Client, Method, Request, Url, join};
use serde_json::{Value, json as object};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// Nodes that follow another one answer 412 until they know what it knows.
const CONSISTENCY_TRIES: u32 = 4;
const CONSISTENCY_WAIT: Duration = Duration::from_millis(150);

/// Keeps what a login brought for the next time: a wrapped secret id can be unwrapped once.
pub(crate) type Keep = Box<dyn Fn(&[Change]) -> Result<(), Error> + Send + Sync>;

/// How we show who we are.
pub(crate) struct Credentials {
    pub(crate) login: Login,
    pub(crate) keep: Keep,
}

/// The ways to a token.
pub(crate) enum Login {
    /// It is given.
    Token(Secret),
    /// `auth/{mount}/login` with a role id and a secret id; the second may be wrapped.
    AppRole { role_id: Secret, secret_id: Option<Secret>, wrapped: Option<Secret> },
    /// `auth/{mount}/login` with a role and a signed token: Kubernetes, or any issuer.
    Jwt { method: &'static str, role: String, jwt: Secret },
}

pub(super) struct Session {
    base: Url,
    credentials: Credentials,
    auth_mount: Option<String>,
    namespace: Option<String>,
    allow_hosts: Vec<String>,
    current: Mutex<Option<Token>>,
    has_login: AtomicBool,
}

struct Token {
    value: Secret,
    /// When to renew it or log in again; nothing for one that does not end.
    renew_at: Option<Instant>,
    is_renewable: bool,
}

impl Session {
    pub(super) fn new(base: Url, credentials: Credentials, options: &Options) -> Self {
        let hosts = options.get("vault_hosts").unwrap_or_default().split([',', ' ']);
        Self {
            base,
            credentials,
            auth_mount: options.get("vault_auth_mount").map(str::to_owned),
            namespace: options.or_variable("vault_namespace", &["VAULT_NAMESPACE"]),
            allow_hosts: hosts.filter(|host| !host.is_empty()).map(str::to_owned).collect(),
            current: Mutex::default(),
            has_login: AtomicBool::new(false),
        }
    }

    /// A request for `path` below `/v1/`, each part of it one segment.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<Request, Error> {
        let parts = path.split('/').filter(|part| !part.is_empty());
        let mut request = Request::new(method, join(&self.base, std::iter::once("v1").chain(parts))?);
        request.allow_hosts.clone_from(&self.allow_hosts);
        // An agent in front of Vault can demand this header, as a guard against forged requests.
        let request = request.header("x-vault-request", "true");
        Ok(match &self.namespace {
            Some(namespace) => request.header("x-vault-namespace", namespace.trim_matches('/')),
            None => request,
        })
    }

    /// The answer to `request` under our token. One that Vault no longer takes is replaced once, where we can log in.
    pub(super) async fn send(&self, client: &Client, request: Request) -> Result<Answer, Error> {
        let token = self.token(client).await?;
        let answer = consistent(client, &request.clone().credential("x-vault-token", token.clone())).await?;
        if answer.status != 403 || matches!(self.credentials.login, Login::Token(_)) {
            return Ok(answer);
        }
        self.forget(&token).await;
        let token = self.token(client).await?;
        consistent(client, &request.credential("x-vault-token", token)).await
    }

    async fn token(&self, client: &Client) -> Result<Secret, Error> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_mut() {
            let is_due = token.renew_at.is_some_and(|at| at <= Instant::now());
            if !is_due || (token.is_renewable && self.renew(client, token).await) {
                return Ok(token.value.clone());
            }
        }
        let token = self.log_in(client).await?;
        Ok(current.insert(token).value.clone())
    }

    async fn forget(&self, refused: &Secret) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|token| token.value == *refused) {
            *current = None;
        }
    }

    async fn log_in(&self, client: &Client) -> Result<Token, Error> {
        let (method, body) = match &self.credentials.login {
            Login::Token(value) => return Ok(self.given(client, value).await),
            Login::AppRole { role_id, secret_id, wrapped } => {
                let secret_id = match (secret_id, wrapped) {
                    (None, Some(wrapped)) => Some(self.unwrap(client, wrapped).await?),
                    (secret_id, _) => secret_id.clone(),
                };
                let secret_id = secret_id.as_ref().map(Secret::reveal);
                ("approle", body(&object!({"role_id": role_id.reveal(), "secret_id": secret_id})))
            }
            Login::Jwt { method, role, jwt } => {
                (*method, body(&object!({"role": role, "jwt": jwt.reveal()})))
            }
        };
        let mount = self.auth_mount.as_deref().unwrap_or(method);
        let mut request = self.request(Method::POST, &format!("auth/{mount}/login"))?.repeatable();
        request.body = body.to_vec();
        let answer = client.send(&request).await?;
        // A wrong role or secret id is answered 400.
        if answer.status == 400 {
            return Err(
                Error::new(Exit::NoPerm, format!("Vault refuses the login{}", said(&answer))).at(&request)
            );
        }
        let token = granted(&success(answer, &request)?, &request)?;
        self.has_login.store(true, Ordering::Relaxed);
        Ok(token)
    }

    /// A token that was given; where it may ask for itself, it is renewed when half of its time is over, so that one that
    /// is used daily does not end.
    async fn given(&self, client: &Client, value: &Secret) -> Token {
        let mut token = Token { value: value.clone(), renew_at: None, is_renewable: false };
        let Ok(request) = self.request(Method::GET, "auth/token/lookup-self") else { return token };
        let request = request.credential("x-vault-token", value.clone());
        let Some(answer) = client.send(&request).await.ok().filter(Answer::is_success) else { return token };
        let about = json(&answer, &request).unwrap_or_default();
        let seconds = |name: &str| about["data"][name].as_u64().unwrap_or_default();
        let (left, whole) = (seconds("ttl"), seconds("creation_ttl"));
        token.is_renewable = about["data"]["renewable"].as_bool() == Some(true);
        if left > 0 {
            token.renew_at = Some(renewal(left));
        }
        if token.is_renewable && left < whole / 2 {
            self.renew(client, &mut token).await;
        }
        token
    }

    async fn renew(&self, client: &Client, token: &mut Token) -> bool {
        let Ok(request) = self.request(Method::POST, "auth/token/renew-self") else { return false };
        let request = request.credential("x-vault-token", token.value.clone()).repeatable();
        let Some(answer) = client.send(&request).await.ok().filter(Answer::is_success) else { return false };
        let Ok(renewed) = granted(&answer, &request) else { return false };
        token.renew_at = renewed.renew_at;
        token.is_renewable = renewed.is_renewable;
        true
    }

    /// The secret id in a wrapping. It comes out once, so it is kept before it is used.
    async fn unwrap(&self, client: &Client, wrapped: &Secret) -> Result<Secret, Error> {
        let request = self.request(Method::POST, "sys/wrapping/unwrap")?;
        let request = request.credential("x-vault-token", wrapped.clone());
        let answer = client.send(&request).await?;
        if answer.status == 400 {
            let what = "the wrapped secret id has ended, or somebody has unwrapped it before";
            return Err(Error::new(Exit::NoPerm, what)
                .at(&request)
                .hint("have a new one made, and look who did"));
        }
        let answer = success(answer, &request)?;
        let secret_id = json(&answer, &request)?["data"]["secret_id"].as_str().map(Secret::new);
        let missing = || Error::new(Exit::Protocol, "there is no secret id in the wrapping").at(&request);
        let secret_id = secret_id.ok_or_else(missing)?;
        (self.credentials.keep)(&[
            Change::set("vault_secret_id", &secret_id),
            Change::remove("vault_wrapped_secret_id"),
        ])?;
        Ok(secret_id)
    }

    /// Whether a token of ours is still alive.
    pub(super) fn is_to_be_revoked(&self) -> bool {
        self.has_login.load(Ordering::Relaxed)
    }

    pub(super) async fn revoke(&self, client: &Client) -> Result<(), Error> {
        let Some(token) = self.current.lock().await.take() else { return Ok(()) };
        let request = self.request(Method::POST, "auth/token/revoke-self")?;
        client.send(&request.credential("x-vault-token", token.value)).await.map(|_| ())
    }
}

/// Send `request` until the node that answers knows what its leader knows.
async fn consistent(client: &Client, request: &Request) -> Result<Answer, Error> {
    for tried in 1.. {
        let answer = client.send(request).await?;
        if answer.status != 412 || tried >= CONSISTENCY_TRIES {
            return Ok(answer);
        }
        tokio::time::sleep(CONSISTENCY_WAIT * tried).await;
    }
    Err(Error::new(Exit::Bug, "Vault is asked no more"))
}

pub(super) fn success(answer: Answer, request: &Request) -> Result<Answer, Error> {
    if answer.is_success() { Ok(answer) } else { Err(refused(&answer, request)) }
}

fn body(value: &Value) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(value.to_string().into_bytes())
}

fn granted(answer: &Answer, request: &Request) -> Result<Token, Error> {
    let auth = &json(answer, request)?["auth"];
    let missing = || Error::new(Exit::Protocol, "there is no token in Vault's answer").at(request);
    let value = auth["client_token"].as_str().map(Secret::new).ok_or_else(missing)?;
    let lease = auth["lease_duration"].as_u64().filter(|seconds| *seconds > 0);
    Ok(Token { value, renew_at: lease.map(renewal), is_renewable: auth["renewable"].as_bool() == Some(true) })
}

/// When a lease of so many seconds is to be renewed: after two thirds of it.
fn renewal(seconds: u64) -> Instant {
    // A lease of a century does not fit into every clock; a day is soon enough.
    Instant::now() + Duration::from_millis(seconds.min(86_400 * 3) * 667)
}
