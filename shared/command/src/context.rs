//! What a command's function gets beside its arguments.

use crate::{Progress, Stop, log};
use muster_base::{Error, Secret};
use muster_secrets::Change;
use muster_settings::{Layers, Secrets};
use std::sync::Mutex;

/// The surroundings of a running command.
pub struct Context {
    pub(crate) name: String,
    pub(crate) layers: Layers,
    /// The moving line on a terminal.
    pub progress: Progress,
    /// Whether a signal asked to stop.
    pub stop: Option<Stop>,
    pub(crate) told: Mutex<Vec<String>>,
}

impl Context {
    /// Name and version of the command, as it stands in `_end`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The settings before they were typed, for commands that read more than their own.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// The secret `key`, if there is one.
    pub fn find_secret(&self, key: &str) -> Result<Option<Secret>, Error> {
        Secrets::new(&self.layers).find(key)
    }

    /// The secret `key`, which must be there.
    pub fn secret(&self, key: &str) -> Result<Secret, Error> {
        Secrets::new(&self.layers).get(key)
    }

    /// The secret `key` as the strongbox on this machine has it now, whatever environment and file say.
    pub fn kept_secret(&self, key: &str) -> Result<Option<Secret>, Error> {
        Secrets::new(&self.layers).kept(key)
    }

    /// Change secrets of this section in the strongbox on this machine: in the encrypted file all at once, durable when
    /// this returns.
    pub fn keep_secrets(&self, changes: &[Change]) -> Result<(), Error> {
        Secrets::new(&self.layers).keep(changes)
    }

    /// Say the lines of a summary, unless the command is to be quiet.
    pub fn summary(&self, lines: &str) {
        for line in lines.lines() {
            tracing::info!(target: log::SUMMARY, "{line}");
        }
        if let Ok(mut told) = self.told.lock() {
            told.extend(lines.lines().map(str::to_owned));
        }
    }

    /// The lines of summaries so far, for whoever sends them on.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().map(|told| told.clone()).unwrap_or_default()
    }
}
