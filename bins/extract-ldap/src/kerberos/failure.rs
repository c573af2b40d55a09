//! What Kerberos says, in words: what is missing, and what to do.

use super::gss::Failure;
use crate::ber::malformed;
use muster_base::{Error, Exit, text};

/// Where the numbers of Kerberos begin (krb5_err.et).
const KRB5: u32 = 0_u32.wrapping_sub(1_765_328_384);

/// What is to be done without a ticket.
const GET_ONE: &str = "get one with `kinit`, or name a keytab in KRB5_CLIENT_KTNAME";

/// A failure behind the handshake: something came that the server cannot have sent so.
pub fn on_the_way(failure: Failure) -> Error {
    match failure {
        Failure::Refused { text, .. } => {
            malformed(&format!("it was changed on the way: {}", text::cut(&text)))
        }
        other => in_words(other),
    }
}

/// A failure of the handshake: what is missing, and what to do.
pub fn in_words(failure: Failure) -> Error {
    let (major, minor, text) = match failure {
        Failure::Missing(why) => {
            return Error::new(Exit::Config, format!("Kerberos is not installed here: {}", text::cut(&why)))
                .hint("install libgssapi-krb5-2 (Debian, Ubuntu) or krb5-libs (Red Hat)");
        }
        Failure::Broken(why) => return malformed(&text::cut(&why)),
        Failure::Refused { major, minor, text } => (major, minor, text::cut(&text)),
    };
    let error = |exit, what: &str| Error::new(exit, format!("{what}: {text}"));
    let failed = match (minor.wrapping_sub(KRB5), major >> 16 & 0xff) {
        // The KDC, and the way to it.
        (29 | 156 | 220, _) => error(Exit::Unavailable, "the KDC cannot be reached")
            .hint("check the network, and the realm in krb5.conf"),
        (135 | 136 | 154 | 217 | 224, _) => {
            error(Exit::Config, "Kerberos is not set up here").hint("name the realm and its KDC in krb5.conf")
        }
        (33 | 37 | 148, _) => {
            error(Exit::NoPerm, "the clocks differ too much").hint("set the clock of this machine")
        }
        // The server.
        (2 | 7 | 185, _) => error(Exit::NoPerm, "the KDC does not know this server")
            .hint("give the server's own name in --url, the NAME of its principal ldap/NAME"),
        (35 | 36 | 44 | 45 | 46 | 158, _) => error(Exit::NoPerm, "the server's key is another")
            .hint("get a new ticket, or have the keytab of the server made again"),
        // Ourselves. What our key does not decrypt says that it is not ours any more.
        (1 | 6 | 18 | 20 | 21 | 23 | 24 | 31, _) => error(Exit::NoPerm, "the KDC refused us")
            .hint("check the account, and the keytab in KRB5_CLIENT_KTNAME"),
        (32, _) | (_, 11) => error(Exit::NoPerm, "the Kerberos ticket has expired").hint(GET_ONE),
        (141 | 142 | 181 | 195, _) | (_, 7) => {
            error(Exit::NoPerm, "there is no Kerberos ticket").hint(GET_ONE)
        }
        (133 | 134, _) | (_, 2 | 3) => error(Exit::Config, "this is no name for Kerberos"),
        // A token that is damaged or forged.
        (41 | 42 | 47 | 49, _) | (_, 6 | 9) => error(Exit::Protocol, "the server broke the protocol"),
        _ => error(Exit::NoPerm, "Kerberos failed"),
    };
    // Ten digits would be taken for a CPR number.
    failed.because(format!("GSS-API {major:#x}, Kerberos {minor:#x}"))
}
