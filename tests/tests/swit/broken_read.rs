//! The pipeline when the directory's answer breaks off: cut between two pages, ended by a limit, or the reader killed.
//!
//! The directory has changed meanwhile: a person, a group and a member of another group are gone. None of that may come
//! through with a read that is not whole, and all of it with the next one that is.

use crate::town::pipeline;
use ldap3_proto::proto::{LdapMsg, LdapResultCode, LdapSearchRequest};
use muster_tests::cli::{Cli, Ran, bin_dir};
use muster_tests::servers::ScriptedLdap;
use muster_tests::servers::scripted_ldap::{Reply, cookie, done, entry, page_done};
use muster_tests::simulator::swit::{Options, Swit};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Entries of a page, whatever is asked.
const PAGE: usize = 10;
const PEOPLE: usize = 25;
const GROUPS: usize = 15;

/// What becomes of the second page of a kind.
#[derive(Clone)]
enum Second {
    Whole,
    /// The connection is cut instead.
    Cut,
    /// The server ends it with this code.
    Ended(LdapResultCode),
    /// It never comes; somebody is told that it was asked for.
    Awaited(Sender<()>),
}

struct State {
    people: Vec<String>,
    /// Groups by name, with the names of their members.
    groups: Vec<(String, Vec<String>)>,
    /// What becomes of the second page of people, and of groups.
    second: [Second; 2],
}

/// A directory that answers in pages, and breaks off when it is told to.
struct Directory {
    server: ScriptedLdap,
    state: Arc<Mutex<State>>,
}

fn person(name: &str) -> Reply {
    let mail = format!("{name}@example.org");
    let uuid = uuid("00", name);
    entry(
        &format!("uid={name},dc=x"),
        &[("uid", &[name]), ("cn", &[name]), ("mail", &[&mail]), ("entryUUID", &[&uuid])],
    )
}

fn group(name: &str, members: &[String]) -> Reply {
    let members: Vec<String> = members.iter().map(|name| format!("uid={name},dc=x")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let uuid = uuid("11", name);
    entry(&format!("cn={name},dc=x"), &[("cn", &[name]), ("member", &members), ("entryUUID", &[&uuid])])
}

/// Names are a letter and a number.
fn uuid(kind: &str, name: &str) -> String {
    format!("{kind}000000-0000-4000-8000-{:0>12}", &name[1..])
}

impl State {
    fn answer(&self, search: &LdapSearchRequest, request: &LdapMsg) -> (Vec<Reply>, Option<Sender<()>>) {
        let is_group = format!("{:?}", search.filter).contains("groupOfNames");
        let all: Vec<Reply> = match is_group {
            true => self.groups.iter().map(|(name, members)| group(name, members)).collect(),
            false => self.people.iter().map(|name| person(name)).collect(),
        };
        let first: usize =
            cookie(request).filter(|text| !text.is_empty()).map_or(0, |text| text.parse().unwrap());
        let is_last = first + PAGE >= all.len();
        let page = all.into_iter().skip(first).take(PAGE);
        let whole = page_done(&if is_last { String::new() } else { (first + PAGE).to_string() });
        match &self.second[usize::from(is_group)] {
            _ if first != PAGE => (page.chain([whole]).collect(), None),
            Second::Whole => (page.chain([whole]).collect(), None),
            Second::Cut => (vec![Reply::Close], None),
            Second::Ended(code) => (page.take(3).chain([done(code.clone(), "no more")]).collect(), None),
            Second::Awaited(asked) => (vec![Reply::Close], Some(asked.clone())),
        }
    }
}

impl Directory {
    fn start() -> Self {
        let people: Vec<String> = (0..PEOPLE).map(|number| format!("u{number}")).collect();
        let groups = (0..GROUPS).map(|number| (format!("g{number}"), people[number..number + 3].to_vec()));
        let state = State { groups: groups.collect(), people, second: [Second::Whole, Second::Whole] };
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        let server = ScriptedLdap::searching(move |search, request| {
            let (replies, asked) = shared.lock().unwrap().answer(search, request);
            if let Some(asked) = asked {
                let (_held, never) = channel::<()>();
                asked.send(()).unwrap();
                // For ever: whoever asked gets no answer.
                let _ = never.recv();
            }
            replies
        });
        Self { server, state }
    }

    fn set(&self, people: Second, groups: Second) {
        self.state.lock().unwrap().second = [people, groups];
    }

    /// The last person is gone, the last group, and the first member of the first group.
    fn shrink(&self) {
        let mut state = self.state.lock().unwrap();
        state.people.pop();
        state.groups.pop();
        state.groups[0].1.remove(0);
    }

    fn script(&self, swit: &Swit, state: &tempfile::TempDir) -> Cli {
        pipeline(swit, state.path(), &[]).env("LDAP_URL", &self.server.url()).env("LDAP_BASE_DN", "dc=x")
    }
}

/// A populated Swit, and a directory that has shrunk since.
fn shrunken() -> (Directory, Swit, tempfile::TempDir) {
    let (directory, swit, state) =
        (Directory::start(), Swit::start(Options::default()), tempfile::tempdir().unwrap());
    directory.script(&swit, &state).run().with_status(0);
    assert_eq!((swit.organisation().users.len(), swit.organisation().teams.len()), (PEOPLE + 1, GROUPS + 2));
    directory.shrink();
    swit.forget();
    (directory, swit, state)
}

fn operations(swit: &Swit) -> Vec<String> {
    swit.writes().into_iter().map(|write| write.operation).collect()
}

/// The next whole read takes away what is gone, and nothing else.
fn assert_next_is_right(directory: &Directory, swit: &Swit, state: &tempfile::TempDir) {
    directory.set(Second::Whole, Second::Whole);
    swit.forget();
    directory.script(swit, state).run().with_status(0);
    assert_eq!(operations(swit), ["organization.user.deactivate", "team.delete", "team.user.remove"]);
    let organisation = swit.organisation();
    assert!(!organisation.user("u24@example.org").unwrap().is_active && organisation.team("g14").is_none());
    assert_eq!(organisation.members("g0"), ["u1@example.org", "u2@example.org"]);
    swit.forget();
    directory.script(swit, state).run().with_status(0);
    assert_eq!(operations(swit), [""; 0]);
}

fn assert_nothing_went(ran: &Ran, swit: &Swit) {
    assert_eq!(operations(swit), [""; 0], "{}", ran.stderr);
    assert!(swit.organisation().users.iter().all(|user| user.is_active));
    assert!(
        ran.stderr.contains("the input is partial") && ran.stderr.contains("nothing is taken away"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_connection_cut_between_pages_takes_nobody_away() {
    let (directory, swit, state) = shrunken();
    // People are cut, and groups not reached; then all people come, and groups are cut.
    directory.set(Second::Cut, Second::Whole);
    let ran = directory.script(&swit, &state).run().with_status(69);
    assert!(
        ran.stderr.contains("extract-ldap: the connection broke: the server closed it"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("ended with 69 (extract 69, map 4, push 4)"), "{}", ran.stderr);
    assert_nothing_went(&ran, &swit);
    assert_next_is_right(&directory, &swit, &state);
}

#[test]
fn groups_cut_between_pages_lose_no_team_and_no_member() {
    let (directory, swit, state) = shrunken();
    directory.set(Second::Whole, Second::Cut);
    let ran = directory.script(&swit, &state).run().with_status(69);
    // All people were read, and yet: who knows what else is wrong.
    assert_nothing_went(&ran, &swit);
    assert_eq!(swit.organisation().members("g0").len(), 3);
    assert_next_is_right(&directory, &swit, &state);
}

#[test]
fn a_limit_of_the_server_takes_nobody_away() {
    for code in [
        LdapResultCode::SizeLimitExceeded,
        LdapResultCode::TimeLimitExceeded,
        LdapResultCode::AdminLimitExceeded,
    ] {
        let (directory, swit, state) = shrunken();
        directory.set(Second::Ended(code), Second::Whole);
        let ran = directory.script(&swit, &state).run().with_status(4);
        assert!(ran.stderr.contains("ended with 4 (extract 4, map 4, push 4)"), "{}", ran.stderr);
        assert_nothing_went(&ran, &swit);
        assert_next_is_right(&directory, &swit, &state);
    }
}

/// A folder with an `extract-ldap` that says which process it is.
fn telling(receiver: &std::path::Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let wrapper = dir.path().join("extract-ldap");
    let real = bin_dir().join("extract-ldap");
    let text = format!("#!/bin/sh\necho $$ > {}\nexec {} \"$@\"\n", receiver.display(), real.display());
    std::fs::write(&wrapper, text).unwrap();
    std::fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    dir
}

#[test]
fn a_reader_that_is_killed_takes_nobody_away() {
    let (directory, swit, state) = shrunken();
    let (sender, asked): (Sender<()>, Receiver<()>) = channel();
    directory.set(Second::Awaited(sender), Second::Whole);
    let process = state.path().join("process");
    let first = telling(&process);
    let path = format!(
        "{}:{}:{}",
        first.path().display(),
        bin_dir().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut script = directory.script(&swit, &state).env("PATH", &path);
    let child = script.spawn();
    asked.recv().unwrap();
    let process = std::fs::read_to_string(process).unwrap();
    assert!(Command::new("kill").args(["-KILL", process.trim()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap()).with_status(137);
    assert!(ran.stderr.contains("ended with 137 (extract 137, map 4, push 4)"), "{}", ran.stderr);
    assert_nothing_went(&ran, &swit);
    assert_next_is_right(&directory, &swit, &state);
}
