//! A message to a Swit channel at the end of a run.

use muster_base::{Error, Exit, Secret, text};
use muster_http::{Client, Request, Url};
use serde_json::json;

/// The seed program's limit; Swit's own is 12,000 characters.
const LONGEST: usize = 6000;

/// Send `lines` to the webhook at `address`; a failure is told of and fails nothing.
pub(crate) async fn notify(client: &Client, address: Result<Option<Secret>, Error>, lines: &str) {
    let sent = match address {
        Ok(Some(address)) => send(client, &address, lines).await,
        Ok(None) => Err(Error::new(Exit::Config, "there is no secret 'webhook_url' for 'swit'")),
        Err(error) => Err(error),
    };
    if let Err(error) = sent {
        // The address is a secret: whoever has it can write there.
        tracing::warn!("the message to Swit was not sent: {}", error.what());
    }
}

async fn send(client: &Client, address: &Secret, lines: &str) -> Result<(), Error> {
    let url = Url::parse(address.reveal())
        .map_err(|_| Error::new(Exit::Config, "the secret 'webhook_url' is no address"))?;
    let message: String = text::mask(lines).chars().take(LONGEST).collect();
    let request = Request::post(url).json(&json!({ "text": message }))?;
    let answer = client.send(&request).await?;
    match answer.is_success() {
        true => Ok(()),
        false => Err(Error::new(Exit::Unavailable, format!("it was answered {}", answer.status))),
    }
}
