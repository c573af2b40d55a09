//! Where Swit is and how we are known there: the arguments and secrets of both commands.

use crate::tokens::{ACCESS, REFRESH};
use crate::{Api, Fixed, Grants, Kept, Store, Tokens};
use muster_base::Error;
use muster_command::{Connection, Context};
use muster_http::{Client, Url};
use muster_settings::SecretSetting;

/// The secrets of both commands.
pub const SECRETS: [SecretSetting; 4] = [
    SecretSetting {
        key: "access_token",
        about: "Token of an administrator, as push-swit --login stores it",
        names: &[],
    },
    SecretSetting { key: "refresh_token", about: "Token that renews it", names: &[] },
    SecretSetting { key: "client_id", about: "Id of the app in Swit's developer console", names: &[] },
    SecretSetting { key: "client_secret", about: "Its secret", names: &[] },
];

/// Where Swit is: flattened into the arguments of a command.
#[derive(clap::Args, Clone, Debug)]
pub struct Access {
    /// Address of Swit's API; /v1/api is appended
    #[arg(long, value_name = "URL", default_value = "https://openapi.swit.io")]
    pub base_url: Url,

    /// Address of Swit's SCIM interface, which is another host
    #[arg(long, value_name = "URL", default_value = "https://saml.swit.io/scim/v2")]
    pub scim_url: Url,

    /// People to ask for per request
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub page_size: u32,

    /// How to connect.
    #[command(flatten)]
    pub connection: Connection,
}

impl Access {
    /// A client for `parallel` requests at once.
    pub fn client(&self, parallel: usize, context: &Context) -> Result<Client, Error> {
        Client::new(&self.connection.options(parallel, context.name()))
    }

    /// The API by way of `client`, with the tokens that the settings name.
    pub fn api<'a>(&self, client: Client, context: &'a Context) -> Result<Api<'a>, Error> {
        let tokens = Tokens::new(self.find_grants(context)?, store(context)?);
        Ok(Api::new(self.base_url.clone(), self.scim_url.clone(), client, tokens))
    }

    /// The token endpoint; none without the id or secret of a client.
    fn find_grants(&self, context: &Context) -> Result<Option<Grants>, Error> {
        let (id, secret) = (context.find_secret("client_id")?, context.find_secret("client_secret")?);
        let endpoint = Api::token_endpoint(&self.base_url)?;
        Ok(id.zip(secret).map(|(client_id, client_secret)| Grants { endpoint, client_id, client_secret }))
    }

    /// The token endpoint, for whoever cannot do without.
    pub fn grants(&self, context: &Context) -> Result<Grants, Error> {
        let (client_id, client_secret) = (context.secret("client_id")?, context.secret("client_secret")?);
        Ok(Grants { endpoint: Api::token_endpoint(&self.base_url)?, client_id, client_secret })
    }
}

/// Where the tokens are kept: the strongbox, unless environment or file give others.
fn store(context: &Context) -> Result<Box<dyn Store + '_>, Error> {
    let mut found = Vec::new();
    for key in [ACCESS, REFRESH] {
        found.extend(context.find_secret(key)?.map(|secret| (key, secret)));
    }
    let fixed = Fixed(found);
    let is_kept = |key| Ok::<_, Error>(fixed.load(key)? == context.kept_secret(key)?);
    match is_kept(ACCESS)? && is_kept(REFRESH)? {
        true => Ok(Box::new(Kept(context))),
        false => Ok(Box::new(fixed)),
    }
}
