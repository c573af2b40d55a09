//! The values before: what objects said that a run changes or takes away, kept as records before the request is sent.
//!
//! They make a stream of changes, so `diff` builds the way back from it, and nothing is taken away because it is absent.
//! Objects that a run makes are not in it. The file of an earlier run is never written over: a run that was killed and
//! runs again would lose what its first part changed.

use crate::report::unkept;
use crate::{Action, Outcome, Target, Task};
use muster_base::{Error, Exit};
use muster_stream::{Form, Map, Record, Writer, private_file};
use std::cell::RefCell;
use std::collections::HashSet;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Their file, in errors.
const KEPT: &str = "what objects say before";

/// The file that they are kept in; there is none where a run changes nothing.
pub(crate) struct Before {
    path: PathBuf,
    from: String,
    scope: String,
    writer: Option<Writer>,
    /// Objects whose first step was met.
    seen: HashSet<usize>,
}

impl Before {
    /// Refuse a file that holds something already.
    pub(crate) fn check(path: &Path) -> Result<(), Error> {
        if !std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0) {
            return Ok(());
        }
        let what = "--keep-before names a file that holds something already";
        Err(Error::new(Exit::Usage, what).at(path.display()).hint("name a new file for each run"))
    }

    /// Keep them at `path`, in the name of `from` (command and version), of the target `scope`.
    pub(crate) fn at(path: &Path, from: &str, scope: String) -> Self {
        Self { path: path.to_owned(), from: from.to_owned(), scope, writer: None, seen: HashSet::new() }
    }

    /// Begin the file: whatever hinders it shows before the first request.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        self.writer().map(drop)
    }

    fn writer(&mut self) -> Result<&mut Writer, Error> {
        match &mut self.writer {
            Some(writer) => Ok(writer),
            none => {
                let file = BufWriter::new(private_file(&self.path)?);
                let mut writer = Writer::new(Box::new(file), &self.from);
                writer.form(Form::Changes);
                writer.scope(self.scope.clone());
                Ok(none.insert(writer))
            }
        }
    }

    /// Keep `members` of the object of `task`; they are in the file when this returns.
    fn keep(&mut self, task: &Task, members: &Map) -> Result<(), Error> {
        let record = Record::new(&task.kind, &task.key, members.clone());
        let mut line = serde_json::to_vec(&record.into_map())
            .map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
        line.push(b'\n');
        let writer = self.writer()?;
        writer.write_bytes(&task.kind, &line).and_then(|()| writer.flush()).map_err(unkept(KEPT))
    }

    /// End the file.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.end(None)).map_err(unkept(KEPT))
    }
}

/// Keep what an object said before a step changes it, once for an object: as it was read, as the input says, or as the
/// target says when asked. The outcome of the step where that cannot be known.
pub(crate) async fn keep<T: Target>(
    before: &RefCell<Before>,
    target: &T,
    task: &Task,
    entry: usize,
    said: Option<Record>,
) -> Result<Option<Outcome>, Error> {
    if task.action == Action::Create || !before.borrow_mut().seen.insert(entry) {
        return Ok(None);
    }
    let members = match (&task.held, said) {
        (Some(held), _) => Some(held.members.clone()),
        (None, Some(record)) => {
            Some(record.into_map().into_iter().filter(|(name, _)| !name.starts_with('_')).collect())
        }
        (None, None) => match target.before(task).await? {
            Ok(members) => members,
            Err(outcome) => return Ok(Some(outcome.explained("the object as it is cannot be kept"))),
        },
    };
    match members {
        Some(members) => before.borrow_mut().keep(task, &members).map(|()| None),
        None => Ok(None),
    }
}
