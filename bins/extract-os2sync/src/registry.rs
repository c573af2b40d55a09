//! Reading the registry: its hierarchy first, then, if that is wanted, each object of it.
//!
//! The hierarchy is one answer; the records of whole objects are written as they come, in its order. An object that is
//! gone by then is left out, one that the server cannot read is an `_error`: it is unknown, not gone.

use crate::object::{IN_HIERARCHY, Shape, of_unit, of_user};
use futures::{StreamExt, stream};
use muster_base::{Error, Exit, text};
use muster_http::Client;
use muster_os2sync::{Api, Kind, Unit, User};
use muster_stream::{Map, Record, Value, Writer};

/// What a server as it is installed takes and never shows again (fact sheet A4).
pub(crate) const NOT_STORED: &str = "PayoutUnitUuid,ContactForTasks,ContactPlaces,SOR";

/// So many objects in a row that the server cannot read are no matter of single objects.
const HOPELESS: u32 = 20;

/// What is to be read, and from where.
pub(crate) struct Registry {
    pub(crate) api: Api,
    pub(crate) client: Client,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) limit: usize,
    pub(crate) parallel: usize,
    /// How whole objects are shown; none: as the hierarchy has them.
    pub(crate) full: Option<Shape>,
}

/// What became of the read of one object.
enum Found {
    Object(Map),
    Gone,
    Unreadable(String),
}

impl Registry {
    /// Write a segment for each kind. `say` is told how far it is.
    pub(crate) async fn write(&self, output: &mut Writer, say: &dyn Fn(String)) -> Result<(), Error> {
        if let Some(first) = self.kinds.first() {
            output.scope(self.scope(*first));
        }
        say("waiting for the hierarchy".to_owned());
        let (mut units, mut users) = self.listed().await?;
        for kind in &self.kinds {
            output.scope(self.scope(*kind));
            output.note("members", self.members());
            match kind {
                Kind::OrgUnit => {
                    let units = self.narrowed(std::mem::take(&mut units), output);
                    self.segment(*kind, units, |unit| unit.uuid, of_unit, output, say).await?;
                }
                Kind::User => {
                    let users = self.narrowed(std::mem::take(&mut users), output);
                    self.segment(*kind, users, |user| user.uuid, of_user, output, say).await?;
                }
            }
            output.end(None)?;
        }
        Ok(())
    }

    async fn listed(&self) -> Result<(Vec<Unit>, Vec<User>), Error> {
        if self.kinds.contains(&Kind::User) {
            let hierarchy = self.api.hierarchy(&self.client).await?;
            return Ok((hierarchy.units, hierarchy.users));
        }
        Ok((self.api.units(&self.client).await?, Vec::new()))
    }

    /// As many of `found` as were asked for.
    fn narrowed<T>(&self, mut found: Vec<T>, output: &mut Writer) -> Vec<T> {
        if found.len() > self.limit {
            output.narrowed(format!("only {} of {} records were asked for", self.limit, found.len()));
            found.truncate(self.limit);
        }
        found
    }

    /// Write what was found, as it is or each object whole.
    async fn segment<T>(
        &self,
        kind: Kind,
        found: Vec<T>,
        key: fn(T) -> String,
        record: fn(T) -> Record,
        output: &mut Writer,
        say: &dyn Fn(String),
    ) -> Result<(), Error> {
        match &self.full {
            None => found.into_iter().try_for_each(|object| output.write(&record(object))),
            Some(shape) => {
                let keys = found.into_iter().map(key).collect();
                self.objects(shape, kind, keys, output, say).await
            }
        }
    }

    /// Write the objects of these keys, each read by itself.
    async fn objects(
        &self,
        shape: &Shape,
        kind: Kind,
        keys: Vec<String>,
        output: &mut Writer,
        say: &dyn Fn(String),
    ) -> Result<(), Error> {
        let total = keys.len();
        let reads = keys.into_iter().map(|key| async {
            let found = self.read(kind, &key).await;
            found.map(|found| (key, found))
        });
        let mut objects = stream::iter(reads).buffered(self.parallel).enumerate();
        let mut in_a_row = 0;
        while let Some((count, read)) = objects.next().await {
            let read = read?;
            in_a_row = if matches!(read.1, Found::Unreadable(_)) { in_a_row + 1 } else { 0 };
            if in_a_row >= HOPELESS {
                let what = format!(
                    "{HOPELESS} objects in a row could not be read, the last {} {}",
                    kind.name(),
                    read.0
                );
                return Err(Error::new(Exit::Unavailable, what).hint("see what OS2sync's log says"));
            }
            match read {
                (key, Found::Object(object)) => {
                    if let Some(record) = shape.record(kind, &key, object) {
                        output.write(&record)?;
                    }
                }
                (_, Found::Gone) => (),
                (key, Found::Unreadable(why)) => output.unreadable(kind.name(), &key, &why)?,
            }
            say(format!("{} of {total} {} objects read", count + 1, kind.name()));
        }
        Ok(())
    }

    /// One object. What concerns only this one is no error of the read.
    async fn read(&self, kind: Kind, key: &str) -> Result<Found, Error> {
        let request = self.api.read(kind, key)?;
        let answer = self.client.send(&request).await?;
        match answer.status {
            404 => Ok(Found::Gone),
            400 | 500..=502 => Ok(Found::Unreadable(unreadable(answer.status, &answer.text()))),
            _ => answer.success(&request)?.object("Uuid", key, &request).map(Found::Object),
        }
    }

    /// What the records can know at all: `diff` compares nothing else.
    fn members(&self) -> Value {
        let of = |kind: Kind| -> Vec<&str> {
            match &self.full {
                Some(shape) => shape.members(kind).collect(),
                None => IN_HIERARCHY
                    .iter()
                    .filter(|(of, _)| *of == kind)
                    .flat_map(|(_, names)| *names)
                    .copied()
                    .collect(),
            }
        };
        self.kinds.iter().map(|kind| (kind.name().to_owned(), Value::from(of(*kind)))).collect()
    }

    /// The population: server, municipality and kind, as they were set.
    fn scope(&self, kind: Kind) -> String {
        let mut url = self.api.base.clone();
        // An address without host cannot carry credentials either.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        let pairs = [("municipality", self.api.municipality.as_str()), ("kind", kind.name())];
        url.query_pairs_mut().clear().extend_pairs(pairs);
        url.into()
    }
}

fn unreadable(status: u16, said: &str) -> String {
    match text::cut(said) {
        said if said.is_empty() || said.starts_with('<') => format!("the server answered {status}"),
        said => format!("the server answered {status}: {said}"),
    }
}
