//! Work on a thread of its own, which may wait for a runtime although the caller stands in another one.

use muster_base::{Error, Exit};

/// What `work` gives.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err(Error::new(Exit::Bug, "reading a secret failed")))
}
