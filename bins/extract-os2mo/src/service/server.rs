//! Requests to the REST API: paths that end in a slash, pages by place, refusals.
//!
//! The list of a page is taken from the server's state at that moment, so an object that goes while the pages are read
//! moves all behind it, and one of them would be missed. Each page therefore begins with the last object of the one
//! before it.

use super::wire::{self, Page};
use crate::Args;
use crate::authentication::Authentication;
use muster_base::{Error, Exit};
use muster_command::{Context, Progress};
use muster_http::{Answer, Client, Request, Url, join};
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

/// How often a list that changes while it is read is begun anew.
const TRIES: usize = 5;

/// The read fails when more than this many details, and more than a tenth of those asked for, could not be had.
const LOST_AT_LEAST: usize = 10;

/// The server that is asked.
pub struct Server {
    client: Client,
    authentication: Authentication,
    base: Url,
    organisation: Uuid,
    page_size: usize,
    /// Requests that are worth having in hand at once.
    pub parallel: usize,
    asked: AtomicUsize,
    lost: AtomicUsize,
    progress: Progress,
}

impl Server {
    /// The server that the settings name, and its organisation.
    pub async fn connect(args: &Args, context: &Context) -> Result<Self, Error> {
        let parallel = usize::from(args.parallel);
        let mut server = Self {
            client: Client::new(&args.connection().options(parallel, context.name()))?,
            authentication: Authentication::new(args, context)?,
            base: join(&args.base(), ["service"])?,
            organisation: Uuid::nil(),
            page_size: usize::try_from(args.page_size).unwrap_or(usize::MAX),
            parallel,
            asked: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            progress: context.progress,
        };
        server.organisation = match args.organisation {
            Some(uuid) => uuid,
            None => server.only_organisation().await?,
        };
        Ok(server)
    }

    /// The uuid of the organisation: above the roots.
    pub fn organisation(&self) -> Uuid {
        self.organisation
    }

    async fn only_organisation(&self) -> Result<Uuid, Error> {
        let request = Request::get(self.url(&["o"])?);
        let answer = self.send(&request).await?;
        if answer.status == 404 {
            return Err(Error::new(Exit::Config, "the server has no REST API here")
                .at(&request)
                .hint("check --url, or read by `--api graphql`"));
        }
        let all: Vec<wire::Named> = answer.success(&request)?.json(&request)?;
        match all.as_slice() {
            [only] => Ok(only.uuid),
            _ => {
                let what = format!("the server has {} organisations, not one", all.len());
                Err(Error::new(Exit::Protocol, what)
                    .at(&request)
                    .hint("name the one that is meant with --organisation"))
            }
        }
    }

    /// An answer to the path of `segments`; none when the server does not know it.
    pub async fn find<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<Option<T>, Error> {
        let request = Request::get(self.url(segments)?);
        let answer = self.send(&request).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        answer.success(&request)?.json(&request).map(Some)
    }

    /// The same of a path below the organisation's own.
    pub async fn find_in_organisation<T: DeserializeOwned>(
        &self,
        segments: &[&str],
    ) -> Result<Option<T>, Error> {
        let organisation = self.organisation.to_string();
        self.find(&[&["o", organisation.as_str()], segments].concat()).await
    }

    /// A list of details; none when the server failed to give it.
    pub async fn details<T: DeserializeOwned>(
        &self,
        of: &str,
        owner: Uuid,
        what: &str,
        validity: Option<&str>,
    ) -> Result<Option<Vec<T>>, Error> {
        let mut url = join(&self.base, [of, &owner.to_string(), "details", what])?;
        if let Some(validity) = validity {
            url.query_pairs_mut().append_pair("validity", validity);
        }
        let request = Request::get(url);
        let answer = self.send(&request).await?;
        let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        if answer.status != 500 {
            return answer.success(&request)?.json(&request).map(Some);
        }
        let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
        match lost > LOST_AT_LEAST && lost * 10 > asked {
            true => Err(answer.failure(&request).hint("too many details could not be read")),
            false => Ok(None),
        }
    }

    /// All objects of a list of the organisation, in the server's order.
    pub async fn list<T: DeserializeOwned>(
        &self,
        list: &str,
        about: &str,
        filter: Option<(&str, Uuid)>,
        uuid: impl Fn(&T) -> Uuid,
    ) -> Result<Vec<T>, Error> {
        for _ in 0..TRIES {
            if let Some(all) = self.list_once(list, about, filter, &uuid).await? {
                return Ok(all);
            }
            tracing::info!("the list of {about} changed while it was read; reading it again");
        }
        let what = format!("the list of {about} changed {TRIES} times while it was read");
        Err(Error::new(Exit::Busy, what)
            .at(self.url(&["o"])?)
            .hint("give --page-size a number above all of them"))
    }

    /// The list, or none when it changed meanwhile.
    async fn list_once<T: DeserializeOwned>(
        &self,
        list: &str,
        about: &str,
        filter: Option<(&str, Uuid)>,
        uuid: &impl Fn(&T) -> Uuid,
    ) -> Result<Option<Vec<T>>, Error> {
        let mut all: Vec<T> = Vec::new();
        loop {
            let overlap = usize::from(!all.is_empty());
            let (start, limit) = (all.len() - overlap, self.page_size.max(1) + overlap);
            let mut url = self.url(&["o", &self.organisation.to_string(), list])?;
            url.query_pairs_mut()
                .append_pair("limit", &limit.to_string())
                .append_pair("start", &start.to_string());
            if let Some((name, value)) = filter {
                url.query_pairs_mut().append_pair(name, &value.to_string());
            }
            let request = Request::get(url);
            let page: Page<T> = self.send(&request).await?.success(&request)?.json(&request)?;
            let total = page.total;
            let mut items = page.items.into_iter();
            if let Some(last) = all.last()
                && items.next().map(|first| uuid(&first)) != Some(uuid(last))
            {
                return Ok(None);
            }
            let before = all.len();
            all.extend(items);
            self.progress.say(format!("{about} {}", all.len()));
            if all.len() >= total {
                return Ok((all.len() == total).then_some(all));
            }
            if all.len() == before {
                return Ok(None);
            }
        }
    }

    /// Say how far the read is.
    pub fn say(&self, what: String) {
        self.progress.say(what);
    }

    /// Ask once, and once more with a new token when the server no longer knows the old one.
    async fn send(&self, request: &Request) -> Result<Answer, Error> {
        let mut renewed = false;
        loop {
            let (signed, token) = self.authentication.sign(request.clone(), &self.client).await?;
            let answer = self.client.send(&signed).await?;
            match answer.status {
                401 if !renewed && self.authentication.renew(token.as_ref()).await => renewed = true,
                401 => {
                    let hint = "check the session token, or client id and client secret";
                    return Err(answer.failure(request).hint(hint));
                }
                403 => return Err(answer.failure(request).hint("give the client the role service_api")),
                500 if answer.text().contains("No policy approved the access") => {
                    let what = "the server refused the credentials: a role for reading is missing";
                    return Err(Error::new(Exit::NoPerm, what)
                        .at(request)
                        .hint("see `man extract-os2mo` for the roles"));
                }
                _ => return Ok(answer),
            }
        }
    }

    /// The address of a path; but for details, it ends in a slash.
    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        let mut url = join(&self.base, segments.iter().copied())?;
        url.set_path(&format!("{}/", url.path()));
        Ok(url)
    }
}
