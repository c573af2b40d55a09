//! SIGINT, SIGTERM and the time limit: a wish to stop, which work in hand may still finish.

use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Tells whether the command is to stop; clones share it.
#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<Option<&'static str>>>);

impl Stop {
    /// Listen for the signals from now on. Must be called inside the runtime.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let stop = Self(Arc::new(watch::Sender::new(None)));
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let asked = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => asked.ask("SIGINT"),
                _ = terminate.recv() => asked.ask("SIGTERM"),
            }
        });
        Ok(stop)
    }

    /// Ask to stop after so long. Must be called inside the runtime.
    pub fn after(&self, limit: Duration) {
        let asked = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            asked.ask("the time limit");
        });
    }

    fn ask(&self, by: &'static str) {
        self.0.send_if_modified(|asked| asked.is_none() && asked.replace(by).is_none());
    }

    /// What asked to stop, if anything has: a signal's name, or the time limit.
    pub fn requested(&self) -> Option<&'static str> {
        *self.0.borrow()
    }

    /// Wait until something asks to stop; what it was.
    pub async fn wait(&self) -> &'static str {
        let mut receiver = self.0.subscribe();
        let asked = receiver.wait_for(Option::is_some).await.ok().and_then(|asked| *asked);
        asked.unwrap_or("a signal")
    }
}
