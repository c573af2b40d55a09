//! The input as a reader that a signal can end: a blocked read of a pipe cannot be, so a thread does the reading.

use muster_base::{Error, Exit};
use muster_command::Stop;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

const CHUNK: usize = 1 << 16;
/// Chunks that may wait.
const WAITING: usize = 4;
/// So often the wish to stop is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// What is read.
pub(crate) struct Input {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    used: usize,
    stop: Option<Stop>,
}

impl Input {
    /// The file at `path`; standard input when it is `-` or nothing.
    pub(crate) fn open(path: Option<&Path>, stop: Option<Stop>) -> Result<Self, Error> {
        let source: Box<dyn Read + Send> = match path.filter(|path| *path != Path::new("-")) {
            None => Box::new(io::stdin()),
            Some(path) => Box::new(File::open(path).map_err(|error| {
                Error::new(Exit::Io, format!("cannot read '{}': {error}", path.display()))
            })?),
        };
        let (sender, chunks) = sync_channel(WAITING);
        std::thread::spawn(move || read(source, &sender));
        Ok(Self { chunks, chunk: Vec::new(), used: 0, stop })
    }

    fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.requested().is_some())
    }
}

/// Read to the end, or until nobody listens any more.
fn read(mut source: Box<dyn Read + Send>, sender: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut chunk = vec![0; CHUNK];
        let read = match source.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(0) => return,
            Ok(length) => {
                chunk.truncate(length);
                Ok(chunk)
            }
            Err(error) => Err(error),
        };
        let is_last = read.is_err();
        if sender.send(read).is_err() || is_last {
            return;
        }
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.used == self.chunk.len() {
            if self.is_stopped() {
                return Err(io::Error::other("a signal asked to stop"));
            }
            match self.chunks.recv_timeout(LOOK) {
                Ok(chunk) => (self.chunk, self.used) = (chunk?, 0),
                Err(RecvTimeoutError::Timeout) => (),
                // The thread is through.
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(&self.chunk[self.used..])
    }

    fn consume(&mut self, amount: usize) {
        self.used += amount;
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}
