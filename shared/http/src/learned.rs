//! What a server that answers 429 lets through, learnt from its refusals.
//!
//! Nobody is refused at first and nothing is held back. The first refusal pauses everybody; one request then goes alone
//! until one is taken. From then on requests go at a rate: between two refusals the server took just as many as it
//! allows in that time, so the rate is set a little below that, and grows again so slowly that refusals stay rare.

use crate::rate::{When, after};
use std::time::{Duration, Instant};

/// The rate is set so far below what the server took.
const BELOW: f64 = 0.9;
/// A refused rate that is no guess is cut to no less than the first part of it, any to no more than the second: what was taken on the average since the last
/// refusal says little where the rate grew all the while, or was held for once after a burst.
const CUT: (f64, f64) = (0.6, 0.95);
/// From refusal to refusal there are at least so many requests that are taken for each that is not: 40 are 2.4 %.
const TAKEN_PER_REFUSAL: f64 = 40.0;
/// A first guess, which may be far too low, is left behind faster.
const TAKEN_PER_GUESS: f64 = 20.0;
/// No refusal weighs as more than so many, however many requests were on their way.
const HEAVIEST: f64 = 8.0;
/// The slowest rate, in requests a second. What takes less is met by the growing pauses after refusals.
const SLOWEST: f64 = 1.0;
/// A cut that helps is followed by more requests than these before the next refusal.
const HELPED: u32 = 20;
/// After so many cuts that did not help, refusals are not for the rate, and it is raised again.
const PATIENCE: u32 = 4;
/// So fast.
const RAISE: f64 = 1.5;

/// What is known of the server's limit.
#[derive(Debug)]
pub(crate) struct Learned {
    /// Requests a second; none while nothing was refused.
    rate: Option<f64>,
    /// Whether the rate comes from one refusal only.
    is_guess: bool,
    /// The first request, or the last refusal that taught something.
    since: Option<Instant>,
    /// Requests taken since then.
    taken: u32,
    /// Requests refused since then.
    refused: u32,
    /// Cuts one after the other that did not help.
    futile: u32,
    /// Refusals one after the other, none taken between them.
    in_a_row: u32,
    /// When the next request may go, by the rate.
    next: Option<Instant>,
    /// Whether the rate held a request back since it last grew: else nothing is known of a higher one.
    held_back: bool,
}

impl Learned {
    pub(crate) fn new() -> Self {
        Self {
            rate: None,
            is_guess: false,
            since: None,
            taken: 0,
            refused: 0,
            futile: 0,
            in_a_row: 0,
            next: None,
            held_back: false,
        }
    }

    /// Whether requests go alone, until one is taken.
    pub(crate) fn is_trying(&self) -> bool {
        self.in_a_row > 0
    }

    /// Refusals one after the other, none taken between them.
    pub(crate) fn in_a_row(&self) -> u32 {
        self.in_a_row
    }

    pub(crate) fn when(&mut self, now: Instant) -> When {
        match self.next {
            Some(next) if next > now => {
                self.held_back = true;
                When::At(next)
            }
            _ => When::Now,
        }
    }

    pub(crate) fn send(&mut self, now: Instant) {
        self.since.get_or_insert(now);
        self.next = self.rate.map(|rate| after(self.next, now, Duration::from_secs_f64(1.0 / rate)));
    }

    /// A request was taken.
    pub(crate) fn take(&mut self, now: Instant) {
        self.taken += 1;
        let first_refused = self.rate.is_none() && self.refused > 0;
        if first_refused && let Some(since) = self.since {
            // More than this the server did not take so far, bursts included.
            self.rate = Some((f64::from(self.taken) / seconds(since, now)).max(SLOWEST));
            (self.since, self.taken, self.is_guess) = (Some(now), 0, true);
        }
        self.in_a_row = 0;
        if let Some(rate) = self.rate.as_mut().filter(|_| self.held_back) {
            let enough = match self.is_guess {
                true => TAKEN_PER_GUESS,
                false => TAKEN_PER_REFUSAL * f64::from(self.refused).clamp(1.0, HEAVIEST),
            };
            // The longer nothing is refused the faster: a pause that was longer than it need be made the rate too low.
            *rate *= 1.0 + (1.0 - BELOW) / enough * (f64::from(self.taken) / enough).max(1.0);
            self.held_back = false;
        }
    }

    /// A request was refused that had been sent after the last lesson, if `is_news`.
    pub(crate) fn refuse(&mut self, now: Instant, is_news: bool) {
        if !is_news {
            self.refused += 1;
            return;
        }
        self.in_a_row += 1;
        let (taken, Some(since)) = (f64::from(self.taken), self.since) else { return };
        if self.taken == 0 || self.rate.is_none() {
            self.refused += 1;
            return;
        }
        self.futile = if self.taken > HELPED { 0 } else { self.futile + 1 };
        let average = taken / seconds(since, now);
        let least = if self.is_guess { 0.0 } else { CUT.0 };
        self.rate = self.rate.map(|rate| match self.futile > PATIENCE {
            true => rate * RAISE,
            false => (average * BELOW).clamp(rate * least, rate * CUT.1).max(SLOWEST),
        });
        (self.since, self.taken, self.refused, self.next) = (Some(now), 0, 1, None);
        self.is_guess = false;
    }
}

fn seconds(since: Instant, now: Instant) -> f64 {
    now.duration_since(since).as_secs_f64().max(0.001)
}
