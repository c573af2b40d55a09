//! Queries to the GraphQL interface: `POST {url}/graphql/v{N}`, pages by cursor.
//!
//! The server answers 200 for nearly everything. A non-empty `errors` array is a failed read whatever `data` holds: with
//! a missing role, objects come back empty, not absent. A page may be short or empty; the last one has no cursor.
//! Only the texts of DAR addresses, which the server itself looks up elsewhere, may fail one by one.

use crate::Args;
use crate::authentication::Authentication;
use muster_base::{Error, Exit};
use muster_command::{Context, Progress};
use muster_http::{Answer, Client, Request, Url, join};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// A query: the name of the collection in the answer, and the text.
pub struct Query {
    pub collection: &'static str,
    pub text: &'static str,
    /// What it reads, for people.
    pub about: &'static str,
}

/// The server that is asked.
pub struct Server {
    client: Client,
    authentication: Authentication,
    endpoint: Url,
    version: u8,
    page_size: u32,
    progress: Progress,
}

#[derive(Deserialize)]
struct Body<D> {
    data: Option<D>,
}

#[derive(Deserialize)]
struct Failures {
    #[serde(default)]
    errors: Vec<Failure>,
    #[serde(rename = "data")]
    _data: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Failure {
    message: String,
    #[serde(default)]
    path: Vec<Value>,
}

#[derive(Deserialize)]
struct Page<O> {
    objects: Vec<O>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
struct PageInfo {
    next_cursor: Option<String>,
}

impl Server {
    /// The server that the settings name.
    pub fn new(args: &Args, context: &Context) -> Result<Self, Error> {
        let options = args.connection().options(usize::from(args.parallel), context.name());
        Ok(Self {
            client: Client::new(&options)?,
            authentication: Authentication::new(args, context)?,
            endpoint: join(&args.base(), ["graphql", &format!("v{}", args.graphql_version)])?,
            version: args.graphql_version,
            page_size: args.page_size,
            progress: context.progress,
        })
    }

    /// The version of the interface.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// One answer to a query without pages.
    pub async fn ask<D: DeserializeOwned>(&self, query: &Query) -> Result<D, Error> {
        let (answer, request) = self.post(query, json!({})).await?;
        data(&answer, &request)
    }

    /// All objects of a collection.
    pub async fn collect<O: DeserializeOwned>(
        &self,
        query: &Query,
        variables: Value,
    ) -> Result<Vec<O>, Error> {
        let mut variables = match variables {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        variables.insert("limit".to_owned(), self.page_size.into());
        let mut all: Vec<O> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            variables.insert("cursor".to_owned(), cursor.clone().into());
            let (answer, request) = self.post(query, Value::Object(variables.clone())).await?;
            let mut collections: HashMap<String, Page<O>> = data(&answer, &request)?;
            let missing = || {
                Error::new(Exit::Protocol, format!("the answer has no '{}'", query.collection)).at(&request)
            };
            let page = collections.remove(query.collection).ok_or_else(missing)?;
            all.extend(page.objects);
            self.progress.say(format!("{} {}", query.about, all.len()));
            match page.page_info.next_cursor {
                None => return Ok(all),
                next if next == cursor => {
                    return Err(
                        Error::new(Exit::Protocol, "the server gives the same cursor again").at(&request)
                    );
                }
                next => cursor = next,
            }
        }
    }

    /// Ask once, and once more with a new token when the server no longer knows the old one.
    async fn post(&self, query: &Query, variables: Value) -> Result<(Answer, Request), Error> {
        let body = json!({ "query": query.text, "variables": variables });
        let mut renewed = false;
        loop {
            let request = Request::post(self.endpoint.clone()).json(&body)?.repeatable();
            let (request, token) = self.authentication.sign(request, &self.client).await?;
            let answer = self.client.send(&request).await?;
            if answer.status == 404 {
                let what = format!("the server does not serve version {} of GraphQL", self.version);
                return Err(Error::new(Exit::Config, what)
                    .at(&request)
                    .hint("choose another --graphql-version or check --url"));
            }
            let answer = answer.success(&request)?;
            let failures: Failures = answer.json(&request)?;
            let Some(failure) = fatal(query, &failures.errors) else { return Ok((answer, request)) };
            if is_unauthenticated(failure) && !renewed && self.authentication.renew(token.as_ref()).await {
                renewed = true;
                continue;
            }
            return Err(failed(query, failure, failures.errors.len(), &request));
        }
    }
}

fn data<D: DeserializeOwned>(answer: &Answer, request: &Request) -> Result<D, Error> {
    let body: Body<D> = answer.json(request)?;
    body.data.ok_or_else(|| Error::new(Exit::Protocol, "the answer has neither data nor errors").at(request))
}

/// The first failure that makes the read fail. A text of the address register that could not be had does not.
fn fatal<'a>(query: &Query, failures: &'a [Failure]) -> Option<&'a Failure> {
    let only_a_text = |failure: &Failure| {
        query.text.starts_with("query DarNames")
            && failure.path.last().is_some_and(|name| name == "name")
            && !is_refused(failure)
    };
    failures.iter().find(|failure| !only_a_text(failure))
}

fn is_unauthenticated(failure: &Failure) -> bool {
    failure.message == "User is not authenticated"
}

fn is_refused(failure: &Failure) -> bool {
    is_unauthenticated(failure) || failure.message == "No policy approved the access"
}

fn failed(query: &Query, failure: &Failure, count: usize, request: &Request) -> Error {
    let more = if count > 1 { format!(" (and {} more errors)", count - 1) } else { String::new() };
    let message = muster_base::text::cut(&failure.message);
    let what = format!("the server could not answer for {}: {message}{more}", query.about);
    match failure {
        failure if is_unauthenticated(failure) => Error::new(Exit::NoPerm, what)
            .at(request)
            .hint("check client id and client secret, or the session token"),
        failure if is_refused(failure) => {
            let field = failure.path.iter().rfind(|part| part.is_string()).and_then(Value::as_str);
            let role = field.unwrap_or(query.collection).trim_end_matches('s');
            Error::new(Exit::NoPerm, what).at(request).hint(format!("give the client the role read_{role}"))
        }
        _ => Error::new(Exit::Protocol, what).at(request),
    }
}
