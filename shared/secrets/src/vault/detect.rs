//! Which version a KV engine has.
//!
//! Vault tells it where it may be asked. Where it may not, a read tells: only an engine of version 2 answers with a
//! version's number, or warns that the path is none of its own; only one of version 1 gives a secret under the bare path.
//! Where nothing lies yet, nothing tells, and then nothing is written: what is meant for one version would lie in the other
//! where nobody looks for it.

use super::answers::{json, refused, warns_of_versions};
use super::engine::Engine;
use super::session::Session;
use muster_base::{Error, Exit};
use muster_http::{Answer, Client, Method, Request};

/// Types of engines that keep values under keys; older servers say `generic`.
const KV: [&str; 3] = ["kv", "generic", "cubbyhole"];

/// What is known of an engine.
#[derive(Clone)]
pub(super) enum Detected {
    /// It is known well enough to write.
    Known(Engine),
    /// Its version is unknown, and nothing lies at this path in either.
    Empty,
}

impl Detected {
    /// The engine, which must be known: `mount` is its name.
    pub(super) fn known(self, mount: &str) -> Result<Engine, Error> {
        match self {
            Self::Known(engine) => Ok(engine),
            Self::Empty => {
                let what = format!("Vault does not say which version the KV engine '{mount}' has");
                Err(Error::new(Exit::Config, what)
                    .hint("set vault_kv_version to 1 or 2; `vault secrets list -detailed` shows it"))
            }
        }
    }
}

/// The engine that holds `path`: as `configured`, as Vault says, or as its answers show.
pub(super) async fn detect(
    session: &Session,
    client: &Client,
    path: &str,
    mount: &str,
    configured: Option<u8>,
) -> Result<Detected, Error> {
    if let Some(version) = configured {
        return Ok(Detected::Known(Engine::new(mount, path, version, false)));
    }
    if let (_, Some((mount, version))) = ask(session, client, path).await? {
        return Ok(Detected::Known(Engine::new(&mount, path, version, true)));
    }
    let (mut may_look, mut refusal) = (false, None);
    for version in [2, 1] {
        let engine = Engine::new(mount, path, version, true);
        let request = session.request(Method::GET, &engine.address("data"))?;
        let answer = session.send(client, request.clone()).await?;
        if let Some(told) = shown(&answer, version) {
            return Ok(Detected::Known(Engine::new(mount, path, told, true)));
        }
        match answer.status {
            403 => refusal = Some(refused(&answer, &request)),
            404 | 405 => may_look = true,
            _ if answer.is_success() => (),
            _ => return Err(refused(&answer, &request)),
        }
    }
    match refusal.filter(|_| !may_look) {
        Some(refusal) => Err(refusal),
        None => Ok(Detected::Empty),
    }
}

/// What Vault says of the engine that holds `path`: its mount and version; nothing where it may not be asked.
pub(super) async fn ask(
    session: &Session,
    client: &Client,
    path: &str,
) -> Result<(Request, Option<(String, u8)>), Error> {
    let request = session.request(Method::GET, &format!("sys/internal/ui/mounts/{path}"))?;
    let answer = session.send(client, request.clone()).await?;
    if matches!(answer.status, 403 | 404) {
        return Ok((request, None));
    }
    if !answer.is_success() {
        return Err(refused(&answer, &request));
    }
    let data = &json(&answer, &request)?["data"];
    if let Some(other) = data["type"].as_str().filter(|kind| !KV.contains(kind)) {
        return Err(Error::new(
            Exit::Config,
            format!("Vault keeps no secrets there: the engine is '{other}'"),
        )
        .at(&request)
        .hint("set vault_mount to a KV engine"));
    }
    let Some(mount) = data["path"].as_str() else { return Ok((request, None)) };
    let version = if data["options"]["version"].as_str() == Some("2") { 2 } else { 1 };
    let mount = mount.trim_matches('/').to_owned();
    Ok((request, Some((mount, version))))
}

/// The version that an answer shows, to a read in the way of version `asked`.
fn shown(answer: &Answer, asked: u8) -> Option<u8> {
    if warns_of_versions(answer) {
        return Some(2);
    }
    let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    let metadata = &body["data"]["metadata"];
    let is_shown = match asked {
        2 => metadata["version"].is_u64() && metadata["created_time"].is_string(),
        _ => answer.is_success() && body["data"].is_object(),
    };
    is_shown.then_some(asked)
}
