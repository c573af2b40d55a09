//! Samba as an Active Directory domain controller: its LDAP service and KDC, on an address of their own of 127.0.0.0/8.
//!
//! Provisioning takes seconds, so all tests of one process share one domain. It needs root, and the usual ports of the
//! address: where one of these is missing, the tests say so and pass.

use super::{Certificates, free_port, kerberos, program, put, succeed, wait_until};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The base of the directory.
pub const BASE: &str = "DC=corp,DC=example";
/// The realm of its KDC.
pub const REALM: &str = "CORP.EXAMPLE";
/// Who may do everything.
pub const ADMIN: &str = "administrator@corp.example";
/// The password of [`ADMIN`].
pub const ADMIN_PASSWORD: &str = "Passw0rd!canary";

/// A running domain controller.
pub struct Samba {
    dir: tempfile::TempDir,
    child: Child,
    address: String,
    certificates: Certificates,
    /// Says to other tests that the address is in use, long before the server listens there.
    _guard: TcpListener,
}

/// The port that such a guard holds.
const GUARD: u16 = 10_389;

impl Samba {
    /// Provision a domain, load `ldif` and start it. None, said aloud, where that cannot be.
    pub fn start(ldif: &str) -> Option<Self> {
        for (name, package) in [("samba", "samba"), ("samba-tool", "samba"), ("ldbadd", "ldb-tools")] {
            program(name, package)?;
        }
        let (address, guard) = match free_address() {
            Some(found) => found,
            None => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "samba needs root and a free address");
                println!("skipped: samba needs root and an address whose port 389 is free");
                return None;
            }
        };
        // Its databases are written all the time; memory is ten times as fast.
        let dir =
            tempfile::tempdir_in(if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" }).unwrap();
        let certificates = Certificates::create(dir.path());
        provision(dir.path(), &address);
        let kdc_port = free_port(&address);
        put(dir.path(), "krb5.conf", &kerberos::client(REALM, &format!("{address}:{kdc_port}"), ""));
        let settings = put(dir.path(), "own.conf", &settings(dir.path(), &address, &certificates, kdc_port));
        let data = put(dir.path(), "data.ldif", ldif);
        let mut add = Command::new("ldbadd");
        let libraries = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        let modules = format!("{libraries}/ldb/modules/ldb:{libraries}/samba/ldb");
        add.env("SMB_CONF_PATH", &settings).env("LDB_MODULES_PATH", modules);
        succeed(add.arg("-H").arg(dir.path().join("private/sam.ldb")).arg(data));
        let child = serve(dir.path(), &address);
        Some(Self { dir, child, address, certificates, _guard: guard })
    }

    /// `ldap://<address>`.
    pub fn url(&self) -> String {
        format!("ldap://{}", self.address)
    }

    /// `ldaps://<address>`.
    pub fn tls_url(&self) -> String {
        format!("ldaps://{}", self.address)
    }

    /// The authority that issued the server's certificate, and the certificate itself.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// Apply LDIF as [`ADMIN`]: entries are added, `changetype` does other things.
    pub fn modify(&self, ldif: &str) {
        let mut command = Command::new("ldapmodify");
        command.args(["-a", "-x", "-H", &self.url(), "-D", ADMIN, "-w", ADMIN_PASSWORD]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(ldif.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "ldapmodify: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Get a ticket as the administrator, and make it known that the server is reached by its address; the environment in
    /// which programs find both. None, said aloud, where Kerberos is not installed.
    pub fn kinit(&self) -> Option<Vec<(&'static str, String)>> {
        let mut command = Command::new(program("kinit", "krb5-user")?);
        self.modify(&format!(
            "dn: CN=DC1,OU=Domain Controllers,{BASE}\nchangetype: modify\nadd: servicePrincipalName\n\
             servicePrincipalName: ldap/{}\n",
            self.address
        ));
        let path = |name: &str| self.dir.path().join(name).display().to_string();
        let environment =
            vec![("KRB5_CONFIG", path("krb5.conf")), ("KRB5CCNAME", format!("FILE:{}", path("tickets")))];
        command.arg(format!("administrator@{REALM}")).envs(environment.iter().cloned());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{ADMIN_PASSWORD}").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "kinit: {}", String::from_utf8_lossy(&output.stderr));
        Some(environment)
    }

    /// Have it demand, as Active Directory does, that connections are signed or encrypted.
    pub fn demand_signing(&mut self) {
        let path = self.dir.path().join("own.conf");
        let settings = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, settings.replace("require strong auth = no", "require strong auth = yes"))
            .unwrap();
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.child = serve(self.dir.path(), &self.address);
    }

    /// Where its files are.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// LDIF of a user of the container Users, disabled as it has no password.
pub fn user(name: &str) -> String {
    format!(
        "dn: CN={name},CN=Users,{BASE}\nobjectClass: user\nsAMAccountName: {name}\nuserAccountControl: 514\n\
         givenName: Ane\nsn: {name}\nmail: {name}@example.org\n\n"
    )
}

/// LDIF of a group of the container Users.
pub fn group<S: AsRef<str>>(name: &str, members: impl IntoIterator<Item = S>) -> String {
    let members: String =
        members.into_iter().map(|member| format!("member: {}\n", dn(member.as_ref()))).collect();
    format!(
        "dn: {}\nobjectClass: group\nsAMAccountName: {name}\ngroupType: -2147483646\n{members}\n",
        dn(name)
    )
}

/// The DN of an object of the container Users.
pub fn dn(name: &str) -> String {
    format!("CN={name},CN=Users,{BASE}")
}

/// An address whose LDAP ports are free, and its guard. Only root may listen there.
fn free_address() -> Option<(String, TcpListener)> {
    (9..=11).map(|last| format!("127.0.0.{last}")).find_map(|address| {
        let guard = TcpListener::bind((address.as_str(), GUARD)).ok()?;
        let is_free = |port: u16| TcpListener::bind((address.as_str(), port)).is_ok();
        [389, 636, 3268, 3269].into_iter().all(is_free).then_some((address, guard))
    })
}

/// Start the server of `dir` and wait until it answers.
fn serve(dir: &Path, address: &str) -> Child {
    let log = std::fs::File::create(dir.join("log/out")).unwrap();
    let mut command = Command::new(program("samba", "samba").unwrap());
    command.args(["-i", "-M", "single", "--debug-stdout", "-s"]).arg(dir.join("own.conf"));
    command.env("KRB5_CONFIG", dir.join("krb5.conf"));
    // It ends when its standard input does.
    let mut child = command.stdin(Stdio::piped()).stdout(log).stderr(Stdio::null()).spawn().unwrap();
    let answers = || {
        let mut ping = Command::new("ldapsearch");
        let ping = ping.args(["-x", "-s", "base", "-b", "", "-H", &format!("ldap://{address}"), "1.1"]);
        ping.output().is_ok_and(|output| output.status.success())
    };
    assert!(wait_until(answers, || child.try_wait().unwrap().is_some()), "samba does not start");
    child
}

fn provision(dir: &Path, address: &str) {
    let mut command = Command::new("samba-tool");
    command.args(["domain", "provision", "--realm", REALM, "--domain=CORP", "--server-role=dc"]);
    command.args(["--dns-backend=NONE", "--host-name=dc1", "--use-rfc2307", "-s", "/dev/null"]);
    command.arg(format!("--targetdir={}", dir.display())).arg(format!("--adminpass={ADMIN_PASSWORD}"));
    command.arg(format!("--host-ip={address}"));
    command.arg("--option=bind interfaces only=yes").arg(format!("--option=interfaces={address}/8"));
    succeed(&mut command);
    for folder in ["run", "log"] {
        std::fs::create_dir_all(dir.join(folder)).unwrap();
    }
}

fn settings(dir: &Path, address: &str, certificates: &Certificates, kdc_port: u16) -> String {
    let dir = dir.display();
    format!(
        "[global]
netbios name = DC1
workgroup = CORP
realm = {REALM}
server role = active directory domain controller
server services = ldap kdc
krb5 port = {kdc_port}
kpasswd port = 0
bind interfaces only = yes
interfaces = {address}/8
ldap server require strong auth = no
tls enabled = yes
tls keyfile = {key}
tls certfile = {certificate}
tls cafile = {authority}
private dir = {dir}/private
state directory = {dir}/state
cache directory = {dir}/cache
lock directory = {dir}
pid directory = {dir}/run
ncalrpc dir = {dir}/run/ncalrpc
winbindd socket directory = {dir}/run/winbindd
ntp signd socket directory = {dir}/run/ntp
binddns dir = {dir}/bind-dns
log file = {dir}/log/%m
vfs objects = dfs_samba4 acl_xattr xattr_tdb
",
        key = certificates.key.display(),
        certificate = certificates.certificate.display(),
        authority = certificates.authority.display(),
    )
}
