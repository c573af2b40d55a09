//! The pace against servers that count in their own ways, without waiting.

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
    /// Every so manieth, whatever the pace.
    Every(u32),
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
            Counts::Fixed(requests, _) | Counts::Every(requests) => f64::from(requests),
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
            Counts::Every(manieth) => {
                if self.tokens < 1.0 {
                    self.tokens = f64::from(manieth);
                    return Err(None);
                }
                Duration::ZERO
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
        Counts::Every(_) => f64::MAX,
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
fn refusals_that_are_not_for_the_pace_do_not_end_it() {
    let mut server = Server::new(Counts::Every(8), false, Instant::now());
    let (refused, took) = run(&mut Pace::new(32, None), &mut server, 3000, Duration::from_millis(20));
    // A pause of half a second for each refusal, or for several at once, and no more.
    assert!(refused < 500 && took < Duration::from_secs(300), "{refused} {took:?}");
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
