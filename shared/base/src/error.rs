//! An error as a person reads it: what happened, where, what to do next, on one line.

use crate::{Exit, secret, text};
use std::fmt;

/// What went wrong, its place, the next action, and the exit code it leads to.
///
/// Made where the failure is known, carried up by `?` unchanged; whoever knows the place adds it with [`Error::at`].
#[derive(Debug)]
pub struct Error(Box<Parts>);

#[derive(Debug)]
struct Parts {
    exit: Exit,
    what: String,
    place: Option<String>,
    hint: Option<String>,
    causes: Vec<String>,
    quiet: bool,
}

impl Error {
    /// A failure in words: lower case, no full stop, the failure before the cause. A secret in it is masked now, while it is
    /// known to be one.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            exit,
            what: secret::mask(&what.into()),
            place: None,
            hint: None,
            causes: Vec::new(),
            quiet: false,
        }))
    }

    /// The reader of our output went away: the command ends without a word and without failure.
    pub fn closed_pipe() -> Self {
        let mut error = Self::new(Exit::Done, "the reader of the output went away");
        error.0.quiet = true;
        error
    }

    /// Where it happened: file and line, method and URL, record key. A place that is known already stays. A secret in it is
    /// masked now, too: an address may come from a redirect that sends our credentials back.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.0.place.get_or_insert_with(|| secret::mask(&place.to_string()));
        self
    }

    /// What the reader can do next.
    pub fn hint(mut self, action: impl Into<String>) -> Self {
        self.0.hint = Some(secret::mask(&action.into()));
        self
    }

    /// A deeper cause, shown with `-v`.
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.0.causes.push(secret::mask(&cause.to_string()));
        self
    }

    /// The exit code it leads to.
    pub fn exit(&self) -> Exit {
        self.0.exit
    }

    /// Whether it is to be passed over in silence.
    pub fn is_quiet(&self) -> bool {
        self.0.quiet
    }

    /// The deeper causes, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// What happened, without place and next action: the short form for a line about one of many records.
    pub fn what(&self) -> &str {
        &self.0.what
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = self.0.what.clone();
        if let Some(place) = &self.0.place {
            line = format!("{line} ({place})");
        }
        if let Some(hint) = &self.0.hint {
            line = format!("{line}; {hint}");
        }
        f.write_str(&text::one_line(&text::mask(&line)))
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::closed_pipe(),
            _ => Self::new(Exit::Io, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_what_where_and_next() {
        let error = Error::new(Exit::NoPerm, "refused").at("GET /x").at("later").hint("log in");
        assert_eq!(error.to_string(), "refused (GET /x); log in");
    }

    #[test]
    fn a_secret_stays_masked_when_it_is_gone() {
        let secret = crate::Secret::new("heron-1-of-error");
        let said = secret.reveal();
        let error = Error::new(Exit::Data, said).at(said).hint(said).because(said);
        drop(secret);
        assert_eq!((error.to_string().as_str(), error.causes()), ("*** (***); ***", &["***".to_owned()][..]));
    }

    #[test]
    fn data_in_a_message_stays_on_one_line_and_hides_cpr_numbers() {
        let error = Error::new(Exit::Data, "bad 'x\n010101-1234'");
        assert_eq!(error.to_string(), "bad 'x\\n******-****'");
    }
}
