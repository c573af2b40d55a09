//! The exit codes of all commands and which of several counts.

/// How a command ends. The numbers are part of muster's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything was done.
    Done = 0,
    /// Done, and there is something to look at: rejected records, changes.
    Look = 1,
    /// Refused by the guard; nothing was sent.
    Guard = 3,
    /// The input was partial: creates and updates were done, deletes withheld.
    Partial = 4,
    /// Stopped by the breaker or a time limit; what was done stands.
    Stopped = 5,
    /// Wrong arguments.
    Usage = 64,
    /// A record or a spec is wrong.
    Data = 65,
    /// The remote cannot be reached.
    Unavailable = 69,
    /// Our bug.
    Bug = 70,
    /// A file or stream could not be read or written.
    Io = 74,
    /// Busy or overloaded: the same call may succeed later.
    Busy = 75,
    /// The remote broke its protocol.
    Protocol = 76,
    /// Credentials were refused.
    NoPerm = 77,
    /// Settings or secrets are missing or contradict each other.
    Config = 78,
}

/// From the one that always wins to the one that always yields.
const BY_WEIGHT: [Exit; 14] = [
    Exit::Config,
    Exit::NoPerm,
    Exit::Usage,
    Exit::Data,
    Exit::Bug,
    Exit::Io,
    Exit::Unavailable,
    Exit::Protocol,
    Exit::Busy,
    Exit::Guard,
    Exit::Stopped,
    Exit::Partial,
    Exit::Look,
    Exit::Done,
];

impl Exit {
    /// The one that counts when both apply.
    pub fn and(self, other: Self) -> Self {
        BY_WEIGHT.into_iter().find(|exit| *exit == self || *exit == other).unwrap_or(self)
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heavier_exit_counts_in_either_order() {
        assert_eq!(Exit::Look.and(Exit::Partial), Exit::Partial);
        assert_eq!(Exit::Config.and(Exit::Unavailable), Exit::Config);
        assert_eq!(Exit::Done.and(Exit::Look), Exit::Look);
        assert_eq!(Exit::Done.and(Exit::Done), Exit::Done);
    }
}
