//! Logins, and what a token may ask about itself.

use super::{Call, Inside, Options, Token, document, errors};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What may be asked without a token.
pub(super) fn without_token(options: &Options, inside: &mut Inside, call: &Call) -> Option<Response> {
    let text = |name: &str| call.document[name].as_str().unwrap_or_default();
    let granted = match (&call.method, call.path) {
        (&Method::POST, "auth/approle/login") => match inside.app_roles.get(text("role_id")) {
            Some(secret_id) => secret_id == text("secret_id"),
            None => return Some(errors(400, &["invalid role or secret ID"])),
        },
        (&Method::POST, "auth/kubernetes/login" | "auth/jwt/login") => {
            inside.kubernetes.get(text("role")).is_some_and(|jwt| jwt == text("jwt"))
        }
        _ => return None,
    };
    if !granted && call.path == "auth/approle/login" {
        return Some(errors(400, &["invalid role or secret ID"]));
    }
    if !granted {
        return Some(errors(403, &["permission denied"]));
    }
    inside.issued += 1;
    let token = format!("hvs.issued-{}", inside.issued);
    let known = Token { uses: options.uses, renewable: true, ttl: 3600, creation_ttl: 3600 };
    inside.tokens.insert(token.clone(), known);
    Some(document("auth", auth(&token, 3600)))
}

/// What a token may ask about itself, and what a wrapping token is for.
pub(super) fn with_token(inside: &mut Inside, call: &Call, token: &str) -> Option<Response> {
    match (&call.method, call.path) {
        (&Method::GET, "auth/token/lookup-self") => {
            let known = inside.tokens.get(token)?;
            let data =
                json!({"ttl": known.ttl, "creation_ttl": known.creation_ttl, "renewable": known.renewable});
            Some(document("data", data))
        }
        (&Method::POST | &Method::PUT, "auth/token/renew-self") => {
            inside.renewed += 1;
            let known = inside.tokens.get_mut(token)?;
            known.ttl = known.creation_ttl;
            let lease = known.ttl;
            Some(document("auth", auth(token, lease)))
        }
        (&Method::POST | &Method::PUT, "auth/token/revoke-self") => {
            inside.revoked += 1;
            inside.tokens.remove(token);
            Some(StatusCode::NO_CONTENT.into_response())
        }
        (&Method::POST | &Method::PUT, "sys/wrapping/unwrap") => {
            let Some(secret_id) = inside.wrapped.remove(token) else {
                return Some(errors(400, &["wrapping token is not valid or does not exist"]));
            };
            inside.tokens.remove(token);
            Some(document("data", json!({"secret_id": secret_id, "secret_id_accessor": "a"})))
        }
        _ => None,
    }
}

fn auth(token: &str, lease: u64) -> Value {
    json!({"client_token": token, "accessor": "x", "policies": ["default", "muster"], "metadata": null,
           "lease_duration": lease, "renewable": true, "token_type": "service", "num_uses": 0})
}
