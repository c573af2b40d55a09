//! A search that is read as it arrives: in pages, the next one asked for while the last is still being written.
//!
//! A task of its own owns the connection. What it reads waits in a short queue; when that is full, it reads no further,
//! so memory does not grow with the directory.

use crate::ber::{Ber, INTEGER, OCTETS, SEQUENCE, number, wrap};
use crate::connection::Connection;
use crate::message::{INTERMEDIATE, Message, Outcome, SEARCH_DONE, SEARCH_ENTRY, SEARCH_REFERENCE};
use crate::request::{self, Search};
use bytes::Bytes;
use muster_base::{Error, Exit};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// The control of simple paged results (RFC 2696).
const PAGED: &str = "1.2.840.113556.1.4.319";
/// Messages that travel together.
const BATCH: usize = 64;
/// Batches that may wait.
const WAITING: usize = 4;

/// A search that is being read.
pub struct Reading {
    batches: mpsc::Receiver<Vec<Message>>,
    task: JoinHandle<(Connection, Result<Ended, Error>)>,
}

/// How a search ended.
pub struct Ended {
    /// The last message.
    pub done: Message,
    /// Its result.
    pub outcome: Outcome,
    /// References to other servers, which nobody followed.
    pub references: u64,
}

impl Reading {
    /// Begin `search` on `connection`, in pages of `page_size` entries, or without pages for none.
    pub fn start(
        connection: Connection,
        search: Search,
        page_size: Option<u32>,
        controls: Vec<Vec<u8>>,
    ) -> Self {
        let (sender, batches) = mpsc::channel(WAITING);
        let task = tokio::spawn(async move {
            let mut source = Source { connection, sender, batch: Vec::with_capacity(BATCH), references: 0 };
            let outcome = source.read(&search, page_size, &controls).await;
            (source.connection, outcome)
        });
        Self { batches, task }
    }

    /// The next entries and intermediate messages; none when there are no more, for whatever reason.
    pub async fn next(&mut self) -> Option<Vec<Message>> {
        self.batches.recv().await
    }

    /// The connection, free for another search, and how this one ended.
    pub async fn finish(self) -> Result<(Connection, Ended), Error> {
        drop(self.batches);
        let (connection, outcome) = self
            .task
            .await
            .map_err(|error| Error::new(Exit::Bug, format!("the reading task failed: {error}")))?;
        outcome.map(|ended| (connection, ended))
    }
}

struct Source {
    connection: Connection,
    sender: mpsc::Sender<Vec<Message>>,
    batch: Vec<Message>,
    references: u64,
}

impl Source {
    async fn read(
        &mut self,
        search: &Search,
        page_size: Option<u32>,
        controls: &[Vec<u8>],
    ) -> Result<Ended, Error> {
        let operation = search.operation();
        let mut id = self.connection.send(&operation, &with_page(controls, page_size, b"")).await?;
        let mut pages = 1_u64;
        loop {
            let done = self.page(id).await?;
            let outcome = done.outcome()?;
            let cookie = if outcome.code == 0 { cookie(&done)? } else { Bytes::new() };
            if cookie.is_empty() || page_size.is_none() {
                self.pass_on().await?;
                tracing::debug!("{pages} pages of '{}' at {}", search.base, self.connection.address);
                return Ok(Ended { done, outcome, references: self.references });
            }
            id = self.connection.send(&operation, &with_page(controls, page_size, &cookie)).await?;
            pages += 1;
            self.pass_on().await?;
        }
    }

    /// Read to the end of a page; its last message.
    async fn page(&mut self, id: u32) -> Result<Message, Error> {
        loop {
            let received = self.connection.receive(id).await;
            let message = match received {
                Ok(message) => message,
                Err(error) => {
                    // What arrived before is still worth having.
                    self.pass_on().await?;
                    return Err(error);
                }
            };
            match message.operation {
                SEARCH_ENTRY | INTERMEDIATE => self.batch.push(message),
                SEARCH_REFERENCE => self.references += 1,
                SEARCH_DONE => return Ok(message),
                _ => return Err(self.connection.unexpected()),
            }
            // Nobody waits for what has arrived because of what has not.
            if self.batch.len() >= BATCH || self.connection.is_drained() {
                self.pass_on().await?;
            }
        }
    }

    async fn pass_on(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        // Nobody reads any more: the one who stopped knows why.
        self.sender.send(batch).await.map_err(|_| Error::closed_pipe())
    }
}

/// `controls`, and the one that asks for the page behind `cookie`. A server that does not know it gives all at once.
fn with_page(controls: &[Vec<u8>], page_size: Option<u32>, cookie: &[u8]) -> Vec<Vec<u8>> {
    let page = page_size.map(|size| {
        let value = wrap(SEQUENCE, &[number(INTEGER, size), wrap(OCTETS, cookie)].concat());
        request::control(PAGED, false, Some(&value))
    });
    controls.iter().cloned().chain(page).collect()
}

fn cookie(done: &Message) -> Result<Bytes, Error> {
    let Some(value) = done.control(PAGED)? else { return Ok(Bytes::new()) };
    let mut page = Ber(Ber(&value).expect(SEQUENCE)?);
    page.next()?;
    Ok(value.slice_ref(page.expect(OCTETS)?))
}
