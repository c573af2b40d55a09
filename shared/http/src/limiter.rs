//! The gate before every request of a client, whatever part of the program sends it.

use crate::pace::{Pace, Signal};
use crate::rate::When;
use crate::{Rate, Request};
use muster_base::{Error, Exit};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Lets requests go in the order in which they come, at the pace of one client.
pub(crate) struct Limiter {
    pace: Mutex<Pace>,
    /// Whoever holds it is next; the others wait behind, in order.
    turn: tokio::sync::Mutex<()>,
    ended: Notify,
    deadline: Option<Instant>,
}

/// A request on its way. Dropped without [`Pass::end`], it says nothing about the pace.
pub(crate) struct Pass<'a> {
    limiter: &'a Limiter,
    sent: Instant,
    signal: Signal,
}

impl Limiter {
    pub(crate) fn new(parallel: usize, rate: Option<Rate>, deadline: Option<Instant>) -> Self {
        let pace = Mutex::new(Pace::new(parallel, rate));
        Self { pace, turn: tokio::sync::Mutex::new(()), ended: Notify::new(), deadline }
    }

    /// Wait until `request` may be sent; fails when that is only after the deadline.
    pub(crate) async fn pass(&self, request: &Request) -> Result<Pass<'_>, Error> {
        let _turn = self.turn.lock().await;
        loop {
            let now = Instant::now();
            if self.deadline.is_some_and(|deadline| now >= deadline) {
                return Err(too_late(request));
            }
            match self.try_pass(now) {
                When::Now => return Ok(Pass { limiter: self, sent: now, signal: Signal::None }),
                When::Answered => self.ended.notified().await,
                When::At(then) => {
                    self.check_deadline(request, then)?;
                    tokio::select! {
                        () = tokio::time::sleep_until(then.into()) => (),
                        () = self.ended.notified() => (),
                    }
                }
            }
        }
    }

    fn try_pass(&self, now: Instant) -> When {
        let mut pace = self.pace();
        let when = pace.when(now);
        if when == When::Now {
            pace.send(now);
        }
        when
    }

    /// Wait before another try, unless that would be after the deadline.
    pub(crate) async fn sleep(&self, request: &Request, wait: Duration) -> Result<(), Error> {
        self.check_deadline(request, Instant::now() + wait)?;
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Nothing is sent by anybody for so long.
    pub(crate) fn pause(&self, wait: Duration) {
        self.pace().pause(Instant::now(), wait);
    }

    /// How many requests were taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.pace().taken()
    }

    /// Refusals one after the other, none taken between them.
    pub(crate) fn refused_in_a_row(&self) -> u32 {
        self.pace().refused_in_a_row()
    }

    fn check_deadline(&self, request: &Request, then: Instant) -> Result<(), Error> {
        match self.deadline {
            Some(deadline) if then >= deadline => Err(too_late(request)),
            _ => Ok(()),
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// The request has come to its end.
    pub(crate) fn end(mut self, signal: Signal) {
        self.signal = signal;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.limiter.pace().end(self.sent, Instant::now(), self.signal);
        self.limiter.ended.notify_one();
    }
}

fn too_late(request: &Request) -> Error {
    Error::new(Exit::Stopped, "the time limit came before this request").at(request)
}
