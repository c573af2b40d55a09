//! One connection to a server: messages out, messages in, with a bound on every wait.

use crate::address::Address;
use crate::ber::{header, malformed};
use crate::message::{EXTENDED_RESPONSE, Message, Outcome, SEARCH_DONE, SEARCH_ENTRY, SEARCH_REFERENCE};
use crate::request::{self, Search};
use bytes::BytesMut;
use muster_base::{Error, Exit};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Bytes that are asked for at once.
const READ: usize = 1 << 16;

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open connection.
pub struct Connection {
    stream: Box<dyn Duplex>,
    buffer: BytesMut,
    last_id: u32,
    wait: Duration,
    /// The server, as messages name it.
    pub address: String,
}

/// What a search that is not streamed gave.
pub struct Answer {
    /// Its entries.
    pub entries: Vec<Message>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Connection {
    /// Connect to `address`, with TLS where it or `start_tls` says so; no wait is longer than `wait`.
    pub async fn open(
        address: &Address,
        tls: &Arc<ClientConfig>,
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
        if !tls_at_once {
            let asked = timeout(wait, ask_for_tls(&mut stream)).await.map_err(|_| late())?;
            asked.map_err(|error| error.at(&shown))?;
        }
        let server = ServerName::try_from(name.to_owned()).map_err(|_| {
            Error::new(Exit::Config, format!("'{name}' is no name that a certificate can have"))
        })?;
        let secured = timeout(wait, TlsConnector::from(tls.clone()).connect(server, stream));
        let secured = secured.await.map_err(|_| late())?.map_err(|error| insecure(&error).at(&shown))?;
        Ok(Self::over(Box::new(secured), wait, shown))
    }

    fn over(stream: Box<dyn Duplex>, wait: Duration, address: String) -> Self {
        Self { stream, buffer: BytesMut::with_capacity(READ), last_id: 0, wait, address }
    }

    /// Send a request; the number that its answers carry.
    pub async fn send(&mut self, operation: &[u8], controls: &[Vec<u8>]) -> Result<u32, Error> {
        // The numbers end before the sign bit, and 0 is nobody's.
        self.last_id = self.last_id % 0x7fff_ffff + 1;
        let bytes = request::message(self.last_id, operation, controls);
        let sent = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        match timeout(self.wait, sent).await {
            Ok(Ok(())) => Ok(self.last_id),
            Ok(Err(error)) => Err(self.cut(&error.to_string())),
            Err(_) => Err(self.late()),
        }
    }

    /// The next answer to request `id`.
    pub async fn receive(&mut self, id: u32) -> Result<Message, Error> {
        loop {
            match Message::take(&mut self.buffer).map_err(|error| error.at(&self.address))? {
                Some(message) if message.id == id => return Ok(message),
                Some(message) if message.id == 0 => return Err(self.dismissed(&message)),
                // The end of something that was given up.
                Some(_) => (),
                None => self.fill().await?,
            }
        }
    }

    /// Whether the next answer is still on its way.
    pub fn is_drained(&self) -> bool {
        let whole = header(&self.buffer).ok().flatten().map(|(header, length)| header + length);
        whole.is_none_or(|whole| self.buffer.len() < whole)
    }

    async fn fill(&mut self) -> Result<(), Error> {
        self.buffer.reserve(READ);
        match timeout(self.wait, self.stream.read_buf(&mut self.buffer)).await {
            Ok(Ok(0)) => Err(self.cut("the server closed it")),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.cut(&error.to_string())),
            Err(_) => Err(self.late()),
        }
    }

    /// The one answer to a request.
    pub async fn ask(&mut self, operation: &[u8]) -> Result<Message, Error> {
        let id = self.send(operation, &[]).await?;
        self.receive(id).await
    }

    /// All that a small search gives.
    pub async fn search(&mut self, search: &Search, controls: &[Vec<u8>]) -> Result<Answer, Error> {
        tracing::debug!("search '{}' {} at {}", search.base, search.scope.name(), self.address);
        let id = self.send(&search.operation(), controls).await?;
        let mut entries = Vec::new();
        loop {
            let message = self.receive(id).await?;
            match message.operation {
                SEARCH_ENTRY => entries.push(message),
                SEARCH_REFERENCE => (),
                SEARCH_DONE => {
                    let outcome = message.outcome().map_err(|error| error.at(&self.address))?;
                    return Ok(Answer { entries, outcome });
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    /// Say good-bye. That it was heard does not matter.
    pub async fn close(mut self) {
        let _ = self.send(&request::unbind(), &[]).await;
        let _ = self.stream.shutdown().await;
    }

    /// An answer that does not fit the request.
    pub fn unexpected(&self) -> Error {
        malformed("an answer does not fit the request").at(&self.address)
    }

    fn late(&self) -> Error {
        Error::new(Exit::Unavailable, format!("the server said nothing for {} s", self.wait.as_secs_f64()))
            .at(&self.address)
            .hint("give it longer with --timeout")
    }

    fn cut(&self, why: &str) -> Error {
        Error::new(Exit::Unavailable, format!("the connection broke: {why}")).at(&self.address)
    }

    /// What a message that nobody asked for means: a notice of disconnection.
    fn dismissed(&self, message: &Message) -> Error {
        let outcome = (message.operation == EXTENDED_RESPONSE).then(|| message.outcome().ok()).flatten();
        match outcome {
            Some(outcome) if matches!(outcome.code, 51 | 52) => {
                Error::new(Exit::Busy, format!("the server ended the connection: {}", outcome.text))
                    .at(&self.address)
            }
            Some(outcome) => self.cut(&format!("the server ended it: {} {}", outcome.code, outcome.text)),
            None => self.unexpected(),
        }
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
