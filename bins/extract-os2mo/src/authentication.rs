//! How the server knows us: a Keycloak token, the legacy session token, or not at all.

use crate::Args;
use muster_base::{Error, Secret};
use muster_command::Context;
use muster_http::{Client, Request, Tokens, join};

/// The way to authenticate.
pub enum Authentication {
    /// A bearer token of a Keycloak client, renewed before it expires.
    Keycloak(Box<Tokens>),
    /// The header `SESSION`, for servers that list this token.
    Session(Secret),
    /// None: a server that asks for none.
    Anonymous,
}

impl Authentication {
    /// The way that the settings ask for.
    pub fn new(args: &Args, context: &Context) -> Result<Self, Error> {
        if let Some(client_id) = &args.client_id {
            let server = args.auth_server.clone().map_or_else(|| join(&args.base(), ["auth"]), Ok)?;
            let endpoint =
                join(&server, ["realms", &args.auth_realm, "protocol", "openid-connect", "token"])?;
            let tokens = Tokens::new(endpoint, client_id, context.secret("client_secret")?);
            return Ok(Self::Keycloak(Box::new(tokens)));
        }
        Ok(context.find_secret("session")?.map_or(Self::Anonymous, Self::Session))
    }

    /// `request` with our credentials, and the token that it carries.
    pub async fn sign(&self, request: Request, client: &Client) -> Result<(Request, Option<Secret>), Error> {
        match self {
            Self::Keycloak(tokens) => {
                let bearer = tokens.bearer(client).await?;
                Ok((request.credential("authorization", bearer.clone()), Some(bearer)))
            }
            Self::Session(token) => Ok((request.credential("session", token.clone()), None)),
            Self::Anonymous => Ok((request, None)),
        }
    }

    /// Forget a token that the server did not accept; whether there is a way to get another.
    pub async fn renew(&self, refused: Option<&Secret>) -> bool {
        match (self, refused) {
            (Self::Keycloak(tokens), Some(token)) => {
                tokens.forget(token).await;
                true
            }
            _ => false,
        }
    }
}
