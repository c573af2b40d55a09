//! Files without a name: what does not fit into memory, gone when the command ends, however it ends.

use muster_base::{Error, Exit, private};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes that are written at once.
const BUFFER: usize = 1 << 18;

/// A directory for such files.
#[derive(Clone, Debug)]
pub(crate) struct SpoolDir(PathBuf);

impl SpoolDir {
    pub(crate) fn new(directory: Option<&Path>) -> Self {
        Self(directory.map_or_else(std::env::temp_dir, Path::to_owned))
    }

    /// A new file, for reading and writing.
    pub(crate) fn file(&self) -> Result<Spool, Error> {
        let failed = |error| {
            Error::new(Exit::Io, format!("cannot write in '{}': {error}", self.0.display()))
                .hint("give another directory with --spool-dir")
        };
        let file = tempfile::tempfile_in(&self.0).and_then(private::owned).map_err(failed)?;
        let reading = file.try_clone()?;
        Ok(Spool { output: BufWriter::with_capacity(BUFFER, file), reading, length: 0 })
    }
}

/// A file that is written from its beginning to its end, and read anywhere.
pub(crate) struct Spool {
    output: BufWriter<File>,
    reading: File,
    length: u64,
}

impl Spool {
    /// Add `bytes`; the offset that they begin at.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<u64, Error> {
        self.output.write_all(bytes).map_err(full)?;
        let offset = self.length;
        self.length += bytes.len() as u64;
        Ok(offset)
    }

    /// Where the next bytes will begin.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// All that was added, to read.
    pub(crate) fn into_file(mut self) -> Result<File, Error> {
        self.output.flush().map_err(full)?;
        Ok(self.reading)
    }
}

fn full(error: std::io::Error) -> Error {
    Error::new(Exit::Io, format!("cannot spool: {error}")).hint("give a directory with room with --spool-dir")
}

/// `length` bytes of `file` from `offset` on.
pub(crate) fn read(file: &File, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset)
        .map_err(|error| Error::new(Exit::Io, format!("cannot read again what was read: {error}")))?;
    Ok(bytes)
}
