//! When to try again, and how long to wait before it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// No wait of our own is longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Nobody waits longer than this for a server that asks for it: the request has failed then.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// How often to try again, and the first wait; each further wait is twice as long.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// Tries after the first one.
    pub times: u32,
    /// The wait before the first of them.
    pub first_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { times: 4, first_wait: Duration::from_millis(500) }
    }
}

impl Retry {
    /// The wait after the failed try number `tried` (from 0); nothing when there is to be no further try.
    pub(crate) fn wait(&self, tried: u32, retry_after: Option<Duration>) -> Option<Duration> {
        let asked = retry_after.unwrap_or_default();
        (tried < self.times && asked <= LONGEST_ASKED).then(|| self.growing(tried).max(asked))
    }

    /// How long nobody is to send after a refusal that follows so many others: what the server asks for, if it does.
    pub(crate) fn pause(&self, refused_before: u32, retry_after: Option<Duration>) -> Duration {
        match retry_after {
            Some(asked) if asked <= LONGEST_ASKED => asked,
            Some(_) => Duration::ZERO,
            None => self.growing(refused_before),
        }
    }

    fn growing(&self, tried: u32) -> Duration {
        let growing = self.first_wait.saturating_mul(1 << tried.min(16));
        growing.mul_f64(0.5 + fraction()).min(LONGEST_WAIT)
    }
}

/// Whether an answer of this status may turn out better the next time.
pub(crate) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429) || status >= 500
}

/// Something between 0 and 1, another one each time: the standard library seeds its hashers at random.
fn fraction() -> f64 {
    f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let retry = Retry { times: 3, first_wait: Duration::from_secs(1) };
        let waits: Vec<f64> = (0..3).map(|tried| retry.wait(tried, None).unwrap().as_secs_f64()).collect();
        assert!(
            (0.5..=1.5).contains(&waits[0])
                && (1.0..=3.0).contains(&waits[1])
                && (2.0..=6.0).contains(&waits[2])
        );
        assert_eq!(retry.wait(3, None), None);
    }

    #[test]
    fn the_server_may_ask_for_a_longer_wait_within_bounds() {
        let retry = Retry::default();
        assert_eq!(retry.wait(0, Some(Duration::from_secs(20))), Some(Duration::from_secs(20)));
        assert_eq!(retry.wait(0, Some(Duration::from_secs(1800))), Some(Duration::from_secs(1800)));
        assert_eq!(retry.wait(0, Some(Duration::from_secs(86_400))), None);
        assert_eq!(retry.pause(3, Some(Duration::from_secs(2))), Duration::from_secs(2));
        assert!(retry.pause(3, None) >= retry.first_wait * 4);
    }

    #[test]
    fn a_refusal_is_not_tried_again() {
        for status in [400, 401, 403, 404, 409, 422] {
            assert!(!may_pass(status));
        }
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert!(may_pass(status));
        }
    }
}
