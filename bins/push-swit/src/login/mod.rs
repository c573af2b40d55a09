//! `--login`: an administrator agrees in a browser, and the tokens that come of it are stored (RFC 6749, 4.1; RFC 8252).
//!
//! The browser is sent back to a port of this machine where we listen; where there is no browser, what it was sent back to
//! on another machine is pasted here. `state` ties the answer to our question, PKCE (RFC 7636) the code to this process;
//! a server that knows no PKCE passes it over.

mod callback;
mod proof;

use callback::{Back, Listener};
use muster_base::{Error, Exit};
use muster_command::{Context, standard_output};
use muster_http::{Client, Url};
use muster_swit::{Grants, Store, said};
use proof::Proof;
use std::io::{BufRead, Write};
use std::time::Duration;
use tokio::sync::mpsc;

/// The longest wait for an administrator.
const PATIENCE: Duration = Duration::from_secs(600);

/// What to ask for, and where the answer goes.
pub(crate) struct Login {
    pub(crate) page: Url,
    pub(crate) redirect: Url,
    pub(crate) scope: String,
}

impl Login {
    /// Have an administrator agree, and put the tokens into `store`.
    pub(crate) async fn run(
        &self,
        grants: &Grants,
        store: &dyn Store,
        client: &Client,
        context: &Context,
    ) -> Result<(), Error> {
        let proof = Proof::new()?;
        let (listener, redirect) = Listener::open(&self.redirect).await;
        self.ask(grants, &proof, &redirect, listener.is_some(), context)?;
        let code =
            tokio::time::timeout(PATIENCE, answered(listener, &redirect, &proof)).await.map_err(|_| {
                Error::new(Exit::Stopped, "nobody agreed within ten minutes").hint("run it again")
            })??;
        let parameters = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", proof.verifier.reveal()),
        ];
        match grants.ask(client, &parameters).await? {
            Ok(granted) => granted.keep(store).map(drop).map_err(|(error, _)| error),
            Err(answer) => {
                let said = said(&answer).map(|said| format!(": {said}")).unwrap_or_default();
                let what = format!("Swit gave no tokens for the code: {}{said}", answer.status);
                Err(Error::new(Exit::NoPerm, what)
                    .hint("check client_id and client_secret, and log in again"))
            }
        }
    }

    /// Show the page to open. It is what this command gives, so it goes to standard output.
    fn ask(
        &self,
        grants: &Grants,
        proof: &Proof,
        redirect: &Url,
        listens: bool,
        context: &Context,
    ) -> Result<(), Error> {
        let mut page = self.page.clone();
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", grants.client_id.reveal())
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("scope", &self.scope)
            .append_pair("state", &proof.state)
            .append_pair("code_challenge", &proof.challenge)
            .append_pair("code_challenge_method", "S256");
        context.summary("open this address in a browser as an administrator of the organisation, and agree:");
        let mut output = standard_output()?;
        writeln!(output, "{page}")?;
        output.flush()?;
        context.summary(match listens {
            true => {
                "waiting for the browser; or paste the address that it was sent to here, if it runs elsewhere"
            }
            false => "then paste the address that the browser was sent to here",
        });
        Ok(())
    }
}

/// The code, from the browser or from a pasted line, whichever comes first.
async fn answered(mut listener: Option<Listener>, redirect: &Url, proof: &Proof) -> Result<String, Error> {
    let (mut pasted, mut ended) = (pasted_lines(), false);
    loop {
        let back = tokio::select! {
            back = from_browser(listener.as_mut(), redirect) => back?,
            line = pasted.recv(), if !ended => match line {
                Some(line) => Back::of_pasted(&line),
                None if listener.is_some() => {
                    ended = true;
                    continue;
                }
                None => {
                    let what = "the input ended, and no address or code was pasted";
                    return Err(Error::new(Exit::Usage, what).hint("run it on a terminal"));
                }
            },
        };
        match back.code(&proof.state)? {
            Some(code) => return Ok(code),
            None => tracing::warn!("that is neither an address with a code nor a code; try again"),
        }
    }
}

async fn from_browser(listener: Option<&mut Listener>, redirect: &Url) -> Result<Back, Error> {
    match listener {
        Some(listener) => listener.next(redirect.path()).await,
        None => std::future::pending().await,
    }
}

/// Lines of standard input, read by a thread, since nothing ends a blocked read.
fn pasted_lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if !line.trim().is_empty() && sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
