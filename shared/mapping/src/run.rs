//! A whole stream through an engine: all cores, order in = order out, memory that does not grow with the input.

use crate::batch::{Batch, Worker};
use crate::engine::Engine;
use crate::pool::Pool;
use crate::segments::Segments;
use muster_base::{Error, Exit};
use muster_stream::{Block, Blocks, Rejects, Writer};
use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How a stream is mapped.
#[derive(Clone, Debug)]
pub struct Options {
    /// Command and version, for the `_end`.
    pub from: String,
    /// Threads that map; one for each core when nothing is said.
    pub workers: Option<NonZero<usize>>,
    /// Take a stream without `_end` for complete, as hand-made files are.
    pub assume_complete: bool,
    /// The longest line that is taken, in bytes; a longer one is rejected.
    pub max_line: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            from: concat!("map ", env!("CARGO_PKG_VERSION")).to_owned(),
            workers: None,
            assume_complete: false,
            max_line: muster_stream::MAX_LINE,
        }
    }
}

/// What a stream came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records and changes read.
    pub read: u64,
    /// Records and changes written.
    pub written: u64,
    /// Records of which nothing came, by kind: `when` dropped them.
    pub dropped: BTreeMap<String, u64>,
    /// Records and lines that were rejected.
    pub rejected: u64,
    /// The first reason to reject.
    pub first_reject: Option<String>,
    /// Records that are unknown, because something that decides about them could not be read.
    pub unknown: u64,
    /// Records whose kind no map takes, by kind.
    pub unmapped: BTreeMap<String, u64>,
    /// Why the input, or a segment of it, was not whole.
    pub partial: Option<String>,
}

/// Map `input` to `output`, rejected lines to `rejects`.
///
/// Every segment of the input becomes one of the output, complete only when its input was whole. Fails when input or
/// output cannot be read or written, and when segments of both forms are in one stream.
pub fn run(
    engine: &Engine,
    input: impl Read + Send,
    output: &mut Writer,
    rejects: Option<&mut Rejects>,
    options: &Options,
) -> Result<Summary, Error> {
    let workers =
        options.workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let ahead = workers * 2 + 2;
    // A permit for each block that is read but not yet written: without it one slow block would pile up all others. A
    // block of a long line takes several, so that no thread finds more than one of those.
    let (permit, permits) = sync_channel::<()>(ahead);
    let (work, blocks) = sync_channel(ahead);
    let (done, results) = sync_channel(ahead);
    let blocks = Mutex::new(blocks);
    let (pool, max_line) = (Pool::default(), options.max_line);
    let lines = Blocks::new(input).with_max_line(max_line);
    let mut stream = Segments::new(engine, output, rejects, options, &pool);
    std::thread::scope(|scope| {
        let failed = done.clone();
        let pool = &pool;
        scope.spawn(move || read(lines, pool, (&permit, ahead / workers), &work, &failed));
        for _ in 0..workers {
            let (done, blocks) = (done.clone(), &blocks);
            scope.spawn(move || map(Worker::new(engine, pool, max_line), blocks, &done));
        }
        drop(done);
        stream.take_all(results, permits)
    })?;
    Ok(stream.into_summary())
}

pub(crate) type Numbered<T> = (usize, Result<T, Error>);

fn read(
    mut blocks: Blocks<impl Read>,
    pool: &Pool,
    (permit, of_long): (&SyncSender<()>, usize),
    work: &SyncSender<(usize, usize, Block)>,
    failed: &SyncSender<Numbered<Batch>>,
) {
    for number in 0.. {
        if permit.send(()).is_err() {
            return;
        }
        let sent = match blocks.next_block(pool.take()) {
            Ok(None) => return,
            Ok(Some(block)) => {
                let further = if block.is_long() { of_long - 1 } else { 0 };
                (0..further).all(|_| permit.send(()).is_ok())
                    && work.send((number, further + 1, block)).is_ok()
            }
            Err(error) => {
                let error = Error::new(Exit::Io, format!("cannot read: {error}"));
                let _ = failed.send((number, Err(error)));
                return;
            }
        };
        if !sent {
            return;
        }
    }
}

fn map(
    mut worker: Worker<'_>,
    blocks: &Mutex<Receiver<(usize, usize, Block)>>,
    done: &SyncSender<Numbered<Batch>>,
) {
    loop {
        let next = blocks.lock().map(|blocks| blocks.recv());
        let Ok(Ok((number, permits, block))) = next else { return };
        let batch = Batch { permits, ..worker.map(block) };
        if done.send((number, Ok(batch))).is_err() {
            return;
        }
    }
}
