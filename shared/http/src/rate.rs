//! A strict bound on requests: so many in any window of a second, a minute or an hour.
//!
//! A place in the window is taken when a request is sent and is free again one window after its answer came. The server
//! counted the request somewhere in between, so whatever window it counts by, fixed, sliding or a bucket that fills
//! again, it never meets more than the bound, however long requests and answers are on their way.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// More a window than this is no bound worth counting, and would take memory.
const MOST: u32 = 1_000_000;
/// What was not used may be caught up so far: timers are no better than this.
const SLACK: Duration = Duration::from_millis(5);

/// So many requests in any window of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The requests, at least one.
    pub requests: u32,
    /// The length of the window.
    pub window: Duration,
}

/// `10` and `10/s`, `600/m`, `1000/h`.
impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (requests, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err("the unit is s, m or h: 10/s, 600/m, 1000/h".to_owned()),
        };
        match requests.parse() {
            Ok(requests @ 1..=MOST) => Ok(Self { requests, window: Duration::from_secs(seconds) }),
            _ => Err(format!("it is no count of requests between 1 and {MOST}, as in 10/s, 600/m, 1000/h")),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.window.as_secs() {
            60 => "m",
            3600 => "h",
            _ => "s",
        };
        write!(f, "{}/{unit}", self.requests)
    }
}

/// When the next request may go by a [`Rate`].
#[derive(Debug)]
pub(crate) struct Window {
    rate: Rate,
    /// Requests on their way.
    sent: usize,
    /// When the places of answered requests are free again, earliest first.
    answered: VecDeque<Instant>,
    /// Requests of a second are spread over it, for servers that look at less than a second.
    next: Option<Instant>,
}

/// Whether a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Now.
    Now,
    /// Not before this moment.
    At(Instant),
    /// Not before another one is answered.
    Answered,
}

impl Window {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, sent: 0, answered: VecDeque::new(), next: None }
    }

    pub(crate) fn when(&mut self, now: Instant) -> When {
        while self.answered.front().is_some_and(|free| *free <= now) {
            self.answered.pop_front();
        }
        let places = usize::try_from(self.rate.requests).unwrap_or(usize::MAX);
        if self.sent + self.answered.len() >= places {
            return self.answered.front().map_or(When::Answered, |free| When::At(*free));
        }
        match self.next {
            Some(next) if next > now => When::At(next),
            _ => When::Now,
        }
    }

    pub(crate) fn send(&mut self, now: Instant) {
        self.sent += 1;
        if self.rate.window == Duration::from_secs(1) {
            self.next = Some(after(self.next, now, self.rate.window / self.rate.requests));
        }
    }

    pub(crate) fn answer(&mut self, now: Instant) {
        self.sent -= 1;
        self.answered.push_back(now + self.rate.window);
    }
}

/// The moment `pause` after the last one, when one was, without catching up more than a timer's slack.
pub(crate) fn after(last: Option<Instant>, now: Instant, pause: Duration) -> Instant {
    let earliest = now.checked_sub(SLACK).unwrap_or(now);
    last.map_or(now, |last| last.max(earliest)) + pause
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn rates_are_read_and_shown() {
        for (text, shown) in [("10", "10/s"), ("10/s", "10/s"), ("600/m", "600/m"), ("1/h", "1/h")] {
            assert_eq!(rate(text).to_string(), shown);
        }
        for text in ["", "0", "0/s", "-1", "1.5", "10/d", "10/", "/s", "10/S", "9999999"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    /// Requests that are on their way for changing times, and are counted at their end or at their beginning: what the
    /// server may see. Any window of its own holds no more than the bound.
    #[test]
    fn no_window_of_the_server_holds_more() {
        for (text, length) in [("7/s", 1), ("5/m", 60)] {
            let (mut window, begun) = (Window::new(rate(text)), Instant::now());
            let (mut now, mut counted) = (begun, Vec::new());
            let mut on_their_way: Vec<(Instant, Instant)> = Vec::new();
            for step in 0_u32..400 {
                match window.when(now) {
                    When::Now => {
                        window.send(now);
                        let back = now + Duration::from_millis(u64::from(step * 7919 % 900));
                        counted.push(if step % 3 == 0 { back } else { now });
                        on_their_way.push((back, now));
                    }
                    When::At(then) => now = then,
                    When::Answered => now = on_their_way.iter().map(|way| way.0).min().unwrap(),
                }
                on_their_way.retain(|way| {
                    if way.0 <= now {
                        window.answer(way.0);
                    }
                    way.0 > now
                });
            }
            counted.sort();
            let places = usize::try_from(window.rate.requests).unwrap();
            let length = Duration::from_secs(length);
            assert!(counted.len() > 3 * places);
            assert!(counted.windows(places + 1).all(|some| some[places] - some[0] >= length), "{text}");
        }
    }
}
