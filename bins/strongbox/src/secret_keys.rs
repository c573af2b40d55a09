//! Which settings hold secrets.

/// Ends of keys whose values are secret, in the files of the old programs and ours. `local_inputs`, `saas_authorization` and
/// `oomnitza_authorization` are JSON with secrets inside.
const ENDS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "client_key",
    "access_key",
    "private_key",
    "authorization",
    "local_inputs",
    "credentials",
    "session",
];

/// Keys that end so and hold none.
const NONE: [&str; 2] = ["env_password", "vault_keys"];

/// Whether the setting `key` holds a secret.
pub fn is_secret(key: &str) -> bool {
    !NONE.contains(&key) && ENDS.iter().any(|end| key.ends_with(end))
}

/// Whether a value names a secret instead of holding it.
pub fn is_reference(value: &str) -> bool {
    ["strongbox://", "env:", "file:"].iter().any(|scheme| value.trim_start().starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_keys() {
        for key in
            ["password", "api_token", "client_secret", "saas_authorization", "local_inputs", "client_key"]
        {
            assert!(is_secret(key), "{key}");
        }
        for key in ["username", "env_password", "key_file", "sync_field", "vault_keys", "authentication"] {
            assert!(!is_secret(key), "{key}");
        }
    }
}
