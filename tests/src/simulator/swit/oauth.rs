//! The OAuth pages: an administrator who agrees at once, codes, tokens and their refresh.

use super::Shared;
use super::organisation::{Code, Organisation};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use url::{Url, form_urlencoded};

type Parameters = HashMap<String, String>;

/// `GET /oauth/authorize`: back to the caller with a code.
pub(super) async fn authorize(State(shared): State<Shared>, uri: Uri) -> Response {
    let mut organisation = shared.lock().unwrap();
    let asked = parameters(uri.query().unwrap_or_default().as_bytes());
    let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let redirect_uri = get("redirect_uri");
    if get("response_type") != "code" || get("client_id") != organisation.options.client_id {
        return (StatusCode::BAD_REQUEST, "unknown client").into_response();
    }
    if get("scope").split(' ').all(|scope| scope != "admin:write")
        || !is_registered(&organisation, &redirect_uri)
    {
        return (StatusCode::BAD_REQUEST, "redirect_uri or scope is not registered").into_response();
    }
    let code = format!("code-{}", organisation.new_id());
    let challenge = asked.get("code_challenge").cloned();
    organisation.codes.insert(code.clone(), Code { redirect_uri: redirect_uri.clone(), challenge });
    let mut back = Url::parse(&redirect_uri).unwrap();
    back.query_pairs_mut().append_pair("code", &code);
    if let Some(state) = asked.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    Redirect::to(back.as_str()).into_response()
}

/// `POST /oauth/token`: a code or a refresh token against tokens.
pub(super) async fn token(State(shared): State<Shared>, body: Bytes) -> Response {
    let mut organisation = shared.lock().unwrap();
    let sent = parameters(&body);
    let get = |name: &str| sent.get(name).map(String::as_str).unwrap_or_default();
    let (id, secret) = (get("client_id"), get("client_secret"));
    if id != organisation.options.client_id || secret != organisation.options.client_secret {
        return refused(401, "invalid_client");
    }
    let is_granted = match get("grant_type") {
        "authorization_code" => take_code(&mut organisation, &sent),
        "refresh_token" => take_refresh(&mut organisation, get("refresh_token")),
        _ => return refused(400, "unsupported_grant_type"),
    };
    if !is_granted {
        return refused(400, "invalid_grant");
    }
    let access = format!("access-{}", organisation.new_id());
    organisation.tokens.insert(access.clone(), false);
    let mut answer = json!({
        "access_token": access, "expires_in": 604_800, "token_type": "Bearer",
        "scope": "user:read admin:read admin:write",
    });
    if organisation.options.rotates || get("grant_type") == "authorization_code" {
        let refresh = format!("refresh-{}", organisation.new_id());
        organisation.refresh_tokens.push(refresh.clone());
        answer["refresh_token"] = refresh.into();
    }
    Json(answer).into_response()
}

/// A code serves once, for the address it was sent to and the verifier of its challenge.
fn take_code(organisation: &mut Organisation, sent: &Parameters) -> bool {
    let Some(code) = sent.get("code").and_then(|code| organisation.codes.remove(code)) else { return false };
    let verified = match (&code.challenge, organisation.options.pkce) {
        (Some(challenge), true) => sent.get("code_verifier").is_some_and(|verifier| {
            BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == *challenge
        }),
        _ => true,
    };
    verified && sent.get("redirect_uri") == Some(&code.redirect_uri)
}

fn take_refresh(organisation: &mut Organisation, token: &str) -> bool {
    let Some(place) = organisation.refresh_tokens.iter().position(|known| known == token) else {
        return false;
    };
    if organisation.options.rotates {
        organisation.refresh_tokens.remove(place);
    }
    true
}

/// Whether an address is registered, its port left out of account.
fn is_registered(organisation: &Organisation, uri: &str) -> bool {
    let Ok(mut url) = Url::parse(uri) else { return false };
    let _ = url.set_port(None);
    organisation.options.redirect_uris.iter().any(|known| *known == uri || known == url.as_str())
}

fn parameters(text: &[u8]) -> Parameters {
    form_urlencoded::parse(text).into_owned().collect()
}

fn refused(status: u16, error: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(json!({ "error": error }))).into_response()
}
