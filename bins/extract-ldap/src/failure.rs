//! Result codes as errors: what happened, and what to do.

use crate::message::Outcome;
use muster_base::{Error, Exit};

pub const TIME_LIMIT: u32 = 3;
pub const SIZE_LIMIT: u32 = 4;
pub const REFERRAL: u32 = 10;
pub const ADMIN_LIMIT: u32 = 11;
pub const NO_SUCH_OBJECT: u32 = 32;

/// The names of RFC 4511 for the codes that servers send.
fn name(code: u32) -> &'static str {
    match code {
        1 => "operationsError",
        2 => "protocolError",
        3 => "timeLimitExceeded",
        4 => "sizeLimitExceeded",
        7 => "authMethodNotSupported",
        8 => "strongerAuthRequired",
        10 => "referral",
        11 => "adminLimitExceeded",
        12 => "unavailableCriticalExtension",
        13 => "confidentialityRequired",
        14 => "saslBindInProgress",
        17 => "undefinedAttributeType",
        18 => "inappropriateMatching",
        21 => "invalidAttributeSyntax",
        32 => "noSuchObject",
        34 => "invalidDNSyntax",
        48 => "inappropriateAuthentication",
        49 => "invalidCredentials",
        50 => "insufficientAccessRights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwillingToPerform",
        80 => "other",
        4096 => "e-syncRefreshRequired",
        _ => "an unknown code",
    }
}

impl Outcome {
    /// Code and text, as a message quotes them.
    fn said(&self) -> String {
        let code = format!("{} ({})", self.code, name(self.code));
        if self.text.is_empty() { code } else { format!("{code}: {}", self.text) }
    }

    /// Why a bind failed. `check` is what to look at when the server does not know us.
    pub fn bind_error(&self, check: &'static str) -> Error {
        let error = |exit, what: &str| Error::new(exit, format!("{what}: {}", self.said()));
        match self.code {
            8 | 13 => error(Exit::Config, "the server wants an encrypted connection")
                .hint("use ldaps:// or --starttls"),
            49 => error(Exit::NoPerm, "the server refused the credentials").hint(self.refused_hint(check)),
            48 | 50 | 53 => error(Exit::NoPerm, "the server refused the credentials").hint(check),
            7 => {
                error(Exit::Config, "the server does not know this way to bind").hint("choose another --auth")
            }
            // Its keytab is missing, its password store is away.
            80 => {
                error(Exit::Unavailable, "the server failed at the bind").hint("look into the server's log")
            }
            2 => error(Exit::Config, "the server refused the bind").hint("check --protocol-version"),
            _ => self.error("the bind failed"),
        }
    }

    /// What Active Directory says of a refused bind: `data 52e` and the like.
    fn refused_hint(&self, check: &'static str) -> &'static str {
        let data = self.text.split_once("data ").map(|(_, rest)| rest.split(',').next().unwrap_or_default());
        match data.map(str::trim) {
            Some("525") => "there is no such user: check 'username'",
            Some("530") => "the account may not log on at this time",
            Some("531") => "the account may not log on from this machine",
            Some("532") => "the password has expired: set a new one",
            Some("533") => "the account is disabled",
            Some("701") => "the account has expired",
            Some("773") => "the password must be changed first",
            Some("775") => "the account is locked",
            Some("80090346") => {
                "let TLS end at the domain controller itself: it checks the certificate that we saw"
            }
            _ => check,
        }
    }

    /// Why a search failed. A limit is a partial read, never an end.
    pub fn search_error(&self, base: &str) -> Error {
        let error = |exit, what: String| Error::new(exit, format!("{what}: {}", self.said()));
        match self.code {
            TIME_LIMIT => error(Exit::Partial, "the server's time limit cut the read short".to_owned())
                .hint("narrow the filter or have the limit raised for this user"),
            SIZE_LIMIT => error(Exit::Partial, "the server's size limit cut the read short".to_owned())
                .hint("have the limit raised for this user (OpenLDAP: size.prtotal), or narrow the filter"),
            ADMIN_LIMIT => error(Exit::Partial, "a limit of the server cut the read short".to_owned())
                .hint("try a smaller --page-size, or have the limit raised for this user"),
            NO_SUCH_OBJECT => error(Exit::Config, format!("there is no entry '{base}', or it is hidden"))
                .hint("check 'base_dn', and what this user may read"),
            34 => error(Exit::Config, format!("the server takes '{base}' for no distinguished name"))
                .hint("check 'base_dn'"),
            REFERRAL => {
                let place = self.referrals.first().map(String::as_str).unwrap_or("another server");
                error(Exit::Config, format!("'{base}' is not held by this server"))
                    .hint(format!("ask {place}"))
            }
            _ => self.error(&format!("'{base}' cannot be searched")),
        }
    }

    fn error(&self, what: &str) -> Error {
        let error = |exit| Error::new(exit, format!("{what}: {}", self.said()));
        match self.code {
            1 if self.text.contains("successful bind") || self.text.contains("without authentication") => {
                error(Exit::NoPerm).hint("set 'username' and the secret 'password'")
            }
            8 | 13 => error(Exit::Config).hint("use ldaps:// or --starttls"),
            50 => error(Exit::NoPerm).hint("check what this user may read"),
            51 | 52 => error(Exit::Busy).hint("try again later"),
            53 => error(Exit::Unavailable),
            _ => error(Exit::Protocol),
        }
    }
}
