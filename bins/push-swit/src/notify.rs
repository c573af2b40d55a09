//! A message to a Swit channel at the end of a run.

use muster_base::{Error, Secret, text};
use muster_http::{Client, Request, Url};
use serde_json::json;

/// The seed program's limit; Swit's own is 12,000 characters.
const LONGEST: usize = 6000;

/// Send `lines` to the webhook at `address`; a failure is told of and fails nothing.
pub(crate) async fn notify(client: &Client, address: &Secret, lines: &str) {
    if let Err(error) = send(client, address, lines).await {
        // The address is a secret: whoever has it can write there.
        tracing::warn!("the message to Swit was not sent: {}", error.what());
    }
}

async fn send(client: &Client, address: &Secret, lines: &str) -> Result<(), Error> {
    let url = Url::parse(address.reveal())
        .map_err(|_| Error::new(muster_base::Exit::Config, "the secret 'webhook_url' is no address"))?;
    let message: String = text::mask_cpr(lines).chars().take(LONGEST).collect();
    let request = Request::post(url).json(&json!({ "text": message }))?;
    let answer = client.send(&request).await?;
    match answer.is_success() {
        true => Ok(()),
        false => {
            Err(Error::new(muster_base::Exit::Unavailable, format!("it was answered {}", answer.status)))
        }
    }
}
