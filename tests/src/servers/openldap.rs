//! OpenLDAP's `slapd` with one database, memberOf and syncprov, on free ports of 127.0.0.1.
//!
//! ```ignore
//! let Some(ldap) = OpenLdap::start(&Setup { ldif: people(3), ..Setup::default() }) else { return };
//! extract.args(["--url", &ldap.url(), "--username", READER]).env("LDAP_PASSWORD", READER_PASSWORD)
//! ldap.modify("dn: uid=u1,ou=people,dc=example,dc=org\nchangetype: delete\n");
//! ```
//!
//! The suffix entry, `ou=people`, `ou=groups` and the reader are always there; the LDIF of a setup comes on top.

use super::{Certificates, free_port, program, put, succeed, wait_until};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The suffix of the directory.
pub const SUFFIX: &str = "dc=example,dc=org";
/// Who may do everything.
pub const ADMIN: &str = "cn=admin,dc=example,dc=org";
/// The password of [`ADMIN`].
pub const ADMIN_PASSWORD: &str = "admin-canary";
/// Who may read everything, in pages of any size, at most `Setup::reader_limit` entries.
pub const READER: &str = "cn=reader,dc=example,dc=org";
/// The password of [`READER`].
pub const READER_PASSWORD: &str = "reader-canary";

const BASE: &str = "\
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: cn=reader,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: reader-canary

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

";

/// What the directory holds and how the server is set up.
pub struct Setup {
    /// Entries, in LDIF, added while the server runs (so that memberOf is kept).
    pub ldif: String,
    /// Entries that are loaded before it starts: fast, and memberOf is not kept.
    pub bulk: String,
    /// Entries that a paged search gives [`READER`] in all: a number or `unlimited`.
    pub reader_limit: &'static str,
    /// Entries that other searches give: a number or `unlimited`.
    pub size_limit: &'static str,
    /// Changes that syncprov remembers with their deletions; 0: none.
    pub session_log: u32,
    /// Rules of access before the usual ones, by which the reader reads everything and anonymous nothing.
    pub access: &'static str,
    /// Further lines of the global section.
    pub global: String,
    /// Further lines of the database's section.
    pub database: &'static str,
    /// Variables of the server's environment.
    pub environment: Vec<(&'static str, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            ldif: String::new(),
            bulk: String::new(),
            reader_limit: "unlimited",
            size_limit: "500",
            session_log: 0,
            access: "",
            global: String::new(),
            database: "",
            environment: Vec::new(),
        }
    }
}

/// A running server.
pub struct OpenLdap {
    dir: tempfile::TempDir,
    child: Child,
    port: u16,
    tls_port: u16,
    certificates: Certificates,
}

impl OpenLdap {
    /// Start it. None, said aloud, where slapd is not installed.
    pub fn start(setup: &Setup) -> Option<Self> {
        let slapd = program("slapd", "slapd")?;
        program("ldapmodify", "ldap-utils")?;
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("db")).unwrap();
        let certificates = Certificates::create(dir.path());
        let configuration = put(dir.path(), "slapd.conf", &configuration(&dir, &certificates, setup));
        let seed = put(dir.path(), "seed.ldif", &format!("{BASE}{}", setup.bulk));
        let mut load = Command::new(program("slapadd", "slapd")?);
        succeed(load.arg("-q").arg("-f").arg(&configuration).args(["-b", SUFFIX, "-l"]).arg(seed));
        // Another test may take the port in between.
        let (child, port, tls_port) =
            (0..5).find_map(|_| listen(&slapd, &configuration, &dir, setup)).expect("slapd does not start");
        let server = Self { dir, child, port, tls_port, certificates };
        server.modify(&setup.ldif);
        Some(server)
    }

    /// `ldap://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    /// `ldaps://127.0.0.1:<port>`.
    pub fn tls_url(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.tls_port)
    }

    /// `ldapi://` with the path of the server's socket.
    pub fn socket_url(&self) -> String {
        format!("ldapi://{}", self.socket().replace('/', "%2F"))
    }

    fn socket(&self) -> String {
        self.dir.path().join("ldapi").display().to_string()
    }

    /// The authority that issued the server's certificate, and the certificate and key themselves.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// Apply LDIF as [`ADMIN`]: entries are added, `changetype` does other things. Nothing for an empty text.
    pub fn modify(&self, ldif: &str) {
        if ldif.is_empty() {
            return;
        }
        let mut command = Command::new(program("ldapmodify", "ldap-utils").unwrap());
        command.args(["-a", "-x", "-H", &self.url(), "-D", ADMIN, "-w", ADMIN_PASSWORD]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = ldif.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join().unwrap();
        assert!(output.status.success(), "ldapmodify: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What `ldapsearch` prints for these arguments, bound as [`ADMIN`].
    pub fn search(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(program("ldapsearch", "ldap-utils").unwrap());
        command.args([
            "-LLL",
            "-o",
            "ldif-wrap=no",
            "-x",
            "-H",
            &self.url(),
            "-D",
            ADMIN,
            "-w",
            ADMIN_PASSWORD,
        ]);
        succeed(command.args(["-b", SUFFIX]).args(arguments))
    }
}

impl Drop for OpenLdap {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// LDIF of `count` people: `uid=u1` and so on, with given name, surname and mail.
pub fn people(count: usize) -> String {
    (1..=count).map(|number| person(&format!("u{number}"))).collect()
}

/// LDIF of one person of `ou=people`.
pub fn person(uid: &str) -> String {
    format!(
        "dn: uid={uid},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: Ane {uid}\ngivenName: Ane\n\
         sn: Larsen {uid}\nmail: {uid}@example.org\n\n"
    )
}

/// LDIF of one group of `ou=groups` with members by DN.
pub fn group<S: AsRef<str>>(cn: &str, members: impl IntoIterator<Item = S>) -> String {
    let members: String =
        members.into_iter().map(|member| format!("member: {}\n", member.as_ref())).collect();
    format!("dn: cn={cn},ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: {cn}\n{members}\n")
}

/// The DN of a person of `ou=people`.
pub fn person_dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{SUFFIX}")
}

fn listen(
    slapd: &PathBuf,
    configuration: &PathBuf,
    dir: &tempfile::TempDir,
    setup: &Setup,
) -> Option<(Child, u16, u16)> {
    let (port, tls_port) = (free_port("127.0.0.1"), free_port("127.0.0.1"));
    let socket = dir.path().join("ldapi").display().to_string().replace('/', "%2F");
    let addresses = format!("ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/ ldapi://{socket}/");
    let log = std::fs::File::create(dir.path().join("log")).unwrap();
    let mut command = Command::new(slapd);
    // With -d it stays in the foreground and is our child.
    command.args(["-d", "0", "-h", &addresses, "-f"]).arg(configuration);
    command.envs(setup.environment.iter().cloned());
    let mut child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let answers = || {
        let mut ping = Command::new("ldapsearch");
        let ping =
            ping.args(["-x", "-s", "base", "-b", "", "-H", &format!("ldap://127.0.0.1:{port}"), "1.1"]);
        ping.output().is_ok_and(|output| output.status.success())
    };
    let mut ended = false;
    let is_ready = wait_until(answers, || {
        ended = child.try_wait().unwrap().is_some();
        ended
    });
    is_ready.then_some((child, port, tls_port))
}

fn configuration(dir: &tempfile::TempDir, certificates: &Certificates, setup: &Setup) -> String {
    let dir = dir.path().display();
    let log = match setup.session_log {
        0 => String::new(),
        size => format!("syncprov-sessionlog {size}\n"),
    };
    format!(
        "include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload refint
moduleload syncprov
pidfile {dir}/slapd.pid
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
TLSVerifyClient try
sizelimit {size_limit}
{global}
database mdb
maxsize 4294967296
suffix {SUFFIX}
rootdn {ADMIN}
rootpw {ADMIN_PASSWORD}
directory {dir}/db
dbnosync
index objectClass,uid,mail,member,entryUUID,entryCSN eq
limits dn.exact=\"{READER}\" size.soft={size_limit} size.hard={size_limit} size.pr=noEstimate size.prtotal={reader_limit}
{access}
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=\"{READER}\" read by dn.regex=\"gidNumber.*cn=peercred,cn=external,cn=auth\" read by anonymous auth by * read
{database}
overlay memberof
overlay refint
refint_attributes member memberOf
overlay syncprov
syncprov-checkpoint 1 1
{log}",
        ca = certificates.authority.display(),
        certificate = certificates.certificate.display(),
        key = certificates.key.display(),
        size_limit = setup.size_limit,
        reader_limit = setup.reader_limit,
        access = setup.access,
        global = setup.global,
        database = setup.database,
    )
}
