//! When the next request of a client may be sent: places, a strict rate, pauses, and what refusals taught.
//!
//! It is asked with the time and keeps no clock, so that its rules can be tried out without waiting.

use crate::Rate;
use crate::learned::Learned;
use crate::rate::{When, Window};
use std::time::{Duration, Instant};

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    /// How the server counts.
    #[derive(Clone, Copy, Debug)]
    enum Counts {
        /// A bucket of so many that is filled again by so many a second.
        Bucket(f64, f64),
        /// So many in each window of this length.
        Fixed(u32, Duration),
    }

    /// When an answer comes back, when its request was sent, and what it says.
    type Coming = Reverse<(Instant, Instant, Result<(), Option<Duration>>)>;

    struct Server {
        counts: Counts,
        says_when: bool,
        at: Instant,
        tokens: f64,
    }

    impl Server {
        fn new(counts: Counts, says_when: bool, now: Instant) -> Self {
            let tokens = match counts {
                Counts::Bucket(size, _) => size,
                Counts::Fixed(requests, _) => f64::from(requests),
            };
            Self { counts, says_when, at: now, tokens }
        }

        /// Whether a request is taken, and when to come again if not.
        fn asked(&mut self, now: Instant) -> Result<(), Option<Duration>> {
            let wait = match self.counts {
                Counts::Bucket(size, rate) => {
                    self.tokens = (self.tokens + (now - self.at).as_secs_f64() * rate).min(size);
                    self.at = now;
                    Duration::from_secs_f64((1.0 / rate).ceil())
                }
                Counts::Fixed(requests, length) => {
                    while now >= self.at + length {
                        self.at += length;
                        self.tokens = f64::from(requests);
                    }
                    self.at + length - now
                }
            };
            if self.tokens < 1.0 {
                return Err(self.says_when.then_some(wait));
            }
            self.tokens -= 1.0;
            Ok(())
        }
    }

    /// Send `requests` at 32 places until all are taken; how many were refused, and how long it took.
    fn run(pace: &mut Pace, server: &mut Server, requests: u32, latency: Duration) -> (u32, Duration) {
        let begun = server.at;
        let (mut now, mut to_send, mut refused) = (begun, requests, 0);
        let mut answers = BinaryHeap::<Coming>::new();
        while to_send > 0 || !answers.is_empty() {
            let when = if to_send > 0 { pace.when(now) } else { When::Answered };
            let next = answers.peek().map(|Reverse((back, ..))| *back);
            match when {
                When::Now => {
                    pace.send(now);
                    to_send -= 1;
                    answers.push(Reverse((now + latency, now, server.asked(now + latency / 2))));
                    continue;
                }
                When::At(then) if next.is_none_or(|next| then < next) => {
                    now = then;
                    continue;
                }
                _ => (),
            }
            let Some(Reverse((back, sent, answer))) = answers.pop() else { panic!("nobody moves") };
            now = now.max(back);
            match answer {
                Ok(()) => pace.end(sent, now, Signal::Taken),
                Err(wait) => {
                    refused += 1;
                    to_send += 1;
                    let growing = Duration::from_millis(500 << pace.refused_in_a_row().min(8));
                    pace.end(sent, now, Signal::Refused(wait.unwrap_or(growing)));
                }
            }
        }
        (refused, now - begun)
    }

    #[test]
    fn few_are_refused_and_most_of_what_is_allowed_is_used() {
        let second = Duration::from_secs(1);
        let servers = [
            Counts::Bucket(100.0, 100.0),
            Counts::Bucket(1.0, 20.0),
            Counts::Bucket(10.0, 1000.0),
            Counts::Fixed(50, second),
            Counts::Fixed(10, second),
            Counts::Fixed(600, 60 * second),
        ];
        for counts in servers {
            for says_when in [true, false] {
                for (requests, latency) in [(1000, 1), (1000, 20), (1000, 300), (3000, 1), (3000, 20)] {
                    few_are_refused(counts, says_when, requests, Duration::from_millis(latency));
                }
            }
        }
    }

    fn few_are_refused(counts: Counts, says_when: bool, requests: u32, latency: Duration) {
        let mut server = Server::new(counts, says_when, Instant::now());
        let (refused, took) = run(&mut Pace::new(32, None), &mut server, requests, latency);
        let allowed = match counts {
            Counts::Bucket(_, rate) => rate,
            Counts::Fixed(requests, length) => f64::from(requests) / length.as_secs_f64(),
        };
        let least = f64::from(requests) / allowed.min(32.0 / latency.as_secs_f64());
        let took = took.as_secs_f64();
        let case = format!(
            "{requests} to {counts:?}, says when: {says_when}, {latency:?}: {refused} refused, {took:.0} s of {least:.0} s"
        );
        assert!(f64::from(refused) <= 0.05 * f64::from(requests + refused), "{case}");
        assert!(took < 3.0 * least + 60.0, "{case}");
    }

    #[test]
    fn with_a_rate_nothing_is_refused() {
        for (counts, rate) in [
            (Counts::Bucket(20.0, 20.0), "20/s"),
            (Counts::Fixed(10, Duration::from_secs(1)), "10/s"),
            (Counts::Fixed(60, Duration::from_secs(60)), "60/m"),
        ] {
            for latency in [0, 20, 700] {
                let mut server = Server::new(counts, true, Instant::now());
                let mut pace = Pace::new(32, Some(rate.parse().unwrap()));
                let (refused, _) = run(&mut pace, &mut server, 500, Duration::from_millis(latency));
                assert_eq!(refused, 0, "{counts:?} {latency}");
            }
        }
    }

    #[test]
    fn a_pause_holds_everybody() {
        let (mut pace, now) = (Pace::new(8, None), Instant::now());
        let wait = Duration::from_secs(30);
        pace.pause(now, wait);
        pace.pause(now, wait / 2);
        assert_eq!(pace.when(now), When::At(now + wait));
        assert_eq!(pace.when(now + wait), When::Now);
    }

    #[test]
    fn places_open_with_the_answers() {
        let (mut pace, now) = (Pace::new(32, None), Instant::now());
        let mut open = Vec::new();
        for _ in 0..16 {
            let mut sent = 0;
            while pace.when(now) == When::Now {
                pace.send(now);
                sent += 1;
            }
            open.push(sent);
            (0..sent).for_each(|_| pace.end(now, now, Signal::Taken));
        }
        assert!(open.is_sorted(), "{open:?}");
        assert_eq!((&open[..2], open[15]), (&[4, 8][..], 32));
    }
}
