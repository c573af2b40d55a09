//! CyberArk Conjur: one variable a secret.
//!
//! An API key (or a signed token, `authn-jwt`) buys an access token that lives eight minutes; it is renewed after five, and
//! once more when the server refuses it. Ids are encoded whole: `prod/aws/db` is `prod%2Faws%2Fdb`, a blank `%20`. Several
//! variables come in one request; that one fails when any of them is missing, and then each is asked for.

mod session;

use crate::remote::{Remote, Variables, address};
use crate::{Backend, Change, Found, Listed, Options};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use muster_base::{Error, Exit, Secret};
use muster_http::{Client, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
pub(crate) use session::Login;
use session::{Session, refused};

const VARIABLES: Variables = Variables {
    ca_file: "CONJUR_CERT_FILE",
    ca_dir: &[],
    skip_verify: "CONJUR_SKIP_VERIFY",
    timeout: "CONJUR_HTTP_TIMEOUT",
    retries: "CONJUR_MAX_RETRIES",
};
const PAGE: usize = 500;
/// RFC 3986, unreserved: the rest of an id is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) struct Conjur {
    remote: Remote,
    api: Api,
}

struct Api {
    session: Session,
    account: String,
    /// The id of a variable, with `{name}` and `{key}` in it.
    id: String,
}

impl Conjur {
    pub(crate) fn new(url: &str, account: &str, login: Login, options: &Options) -> Result<Self, Error> {
        let base = address(url, "CyberArk")?;
        let (prefix, account_is_set) = (options.get("vault_prefix"), options.get("vault_account").is_some());
        let usual = match prefix {
            Some(prefix) => format!("{}/{{name}}/{{key}}", prefix.trim_matches('/')),
            None if account_is_set => "{name}/{key}".to_owned(),
            None => "{key}".to_owned(),
        };
        let id = options.get("vault_id").map_or(usual, str::to_owned);
        if !id.contains("{key}") {
            return Err(
                Error::new(Exit::Config, "there is no {key} in vault_id").hint("such as prod/{name}/{key}")
            );
        }
        let session = Session::new(base, account, login);
        let api = Api { session, account: account.to_owned(), id };
        Ok(Self { remote: Remote::new(options, &VARIABLES)?, api })
    }
}

impl Api {
    fn id(&self, name: &str, key: &str) -> String {
        self.id.replace("{name}", name).replace("{key}", key)
    }

    /// Name and key of a variable, when its id has the form of ours. Where the form has no name, the account stands for it.
    fn parsed(&self, id: &str) -> Option<(String, String)> {
        let (before, after) = self.id.split_once("{key}")?;
        let Some((start, between)) = before.split_once("{name}") else {
            let key = id.strip_prefix(before)?.strip_suffix(after)?;
            return Some((self.account.clone(), key.to_owned()));
        };
        let (name, key) = id.strip_prefix(start)?.strip_suffix(after)?.rsplit_once(between)?;
        Some((name.to_owned(), key.to_owned()))
    }

    async fn read_one(
        &self,
        client: &Client,
        id: &str,
        version: Option<u64>,
    ) -> Result<Option<Found>, Error> {
        let mut url = self.session.url(&["secrets", &self.account, "variable", id])?;
        if let Some(version) = version {
            url.query_pairs_mut().append_pair("version", &version.to_string());
        }
        let (answer, request) = self.session.send(client, Request::get(url)).await?;
        match answer.status {
            // Missing, without a value yet, or not ours to see: the server does not say which.
            404 => Ok(None),
            _ if answer.is_success() => {
                let value = String::from_utf8(answer.body)
                    .map_err(|_| Error::new(Exit::Data, "this secret is no UTF-8 text").at(&request))?;
                Ok(Some(Found { secret: Secret::new(value), updated: None }))
            }
            _ => Err(refused(&answer, &request)),
        }
    }

    /// Several variables at once; nothing when any of them is missing, or none can be had so.
    async fn read_all(&self, client: &Client, ids: &[String]) -> Result<Option<Vec<Option<Found>>>, Error> {
        let full = |id: &String| format!("{}:variable:{id}", self.account);
        let encoded: Vec<String> =
            ids.iter().map(|id| utf8_percent_encode(&full(id), ENCODED).to_string()).collect();
        let mut url = self.session.url(&["secrets"])?;
        url.set_query(Some(&format!("variable_ids={}", encoded.join(","))));
        let request = Request::get(url).header("accept-encoding", "base64");
        let (answer, request) = self.session.send(client, request).await?;
        match answer.status {
            404 | 406 | 414 | 422 => return Ok(None),
            _ if !answer.is_success() => return Err(refused(&answer, &request)),
            _ => (),
        }
        let values: Value = serde_json::from_slice(&answer.body)
            .map_err(|_| Error::new(Exit::Protocol, "Conjur's answer is not JSON").at(&request))?;
        let is_encoded = answer.encoding.as_deref() == Some("base64");
        let found = |id: &String| {
            let value = values[full(id)].as_str()?;
            let secret = match is_encoded {
                true => Secret::new(String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?),
                false => Secret::new(value),
            };
            Some(Found { secret, updated: None })
        };
        let found: Vec<_> = ids.iter().map(found).collect();
        Ok(found.iter().all(Option::is_some).then_some(found))
    }

    async fn write_one(&self, client: &Client, name: &str, change: &Change) -> Result<(), Error> {
        let Some(value) = &change.value else {
            return Err(Error::new(Exit::Usage, "CyberArk's values can be deleted by its policies only"));
        };
        let id = self.id(name, &change.key);
        let mut request = Request::post(self.session.url(&["secrets", &self.account, "variable", &id])?)
            .header("content-type", "application/octet-stream");
        request.body = value.reveal().as_bytes().to_vec();
        let (answer, request) = self.session.send(client, request).await?;
        match answer.status {
            404 => Err(Error::new(
                Exit::Config,
                format!("CyberArk has no variable '{id}', or it is not ours to see"),
            )
            .at(&request)
            .hint("a policy makes it: `- !variable`")),
            _ if answer.is_success() => Ok(()),
            _ => Err(refused(&answer, &request)),
        }
    }

    async fn list(&self, client: &Client, name: Option<&str>) -> Result<Vec<Listed>, Error> {
        let mut listed = Vec::new();
        for page in 0.. {
            let mut url = self.session.url(&["resources", &self.account, "variable"])?;
            url.query_pairs_mut()
                .append_pair("limit", &PAGE.to_string())
                .append_pair("offset", &(page * PAGE).to_string());
            let (answer, request) = self.session.send(client, Request::get(url)).await?;
            if !answer.is_success() {
                return Err(refused(&answer, &request));
            }
            let resources: Vec<Value> = answer.json(&request)?;
            let ids = resources.iter().filter_map(|resource| resource["id"].as_str()?.splitn(3, ':').nth(2));
            let has_name = self.id.contains("{name}");
            let ours = ids.filter_map(|id| self.parsed(id));
            let wanted = ours.filter(|(of, _)| !has_name || name.is_none_or(|name| name == of));
            listed.extend(wanted.map(|(name, key)| Listed { name, key, updated: None }));
            if resources.len() < PAGE {
                break;
            }
        }
        listed.sort();
        Ok(listed)
    }
}

impl Backend for Conjur {
    fn read(&self, name: &str, keys: &[&str]) -> Result<Vec<Option<Found>>, Error> {
        let (api, client) = (&self.api, &self.remote.client);
        self.remote.wait(async {
            let wanted: Vec<(String, Option<u64>)> = keys
                .iter()
                .map(|key| {
                    crate::reference::versioned(key).map(|(key, version)| (api.id(name, key), version))
                })
                .collect::<Result<_, _>>()?;
            if wanted.len() > 1 && wanted.iter().all(|(_, version)| version.is_none()) {
                let ids: Vec<String> = wanted.iter().map(|(id, _)| id.clone()).collect();
                if let Some(found) = api.read_all(client, &ids).await? {
                    return Ok(found);
                }
            }
            let mut found = Vec::new();
            for (id, version) in &wanted {
                found.push(api.read_one(client, id, *version).await?);
            }
            Ok(found)
        })
    }

    fn write(&self, name: &str, changes: &[Change]) -> Result<(), Error> {
        let (api, client) = (&self.api, &self.remote.client);
        self.remote.wait(async {
            for change in changes {
                api.write_one(client, name, change).await?;
            }
            Ok(())
        })
    }

    fn list(&self, name: Option<&str>) -> Result<Vec<Listed>, Error> {
        self.remote.wait(self.api.list(&self.remote.client, name))
    }
}
