//! The results as they go out. They are a report: when its reader goes away, the run goes on, and its end is told all the
//! same by exit code, summary and ledger. Files that are to be kept are another matter: without them a run stops.

use muster_base::{Error, Exit};
use muster_stream::{Map, Value, Writer};

/// Where results go.
pub(crate) struct Report<'a> {
    output: &'a mut Writer,
    is_read: bool,
}

impl<'a> Report<'a> {
    pub(crate) fn to(output: &'a mut Writer) -> Self {
        Self { output, is_read: true }
    }

    /// Put one more member into the end.
    pub(crate) fn note(&mut self, name: &str, value: Value) {
        self.output.note(name, value);
    }

    /// Write a line.
    pub(crate) fn line(&mut self, map: &Map) -> Result<(), Error> {
        let kind = map.get("_kind").and_then(Value::as_str).unwrap_or_default();
        let mut bytes = serde_json::to_vec(map).map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
        bytes.push(b'\n');
        self.write(|output| output.write_bytes(kind, &bytes))
    }

    /// Hand on what is buffered.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.write(Writer::flush)
    }

    /// Write the end.
    pub(crate) fn end(&mut self, failure: Option<String>) -> Result<(), Error> {
        self.write(|output| output.end(failure))
    }

    fn write(&mut self, write: impl FnOnce(&mut Writer) -> Result<(), Error>) -> Result<(), Error> {
        if !self.is_read {
            return Ok(());
        }
        match write(self.output) {
            Err(error) if error.is_quiet() => {
                tracing::info!("nobody reads the results any more; the run goes on");
                self.is_read = false;
                Ok(())
            }
            written => written,
        }
    }
}

/// What it means that a file that is to be kept could not be written: also that it was a pipe whose reader went away.
pub(crate) fn unkept(what: &str) -> impl Fn(Error) -> Error {
    move |error| match error.is_quiet() {
        true => Error::new(Exit::Io, format!("cannot write {what}: its reader went away")),
        false => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    /// A pipe that fails like this.
    struct Pipe(io::ErrorKind);

    impl io::Write for Pipe {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure_and_a_full_disk_is() {
        let write = |kind| {
            let mut output = Writer::new(Box::new(Pipe(kind)), "test");
            let mut report = Report::to(&mut output);
            report.line(&Map::new()).and_then(|()| report.end(None))
        };
        write(io::ErrorKind::BrokenPipe).unwrap();
        assert_eq!(write(io::ErrorKind::StorageFull).unwrap_err().exit(), Exit::Io);
    }

    #[test]
    fn a_file_that_nobody_keeps_is_a_failure() {
        let error = unkept("the rejects")(Error::closed_pipe());
        assert_eq!(
            (error.exit(), error.to_string().as_str()),
            (Exit::Io, "cannot write the rejects: its reader went away")
        );
    }
}
