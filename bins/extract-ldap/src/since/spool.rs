//! Lines that wait until it is sure that they will be written: in a file without a name, gone when the command ends.

use crate::extraction::Sink;
use muster_base::{Error, Exit};
use muster_stream::Writer;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;

/// Waiting lines of one kind.
pub struct Spool(BufWriter<File>);

impl Spool {
    /// An empty one, in the directory `beside`.
    pub fn new(beside: &Path) -> Result<Self, Error> {
        let file = tempfile::tempfile_in(beside).map_err(|error| {
            Error::new(Exit::Io, format!("cannot write in '{}': {error}", beside.display()))
        })?;
        Ok(Self(BufWriter::with_capacity(1 << 16, file)))
    }

    /// Write all of them to `output`, as lines of `kind`.
    pub fn pour(self, kind: &str, output: &mut Writer) -> Result<(), Error> {
        let mut file = self.0.into_inner().map_err(|error| Error::from(error.into_error()))?;
        file.rewind()?;
        let (mut lines, mut line) = (BufReader::with_capacity(1 << 16, file), Vec::new());
        while lines.read_until(b'\n', &mut line)? > 0 {
            output.write_bytes(kind, &line)?;
            line.clear();
        }
        Ok(())
    }
}

impl Sink for Spool {
    fn line(&mut self, _kind: &str, line: &[u8]) -> Result<(), Error> {
        Ok(self.0.write_all(line)?)
    }
}
