//! Small searches beside the large one, on a connection of their own that is opened when the first is needed.

use crate::connection::{Answer, Connection};
use crate::directory::Directory;
use crate::entry::Entry;
use crate::failure::NO_SUCH_OBJECT;
use crate::request::{Filter, Search};
use crate::shape::Shapes;
use muster_base::Error;

/// The other connection.
pub struct Aside<'a> {
    directory: &'a Directory,
    connection: Option<Connection>,
    anything: Filter,
}

/// What became of reading the values of one attribute.
pub enum Read {
    /// All of them; none when the entry has no such attribute.
    Values(Option<Vec<Vec<u8>>>),
    /// There is no such entry.
    Absent,
    /// They could not be read, and why.
    Unknown(String),
}

impl<'a> Aside<'a> {
    /// Nothing is opened yet.
    pub fn new(directory: &'a Directory) -> Result<Self, Error> {
        Ok(Self { directory, connection: None, anything: Filter::parse("(objectClass=*)")? })
    }

    /// The answer to `search`, whatever its result code.
    pub async fn search(&mut self, search: &Search, controls: &[Vec<u8>]) -> Result<Answer, Error> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(self.directory.connect().await?),
        };
        connection.search(search, controls).await
    }

    /// The values of `attribute` from number `first` on, in as many parts as the server sends them.
    pub async fn values(&mut self, dn: &str, attribute: &str, first: u32) -> Result<Read, Error> {
        let (mut all, mut next, mut is_there) = (Vec::new(), Some(first), first > 0);
        while let Some(begin) = next {
            let asked =
                if begin == 0 { attribute.to_owned() } else { format!("{attribute};range={begin}-*") };
            let search = Search::entry(dn, &self.anything, &[asked]);
            let answer = self.search(&search, &[]).await?;
            match (answer.outcome.code, answer.entries.first()) {
                (0, Some(entry)) => {
                    let part = part(&entry.content, attribute)?;
                    is_there |= part.is_there;
                    // A server that sends nothing more, and does not say that it is done, has not sent everything.
                    if begin > 0 && (part.values.is_empty() || part.next.is_some_and(|next| next <= begin)) {
                        return Ok(Read::Unknown(format!(
                            "the server gave no values from number {begin} on"
                        )));
                    }
                    all.extend(part.values);
                    next = part.next;
                }
                (0 | NO_SUCH_OBJECT, _) => return Ok(Read::Absent),
                _ => {
                    return Ok(Read::Unknown(answer.outcome.search_error(dn).what().to_owned()));
                }
            }
        }
        Ok(Read::Values(is_there.then_some(all)))
    }

    /// Say good-bye.
    pub async fn close(self) {
        if let Some(connection) = self.connection {
            connection.close().await;
        }
    }
}

struct Part {
    values: Vec<Vec<u8>>,
    next: Option<u32>,
    is_there: bool,
}

/// The values of `attribute` in an entry, and where the next part begins.
fn part(content: &[u8], attribute: &str) -> Result<Part, Error> {
    let mut entry = Entry::read(content)?;
    let mut shapes = Shapes::new(true, &[], &[]);
    let mut part = Part { values: Vec::new(), next: None, is_there: false };
    while let Some(found) = entry.next()? {
        let shape = shapes.of(found.description);
        if shape.attribute.eq_ignore_ascii_case(attribute) {
            part.is_there = true;
            part.values.extend(found.values.map(<[u8]>::to_vec));
            part.next = part.next.or(shape.range.and_then(|range| range.next));
        }
    }
    Ok(part)
}
