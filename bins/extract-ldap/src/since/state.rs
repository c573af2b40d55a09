//! What a run saw, kept for the next one: FILE and FILE.next.

use super::Doubt;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use muster_base::{Error, Exit, private};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// What all pieces were like.
#[derive(Serialize, Deserialize)]
pub struct State {
    version: u32,
    parts: BTreeMap<String, Part>,
    #[serde(skip)]
    directory: PathBuf,
}

/// The form of the file.
const VERSION: u32 = 2;

/// What one piece was like.
#[derive(Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Part {
    Syncrepl(Syncrepl),
    Usn(Usn),
}

impl Part {
    /// Which entries there were.
    pub fn known(&self) -> &Known {
        match self {
            Self::Syncrepl(part) => &part.known,
            Self::Usn(part) => &part.known,
        }
    }
}

/// What content synchronisation goes on from.
#[derive(Serialize, Deserialize)]
pub struct Syncrepl {
    /// The server's cookie, in base64.
    pub cookie: String,
    pub known: Known,
}

/// What a search by change number goes on from.
#[derive(Serialize, Deserialize)]
pub struct Usn {
    /// Which server, and which incarnation of its database.
    pub server: String,
    /// The highest change number before the search.
    pub highest: u64,
    pub known: Known,
}

/// What an entry is known by.
pub type Key = [u8; 16];
/// Its name and membership, in short.
pub type Digest = [u8; 8];

/// Which entries there are, 24 bytes each.
#[derive(Default, Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Known(pub BTreeMap<Key, Digest>);

impl From<Known> for String {
    fn from(known: Known) -> Self {
        let pairs = known.0.into_iter().flat_map(|(key, digest)| key.into_iter().chain(digest));
        STANDARD.encode(pairs.collect::<Vec<u8>>())
    }
}

impl TryFrom<String> for Known {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = STANDARD.decode(text).map_err(|_| "no base64")?;
        let (pairs, []) = bytes.as_chunks::<24>() else { return Err("it is cut off") };
        let pair = |pair: &[u8; 24]| {
            let (key, digest) = pair.split_first_chunk::<16>()?;
            Some((*key, digest.try_into().ok()?))
        };
        Ok(Self(pairs.iter().filter_map(pair).collect()))
    }
}

impl Default for State {
    fn default() -> Self {
        Self { version: VERSION, parts: BTreeMap::new(), directory: PathBuf::new() }
    }
}

impl State {
    /// The part of the piece `name`.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.get(name)
    }

    /// Add the part of the piece `name`.
    pub fn add(&mut self, name: String, part: Part) {
        self.parts.insert(name, part);
    }

    /// Where its file lies, and spool files, too.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

/// The state in `file`, or why there is none to go on from. A file that others can read or write is refused.
pub fn load(file: &Path) -> Result<Result<State, Doubt>, Error> {
    let failed =
        |error: std::io::Error| Error::new(Exit::Io, format!("cannot read '{}': {error}", file.display()));
    let mut opened = match File::open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Err(format!("there is no '{}' yet", file.display())));
        }
        Err(error) => return Err(failed(error)),
    };
    if private::is_open(&opened.metadata().map_err(failed)?) {
        return Err(private::refusal(file, &format!("'{}'", file.display())));
    }
    let mut text = String::new();
    if let Err(error) = opened.read_to_string(&mut text) {
        return if error.kind() == ErrorKind::InvalidData {
            Ok(Err(damaged(file)))
        } else {
            Err(failed(error))
        };
    }
    let Ok(mut state) = serde_json::from_str::<State>(&text) else { return Ok(Err(damaged(file))) };
    if state.version != VERSION {
        return Ok(Err(format!("'{}' is of another version", file.display())));
    }
    state.directory = folder(file);
    Ok(Ok(state))
}

fn damaged(file: &Path) -> Doubt {
    format!("'{}' is damaged", file.display())
}

fn folder(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Write `state` to FILE.next, whole or not at all.
pub fn store(state: &State, file: &Path) -> Result<(), Error> {
    let mut next = file.as_os_str().to_owned();
    next.push(".next");
    let next = PathBuf::from(next);
    let failed =
        |error: std::io::Error| Error::new(Exit::Io, format!("cannot write '{}': {error}", next.display()));
    let text = serde_json::to_vec(&state).map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
    // A temporary file is created with mode 0600.
    let mut temporary = tempfile::NamedTempFile::new_in(folder(file)).map_err(failed)?;
    temporary.write_all(&text).and_then(|()| temporary.as_file().sync_all()).map_err(failed)?;
    temporary.persist(&next).map_err(|error| failed(error.error))?;
    tracing::info!("'{}' is for the next run, once the push ended well", next.display());
    Ok(())
}
