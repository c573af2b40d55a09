//! An entry as a record: a line of JSON, its members in the order of their names.

use crate::account::Account;
use crate::ber::malformed;
use crate::entry::{Entry, Values};
use crate::form::quote;
use crate::name;
use crate::shape::{Shape, Shapes};
use muster_base::Error;
use std::sync::Arc;

/// An entry on its way to a record.
pub struct Draft<'a> {
    /// Its distinguished name, as the server writes it.
    pub dn: &'a str,
    members: Vec<Member<'a>>,
}

struct Member<'a> {
    shape: Arc<Shape>,
    values: Option<Values<'a>>,
    more: Vec<Vec<u8>>,
    /// Where the next part of its values begins.
    next: Option<u32>,
    is_unknown: bool,
}

impl<'a> Draft<'a> {
    /// The entry in the content of a search result.
    pub fn read(content: &'a [u8], shapes: &mut Shapes) -> Result<Self, Error> {
        let mut entry = Entry::read(content)?;
        let mut draft = Self { dn: entry.dn, members: Vec::with_capacity(16) };
        while let Some(attribute) = entry.next()? {
            let shape = shapes.of(attribute.description);
            let next = shape.range.and_then(|range| range.next);
            draft.members.push(Member {
                shape,
                values: Some(attribute.values),
                more: Vec::new(),
                next,
                is_unknown: false,
            });
        }
        // A part, such as `member;range=0-1499`, stands beside an empty `member`: the fuller one comes first.
        draft.members.sort_by(|a, b| {
            a.shape.member.cmp(&b.shape.member).then(b.shape.range.is_some().cmp(&a.shape.range.is_some()))
        });
        draft.members.dedup_by(|later, earlier| {
            later.shape.member == earlier.shape.member
                && earlier.shape.range.is_some()
                && later.values.is_none_or(|mut values| values.next().is_none())
        });
        let twice = draft.members.windows(2).find(|pair| pair[0].shape.member == pair[1].shape.member);
        match twice {
            Some(pair) => Err(malformed(&format!("'{}' stands twice in one entry", pair[0].shape.member))),
            None => Ok(draft),
        }
    }

    /// The attribute of which only a part is here, and where the next part begins.
    pub fn unfinished(&self) -> Option<(String, u32)> {
        let member = self.members.iter().find(|member| member.next.is_some() && !member.is_unknown)?;
        member.next.map(|next| (member.shape.attribute.clone(), next))
    }

    /// Add a part of the values of `attribute`.
    pub fn extend(&mut self, attribute: &str, values: Vec<Vec<u8>>, next: Option<u32>) {
        if let Some(member) = self.find(attribute) {
            member.more.extend(values);
            member.next = next;
        }
    }

    /// The values of `attribute` (in lower case).
    pub fn values_of(&self, attribute: &str) -> Vec<Vec<u8>> {
        let found = self.members.iter().find(|member| member.shape.attribute == attribute);
        found.map(|member| member.all().map(<[u8]>::to_vec).collect()).unwrap_or_default()
    }

    /// Put other values in the place of those of `attribute`.
    pub fn replace(&mut self, attribute: &str, values: Vec<Vec<u8>>) {
        if let Some(member) = self.find(attribute) {
            member.values = None;
            member.more = values;
        }
    }

    /// Say that the values of `attribute` could not be read.
    pub fn unknown(&mut self, attribute: &str) {
        if let Some(member) = self.find(attribute) {
            member.is_unknown = true;
            member.next = None;
        }
    }

    /// Say that there is an attribute of this shape, which could not be read.
    pub fn hidden(&mut self, shape: Arc<Shape>) {
        self.members.push(Member { shape, values: None, more: Vec::new(), next: None, is_unknown: true });
    }

    /// Whether there is no value of `attribute` (in lower case).
    pub fn lacks(&self, attribute: &str) -> bool {
        !self.members.iter().any(|member| member.shape.attribute == attribute)
    }

    /// Whether the values of `attribute` could not be read.
    pub fn is_unknown(&self, attribute: &str) -> bool {
        self.members.iter().any(|member| member.shape.attribute == attribute && member.is_unknown)
    }

    fn find(&mut self, attribute: &str) -> Option<&mut Member<'a>> {
        self.members.iter_mut().find(|member| member.shape.attribute == attribute)
    }

    /// What the entry is known by: a lasting identifier of the directory, else its name.
    pub fn key(&self) -> String {
        let keys = self.members.iter().filter_map(|member| Some((member.shape.key?, member)));
        let best = keys.min_by_key(|(rank, _)| *rank).and_then(|(_, member)| {
            let mut text = Vec::new();
            let value = member.all().next()?;
            member.shape.form.write(value, &mut text).then(|| String::from_utf8(text).ok()).flatten()
        });
        best.map_or_else(|| name::key(self.dn), |quoted| quoted.trim_matches('"').to_owned())
    }

    /// Write it as a line; its members first go to `scratch`.
    pub fn write(&self, kind: &str, key: &str, scratch: &mut Vec<u8>, line: &mut Vec<u8>) {
        scratch.clear();
        let (mut unknown, mut account) = (Vec::new(), Account::default());
        for member in &self.members {
            member.write(scratch, &mut unknown, &mut account);
        }
        line.extend(b"{\"_kind\":\"");
        line.extend(kind.as_bytes());
        line.extend(b"\",\"_key\":");
        quote(key, line);
        line.extend(b",\"_alias\":[");
        quote(self.dn, line);
        if let Some(plain) = name::plain(self.dn) {
            line.push(b',');
            quote(&plain, line);
        }
        line.push(b']');
        if !unknown.is_empty() {
            line.extend(b",\"_unknown\":[");
            for (place, pointer) in unknown.iter().enumerate() {
                if place > 0 {
                    line.push(b',');
                }
                quote(pointer, line);
            }
            line.push(b']');
        }
        line.extend(b",\"dn\":");
        quote(self.dn, line);
        account.write(line);
        line.extend_from_slice(scratch);
        line.extend(b"}\n");
    }
}

impl Member<'_> {
    fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.values.into_iter().flatten().chain(self.more.iter().map(Vec::as_slice))
    }

    /// Write it with a comma before it. An attribute without values is absent; one that has another form is unknown.
    fn write(&self, output: &mut Vec<u8>, unknown: &mut Vec<String>, account: &mut Account) {
        let Some(first) = self.all().next().or(self.is_unknown.then_some(b"")) else { return };
        let begin = output.len();
        output.push(b',');
        quote(&self.shape.member, output);
        output.push(b':');
        let is_read = !self.is_unknown
            && match self.shape.is_list {
                true => self.write_list(output),
                false => self.shape.form.write(first, output),
            };
        if !is_read {
            output.truncate(begin);
            unknown.push(format!("/{}", self.shape.member.replace('~', "~0").replace('/', "~1")));
            return;
        }
        account.look(&self.shape.attribute, first);
    }

    /// All values, sorted: their order means nothing in LDAP, and differs between servers.
    fn write_list(&self, output: &mut Vec<u8>) -> bool {
        let mut values: Vec<&[u8]> = self.all().collect();
        values.sort_unstable();
        values.dedup();
        output.push(b'[');
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                output.push(b',');
            }
            if !self.shape.form.write(value, output) {
                return false;
            }
        }
        output.push(b']');
        true
    }
}
