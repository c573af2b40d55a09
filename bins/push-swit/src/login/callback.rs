//! The port of this machine that the browser is sent back to, and what it brings.

use muster_base::{Error, Exit, text};
use muster_http::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// The longest head of a request that is read.
const LONGEST_HEAD: usize = 16 << 10;
const PAGE: &str = "<!doctype html><meta charset=utf-8><title>muster</title>\
                    <p>Swit answered. You can close this window and go back to the terminal.";

/// Listens where the browser is sent back to.
pub(super) struct Listener {
    socket: TcpListener,
    sender: mpsc::Sender<Back>,
    found: mpsc::Receiver<Back>,
}

/// What came back.
pub(super) struct Back {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    /// Pasted without an address, so without a state.
    is_bare: bool,
}

impl Listener {
    /// Listen at `redirect`, and the address with the port that it is; nobody listens when it is no address of this
    /// machine or the port is taken.
    pub(super) async fn open(redirect: &Url) -> (Option<Self>, Url) {
        let is_here =
            redirect.scheme() == "http" && matches!(redirect.host_str(), Some("127.0.0.1" | "localhost"));
        if !is_here {
            return (None, redirect.clone());
        }
        match TcpListener::bind(("127.0.0.1", redirect.port_or_known_default().unwrap_or(80))).await {
            Ok(socket) => {
                let mut address = redirect.clone();
                let port = socket.local_addr().ok().map(|address| address.port());
                // Port 0 asks for a free one.
                let _ = address.set_port(port);
                let (sender, found) = mpsc::channel(1);
                (Some(Self { socket, sender, found }), address)
            }
            Err(error) => {
                tracing::warn!("cannot listen at {redirect}: {error}");
                (None, redirect.clone())
            }
        }
    }

    /// Wait for a request for `path`; others, such as one for an icon, are answered 404. A browser may open connections
    /// ahead of need and say nothing on them, so each is listened to by itself.
    pub(super) async fn next(&mut self, path: &str) -> Result<Back, Error> {
        loop {
            tokio::select! {
                connection = self.socket.accept() => {
                    let (stream, _) = connection?;
                    let (sender, path) = (self.sender.clone(), path.to_owned());
                    tokio::spawn(async move {
                        if let Some(back) = answered(stream, &path).await {
                            // Who came first was enough.
                            let _ = sender.send(back).await;
                        }
                    });
                }
                Some(back) = self.found.recv() => return Ok(back),
            }
        }
    }
}

/// Answer the request that `stream` brings; what it says, when it is one for `path`.
async fn answered(mut stream: TcpStream, path: &str) -> Option<Back> {
    let target = target(&mut stream).await;
    let back = target.as_deref().and_then(|target| Back::of_target(target, path));
    let status = if back.is_some() { "200 OK" } else { "404 Not Found" };
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}",
        PAGE.len()
    );
    // A browser that is gone already does not matter.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    back
}

/// The target of the GET that `stream` brings.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        match stream.read(&mut chunk).await {
            Ok(length) if length > 0 => head.extend_from_slice(&chunk[..length]),
            _ => break,
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.lines().next()?.split(' ');
    words.next().filter(|method| *method == "GET")?;
    words.next().map(str::to_owned)
}

impl Back {
    fn of_target(target: &str, path: &str) -> Option<Self> {
        let url = Url::parse("http://localhost").ok()?.join(target).ok()?;
        (url.path() == path).then(|| Self::of_url(&url))
    }

    /// A pasted address, or a code by itself.
    pub(super) fn of_pasted(line: &str) -> Self {
        let line = line.trim();
        match Url::parse(line) {
            Ok(url) if url.query().is_some() => Self::of_url(&url),
            _ => {
                let code = Some(line.to_owned()).filter(|line| !line.contains([' ', '/', '?']));
                Self { code, state: None, error: None, is_bare: true }
            }
        }
    }

    fn of_url(url: &Url) -> Self {
        let get =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        Self { code: get("code"), state: get("state"), error: get("error"), is_bare: false }
    }

    /// The code, if there is one; an error when it answers another question than the one with `state`, or is a refusal.
    pub(super) fn code(self, state: &str) -> Result<Option<String>, Error> {
        if let Some(error) = self.error {
            let what = format!("Swit refused: {}", text::cut(&error));
            return Err(Error::new(Exit::NoPerm, what).hint("log in again, as an administrator, and agree"));
        }
        let is_ours = self.is_bare || self.state.as_deref() == Some(state);
        match self.code.filter(|code| !code.is_empty()) {
            Some(_) if !is_ours => {
                let what = "the answer is to another question than ours: its 'state' differs";
                Err(Error::new(Exit::NoPerm, what).hint("log in again, with the address of this run"))
            }
            code => Ok(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_our_state_and_a_bare_code_has_none() {
        let code = |line: &str| Back::of_pasted(line).code("s");
        assert_eq!(
            code("http://localhost:5000/oauth_callback?code=a&state=s").unwrap().as_deref(),
            Some("a")
        );
        assert!(code("http://localhost:5000/oauth_callback?code=a&state=t").is_err());
        assert!(code("http://localhost:5000/oauth_callback?code=a").is_err());
        assert_eq!(code(" a-b_c \n").unwrap().as_deref(), Some("a-b_c"));
        assert_eq!(code("what is this?").unwrap(), None);
    }

    #[test]
    fn a_refusal_is_told() {
        let error = Back::of_pasted("http://localhost/x?error=access_denied&state=s").code("s").unwrap_err();
        assert_eq!(error.exit(), Exit::NoPerm);
    }
}
