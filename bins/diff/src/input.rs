//! A file, or standard input, read from its beginning to its end.

use muster_base::{Error, Exit};
use std::fs::File;
use std::io::{BufReader, Read, stdin};
use std::path::Path;

/// Open `path`; `-` is standard input.
pub fn open(path: &Path) -> Result<BufReader<Box<dyn Read>>, Error> {
    let failed = |error| Error::new(Exit::Io, format!("cannot read '{}': {error}", path.display()));
    let input: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(stdin()),
        false => Box::new(File::open(path).map_err(failed)?),
    };
    Ok(BufReader::with_capacity(1 << 16, input))
}
