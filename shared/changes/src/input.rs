//! One side as a file that can be read again: regular files where they lie, pipes by a copy without a name.

use crate::spool::{Spool, SpoolDir};
use memchr::memchr;
use muster_base::{Error, Exit};
use muster_stream::MAX_LINE;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes that are read at once.
const BLOCK: usize = 1 << 18;

/// A line as it lies in the file.
pub(crate) struct Raw<'a> {
    /// Its bytes without the line end; empty when it was too long.
    pub(crate) bytes: &'a [u8],
    pub(crate) offset: u64,
    /// Its number, from 1.
    pub(crate) number: u64,
    /// Whether its `\n` was there.
    pub(crate) ended: bool,
    /// Whether it was longer than what is read.
    pub(crate) too_long: bool,
}

/// An input that was opened, and how its lines are found again.
pub(crate) struct Input {
    source: File,
    /// Where the next block is read; none for a pipe.
    position: Option<u64>,
    copy: Option<Spool>,
    name: String,
}

impl Input {
    /// Open `path`, or standard input when it is `-`.
    pub(crate) fn open(path: &Path, spool: &SpoolDir) -> Result<Self, Error> {
        let is_standard = path == Path::new("-");
        let name = if is_standard { "standard input".to_owned() } else { path.display().to_string() };
        let failed = |error: std::io::Error| Error::new(Exit::Io, format!("cannot read '{name}': {error}"));
        let mut source = match is_standard {
            true => File::from(std::io::stdin().as_fd().try_clone_to_owned().map_err(failed)?),
            false => File::open(path).map_err(failed)?,
        };
        if !source.metadata().map_err(failed)?.is_file() {
            return Ok(Self { source, position: None, copy: Some(spool.file()?), name });
        }
        let position = Some(source.stream_position().map_err(failed)?);
        Ok(Self { source, position, copy: None, name })
    }

    /// Hand every line to `take`; then the file that the lines lie in.
    pub(crate) fn read(mut self, mut take: impl FnMut(Raw<'_>) -> Result<(), Error>) -> Result<File, Error> {
        let mut held =
            Held { bytes: vec![0; BLOCK], offset: self.position.unwrap_or_default(), ..Held::default() };
        loop {
            held.make_room();
            let read = self.block(&mut held.bytes[held.filled..])?;
            if read == 0 {
                held.last(&mut take)?;
                return self.copy.map_or(Ok(self.source), Spool::into_file);
            }
            held.filled += read;
            held.lines(&mut take)?;
        }
    }

    fn block(&mut self, space: &mut [u8]) -> Result<usize, Error> {
        let read = loop {
            let read = match self.position {
                Some(position) => self.source.read_at(space, position),
                None => self.source.read(space),
            };
            match read {
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                other => break other,
            }
        };
        let read =
            read.map_err(|error| Error::new(Exit::Io, format!("cannot read '{}': {error}", self.name)))?;
        self.position = self.position.map(|position| position + read as u64);
        if let Some(copy) = &mut self.copy {
            copy.append(&space[..read])?;
        }
        Ok(read)
    }
}

/// What was read and is not yet a line.
#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    filled: usize,
    /// Where the first of the bytes lies in the file.
    offset: u64,
    number: u64,
    /// The line at hand is too long; its beginning is dropped.
    too_long: bool,
}

impl Held {
    fn make_room(&mut self) {
        if self.filled > MAX_LINE {
            self.too_long = true;
            self.offset += self.filled as u64;
            self.filled = 0;
        }
        if self.bytes.len() - self.filled < BLOCK / 2 {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }

    fn lines(&mut self, take: &mut impl FnMut(Raw<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let mut begin = 0;
        while let Some(length) = memchr(b'\n', &self.bytes[begin..self.filled]) {
            self.number += 1;
            let too_long = std::mem::take(&mut self.too_long) || length > MAX_LINE;
            let bytes = if too_long { &[] } else { &self.bytes[begin..begin + length] };
            let offset = self.offset + begin as u64;
            take(Raw { bytes, offset, number: self.number, ended: true, too_long })?;
            begin += length + 1;
        }
        self.bytes.copy_within(begin..self.filled, 0);
        self.filled -= begin;
        self.offset += begin as u64;
        Ok(())
    }

    fn last(&mut self, take: &mut impl FnMut(Raw<'_>) -> Result<(), Error>) -> Result<(), Error> {
        if self.filled == 0 && !self.too_long {
            return Ok(());
        }
        let too_long = self.too_long || self.filled > MAX_LINE;
        let bytes = if too_long { &[] } else { &self.bytes[..self.filled] };
        take(Raw { bytes, offset: self.offset, number: self.number + 1, ended: false, too_long })
    }
}
