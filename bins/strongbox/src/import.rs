//! Takes the secrets out of a settings file, leaves references to them there, and keeps a copy of the file as it was.
//!
//! The secrets are stored and read back before the file is touched; the file changes in one step. Killed at any moment,
//! the next run does the rest.

use crate::secret_keys::{is_reference, is_secret};
use crate::{Args, Format, place};
use muster_base::{Error, Exit, Secret, text};
use muster_command::{Context, standard_output};
use muster_secrets::{Change, Kind, Reference, Strongbox};
use muster_settings::{Entry, value_in};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A secret to take out of the file.
struct Found<'a> {
    entry: &'a Entry,
    /// Where it goes; the last entry of a key is the one that counts.
    reference: Reference,
    kind: Kind,
}

pub fn import(args: &Args, context: &Context) -> Result<Exit, Error> {
    let file = &context.layers().file;
    let Some(path) = &file.path else {
        return Err(Error::new(Exit::Config, "there is no settings file").hint("name it with --config"));
    };
    let content = Zeroizing::new(std::fs::read_to_string(path)?);
    if content.trim_start().starts_with('{') {
        return Err(Error::new(Exit::Usage, "references are left in files of the form of config.ini only")
            .at(path.display())
            .hint("store each secret with `strongbox --connector NAME --key KEY` and take it out by hand"));
    }
    let strongboxes = strongboxes(args, context, file.entries());
    let found = secrets(args, file.entries(), &strongboxes)?;
    if !args.dry_run && !found.is_empty() {
        store(&found, &strongboxes)?;
        let copy = keep_copy(path, &content)?;
        replace(path, &rewritten(&content, &found))?;
        context.summary(&format!(
            "{} secrets are out of '{}'; as it was, it lies in '{}': delete that when all works",
            found.len(),
            path.display(),
            copy.display()
        ));
    }
    tell(args, &found, |entry| file.place(entry))?;
    Ok(Exit::Done)
}

fn strongboxes(args: &Args, context: &Context, entries: &[Entry]) -> BTreeMap<String, Strongbox> {
    let of = |entry: &Entry| (entry.section.clone(), place::of_section(args, context, &entry.section));
    entries.iter().map(of).collect()
}

/// What has to go, in the order of the file. What the environment gives, or the backend already, stays as it is.
fn secrets<'a>(
    args: &Args,
    entries: &'a [Entry],
    strongboxes: &BTreeMap<String, Strongbox>,
) -> Result<Vec<Found<'a>>, Error> {
    let is_meant = |entry: &&Entry| {
        let asked = args.connector.as_deref().is_none_or(|connector| connector == entry.section);
        let value = entry.value.trim();
        asked
            && is_secret(&entry.key)
            && !value.is_empty()
            && !is_reference(value)
            && entry.section != "DEFAULT"
    };
    let mut found = Vec::new();
    for entry in entries.iter().filter(is_meant) {
        let Some(strongbox) = strongboxes.get(&entry.section) else { continue };
        let kind = place::kind(args, strongbox, &entry.key)?;
        let usual = strongbox.kind()? == kind;
        let backend = (!usual).then_some(kind);
        let reference = Reference { backend, ..Reference::new(strongbox.name(), &entry.key) };
        found.push(Found { entry, reference, kind });
    }
    Ok(found)
}

/// Store them, those of one place at once, and see that they are there.
fn store(found: &[Found], strongboxes: &BTreeMap<String, Strongbox>) -> Result<(), Error> {
    let mut changes: BTreeMap<(&str, Kind), BTreeMap<&str, Secret>> = BTreeMap::new();
    for secret in found {
        let values = changes.entry((secret.entry.section.as_str(), secret.kind)).or_default();
        values.insert(secret.entry.key.as_str(), Secret::new(secret.entry.value.trim()));
    }
    for ((section, kind), values) in changes {
        let Some(strongbox) = strongboxes.get(section) else { continue };
        let wanted: Vec<Change> = values.iter().map(|(key, value)| Change::set(key, value)).collect();
        strongbox.write(kind, &wanted)?;
        for (key, value) in &values {
            let there = strongbox.find_in(kind, key)?;
            if there.is_none_or(|there| there.secret != *value) {
                let what = format!("'{key}' of '{section}' does not come back from the backend '{kind}'");
                return Err(Error::new(Exit::Io, what).hint("the file is as it was"));
            }
        }
    }
    Ok(())
}

/// `content` with a reference in the place of each secret; all else stays as it was, byte by byte.
fn rewritten(content: &str, found: &[Found]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(content.len() + 64 * found.len()));
    let mut is_behind_secret = false;
    for (index, line) in content.split_inclusive('\n').enumerate() {
        if let Some(secret) = found.iter().find(|secret| secret.entry.line == index + 1) {
            text.push_str(&with_reference(line, &secret.reference));
            is_behind_secret = true;
        } else if is_behind_secret && line.starts_with([' ', '\t']) && !line.trim().is_empty() {
            // The value went on here.
        } else {
            is_behind_secret &= line.trim().is_empty();
            text.push_str(line);
        }
    }
    text
}

/// A line with its value replaced; key, separator, blanks, comment and line end stay.
fn with_reference(line: &str, reference: &Reference) -> String {
    let place = value_in(line).unwrap_or(line.len()..line.len());
    let blank = if place.is_empty() { " " } else { "" };
    format!("{}{blank}{reference}{}", &line[..place.start], &line[place.end..])
}

/// The file as it was, beside it under a name that is free, for its owner alone.
fn keep_copy(path: &Path, content: &str) -> Result<PathBuf, Error> {
    let name = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 0 { ".before-import".to_owned() } else { format!(".before-import.{number}") });
        PathBuf::from(name)
    };
    for place in (0..1000).map(name) {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&place) {
            Ok(mut file) => {
                file.write_all(content.as_bytes()).and_then(|()| file.sync_all())?;
                return Ok(place);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => (),
            Err(error) => return Err(not_written(&place, &error)),
        }
    }
    Err(Error::new(Exit::Io, "there are too many copies of the file already").at(path.display()))
}

/// Put `content` in the place of the file at `path`, durably, in one step; behind a symbolic link, of what it points to.
fn replace(path: &Path, content: &str) -> Result<(), Error> {
    let replace = || {
        let path = path.canonicalize()?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let mut file = tempfile::Builder::new().prefix(".config-").suffix(".tmp").tempfile_in(folder)?;
        file.write_all(content.as_bytes())?;
        // The owner stays who it was where we may say so; its mode may only become narrower.
        let about = std::fs::metadata(&path)?;
        use std::os::unix::fs::MetadataExt;
        let _ = std::os::unix::fs::fchown(file.as_file(), Some(about.uid()), Some(about.gid()));
        file.as_file().set_permissions(about.permissions())?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    replace().map_err(|error| not_written(path, &error))
}

fn not_written(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Exit::Io, format!("cannot write '{}': {error}", path.display()))
        .hint("the secrets are stored; run it again")
}

fn tell(args: &Args, found: &[Found], at: impl Fn(&Entry) -> String) -> Result<(), Error> {
    let mut output = standard_output()?;
    for secret in found {
        let (section, key, reference) =
            (&secret.entry.section, &secret.entry.key, secret.reference.to_string());
        match args.format {
            Format::Json => {
                let line = json!({"section": section, "key": key, "at": at(secret.entry),
                                  "backend": secret.kind.name(), "reference": reference});
                writeln!(output, "{line}")?;
            }
            Format::Text => {
                let (section, key) = (text::one_line(section), text::one_line(key));
                writeln!(output, "{section:<24} {key:<20} {:<9} {reference}", secret.kind.name())?;
            }
        }
    }
    output.flush()?;
    Ok(())
}
