//! When the next request of a client may be sent: places, a strict rate, pauses, and what refusals taught.
//!
//! It is asked with the time and keeps no clock, so that its rules can be tried out without waiting.

use crate::Rate;
use crate::learned::Learned;
use crate::rate::{When, Window};
use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// So many requests go at once at first; each answer makes room for one more until there is room for twice as many.
const FIRST_PLACES: f64 = 4.0;
/// Then, or after a refusal, so many answers make room for one more: the first refusal hits all that are on their way.
const ANSWERS_PER_PLACE: f64 = 6.0;

/// What an answer says about the pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The server took the request up, whatever came of it.
    Taken,
    /// The server takes no more for so long: 429.
    Refused(Duration),
    /// Nothing: no answer, or one that the server gave because it is in trouble.
    None,
}

/// The pace of one client.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Most requests on their way at once.
    parallel: f64,
    /// How many may be now.
    places: f64,
    on_their_way: usize,
    window: Option<Window>,
    learned: Learned,
    paused: Option<Instant>,
    /// When the last lesson was learnt: requests sent before teach nothing more.
    lesson: Option<Instant>,
    taken: u64,
}

impl Pace {
    pub(crate) fn new(parallel: usize, rate: Option<Rate>) -> Self {
        let parallel = u32::try_from(parallel).map_or(f64::MAX, f64::from).max(1.0);
        Self {
            parallel,
            places: parallel.min(FIRST_PLACES),
            on_their_way: 0,
            window: rate.map(Window::new),
            learned: Learned::new(),
            paused: None,
            lesson: None,
            taken: 0,
        }
    }

    /// How many requests were taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether a request may be sent; [`Pace::send`] is to follow when it may.
    pub(crate) fn when(&mut self, now: Instant) -> When {
        if let Some(until) = self.paused.filter(|until| *until > now) {
            return When::At(until);
        }
        let places = if self.learned.is_trying() { 1.0 } else { self.places };
        if self.on_their_way as f64 + 1.0 > places {
            return When::Answered;
        }
        match self.window.as_mut().map_or(When::Now, |window| window.when(now)) {
            When::Now => self.learned.when(now),
            later => later,
        }
    }

    /// A request is sent.
    pub(crate) fn send(&mut self, now: Instant) {
        self.on_their_way += 1;
        self.learned.send(now);
        if let Some(window) = &mut self.window {
            window.send(now);
        }
    }

    /// The request sent at `sent` has come to its end.
    pub(crate) fn end(&mut self, sent: Instant, now: Instant, signal: Signal) {
        self.on_their_way -= 1;
        if let Some(window) = &mut self.window {
            window.answer(now);
        }
        match signal {
            Signal::None => (),
            Signal::Taken => {
                self.taken += 1;
                self.learned.take(now);
                let is_early = self.lesson.is_none() && self.places < 2.0 * FIRST_PLACES;
                let more = if is_early { 1.0 } else { 1.0 / ANSWERS_PER_PLACE };
                self.places = (self.places + more).min(self.parallel);
            }
            Signal::Refused(wait) => {
                self.pause(now, wait);
                let is_news = self.lesson.is_none_or(|lesson| sent >= lesson);
                self.learned.refuse(now, is_news);
                if is_news {
                    self.lesson = Some(now);
                    self.places = (self.places / 2.0).max(1.0);
                }
            }
        }
    }

    /// Refusals one after the other, none taken between them.
    pub(crate) fn refused_in_a_row(&self) -> u32 {
        self.learned.in_a_row()
    }

    /// Nothing is sent for so long.
    pub(crate) fn pause(&mut self, now: Instant, wait: Duration) {
        self.paused = self.paused.max(Some(now + wait));
    }
}
