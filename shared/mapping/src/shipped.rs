//! The specs that ship with muster, and where a spec is looked for.

use crate::names;
use muster_base::{Error, Exit};
use std::path::{Path, PathBuf};

const SHIPPED: [(&str, &str); 4] = [
    ("os2sync", include_str!("../specs/os2sync.json")),
    ("os2sync-accounts", include_str!("../specs/os2sync-accounts.json")),
    ("stsorgsync", include_str!("../specs/stsorgsync.json")),
    ("swit", include_str!("../specs/swit.json")),
];

/// The shipped specs: name and text.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &SHIPPED
}

/// Where a spec came from and what it says.
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) text: String,
}

/// The spec called `name`: with a `/` or `.json` a file, looked for in `.`, `/etc/muster/specs`, `share/muster/specs`
/// beside the directory of the executable, and then among the shipped ones; else a shipped one.
pub(crate) fn find(name: &str) -> Result<Found, Error> {
    let bare = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".json");
    if name.contains('/') || name.ends_with(".json") {
        if let Some(found) = read_first(bare, candidates(name))? {
            return Ok(found);
        }
        if name.contains('/') {
            return Err(Error::new(Exit::Io, format!("there is no spec '{name}'")));
        }
    }
    match SHIPPED.iter().find(|(shipped, _)| *shipped == bare) {
        Some((_, text)) => Ok(Found {
            name: bare.to_owned(),
            place: format!("{bare}.json, shipped"),
            text: (*text).to_owned(),
        }),
        None => Err(Error::new(Exit::Config, format!("there is no spec '{name}'"))
            .hint(names::hint(bare, SHIPPED.iter().map(|(name, _)| *name)))),
    }
}

/// The spec called `name` in the one at `place`: a file beside that one comes first.
pub(crate) fn find_beside(place: &str, name: &str) -> Result<Found, Error> {
    if name.ends_with(".json") {
        let beside = Path::new(place).with_file_name(name);
        let bare = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".json");
        // A file of the name of the shipped spec that it extends is not beside itself.
        if beside != Path::new(place)
            && let Some(found) = read_first(bare, vec![beside])?
        {
            return Ok(found);
        }
    }
    find(name)
}

fn candidates(name: &str) -> Vec<PathBuf> {
    if name.contains('/') {
        return vec![PathBuf::from(name)];
    }
    let mut places = vec![PathBuf::from(name), PathBuf::from("/etc/muster/specs").join(name)];
    // The executables are in <prefix>/lib/muster/bin or <prefix>/bin.
    let executable = std::env::current_exe().and_then(|path| path.canonicalize()).unwrap_or_default();
    places
        .extend(executable.ancestors().skip(2).take(3).map(|dir| dir.join("share/muster/specs").join(name)));
    places
}

fn read_first(name: &str, places: Vec<PathBuf>) -> Result<Option<Found>, Error> {
    for place in places {
        match std::fs::read_to_string(&place) {
            Ok(text) => {
                return Ok(Some(Found { name: name.to_owned(), place: place.display().to_string(), text }));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => (),
            Err(error) => {
                return Err(
                    Error::new(Exit::Io, format!("cannot read the spec: {error}")).at(place.display())
                );
            }
        }
    }
    Ok(None)
}
