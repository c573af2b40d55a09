//! SIGINT and SIGTERM: a wish to stop, which work in hand may still finish.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Tells whether the command is to stop; clones share it.
#[derive(Clone)]
pub struct Stop(watch::Receiver<Option<&'static str>>);

impl Stop {
    /// Listen for the signals from now on. Must be called inside the runtime.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let (sender, receiver) = watch::channel(None);
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::spawn(async move {
            let name = tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
            };
            let _ = sender.send(Some(name));
            // The channel must stay open: a closed one would look like a wish to stop.
            sender.closed().await;
        });
        Ok(Self(receiver))
    }

    /// The signal that asked to stop, if one has.
    pub fn requested(&self) -> Option<&'static str> {
        *self.0.borrow()
    }

    /// Wait until a signal asks to stop; its name.
    pub async fn wait(&self) -> &'static str {
        let mut receiver = self.0.clone();
        match receiver.wait_for(Option::is_some).await {
            Ok(name) => name.unwrap_or("a signal"),
            Err(_) => std::future::pending().await,
        }
    }
}
