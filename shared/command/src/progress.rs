//! One moving line on standard error while long work goes on, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

static BAR: OnceLock<ProgressBar> = OnceLock::new();

/// Shows how far the work is. Does nothing where standard error is no terminal.
#[derive(Clone, Copy)]
pub struct Progress(());

impl Progress {
    pub(crate) fn start(name: &str) -> Self {
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{prefix}: {msg} {spinner} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_prefix(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            let _ = BAR.set(bar);
        }
        Self(())
    }

    /// Say what is being done: `engagements 12,000`.
    pub fn say(&self, what: impl Into<std::borrow::Cow<'static, str>>) {
        if let Some(bar) = BAR.get() {
            bar.set_message(what);
        }
    }

    /// Take the line away, before something else is shown on the terminal.
    pub fn end(&self) {
        if let Some(bar) = BAR.get() {
            bar.finish_and_clear();
        }
    }
}

/// Write to standard error without tearing the moving line.
pub(crate) fn beside<T>(write: impl FnOnce() -> T) -> T {
    match BAR.get() {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}
