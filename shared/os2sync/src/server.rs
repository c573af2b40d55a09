//! Where OS2sync is and for whom it works: the settings that its commands share, and who reads the others of its section.

use crate::Api;
use clap::Args;
use muster_base::{Error, Exit, Secret};
use muster_http::Url;
use muster_settings::SecretSetting;
use std::time::Duration;

/// The scheme of what is no server.
const STUB: &str = "stub";

/// The server and the municipality: flattened into the arguments of a command.
#[derive(Args, Clone, Debug)]
pub struct Server {
    /// Address of OS2sync, with /api at its end; `stub`: no server, and nothing is sent
    #[arg(long, value_name = "URL", default_value = "http://localhost:8081/api", value_parser = api_url)]
    api_url: ApiUrl,

    /// The municipality's CVR number
    #[arg(long, value_name = "CVR", value_parser = cvr)]
    municipality: String,

    /// Longest wait for the registry's hierarchy, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    hierarchy_wait: u64,
}

#[derive(Clone, Debug)]
enum ApiUrl {
    Stub,
    At(Url),
}

impl Server {
    /// Whether there is no server.
    pub fn is_stub(&self) -> bool {
        matches!(self.api_url, ApiUrl::Stub)
    }

    /// The calls to this server, with `key` where it asks for one.
    pub fn api(&self, key: Option<Secret>) -> Result<Api, Error> {
        let base = match &self.api_url {
            ApiUrl::At(url) => url.clone(),
            // What a dry run shows.
            ApiUrl::Stub => {
                Url::parse("stub://os2sync/api").map_err(|error| Error::new(Exit::Bug, error.to_string()))?
            }
        };
        let hierarchy_wait = Duration::from_secs(self.hierarchy_wait);
        Ok(Api { base, municipality: self.municipality.clone(), key, hierarchy_wait })
    }
}

impl Api {
    /// Whether there is no server.
    pub fn is_stub(&self) -> bool {
        self.base.scheme() == STUB
    }
}

fn api_url(text: &str) -> Result<ApiUrl, String> {
    match text {
        STUB => Ok(ApiUrl::Stub),
        _ => match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(ApiUrl::At(url)),
            _ => Err("it is neither an http address nor 'stub'".to_owned()),
        },
    }
}

fn cvr(text: &str) -> Result<String, String> {
    match text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("a CVR number has eight digits".to_owned()),
    }
}

/// The key that a server may ask for.
pub const API_KEY: SecretSetting =
    SecretSetting { key: "api_key", about: "Key that the server asks for, if it does", names: &[] };

/// The address in the files of the OS2 exporters.
pub const API_URL: (&str, &[&str]) = ("api_url", &["os2sync_api_url"]);

/// The municipality there.
pub const MUNICIPALITY: (&str, &[&str]) = ("municipality", &["municipality.cvr", "municipality"]);

/// Whether the certificate is checked, there.
pub const VERIFY_SSL: (&str, &[&str]) =
    ("verify_ssl", &["os2sync.ca_verify_os2sync", "os2sync_ca_verify_os2sync", "ca_verify_os2sync"]);

/// The keys of section `[os2sync]`, and which command reads each: none is taken for a misspelt one of another.
pub const SECTION: &[(&str, &str)] = &[
    ("kind", "extract-os2sync"),
    ("limit", "extract-os2sync"),
    ("not_stored", "extract-os2sync"),
    ("adopt_from", "push-os2sync"),
    ("after_days", "push-os2sync"),
    ("after_runs", "push-os2sync"),
    ("approve", "push-os2sync"),
    ("autowash", "push-os2sync"),
    ("backup", "push-os2sync"),
    ("bypass_cache", "push-os2sync"),
    ("foreign", "push-os2sync"),
    ("forget", "push-os2sync"),
    ("format", "push-os2sync"),
    ("hash_cache", "push-os2sync"),
    ("keep", "push-os2sync"),
    ("keep_before", "push-os2sync"),
    ("ledger", "push-os2sync"),
    ("log_file", "push-os2sync"),
    ("log_level", "push-os2sync"),
    ("max_age", "push-os2sync"),
    ("max_changes", "push-os2sync"),
    ("max_deletes", "push-os2sync"),
    ("max_failures", "push-os2sync"),
    ("max_foreign", "push-os2sync"),
    ("on_missing", "push-os2sync"),
    ("only", "push-os2sync"),
    ("os2sync_autowash", "push-os2sync"),
    ("parallel", "push-os2sync"),
    ("pause", "push-os2sync"),
    ("priority", "push-os2sync"),
    ("randomize_fk_org_uuid", "push-os2sync"),
    ("rate", "push-os2sync"),
    ("rejects", "push-os2sync"),
    ("repair", "push-os2sync"),
    ("resend", "push-os2sync"),
    ("retain", "push-os2sync"),
    ("spool_dir", "push-os2sync"),
    ("time_limit", "push-os2sync"),
    ("top_unit", "push-os2sync"),
    ("verify", "push-os2sync"),
    ("ca_verify_os2mo", "extract-os2mo"),
    ("use_lc_db", "extract-os2mo"),
    ("dar_fields", "map"),
    ("email_scope_classes", "map"),
    ("employee_engagement_address", "map"),
    ("enable_kle", "map"),
    ("extension_field_as_job_function", "map"),
    ("filter_hierarchy_names", "map"),
    ("filter_orgunit_uuid", "map"),
    ("filter_users_by_it_system", "map"),
    ("fk_org_systems", "map"),
    ("group_by_engagement_uuid", "map"),
    ("ignored.unit_levels", "map"),
    ("ignored.unit_types", "map"),
    ("ignored_unit_levels", "map"),
    ("ignored_unit_types", "map"),
    ("it_system_user_keys", "map"),
    ("landline_scope_classes", "map"),
    ("later_unit_fields", "map"),
    ("listed_classes_only", "map"),
    ("new", "map"),
    ("one_manager_only", "map"),
    ("phone_scope_classes", "map"),
    ("pnumber_field", "map"),
    ("positions_in_ignored_units", "map"),
    ("public_unit_addresses_only", "map"),
    ("send_it_systems", "map"),
    ("sync_cpr", "map"),
    ("sync_managers", "map"),
    ("templates", "map"),
    ("top_unit_uuid", "map"),
    ("truncate_length", "map"),
    ("use_contact_for_tasks", "map"),
    ("use_nickname", "map"),
    ("user_key_it_system_name", "map"),
    ("user_key_it_system_names", "map"),
    ("users_by_engagement", "map"),
    ("uuid_from_it_systems", "map"),
    ("xfer_cpr", "map"),
];
