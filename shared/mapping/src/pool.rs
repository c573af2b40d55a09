//! Buffers that go round: memory that is given back to the system and asked for again costs more than what is done in it.

use crate::made::KEPT;
use std::sync::{Mutex, PoisonError};

/// Buffers that nobody needs at the moment.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Vec<u8>>>);

impl Pool {
    /// An empty buffer.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Give a buffer back.
    pub(crate) fn give(&self, mut buffer: Vec<u8>) {
        if (1..KEPT).contains(&buffer.capacity()) {
            buffer.clear();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}
