//! Waiting for what the server does in the background.

use crate::Api;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// It is asked again after this, then after twice as long, up to the longest wait.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);

/// The waits between questions, as long as there is time.
pub struct Polls {
    begun: Instant,
    wait: Duration,
    time: Duration,
}

impl Api {
    /// Waits from now on, at most as long as for a hierarchy.
    pub fn polls(&self) -> Polls {
        self.polls_since(Instant::now())
    }

    pub(crate) fn polls_since(&self, begun: Instant) -> Polls {
        Polls { begun, wait: FIRST, time: self.hierarchy_wait }
    }
}

impl Polls {
    /// Wait a while, then true; false when there is no more time.
    pub async fn next(&mut self) -> bool {
        if self.begun.elapsed() + self.wait > self.time {
            return false;
        }
        sleep(self.wait).await;
        self.wait = (self.wait * 2).min(LONGEST);
        true
    }
}
