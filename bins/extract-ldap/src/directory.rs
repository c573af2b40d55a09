//! The directory: its servers, tried in order, and who we are there.

use crate::Args;
use crate::address::Address;
use crate::connection::Connection;
use crate::kerberos::Identity;
use crate::message::BIND_RESPONSE;
use crate::request;
use crate::tls::Tls;
use muster_base::{Error, Exit, Secret};
use muster_command::Context;
use rustls::ClientConfig;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How we are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Way {
    /// By name and password, or anonymously.
    Simple,
    /// By the client certificate, or by the user of the process on a local socket (SASL EXTERNAL).
    External,
    /// By a Kerberos ticket, or the key in $KRB5_CLIENT_KTNAME (SASL GSSAPI).
    Gssapi,
}

enum Bind {
    Anonymous,
    Simple(String, Secret),
    External(String),
    Gssapi(Identity),
}

/// The directory that the settings name.
pub struct Directory {
    addresses: Vec<Address>,
    /// The one that answered last.
    chosen: AtomicUsize,
    start_tls: bool,
    /// Whom to trust; nothing where neither TLS nor a trusted file was asked for: the system's authorities take a while.
    tls: Option<Arc<ClientConfig>>,
    bind: Bind,
    version: u8,
    wait: Duration,
    has_warned: AtomicBool,
}

/// What to look at when a server does not know us.
const PASSWORD: &str = "check 'username' and the secret 'password'";
const CERTIFICATE: &str = "check what the server makes of the certificate, or of the local user";

impl Directory {
    /// The directory of these settings.
    pub fn new(args: &Args, context: &Context) -> Result<Self, Error> {
        let addresses = Address::list(&args.address()?)?;
        let tls = Tls {
            verify: args.trust.verify_ssl,
            authorities: args.trust.cacert_file.as_deref(),
            directory: args.trust.cacert_dir.as_deref(),
            identity: args.client_cert.as_deref().zip(args.client_key.as_deref()),
        };
        let begins_with_tls = |address: &Address| matches!(address, Address::Host { tls: true, .. });
        let is_needed = args.starttls || addresses.iter().any(begins_with_tls) || tls.names_files();
        let tls = if is_needed { Some(tls.configuration()?) } else { None };
        let bind = bind(args, context)?;
        warn(args, &addresses, &bind);
        Ok(Self {
            addresses,
            chosen: AtomicUsize::new(0),
            start_tls: args.starttls,
            tls,
            bind,
            version: version(&args.protocol_version),
            wait: Duration::from_secs_f64(args.timeout),
            has_warned: AtomicBool::new(false),
        })
    }

    /// Whether paging and other controls can be asked for.
    pub fn knows_controls(&self) -> bool {
        self.version >= 3
    }

    /// A connection to the server that answered before, else to the first that answers.
    pub async fn connect(&self) -> Result<Connection, Error> {
        let count = self.addresses.len();
        let first = self.chosen.load(Ordering::Relaxed);
        let mut failure = None;
        for index in (first..count).chain(0..first) {
            let Some(address) = self.addresses.get(index) else { continue };
            match self.connect_to(address).await {
                Ok(connection) => {
                    self.chosen.store(index, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(error) if matches!(error.exit(), Exit::Unavailable | Exit::Busy) => {
                    if count > 1 {
                        tracing::warn!("{error}; trying the next server");
                    }
                    failure.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(failure.unwrap_or_else(|| Error::new(Exit::Config, "'url' is empty")))
    }

    async fn connect_to(&self, address: &Address) -> Result<Connection, Error> {
        let mut connection = Connection::open(address, self.tls.as_ref(), self.start_tls, self.wait).await?;
        let (request, check) = match &self.bind {
            Bind::Anonymous => (request::simple_bind(self.version, "", None), PASSWORD),
            Bind::Simple(name, password) => {
                (request::simple_bind(self.version, name, Some(password)), PASSWORD)
            }
            Bind::External(authzid) => (request::sasl_bind("EXTERNAL", authzid.as_bytes()), CERTIFICATE),
            Bind::Gssapi(identity) => {
                let is_open =
                    identity.bind(&mut connection, address).await.map_err(|error| error.at(address))?;
                if is_open
                    && !address.is_private(self.start_tls)
                    && !self.has_warned.swap(true, Ordering::Relaxed)
                {
                    tracing::warn!(
                        "data travels unencrypted to {address}: the server has no layer that encrypts"
                    );
                }
                return Ok(connection);
            }
        };
        let answer = connection.ask(&request).await?;
        if answer.operation != BIND_RESPONSE {
            return Err(connection.unexpected());
        }
        let outcome = answer.outcome().map_err(|error| error.at(address))?;
        match outcome.code {
            0 => Ok(connection),
            _ => Err(outcome.bind_error(check).at(address)),
        }
    }
}

fn bind(args: &Args, context: &Context) -> Result<Bind, Error> {
    let name = args.username.as_deref().or(args.user.as_deref()).unwrap_or_default().trim();
    let name = Some(name).filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("anonymous"));
    let authzid = args.authzid.clone().unwrap_or_default();
    match args.auth {
        Way::External => return Ok(Bind::External(authzid)),
        Way::Gssapi => return Ok(Bind::Gssapi(Identity { principal: name.map(str::to_owned), authzid })),
        Way::Simple if !authzid.is_empty() => {
            return Err(Error::new(
                Exit::Config,
                "a simple bind cannot act as another, which 'authzid' asks for",
            )
            .hint("use --auth gssapi or external, or leave it out"));
        }
        Way::Simple => (),
    }
    let Some(name) = name else { return Ok(Bind::Anonymous) };
    // A name without a password is an anonymous bind that looks like success (RFC 4513, 5.1.2): never sent.
    let password = context.secret("password")?;
    match password.reveal().is_empty() {
        true => Err(Error::new(Exit::Config, format!("the password of '{name}' is empty"))
            .hint("set the secret 'password', or username = anonymous")),
        false => Ok(Bind::Simple(name.to_owned(), password)),
    }
}

fn warn(args: &Args, addresses: &[Address], bind: &Bind) {
    // Whether Kerberos encrypts shows when the server has said what it can.
    let is_known = !matches!(bind, Bind::Gssapi(_));
    for address in addresses.iter().filter(|address| is_known && !address.is_private(args.starttls)) {
        let what = if matches!(bind, Bind::Simple(..)) { "password and data travel" } else { "data travels" };
        tracing::warn!("{what} unencrypted to {address}; use ldaps:// or --starttls");
    }
    if !args.trust.verify_ssl {
        tracing::warn!("the server's certificate is not checked");
    }
}

fn version(text: &str) -> u8 {
    match text.trim() {
        "2" => 2,
        "3" => 3,
        other => {
            tracing::warn!("'protocol_version' is 2 or 3, not '{other}'; 3 is used");
            3
        }
    }
}
