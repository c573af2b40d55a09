//! What the server's answers mean: queued, refused without a word, failed, or not STSOrgSync at all.

use crate::members;
use muster_base::{Error, Exit, text};
use muster_delivery::Outcome;
use muster_http::Answer;
use muster_stream::Map;

/// The server does not say why it refuses; what it may have disliked can be seen in the object.
pub(crate) fn refusal(kind: &str, body: &Map, answer: &Answer) -> String {
    match (text::cut(&answer.text()), members::too_long(kind, body).join("; ")) {
        (said, _) if !said.is_empty() => format!("the server answered 400: {said}"),
        (_, long) if !long.is_empty() => format!("the server answered 400 without a reason; {long}"),
        _ => "the server answered 400 without a reason; its log may have one".to_owned(),
    }
}

/// What any other answer means: what no try made better concerns this object; the rest the run.
pub(crate) fn judged(answer: &Answer, request: &muster_http::Request) -> Result<Outcome, Error> {
    match answer.status {
        200..=299 => {
            let what = format!("the answer is not STSOrgSync's: {}", text::cut(&answer.text()));
            Err(Error::new(Exit::Protocol, what)
                .at(request)
                .hint("check 'api_url'; something else answers there"))
        }
        400 | 408 | 413 | 422 | 425 | 429 | 500.. => {
            Ok(Outcome::failed(Some(answer.status), format!("the server answered {}", answer.status)))
        }
        401 | 403 => Err(answer.failure(request).hint("set 'municipality'; the docker build asks for it")),
        _ => Err(answer.failure(request).hint("check 'api_url'; it ends with /api/v1_1")),
    }
}
