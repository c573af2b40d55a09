//! Groups in groups, flattened: the members of a group and of all groups in it, each once, circles and all.

use crate::aside::{Aside, Read};
use crate::connection::Connection;
use crate::entry::Entry;
use crate::name;
use crate::reading::Reading;
use crate::request::Search;
use crate::schema::{self, Schema};
use muster_base::Error;
use std::collections::HashSet;

/// Which names are those of groups: 16 bytes a group, so that members need not be looked up one by one.
#[derive(Default)]
pub struct Groups(HashSet<[u8; 16]>);

impl Groups {
    /// The groups that `search` finds.
    pub async fn read(
        connection: Connection,
        search: Search,
        page_size: Option<u32>,
    ) -> Result<(Connection, Self), Error> {
        let mut groups = Self::default();
        let base = search.base.clone();
        let mut reading = Reading::start(connection, search, page_size, Vec::new());
        while let Some(batch) = reading.next().await {
            for message in batch {
                groups.0.insert(name::hash(Entry::read(&message.content)?.dn));
            }
        }
        let (connection, ended) = reading.finish().await?;
        match ended.outcome.code {
            0 => Ok((connection, groups)),
            _ => Err(ended.outcome.search_error(&base).at(&connection.address)),
        }
    }

    /// The members in `direct`, groups among them replaced by their members. `root` is the group itself; an error in words
    /// when one of the groups could not be read.
    pub async fn flattened(
        &self,
        root: &str,
        direct: Vec<Vec<u8>>,
        attributes: &[String],
        schema: &mut Schema,
        aside: &mut Aside<'_>,
    ) -> Result<Result<Vec<Vec<u8>>, String>, Error> {
        let mut seen = HashSet::from([name::hash(root)]);
        let (mut members, mut waiting) = (Vec::new(), direct);
        while let Some(value) = waiting.pop() {
            let Ok(text) = std::str::from_utf8(&value) else {
                members.push(value);
                continue;
            };
            let dn = name::of_member(text);
            let hash = name::hash(dn);
            if !seen.insert(hash) {
                continue;
            }
            if !self.0.contains(&hash) {
                members.push(value);
                continue;
            }
            match members_of(dn, attributes, schema, aside).await? {
                Ok(values) => waiting.extend(values),
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(members))
    }
}

/// The members of the group `dn`, in the first of `attributes` that it has; an error in words when they cannot be read.
pub async fn members_of(
    dn: &str,
    attributes: &[String],
    schema: &mut Schema,
    aside: &mut Aside<'_>,
) -> Result<Result<Vec<Vec<u8>>, String>, Error> {
    for attribute in attributes {
        match aside.values(dn, attribute, 0).await? {
            Read::Values(Some(values)) => return Ok(Ok(values)),
            Read::Values(None) => (),
            // Deleted in the meantime: a group that is gone has no members.
            Read::Absent => return Ok(Ok(Vec::new())),
            Read::Unknown(why) => return Ok(Err(format!("the group '{dn}': {why}"))),
        }
    }
    let classes = match aside.values(dn, "objectClass", 0).await? {
        Read::Values(Some(classes)) => classes,
        Read::Values(None) | Read::Absent => return Ok(Ok(Vec::new())),
        Read::Unknown(why) => return Ok(Err(format!("the group '{dn}': {why}"))),
    };
    Ok(match schema::of_members(&classes) {
        Some((class, attribute)) if schema.demands(class, attribute, aside).await? => {
            Err(format!("the group '{dn}': its members are hidden from this user"))
        }
        _ => Ok(Vec::new()),
    })
}
