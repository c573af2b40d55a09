//! The members of given groups, each entry once: `group_dn`, `groups_dn`.

use crate::aside::Read;
use crate::extraction::{Extraction, Nested};
use crate::failure::{NO_SUCH_OBJECT, REFERRAL};
use crate::name;
use crate::population::{GROUPS, Population};
use crate::request::{Filter, Scope, Search, filter_value};
use muster_base::{Error, Exit};
use muster_stream::Writer;
use std::collections::HashSet;

impl Extraction<'_> {
    /// Write the members of `groups`.
    pub(crate) async fn read_members(
        &mut self,
        population: &Population,
        groups: &[String],
        output: &mut Writer,
    ) -> Result<(), Error> {
        let mut seen = Seen::default();
        for group in groups {
            let mut waiting = self.members_of(group).await?;
            waiting.reverse();
            while let Some(member) = waiting.pop() {
                if !seen.values.insert(name::hash(&member)) {
                    continue;
                }
                if self.is_enough(output) {
                    return Ok(());
                }
                let more = self.member(population, &member, &mut seen, output).await?;
                waiting.extend(more.into_iter().rev());
            }
        }
        self.note_references(output);
        if seen.skipped > 0 {
            tracing::warn!(
                "{} members of the groups are no entries that match the filter, or are hidden from this user",
                seen.skipped
            );
        }
        Ok(())
    }

    /// The members of a group as its entry names them. A group that cannot be read is a failed read, never an empty group.
    async fn members_of(&mut self, group: &str) -> Result<Vec<String>, Error> {
        let attribute = self.members.clone();
        let failed =
            |why: String| Error::new(Exit::Config, format!("cannot read the group '{group}': {why}"));
        let values = match self.aside.values(group, &attribute, 0).await? {
            Read::Values(Some(values)) => values,
            Read::Values(None) => {
                return Err(failed(format!("it has no attribute '{attribute}', or it is hidden"))
                    .hint("check 'group_members_attr', and what this user may read"));
            }
            Read::Absent => {
                return Err(failed("there is no such entry, or it is hidden".to_owned())
                    .hint("check 'group_dn' and 'groups_dn'"));
            }
            Read::Unknown(why) => {
                return Err(Error::new(Exit::Protocol, format!("cannot read the group '{group}': {why}")));
            }
        };
        texts(values, group)
    }

    /// Write the entry that `member` names, if it matches; the members that stand for it when it is a group to flatten.
    async fn member(
        &mut self,
        population: &Population,
        member: &str,
        seen: &mut Seen,
        output: &mut Writer,
    ) -> Result<Vec<String>, Error> {
        let search = self.search_of(population, member)?;
        if self.args.nested == Nested::Flatten && search.scope == Scope::Base {
            let group = Search::entry(&search.base, &Filter::parse(GROUPS)?, &["1.1".to_owned()]);
            if self.aside.search(&group, &[]).await?.entries.len() == 1 {
                let unreadable = |why| Error::new(Exit::Protocol, format!("cannot read {why}"));
                return texts(self.nested_members(&search.base).await?.map_err(unreadable)?, &search.base);
            }
        }
        let answer = self.aside.search(&search, &[]).await?;
        match (answer.outcome.code, answer.entries.first()) {
            // A size limit is no harm here: the first entry is the one.
            (_, Some(entry)) => {
                if seen.entries.insert(name::hash(crate::entry::Entry::read(&entry.content)?.dn)) {
                    self.record(&entry.content, population.kind, output).await?;
                }
            }
            // A member of another domain, or one of this whose database is detached: nobody was asked who knows it.
            (REFERRAL, None) => {
                self.references += 1;
                output.narrowed("members on other servers were not read");
            }
            (0 | NO_SUCH_OBJECT, None) => {
                tracing::info!("the member '{member}' is skipped");
                seen.skipped += 1;
            }
            (_, None) => return Err(answer.outcome.search_error(&search.base)),
        }
        Ok(Vec::new())
    }

    fn search_of(&self, population: &Population, member: &str) -> Result<Search, Error> {
        let template = self.args.group_member_filter.as_deref().map(str::trim).unwrap_or_default();
        if template.is_empty() {
            return Ok(Search::entry(name::of_member(member), &population.filter, &self.attributes));
        }
        let own = template.replace("{}", &filter_value(member));
        Ok(Search {
            base: self.args.base()?.to_owned(),
            scope: Scope::Sub,
            filter: population.filter.and(&Filter::parse(&own)?),
            attributes: self.attributes.clone(),
            size_limit: 1,
        })
    }
}

fn texts(members: Vec<Vec<u8>>, group: &str) -> Result<Vec<String>, Error> {
    let what = || format!("cannot read the group '{group}': a member is no text");
    let text = |value| String::from_utf8(value).map_err(|_| Error::new(Exit::Config, what()));
    members.into_iter().map(text).collect()
}

#[derive(Default)]
struct Seen {
    /// Member values, 16 bytes each.
    values: HashSet<[u8; 16]>,
    /// Entries that they lead to.
    entries: HashSet<[u8; 16]>,
    skipped: u64,
}
