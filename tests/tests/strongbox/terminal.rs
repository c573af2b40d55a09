//! Questions at a real terminal: no echo, twice, and a terminal that works afterwards.
//!
//! `script` makes the terminal. What is typed is sent when the question stands there, so nothing depends on time.

use crate::stage::Stage;
use muster_tests::cli::Cli;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin};

struct Terminal {
    child: Child,
    keyboard: Option<ChildStdin>,
    screen: String,
    _cli: Cli,
}

impl Terminal {
    /// Run `line` at a terminal; nothing when there is no `script` here.
    fn run(stage: &Stage, line: &str) -> Option<Self> {
        if !crate::keyrings::has(&["script"]) {
            return None;
        }
        let mut cli = stage.at(Cli::shell(&format!("exec script -qec '{line}' /dev/null")));
        let mut child = cli.spawn();
        let keyboard = child.stdin.take();
        Some(Self { child, keyboard, screen: String::new(), _cli: cli })
    }

    /// Wait until `text` stands on the screen, then type `keys`.
    fn answer(&mut self, text: &str, keys: &str) {
        let behind = self.screen.len();
        let mut byte = [0];
        while !self.screen[behind..].contains(text) {
            let count = self.child.stdout.as_mut().unwrap().read(&mut byte).unwrap();
            assert_eq!(count, 1, "'{text}' never came: {}", self.screen);
            self.screen.push(char::from(byte[0]));
        }
        self.keyboard.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// The rest of the screen, and the exit code.
    fn end(mut self) -> (String, i32) {
        let mut rest = Vec::new();
        self.child.stdout.as_mut().unwrap().read_to_end(&mut rest).unwrap();
        drop(self.keyboard.take());
        self.screen.extend(rest.into_iter().map(char::from));
        (self.screen, self.child.wait().unwrap().code().unwrap())
    }
}

const STORE: &str = "strongbox --connector ldap --key password --value=; code=$?; stty -a; exit $code";

fn is_sane(screen: &str) -> bool {
    let has = |mode: &str| screen.split([' ', ';', '\r', '\n']).any(|word| word == mode);
    has("echo") && has("isig") && has("icanon") && !has("-echo")
}

#[test]
fn a_secret_is_asked_for_twice_without_echo() {
    let stage = Stage::new();
    let Some(mut terminal) = Terminal::run(&stage, STORE) else { return };
    terminal.answer("password of ldap: ", "hunter2\n");
    terminal.answer("the same again: ", "hunter2\n");
    let (screen, status) = terminal.end();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains("hunter2") && is_sane(&screen), "{screen}");
    assert_eq!(stage.get("ldap", "password"), "hunter2");
}

#[test]
fn two_answers_that_differ_change_nothing() {
    let stage = Stage::new();
    let Some(mut terminal) = Terminal::run(&stage, STORE) else { return };
    terminal.answer("password of ldap: ", "hunter2\n");
    terminal.answer("the same again: ", "hunter3\n");
    let (screen, status) = terminal.end();
    assert!(
        status == 64 && screen.contains("the two are not the same") && is_sane(&screen),
        "{status}: {screen}"
    );
    assert!(!stage.path("strongbox.age").exists() && !screen.contains("hunter"));
}

#[test]
fn ctrl_c_leaves_a_terminal_that_works() {
    for keys in ["\u{3}", "half of it\u{3}", "\u{1c}"] {
        let stage = Stage::new();
        let Some(mut terminal) = Terminal::run(&stage, STORE) else { return };
        terminal.answer("password of ldap: ", keys);
        let (screen, status) = terminal.end();
        assert!(status == 5 && is_sane(&screen) && !screen.contains("half"), "{status}: {screen}");
        assert!(!stage.path("strongbox.age").exists());
    }
}

#[test]
fn get_ends_the_line_on_a_terminal_only() {
    let stage = Stage::new();
    stage.store("ldap", "password", "hunter2");
    let Some(terminal) = Terminal::run(&stage, "strongbox get --connector ldap --key password") else {
        return;
    };
    assert_eq!(terminal.end(), ("hunter2\r\n".to_owned(), 0));
}

#[test]
fn a_passphrase_is_asked_for_once_to_unlock() {
    let stage = Stage::new();
    stage.strongbox("init --passphrase").stdin("correct horse").run().with_status(0);
    let Some(mut terminal) = Terminal::run(&stage, "strongbox unlock --for 1m") else { return };
    terminal.answer("passphrase: ", "wrong\n");
    let (screen, status) = terminal.end();
    assert!(status == 77 && screen.contains("the passphrase is wrong"), "{screen}");
}
