//! A message to a Swit channel at the end of a run.

use muster_base::{Error, Exit, Secret, text};
use muster_http::{Client, Request, Url};
use serde_json::json;

/// Characters of one message: the limit of Swit's example; Swit's own is 12,000.
const LONGEST: usize = 6000;
/// Messages of one run.
const MOST: usize = 5;

/// Send `lines` to the webhook at `address`; a failure is told of and fails nothing, nor does an absent address where
/// nobody asked for messages.
pub(crate) async fn notify(
    client: &Client,
    address: Result<Option<Secret>, Error>,
    is_asked: bool,
    lines: &str,
) {
    let sent = match address {
        Ok(Some(address)) => send(client, &address, lines).await,
        Ok(None) if !is_asked => Ok(()),
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
    for message in messages(&text::mask(lines)) {
        let request = Request::post(url.clone()).json(&json!({ "text": message }))?;
        let answer = client.send(&request).await?;
        if !answer.is_success() {
            return Err(Error::new(Exit::Unavailable, format!("it was answered {}", answer.status)));
        }
    }
    Ok(())
}

/// `lines` in messages that end with a line where they can; what is more than [`MOST`] is told of in the last one.
fn messages(lines: &str) -> Vec<String> {
    let mut messages = vec![String::new()];
    for line in lines.lines() {
        let line: String = line.chars().take(LONGEST).collect();
        let is_last = messages.len() == MOST;
        match messages.last_mut() {
            Some(last) if last.is_empty() => *last = line,
            Some(last) if last.chars().count() + line.chars().count() < LONGEST => {
                last.push('\n');
                last.push_str(&line);
            }
            _ if is_last => {
                messages.push("… and more, in the log of the run".to_owned());
                break;
            }
            _ => messages.push(line),
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_summary_is_several_messages_of_whole_lines() {
        assert_eq!(messages("a\nb"), ["a\nb"]);
        let lines: Vec<String> = (0..1000).map(|number| format!("line {number:04}")).collect();
        let found = messages(&lines.join("\n"));
        assert_eq!(found.len(), 2);
        assert!(
            found.iter().all(|message| message.chars().count() <= LONGEST && message.starts_with("line "))
        );
        assert_eq!(found.join("\n"), lines.join("\n"));
        let many = messages(&"x".repeat(4000).chars().chain(['\n']).collect::<String>().repeat(20));
        assert_eq!((many.len(), many[MOST].chars().next()), (MOST + 1, Some('…')));
    }
}
