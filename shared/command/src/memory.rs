//! What is in memory stays there: no core dump, and no look into the process by others of the same user.

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// Switch both off, as far as the system lets us: a command that cannot do so is no worse than others.
///
/// Only the soft limit is lowered, so that a shell started by us could raise it again. `execve` makes a process dumpable
/// again; a child of ours keeps the limit.
pub(crate) fn keep_private() {
    let maximum = getrlimit(Resource::Core).maximum;
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
