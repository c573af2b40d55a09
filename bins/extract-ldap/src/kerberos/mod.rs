//! Binding with a Kerberos ticket: SASL GSSAPI (RFC 4752) in binds of LDAP (RFC 4513, 5.2).
//!
//! The ticket comes from the default cache ($KRB5CCNAME) or is fetched with the key in $KRB5_CLIENT_KTNAME; krb5.conf says
//! where the KDC is. Both sides show who they are, then they agree on what protects the connection: TLS where there is TLS,
//! else the strongest layer that the server offers.

mod binding;
mod failure;
mod gss;
mod layer;

pub use layer::Layer;

use crate::address::Address;
use crate::ber::malformed;
use crate::connection::Connection;
use crate::message::BIND_RESPONSE;
use crate::request;
use gss::Context;
use muster_base::{Error, Exit};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

pub use binding::server_end_point;

/// What a server does not know when it refuses us.
const REFUSED: &str = "check which principal the ticket names (`klist`), and what the server makes of it";
/// What to do when there is no ticket for a principal that was named.
const PRINCIPAL: &str = "get one with `kinit NAME`, or leave 'username' out: it is a principal here";
/// Samba demands a layer, and allows none below TLS: a ticket opens it without.
const WITHOUT_TLS: &str = "use ldap:// without --starttls: Kerberos itself encrypts there";

/// Result codes: strongerAuthRequired, saslBindInProgress.
const STRONGER: u32 = 8;
const IN_PROGRESS: u32 = 14;

/// Layers as RFC 4752 numbers them.
const NONE: u8 = 1;
const SIGNED: u8 = 2;
const SEALED: u8 = 4;

/// Who asks.
pub struct Identity {
    /// The principal whose ticket or key is taken; none: the default one.
    pub principal: Option<String>,
    /// Whom to act as, if the server lets us; empty: ourselves.
    pub authzid: String,
}

/// The conversation, and what we last said in it.
struct Talk {
    context: Context,
    reply: Vec<u8>,
    is_done: bool,
}

impl Identity {
    /// Bind `connection` to the server at `address`. Whether others can read what is sent from now on, TLS aside.
    pub async fn bind(&self, connection: &mut Connection, address: &Address) -> Result<bool, Error> {
        let Address::Host { name: host, .. } = address else {
            return Err(Error::new(
                Exit::Config,
                "Kerberos needs the name of a server, and a socket has none",
            )
            .hint("use ldap://NAME, or --auth external"));
        };
        let mut talk = self.begin(connection, host).await?;
        while let Some(token) = say(connection, &talk.reply).await? {
            if talk.is_done {
                return self.agree(connection, talk.context, &token).await;
            }
            let next = move || {
                (talk.reply, talk.is_done) = talk.context.step(&token).map_err(failure::in_words)?;
                Ok(talk)
            };
            talk = beside(connection.wait(), next).await?;
        }
        Err(malformed("it took the bind before it had shown who it is"))
    }

    /// The first token, for which a KDC may be asked.
    async fn begin(&self, connection: &Connection, host: &str) -> Result<Talk, Error> {
        let (principal, bindings) = (self.principal.clone(), connection.bindings());
        let service = format!("ldap@{host}");
        let begin = move || {
            let mut context = Context::new(&service, principal.as_deref(), bindings).map_err(|failed| {
                let error = failure::in_words(failed);
                if error.exit() == Exit::NoPerm { error.hint(PRINCIPAL) } else { error }
            })?;
            let (reply, is_done) = context.step(b"").map_err(failure::in_words)?;
            Ok(Talk { context, reply, is_done })
        };
        beside(connection.wait(), begin).await
    }

    /// Choose among the layers in `offer`, the end of the handshake, and put it on the connection.
    async fn agree(
        &self,
        connection: &mut Connection,
        mut context: Context,
        offer: &[u8],
    ) -> Result<bool, Error> {
        let (offer, _) = context.unwrap(offer).map_err(failure::on_the_way)?;
        let [offered, size @ ..] = <[u8; 4]>::try_from(offer.as_slice())
            .map_err(|_| malformed("its offer of layers has not four bytes"))?;
        let size = size.into_iter().fold(0, |size, byte| size << 8 | u32::from(byte));
        let chosen = choose(offered, connection.has_tls())
            .ok_or_else(|| malformed("it offers no layer that there is"))?;
        tracing::debug!(
            "layers {offered:#x} of {size} bytes offered, {chosen} chosen at {}",
            connection.address
        );
        let ours = if chosen == NONE { 0 } else { layer::OURS };
        let answer = [&[chosen], &ours.to_be_bytes()[1..], self.authzid.as_bytes()].concat();
        let answer = context.wrap(false, &answer).map_err(failure::in_words)?;
        if say(connection, &answer).await?.is_some() {
            return Err(malformed("it goes on after the end of the handshake"));
        }
        if chosen != NONE {
            connection.protect(Layer::new(context, chosen == SEALED, size)?);
        }
        Ok(chosen != SEALED)
    }
}

/// The layer to take of those `offered`: Active Directory refuses one below TLS.
fn choose(offered: u8, has_tls: bool) -> Option<u8> {
    let wanted = if has_tls { [NONE, SEALED, SIGNED] } else { [SEALED, SIGNED, NONE] };
    wanted.into_iter().find(|layer| offered & layer != 0)
}

/// Say `token`; what the server wants an answer to, or nothing when it has taken the bind.
async fn say(connection: &mut Connection, token: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let answer = connection.ask(&request::sasl_bind("GSSAPI", token)).await?;
    if answer.operation != BIND_RESPONSE {
        return Err(connection.unexpected());
    }
    let outcome = answer.outcome()?;
    match outcome.code {
        0 => Ok(None),
        IN_PROGRESS => answer.challenge().map(Some),
        STRONGER if connection.has_tls() => Err(outcome.bind_error(REFUSED).hint(WITHOUT_TLS)),
        _ => Err(outcome.bind_error(REFUSED)),
    }
}

/// What comes of `work`, which may have to wait for a KDC, on a thread of its own. Nobody can stop that: after `wait` it is
/// left to itself, and ends with the process.
async fn beside<T: Send + 'static>(
    wait: Duration,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::Builder::new().name("kerberos".to_owned());
    // Who does not listen any more has said so.
    let started = thread.spawn(move || drop(sender.send(work())));
    started.map_err(|error| Error::new(Exit::Io, format!("cannot start a thread: {error}")))?;
    match timeout(wait, receiver).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Error::new(Exit::Bug, "the Kerberos library ended its thread")),
        Err(_) => {
            Err(Error::new(Exit::Unavailable, format!("the KDC said nothing for {} s", wait.as_secs_f64()))
                .hint("check the realm in krb5.conf, or give it longer with --timeout"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_enough_and_without_it_the_strongest_layer_is_taken() {
        assert_eq!(choose(7, true), Some(NONE));
        assert_eq!(choose(6, true), Some(SEALED));
        assert_eq!(
            [7, 6, 3, 2, 1].map(|offered| choose(offered, false).unwrap()),
            [SEALED, SEALED, SIGNED, SIGNED, NONE]
        );
        assert_eq!((choose(0, false), choose(8, true)), (None, None));
    }
}
