//! One connection to a server: messages out, messages in, with a bound on every wait.

use crate::ber::{header, malformed};
use crate::kerberos::Layer;
use crate::message::{EXTENDED_RESPONSE, Message, Outcome, SEARCH_DONE, SEARCH_ENTRY, SEARCH_REFERENCE};
use crate::request::{self, Search};
use bytes::BytesMut;
use muster_base::{Error, Exit};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// Bytes that are asked for at once.
const READ: usize = 1 << 16;

/// What a connection goes over.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open connection.
pub struct Connection {
    stream: Box<dyn Duplex>,
    buffer: BytesMut,
    layer: Option<Layer>,
    has_tls: bool,
    bindings: Option<Vec<u8>>,
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
    /// A connection over `stream` to the server at `address`; no wait is longer than `wait`.
    pub fn over(stream: Box<dyn Duplex>, wait: Duration, address: String) -> Self {
        let buffer = BytesMut::with_capacity(READ);
        Self { stream, buffer, layer: None, has_tls: false, bindings: None, last_id: 0, wait, address }
    }

    /// The same, where `stream` is TLS, to which `bindings` bind a ticket.
    pub fn with_tls(self, bindings: Option<Vec<u8>>) -> Self {
        Self { has_tls: true, bindings, ..self }
    }

    /// Whether TLS protects it.
    pub fn has_tls(&self) -> bool {
        self.has_tls
    }

    /// What binds a ticket to its TLS.
    pub fn bindings(&self) -> Option<Vec<u8>> {
        self.bindings.clone()
    }

    /// The longest wait.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// Have `layer` protect all that follows, what has arrived already among it.
    pub fn protect(&mut self, mut layer: Layer) {
        layer.arriving = self.buffer.split();
        self.layer = Some(layer);
    }

    /// Send a request; the number that its answers carry.
    pub async fn send(&mut self, operation: &[u8], controls: &[Vec<u8>]) -> Result<u32, Error> {
        // The numbers end before the sign bit, and 0 is nobody's.
        self.last_id = self.last_id % 0x7fff_ffff + 1;
        let mut bytes = request::message(self.last_id, operation, controls);
        if let Some(layer) = &mut self.layer {
            *bytes = layer.protect(&bytes).map_err(|error| error.at(&self.address))?;
        }
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
        let buffer = self.layer.as_mut().map_or(&mut self.buffer, |layer| &mut layer.arriving);
        buffer.reserve(READ);
        match timeout(self.wait, self.stream.read_buf(buffer)).await {
            Ok(Ok(0)) => return Err(self.cut("the server closed it")),
            Ok(Ok(_)) => (),
            Ok(Err(error)) => return Err(self.cut(&error.to_string())),
            Err(_) => return Err(self.late()),
        }
        let Some(layer) = &mut self.layer else { return Ok(()) };
        layer.open(&mut self.buffer).map_err(|error| error.at(&self.address))
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
