//! The gate before every request of a client, whatever part of the program sends it.

use crate::pace::{Pace, Signal};
use crate::rate::When;
use crate::{Rate, Request};
use muster_base::{Error, Exit};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// A closed client waits no longer than this for a request's turn.
const GRACE: Duration = Duration::from_secs(2);

/// Lets requests go in the order in which they come, at the pace of one client.
pub(crate) struct Limiter {
    pace: Mutex<Pace>,
    /// Whoever holds it is next; the others wait behind, in order.
    turn: tokio::sync::Mutex<()>,
    ended: Notify,
    closed: watch::Sender<bool>,
}

/// A request on its way. Dropped without [`Pass::end`], it says nothing about the pace.
pub(crate) struct Pass<'a> {
    limiter: &'a Limiter,
    sent: Instant,
    signal: Signal,
}

impl Limiter {
    pub(crate) fn new(parallel: usize, rate: Option<Rate>) -> Self {
        let pace = Mutex::new(Pace::new(parallel, rate));
        let turn = tokio::sync::Mutex::new(());
        Self { pace, turn, ended: Notify::new(), closed: watch::Sender::new(false) }
    }

    /// From now on nobody waits for long: what would have to, fails.
    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Wait until `request` may be sent.
    pub(crate) async fn pass(&self, request: &Request) -> Result<Pass<'_>, Error> {
        let _turn = self.turn.lock().await;
        loop {
            let now = Instant::now();
            match self.try_pass(now) {
                When::Now => return Ok(Pass { limiter: self, sent: now, signal: Signal::None }),
                When::Answered => self.ended.notified().await,
                When::At(then) => tokio::select! {
                    waited = self.sleep_until(request, then) => waited?,
                    () = self.ended.notified() => (),
                },
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

    /// Wait before another try of `request`.
    pub(crate) async fn sleep(&self, request: &Request, wait: Duration) -> Result<(), Error> {
        self.sleep_until(request, Instant::now() + wait).await
    }

    /// Sleep; fails when the client is closed long before `then`.
    async fn sleep_until(&self, request: &Request, then: Instant) -> Result<(), Error> {
        let mut closed = self.closed.subscribe();
        tokio::select! {
            () = tokio::time::sleep_until(then.into()) => return Ok(()),
            () = async { drop(closed.wait_for(|closed| *closed).await) } => (),
        }
        if then.duration_since(Instant::now()) > GRACE {
            let what = "the run was to end before it was this request's turn";
            return Err(Error::new(Exit::Stopped, what).at(request));
        }
        tokio::time::sleep_until(then.into()).await;
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
