//! Standard output as a buffered file: data only, never line by line.

use muster_base::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::fd::AsFd;

/// Standard output, buffered. A reader that goes away shows as a closed pipe.
pub fn standard_output() -> Result<Box<dyn Write + Send>, Error> {
    let file = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
    Ok(Box::new(BufWriter::with_capacity(1 << 16, file)))
}
