//! The commands that have secrets.

use muster_tests::cli::Cli;

/// A command with a secret: its arguments for a server at URL, the secret's section and key.
pub struct Command {
    pub name: &'static str,
    pub arguments: &'static [&'static str],
    pub section: &'static str,
    pub key: &'static str,
    /// Variables without which the secret is not used.
    pub beside: &'static [(&'static str, &'static str)],
    /// What the secret is, with the canary in it: `CANARY` alone, or an address that ends with it.
    pub form: &'static str,
    pub speaks_http: bool,
}

const USUAL: Command = Command {
    name: "",
    arguments: &[],
    section: "",
    key: "",
    beside: &[],
    form: "CANARY",
    speaks_http: true,
};

const OS2SYNC: &[&str] = &["--api-url", "URL", "--municipality", "12345678", "--retries", "0"];
const SWIT: &[&str] = &["--base-url", "URL", "--scim-url", "URL", "--retries", "0"];
const PUSH: &[&str] = &["--assume-complete", "--ledger", "ledger", "--rejects", "rejects"];
const RENEWAL: &[(&str, &str)] = &[("SWIT_CLIENT_ID", "of-muster"), ("SWIT_REFRESH_TOKEN", "of-swit-1")];

pub const COMMANDS: [Command; 10] = [
    Command {
        name: "extract-os2mo",
        arguments: &["--url", "URL", "--retries", "0"],
        section: "os2mo",
        key: "session",
        ..USUAL
    },
    Command {
        name: "extract-os2mo",
        arguments: &["--url", "URL", "--retries", "0", "--client-id", "muster"],
        section: "os2mo",
        key: "client_secret",
        ..USUAL
    },
    Command {
        name: "extract-ldap",
        arguments: &["--url", "URL", "--username", "cn=reader", "--base-dn", "dc=example,dc=org"],
        section: "ldap",
        key: "password",
        speaks_http: false,
        ..USUAL
    },
    Command { name: "extract-os2sync", arguments: OS2SYNC, section: "os2sync", key: "api_key", ..USUAL },
    Command { name: "push-os2sync", arguments: OS2SYNC, section: "os2sync", key: "api_key", ..USUAL },
    Command { name: "extract-swit", arguments: SWIT, section: "swit", key: "access_token", ..USUAL },
    Command {
        name: "extract-swit",
        arguments: SWIT,
        section: "swit",
        key: "client_secret",
        beside: RENEWAL,
        ..USUAL
    },
    Command { name: "push-swit", arguments: SWIT, section: "swit", key: "access_token", ..USUAL },
    Command {
        name: "push-swit",
        arguments: SWIT,
        section: "swit",
        key: "refresh_token",
        beside: &[("SWIT_CLIENT_ID", "of-muster"), ("SWIT_CLIENT_SECRET", "of-swit-2")],
        ..USUAL
    },
    Command {
        name: "push-swit",
        arguments: &["--base-url", "URL", "--scim-url", "URL", "--retries", "0", "--notify"],
        section: "swit",
        key: "webhook_url",
        beside: &[("SWIT_ACCESS_TOKEN", "of-swit-3")],
        form: "URL/chat/CANARY",
        ..USUAL
    },
];

const UNIT: &str = "{\"_kind\":\"org_unit\",\"_key\":\"6f5c0000-0000-4000-8000-00000000000a\",\
                    \"Uuid\":\"6f5c0000-0000-4000-8000-00000000000a\",\"Name\":\"Fjordby\"}\n";

impl Command {
    /// It, with the server at `url` and all but the secret.
    pub fn at(&self, url: &str) -> Cli {
        let push: &[&str] = if self.name.starts_with("push-") { PUSH } else { &[] };
        let arguments = self.arguments.iter().chain(push).map(|argument| argument.replace("URL", url));
        let cli = Cli::new(self.name).args(arguments).env("TMPDIR", ".").stdin(UNIT);
        self.beside.iter().fold(cli, |cli, (name, value)| cli.env(name, value))
    }

    /// The scheme of its addresses, without TLS.
    pub fn scheme(&self) -> &'static str {
        if self.speaks_http { "http" } else { "ldap" }
    }

    /// The variable of its secret.
    pub fn variable(&self) -> String {
        format!("{}_{}", self.section, self.key).to_uppercase()
    }
}
