//! How a run conducts itself: the client that its requests go through, and when it must have ended.

use crate::Arguments;
use crate::beside::object;
use muster_base::Error;
use muster_command::{Connection, Context};
use muster_http::Client;
use muster_settings::value;
use std::path::PathBuf;
use std::time::Duration;

/// Arguments of every push about its conduct.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Conduct {
    /// Requests side by side
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) parallel: u16,

    /// Begin nothing after so long, as in 90s, 30m, 2h; what is in hand is finished, what was done stands
    #[arg(long, value_name = "DURATION", value_parser = value::duration)]
    time_limit: Option<Duration>,

    /// Plan all, and write this object only; may be repeated
    #[arg(long, value_name = "KIND/KEY", value_parser = object)]
    pub(crate) only: Vec<(String, String)>,

    /// Keep what objects say before they are changed or taken away, as records that `diff` builds the way back from
    #[arg(long, value_name = "FILE")]
    pub(crate) keep_before: Option<PathBuf>,

    /// How long the ledger remembers objects that were taken away, and steps
    #[arg(long, value_name = "DURATION", default_value = "180d", value_parser = value::duration)]
    pub(crate) retain: Duration,
}

impl Conduct {
    /// Begin to count the time of the run.
    pub(crate) fn start(&self, context: &Context) {
        if let (Some(limit), Some(stop)) = (self.time_limit, &context.stop) {
            stop.after(limit);
        }
    }
}

impl Arguments {
    /// The client of a run: with as many requests at once and as many in a time as these arguments allow. When the run is
    /// asked to stop, the client lets nobody wait any more.
    pub fn client(&self, connection: &Connection, context: &Context) -> Result<Client, Error> {
        let client = Client::new(&connection.options(usize::from(self.conduct.parallel), context.name()))?;
        if let Some(stop) = context.stop.clone() {
            let close = client.closer();
            tokio::spawn(async move {
                stop.wait().await;
                close();
            });
        }
        Ok(client)
    }
}
