//! What Vault's statuses mean. Its bodies are `{"errors":[…]}`; nothing else of them is shown.

use muster_base::{Error, Exit, text};
use muster_http::{Answer, Request};
use serde_json::Value;

/// The error that an answer other than 2xx means.
pub(super) fn refused(answer: &Answer, request: &Request) -> Error {
    let said = said(answer);
    let (exit, what, hint) = match answer.status {
        403 => {
            (Exit::NoPerm, "Vault refuses: the token is wrong or has ended, or its policies forbid this", "")
        }
        503 if said.contains("sealed") => (Exit::Unavailable, "Vault is sealed", "`vault operator unseal`"),
        503 => (Exit::Unavailable, "Vault is under maintenance or sealed", "try again later"),
        429 | 412 => (Exit::Busy, "Vault is busy", "try again later"),
        500.. => (Exit::Unavailable, "Vault failed", ""),
        307 => (
            Exit::Protocol,
            "this Vault server stands by and names another",
            "set vault_url to the active one",
        ),
        404 => {
            (Exit::Protocol, "Vault does not know this path", "see vault_mount, vault_path, vault_namespace")
        }
        400 => (Exit::Protocol, "Vault does not accept the request", ""),
        _ => (Exit::Protocol, "Vault answers what cannot be understood", ""),
    };
    let error = Error::new(exit, format!("{what}: {}{said}", answer.status)).at(request);
    if hint.is_empty() { error } else { error.hint(hint) }
}

/// The texts of its errors.
pub(super) fn said(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let errors = body["errors"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let said = errors.collect::<Vec<_>>().join("; ");
    if said.is_empty() { said } else { format!(": {}", text::cut(&said)) }
}

/// Whether an engine of version 2 says, to a read in the way of version 1, that the path is none of its own.
pub(super) fn warns_of_versions(answer: &Answer) -> bool {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let warnings = body["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str);
    warnings.into_iter().any(|text| text.contains("versioned K/V") || text.contains("K/V v2"))
}

/// The body, of which an error says nothing: it may hold secrets.
pub(super) fn json(answer: &Answer, request: &Request) -> Result<Value, Error> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| Error::new(Exit::Protocol, "Vault's answer is not JSON").at(request))
}
