//! A headless Chromium, told what to do by WebDriver. It has a profile of its own, and no network that it would use by itself.

use base64::Engine as _;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// What keeps Chromium from speaking to anybody but the page.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// Keys as WebDriver names them.
pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const HOME: &str = "\u{e011}";
pub const UP: &str = "\u{e013}";
pub const DOWN: &str = "\u{e015}";
pub const TAB: &str = "\u{e004}";

/// A browser, until it is dropped.
pub struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
    /// Where the driver speaks; closed, it could not.
    _output: Lines<BufReader<ChildStdout>>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A browser; none, with the reason printed, where it is not installed and need not be.
    pub fn start() -> Option<Self> {
        let started =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = started else {
            assert!(std::env::var_os("CI").is_none(), "there is no chromedriver (package chromium-driver)");
            println!("skipped: there is no chromedriver here (package chromium-driver)");
            return None;
        };
        let mut output = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = output
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver names its port");
        let profile = tempfile::tempdir().unwrap();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { driver, agent, session, _output: output, _profile: profile };
        let directory = format!("--user-data-dir={}", browser._profile.path().display());
        let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([directory.as_str()]).collect();
        let wanted = json!({"browserName": "chrome", "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}});
        let made = browser.post("", json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = format!("{}/{}", browser.session, made["sessionId"].as_str().unwrap());
        Some(browser)
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let sent = self.agent.post(format!("{}{path}", self.session)).send_json(body);
        Self::value(sent.unwrap(), path)
    }

    fn value(mut answer: ureq::http::Response<ureq::Body>, path: &str) -> Value {
        let mut body: Value = answer.body_mut().with_config().limit(1 << 30).read_json().unwrap();
        assert!(answer.status().is_success(), "{path}: {}", body["value"]["message"]);
        body["value"].take()
    }

    /// Open a file.
    pub fn open(&self, page: &Path) {
        self.post("/url", json!({"url": format!("file://{}", page.display())}));
    }

    /// What the body of a function gives in the page.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []}))
    }

    /// The same as text.
    pub fn text(&self, expression: &str) -> String {
        let value = self.run(&format!("return {expression};"));
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// Press these keys, one after another, wherever the focus is.
    pub fn keys(&self, keys: &str) {
        let press =
            |key: char| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        self.post("/actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}));
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, command: &str, parameters: Value) {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters}));
    }

    /// The lines of a log since it was last read.
    pub fn log(&self, kind: &str) -> Vec<Value> {
        self.post("/se/log", json!({"type": kind})).as_array().unwrap().clone()
    }

    /// The addresses that were asked for, but for those of the browser's own first page.
    pub fn requests(&self) -> Vec<String> {
        let messages = self.log("performance").into_iter();
        let messages =
            messages.map(|entry| serde_json::from_str::<Value>(entry["message"].as_str().unwrap()).unwrap());
        messages
            .map(|mut message| message["message"].take())
            .filter(|message| message["method"] == "Network.requestWillBeSent")
            .filter(|message| !message["params"]["documentURL"].as_str().unwrap().starts_with("chrome://"))
            .map(|message| message["params"]["request"]["url"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The page on paper.
    pub fn pdf(&self) -> Vec<u8> {
        let printed =
            self.post("/print", json!({"background": true, "page": {"width": 21.0, "height": 29.7}}));
        base64::engine::general_purpose::STANDARD.decode(printed.as_str().unwrap()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser goes with its session; a driver that is killed would leave it behind.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
