//! What opens a remote backend: its address and credentials, which are kept on this machine under the same name, or under
//! `strongbox` for all names; else in the settings or the variables of the system's own tools.

use crate::conjur::{self, Conjur};
use crate::vault::{Credentials, Login, Vault};
use crate::{Change, Strongbox};
use muster_base::{Error, Exit, Secret, private};
use std::path::{Path, PathBuf};

/// The name under which what opens the backend for all names is kept.
const GENERAL: &str = "strongbox";
/// Variables that hold what opens a remote backend, for us and for the systems' own tools.
const TOKEN: [&str; 2] = ["VAULT_TOKEN", "BAO_TOKEN"];
const ROLE_ID: [&str; 1] = ["VAULT_ROLE_ID"];
const SECRET_ID: [&str; 1] = ["VAULT_SECRET_ID"];
const WRAPPED: [&str; 1] = ["VAULT_WRAPPED_SECRET_ID"];
const API_KEY: [&str; 1] = ["CONJUR_AUTHN_API_KEY"];
/// Where Kubernetes puts the token of a pod's account.
const KUBERNETES_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// The variables that open a remote backend: who has them has all secrets there.
pub fn opening_variables() -> impl Iterator<Item = &'static str> {
    TOKEN.into_iter().chain(ROLE_ID).chain(SECRET_ID).chain(WRAPPED).chain(API_KEY)
}

impl Strongbox {
    pub(crate) fn vault(&self, name: &str) -> Result<Vault, Error> {
        let url = self.opening(name, "vault_url", &["VAULT_ADDR", "BAO_ADDR"])?;
        let url = url.ok_or_else(|| missing(name, "vault_url", "VAULT_ADDR"))?;
        let local = self.backend(self.local_kind()?);
        let name_kept = name.to_owned();
        let keep = Box::new(move |changes: &[Change]| match &local {
            Ok(local) => local.write(&name_kept, changes),
            Err(error) => Err(Error::new(error.exit(), error.what())),
        });
        let credentials = Credentials { login: self.vault_login(name)?, keep };
        Vault::new(url.reveal(), credentials, self.options())
    }

    fn vault_login(&self, name: &str) -> Result<Login, Error> {
        let role_id = || self.opening(name, "vault_role_id", &ROLE_ID);
        let set = self.options().get("vault_auth").map(str::to_lowercase);
        let method = match set {
            Some(method) => method,
            None if role_id()?.is_some() => "approle".to_owned(),
            None if self.options().get("vault_role").is_some() => "kubernetes".to_owned(),
            None => "token".to_owned(),
        };
        match method.as_str() {
            "token" => self.vault_token(name).map(Login::Token),
            "approle" => Ok(Login::AppRole {
                role_id: role_id()?.ok_or_else(|| missing(name, "vault_role_id", "VAULT_ROLE_ID"))?,
                secret_id: self.opening(name, "vault_secret_id", &SECRET_ID)?,
                wrapped: self.opening(name, "vault_wrapped_secret_id", &WRAPPED)?,
            }),
            "kubernetes" => self.vault_jwt("kubernetes"),
            "jwt" => self.vault_jwt("jwt"),
            other => Err(Error::new(Exit::Config, format!("'{other}' is no way to log in to Vault"))
                .hint("vault_auth is token, approle, kubernetes or jwt")),
        }
    }

    fn vault_token(&self, name: &str) -> Result<Secret, Error> {
        if let Some(token) = self.opening(name, "vault_token", &TOKEN)? {
            return Ok(token);
        }
        // Where `vault login` leaves it.
        let file = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".vault-token"));
        match file.filter(|path| path.exists()) {
            Some(path) => secret_file(&path),
            None => Err(missing(name, "vault_token", "VAULT_TOKEN")),
        }
    }

    fn vault_jwt(&self, method: &'static str) -> Result<Login, Error> {
        let role = self.options().get("vault_role").ok_or_else(|| {
            Error::new(
                Exit::Config,
                format!("vault_role is missing, without which there is no login with {method}"),
            )
        })?;
        Ok(Login::Jwt { method, role: role.to_owned(), jwt: self.jwt()? })
    }

    /// The signed token of this pod or service.
    fn jwt(&self) -> Result<Secret, Error> {
        let path = self.options().get("vault_jwt_file").unwrap_or(KUBERNETES_TOKEN);
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(Exit::Config, format!("cannot read the token of this service: {error}")).at(path)
        })?;
        Ok(Secret::new(text.trim()))
    }

    pub(crate) fn conjur(&self, name: &str) -> Result<Conjur, Error> {
        let options = self.options();
        let url = self.opening(name, "vault_url", &["CONJUR_APPLIANCE_URL"])?;
        let url = url.ok_or_else(|| missing(name, "vault_url", "CONJUR_APPLIANCE_URL"))?;
        let account =
            options.or_variable("vault_account", &["CONJUR_ACCOUNT"]).unwrap_or_else(|| name.to_owned());
        let login = match options.get("vault_auth") {
            Some("jwt") => {
                let missing =
                    || Error::new(Exit::Config, "vault_service is missing: the service id of authn-jwt");
                conjur::Login::Jwt(options.get("vault_service").ok_or_else(missing)?.to_owned(), self.jwt()?)
            }
            Some(other) if other != "token" => {
                return Err(Error::new(Exit::Config, format!("'{other}' is no way to log in to CyberArk"))
                    .hint("vault_auth is token or jwt"));
            }
            _ => {
                let key = self.opening(name, "vault_token", &API_KEY)?;
                let key = key.ok_or_else(|| missing(name, "vault_token", "CONJUR_AUTHN_API_KEY"))?;
                let login = options.or_variable("vault_login", &["CONJUR_AUTHN_LOGIN"]);
                conjur::Login::ApiKey(login.unwrap_or_else(|| "admin".to_owned()), key)
            }
        };
        Conjur::new(url.reveal(), &account, login, options)
    }

    /// What is kept on this machine as `key`, else set, else in the first of `variables`.
    fn opening(&self, name: &str, key: &str, variables: &[&str]) -> Result<Option<Secret>, Error> {
        for name in [name, GENERAL] {
            if let Some(found) = self.find_local(name, key)? {
                return Ok(Some(found.secret));
            }
        }
        self.options().opening(key, variables)
    }
}

fn missing(name: &str, key: &str, variable: &str) -> Error {
    Error::new(Exit::Config, format!("there is no '{key}' for '{name}'"))
        .hint(format!("store it with `strongbox --connector {name} --key {key}`, or set {variable}"))
}

fn secret_file(path: &Path) -> Result<Secret, Error> {
    private::refuse_open(path, "holds a token")?;
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::new(Exit::Config, format!("cannot read '{}': {error}", path.display())))?;
    Ok(Secret::new(text.trim()))
}
