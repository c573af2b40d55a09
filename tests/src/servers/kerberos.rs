//! MIT Kerberos: a KDC with a realm of its own, on a free port of 127.0.0.1.
//!
//! ```ignore
//! let Some(kdc) = Kdc::start("") else { return };
//! let keytab = kdc.principal("ldap/localhost", &[]);
//! kdc.kinit("reader", &kdc.principal("reader", &[]), "cache", &[]);
//! ```

use super::{free_port, program, put, succeed, wait_until};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The realm.
pub const REALM: &str = "EXAMPLE.ORG";

/// A running KDC.
pub struct Kdc {
    dir: tempfile::TempDir,
    child: Child,
}

impl Kdc {
    /// Start it, with further lines in `[libdefaults]`. None, said aloud, where Kerberos is not installed.
    pub fn start(defaults: &str) -> Option<Self> {
        for (name, package) in
            [("kdb5_util", "krb5-kdc"), ("kadmin.local", "krb5-admin-server"), ("kinit", "krb5-user")]
        {
            program(name, package)?;
        }
        let dir = tempfile::tempdir().unwrap();
        // Another test may take the port in between.
        let child = (0..5).find_map(|_| listen(dir.path(), defaults)).expect("the KDC does not start");
        Some(Self { dir, child })
    }

    /// The environment in which programs know the realm and have a cache of their own.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.dir.path().join(name).display().to_string();
        vec![
            ("KRB5_CONFIG", path("krb5.conf")),
            ("KRB5_KDC_PROFILE", path("kdc.conf")),
            ("KRB5CCNAME", format!("FILE:{}", path("cache"))),
            ("KRB5RCACHENAME", format!("dfl:{}", path("replays"))),
        ]
    }

    /// Make the principal `name`, or give it another key; the keytab that has it.
    pub fn principal(&self, name: &str, options: &[&str]) -> PathBuf {
        let keytab = self.dir.path().join(format!("{}.keytab", name.replace('/', "-")));
        self.administrate(&format!("add_principal -randkey {} {name}", options.join(" ")));
        let _ = std::fs::remove_file(&keytab);
        self.administrate(&format!("ktadd -k {} {name}", keytab.display()));
        keytab
    }

    /// A command of `kadmin.local`.
    pub fn administrate(&self, command: &str) {
        self.run("kadmin.local", &["-r", REALM, "-q", command]);
    }

    /// Get a ticket for `name` with the key in `keytab`.
    pub fn kinit(&self, name: &str, keytab: &Path, options: &[&str]) {
        let keytab = keytab.display().to_string();
        self.run("kinit", &[options, &["-k", "-t", &keytab, name]].concat());
    }

    /// Where its files are.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Stop it: nobody answers on its port any more.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn run(&self, name: &str, arguments: &[&str]) {
        let path = program(name, "krb5-user").unwrap();
        succeed(Command::new(path).args(arguments).envs(self.environment()));
    }
}

impl Drop for Kdc {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `krb5.conf` of a client of `realm`, whose KDC listens at `kdc`, with further lines in `[libdefaults]`. Nothing is asked of DNS.
pub fn client(realm: &str, kdc: &str, defaults: &str) -> String {
    format!(
        "[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
{defaults}
[realms]
{realm} = {{
  kdc = {kdc}
}}
"
    )
}

fn listen(dir: &Path, defaults: &str) -> Option<Child> {
    let address = format!("127.0.0.1:{}", free_port("127.0.0.1"));
    let configuration = put(dir, "krb5.conf", &client(REALM, &address, defaults));
    let profile = put(
        dir,
        "kdc.conf",
        &format!(
            "[kdcdefaults]
kdc_listen = {address}
kdc_tcp_listen = {address}
[realms]
{REALM} = {{
  database_name = {dir}/principals
  key_stash_file = {dir}/stash
  acl_file = {dir}/acl
  max_life = 10h
}}
[logging]
kdc = FILE:{dir}/log
",
            dir = dir.display()
        ),
    );
    let of = |name: &str| {
        let mut command = Command::new(program(name, "krb5-kdc").unwrap());
        command.env("KRB5_CONFIG", &configuration).env("KRB5_KDC_PROFILE", &profile);
        command
    };
    if !dir.join("principals").exists() {
        succeed(of("kdb5_util").args(["-r", REALM, "create", "-s", "-P", "master-canary"]));
    }
    let mut command = of("krb5kdc");
    let mut child =
        command.args(["-n", "-r", REALM]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let answers = || std::net::TcpStream::connect(&address).is_ok();
    wait_until(answers, || child.try_wait().unwrap().is_some()).then_some(child)
}
