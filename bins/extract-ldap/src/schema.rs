//! What the server's schema demands of an entry (RFC 4512, 4.1.1).

use crate::aside::Aside;
use crate::entry::Entry;
use crate::request::{Filter, Search};
use muster_base::Error;
use std::collections::HashMap;

/// Classes of groups that have members by RFC 4519, and the attribute with these. Some servers demand them, some do not.
const FULL: [(&str, &str); 2] = [("groupofnames", "member"), ("groupofuniquenames", "uniqueMember")];

/// What is known of the schema so far.
#[derive(Default)]
pub struct Schema {
    /// Whether an entry of a class must have its attribute.
    known: HashMap<&'static str, bool>,
}

/// The class among `classes` whose groups have members, and the attribute where they have them.
pub fn of_members(classes: &[Vec<u8>]) -> Option<(&'static str, &'static str)> {
    let is = |name: &str| classes.iter().any(|class| class.eq_ignore_ascii_case(name.as_bytes()));
    FULL.into_iter().find(|(class, _)| is(class))
}

impl Schema {
    /// Whether entries of `class` must have `attribute` here.
    pub async fn demands(
        &mut self,
        class: &'static str,
        attribute: &str,
        aside: &mut Aside<'_>,
    ) -> Result<bool, Error> {
        if let Some(demands) = self.known.get(class) {
            return Ok(*demands);
        }
        let demands = demands(class, attribute, aside).await?;
        Ok(*self.known.entry(class).or_insert(demands))
    }
}

/// Whether the server says that entries of `class` have `attribute`; where it does not tell, the standard says so.
async fn demands(class: &str, attribute: &str, aside: &mut Aside<'_>) -> Result<bool, Error> {
    let Some(place) = first(aside, "", "(objectClass=*)", "subschemaSubentry").await?.into_iter().next()
    else {
        return Ok(true);
    };
    let definitions = first(aside, &place, "(objectClass=subschema)", "objectClasses").await?;
    let own = definitions.iter().find(|definition| is_of(definition, class));
    Ok(own.is_none_or(|definition| must(definition).any(|name| name.eq_ignore_ascii_case(attribute))))
}

/// The values of an attribute of the entry `base`; none where it cannot be read.
async fn first(
    aside: &mut Aside<'_>,
    base: &str,
    filter: &str,
    attribute: &str,
) -> Result<Vec<String>, Error> {
    let search = Search::entry(base, &Filter::parse(filter)?, &[attribute.to_owned()]);
    let answer = aside.search(&search, &[]).await?;
    let Some(entry) = answer.entries.first() else { return Ok(Vec::new()) };
    let values = Entry::values_of(&entry.content, attribute)?;
    Ok(values.into_iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect())
}

fn is_of(definition: &str, class: &str) -> bool {
    let names = definition.split(" DESC ").next().unwrap_or_default().to_lowercase();
    names.contains(&format!("'{class}'"))
}

/// The attributes behind MUST: one, or several in parentheses with `$` between them.
fn must(definition: &str) -> impl Iterator<Item = &str> {
    let rest = definition.split_once(" MUST ").map(|(_, rest)| rest.trim_start()).unwrap_or_default();
    let list = match rest.strip_prefix('(') {
        Some(list) => list.split(')').next(),
        None => rest.split_whitespace().next(),
    };
    list.unwrap_or_default().split('$').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENLDAP: &str = "( 2.5.6.9 NAME 'groupOfNames' DESC 'RFC2256: a group of names (DNs)' SUP top STRUCTURAL \
                            MUST ( member $ cn ) MAY ( businessCategory $ seeAlso ) )";
    const OTHER: &str = "( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST cn MAY ( member $ seeAlso ) )";

    #[test]
    fn what_a_class_demands_is_read_from_its_definition() {
        assert_eq!(must(OPENLDAP).collect::<Vec<_>>(), ["member", "cn"]);
        assert_eq!(must(OTHER).collect::<Vec<_>>(), ["cn"]);
        assert!(is_of(OPENLDAP, "groupofnames") && !is_of(OPENLDAP, "groupofuniquenames"));
    }
}
