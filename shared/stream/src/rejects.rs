//! The rejects file: what could not go on, each line with its reason, fit to be read again as a `changes` stream.

use crate::{Form, Map, Writer};
use muster_base::{Error, Exit, private, text};
use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Writes a rejects file, which only its owner can read.
pub struct Rejects(Writer);

impl Rejects {
    /// Begin the file at `path` anew, in the name of `from` (command and version).
    pub fn create(path: &Path, from: &str) -> Result<Self, Error> {
        let file = private_file(path)?;
        let mut writer = Writer::new(Box::new(BufWriter::new(file)), from);
        writer.form(Form::Changes);
        writer.scope("rejects");
        Ok(Self(writer))
    }

    /// Keep the object of input line `number`, with the reason in its member `_reject`.
    pub fn object(&mut self, number: u64, object: &Map, reason: &str) -> Result<(), Error> {
        let mut object = object.clone();
        let kind = object.get("_kind").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
        object.insert("_reject".to_owned(), reject(number, reason));
        let mut bytes =
            serde_json::to_vec(&object).map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
        bytes.push(b'\n');
        self.0.write_bytes(&kind, &bytes)
    }

    /// Keep input line `number`, which is no object of the stream, as the text it was.
    pub fn text(&mut self, number: u64, line: &[u8], reason: &str) -> Result<(), Error> {
        let mut map = Map::new();
        map.insert("_kind".to_owned(), "_error".into());
        map.insert("message".to_owned(), text::mask(reason).into());
        map.insert("text".to_owned(), String::from_utf8_lossy(line).into());
        map.insert("_reject".to_owned(), reject(number, reason));
        self.0.error_line(&map)
    }

    /// How many lines there are.
    pub fn count(&self) -> u64 {
        self.0.records()
    }

    /// End the file.
    pub fn end(&mut self) -> Result<(), Error> {
        self.0.end(None)
    }
}

fn reject(number: u64, reason: &str) -> serde_json::Value {
    serde_json::json!({ "line": number, "reason": text::mask(reason) })
}

/// A new file for personal data: mode 0600 whatever the umask; an existing one that others can read is refused.
pub fn private_file(path: &Path) -> Result<File, Error> {
    let failed =
        |error: std::io::Error| Error::new(Exit::Io, format!("cannot write '{}': {error}", path.display()));
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    // Devices such as /dev/stderr keep their mode; a regular file must be private.
    if about.size() > 0 && private::is_open(&about) {
        return Err(private::refusal(path, &format!("'{}'", path.display())));
    }
    if about.is_file() {
        file.set_permissions(PermissionsExt::from_mode(0o600)).map_err(failed)?;
        file.set_len(0).map_err(failed)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_to_refuse(mode: u32) -> Option<String> {
        let path = std::env::temp_dir().join(format!("muster-rejects-{}-{mode:o}", std::process::id()));
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let refused = private_file(&path).err().map(|error| error.to_string());
        std::fs::remove_file(&path).unwrap();
        refused
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        assert!(reason_to_refuse(0o644).unwrap().contains("others can read"));
        assert_eq!(reason_to_refuse(0o600), None);
    }
}
