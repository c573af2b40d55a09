//! How a connection begins: the socket, and TLS at once or after StartTLS (RFC 4511, 4.14).

use crate::address::Address;
use crate::ber::malformed;
use crate::connection::Connection;
use crate::kerberos::server_end_point;
use crate::message::Message;
use crate::request;
use bytes::BytesMut;
use muster_base::{Error, Exit};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

impl Connection {
    /// Connect to `address`, with TLS where it or `start_tls` says so; no wait is longer than `wait`.
    pub async fn open(
        address: &Address,
        tls: Option<&Arc<ClientConfig>>,
        start_tls: bool,
        wait: Duration,
    ) -> Result<Self, Error> {
        let shown = address.to_string();
        let late = || Error::new(Exit::Unavailable, "the server did not answer in time").at(&shown);
        let refused = |error: std::io::Error| {
            Error::new(Exit::Unavailable, format!("cannot connect to the server: {error}")).at(&shown)
        };
        let (name, port, tls_at_once) = match address {
            Address::Socket(path) => {
                let stream = UnixStream::connect(path).await.map_err(refused)?;
                return Ok(Self::over(Box::new(stream), wait, shown));
            }
            Address::Host { name, port, tls } => (name.as_str(), *port, *tls),
        };
        let mut stream =
            timeout(wait, TcpStream::connect((name, port))).await.map_err(|_| late())?.map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;
        if !tls_at_once && !start_tls {
            return Ok(Self::over(Box::new(stream), wait, shown));
        }
        let tls = tls.ok_or_else(|| Error::new(Exit::Bug, "TLS was asked for and not set up"))?;
        if !tls_at_once {
            let asked = timeout(wait, ask_for_tls(&mut stream)).await.map_err(|_| late())?;
            asked.map_err(|error| error.at(&shown))?;
        }
        let server = ServerName::try_from(name.to_owned()).map_err(|_| {
            Error::new(Exit::Config, format!("'{name}' is no name that a certificate can have"))
        })?;
        let secured = timeout(wait, TlsConnector::from(tls.clone()).connect(server, stream));
        let secured = secured.await.map_err(|_| late())?.map_err(|error| insecure(&error).at(&shown))?;
        let certificates = secured.get_ref().1.peer_certificates().unwrap_or_default();
        let bindings = certificates.first().and_then(|certificate| server_end_point(certificate));
        Ok(Self::over(Box::new(secured), wait, shown).with_tls(bindings))
    }
}

/// Have the server agree to StartTLS. What it sends in the clear behind that is an attack.
async fn ask_for_tls(stream: &mut TcpStream) -> Result<(), Error> {
    let cut = |why: String| Error::new(Exit::Unavailable, format!("the connection broke: {why}"));
    let request = request::message(1, &request::start_tls(), &[]);
    stream.write_all(&request).await.map_err(|error| cut(error.to_string()))?;
    let mut buffer = BytesMut::new();
    let answer = loop {
        if let Some(message) = Message::take(&mut buffer)? {
            break message.outcome()?;
        }
        match stream.read_buf(&mut buffer).await {
            Ok(0) => return Err(cut("the server closed it".to_owned())),
            Ok(_) => (),
            Err(error) => return Err(cut(error.to_string())),
        }
    };
    if answer.code != 0 {
        let what = format!("the server refused StartTLS: {} {}", answer.code, answer.text);
        return Err(Error::new(Exit::Config, what).hint("use ldaps://"));
    }
    if buffer.is_empty() { Ok(()) } else { Err(malformed("it sent something in the clear behind StartTLS")) }
}

/// Why TLS did not come about.
fn insecure(error: &std::io::Error) -> Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let failed = |why: &dyn std::fmt::Display| {
        Error::new(Exit::Unavailable, format!("no encrypted connection to the server: {why}"))
    };
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => {
            let unknown = matches!(why, rustls::CertificateError::UnknownIssuer);
            failed(&format!("its certificate is not trusted: {why}")).hint(match unknown {
                true => "name the authority that issued the certificate with --cacert-file",
                false => "use the name that stands in the certificate, or have the certificate renewed",
            })
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            failed(&"it does not speak TLS here").hint("use ldap:// with --starttls, or the port of ldaps")
        }
        _ => failed(error),
    }
}
