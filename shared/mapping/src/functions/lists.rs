//! Filters on lists of objects.

use super::take::{found, items, none, wrong};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn register(environment: &mut Environment<'static>) {
    environment
        .add_filter("where", |list: &Value, by: &str, wanted: &Value| keep("where", list, by, wanted, true));
    environment.add_filter("where_not", |list: &Value, by: &str, wanted: &Value| {
        keep("where_not", list, by, wanted, false)
    });
    environment.add_filter("first_by_order", first_by_order);
    environment.add_filter("sort_by_order", sort_by_order);
    environment.add_filter("group_by", group_by);
    environment.add_filter("index_by", index_by);
    environment.add_filter("duplicates", duplicates);
    environment.add_filter("at", at);
}

/// The items whose value at `by` is `wanted`, or is not.
fn keep(name: &str, list: &Value, by: &str, wanted: &Value, is: bool) -> Result<Value, Error> {
    // A list wants its items, an empty one nothing; on the items' side an empty list is as good as none.
    let wanted = match wanted.kind() {
        ValueKind::Seq | ValueKind::Iterable => items(name, wanted)?,
        _ => vec![wanted.clone()],
    };
    let mut kept = Vec::new();
    for item in items(name, list)? {
        let values = each_of(&at(&item, by)?)?;
        if values.iter().any(|value| wanted.contains(value)) == is {
            kept.push(item);
        }
    }
    Ok(kept.into())
}

/// The items with the place of their value at `by` in `order`, `order.len()` for those whose value is not there.
fn places(
    name: &str,
    list: &Value,
    order: &Value,
    by: &str,
    options: &Kwargs,
) -> Result<Vec<(usize, Value)>, Error> {
    let only = options.get::<Option<bool>>("only")?.unwrap_or(false);
    options.assert_all_used()?;
    let order = items(name, order)?;
    let mut placed = Vec::new();
    for item in items(name, list)? {
        let value = at(&item, by)?;
        let place = order.iter().position(|wanted| *wanted == value);
        if place.is_some() || !only {
            placed.push((place.unwrap_or(order.len()), item));
        }
    }
    Ok(placed)
}

/// The item whose value at `by` stands earliest in `order`.
fn first_by_order(list: &Value, order: &Value, by: &str, options: Kwargs) -> Result<Value, Error> {
    let placed = places("first_by_order", list, order, by, &options)?;
    Ok(placed.into_iter().min_by_key(|(place, _)| *place).map_or_else(none, |(_, item)| item))
}

/// The items in the order in which their values at `by` stand in `order`.
fn sort_by_order(list: &Value, order: &Value, by: &str, options: Kwargs) -> Result<Value, Error> {
    let mut placed = places("sort_by_order", list, order, by, &options)?;
    placed.sort_by_key(|(place, _)| *place);
    Ok(placed.into_iter().map(|(_, item)| item).collect())
}

/// The items grouped by their value at `by`.
fn group_by(list: &Value, by: &str) -> Result<Value, Error> {
    let (mut groups, mut known) = (Vec::<(Value, Vec<Value>)>::new(), BTreeMap::new());
    for item in items("group_by", list)? {
        for key in each_of(&at(&item, by)?)? {
            let place = *known.entry(key.clone()).or_insert(groups.len());
            match groups.get_mut(place) {
                Some((_, members)) => members.push(item.clone()),
                None => groups.push((key, vec![item.clone()])),
            }
        }
    }
    let group =
        |(key, members): (Value, Vec<Value>)| Value::from_pairs([("key", key), ("members", members.into())]);
    Ok(groups.into_iter().map(group).collect())
}

/// An object of the items under their value at `by`; the first of several stays, one without is left out.
fn index_by(list: &Value, by: &str) -> Result<Value, Error> {
    let (mut pairs, mut known) = (Vec::new(), BTreeSet::new());
    for item in items("index_by", list)? {
        let key = at(&item, by)?;
        match key.kind() {
            ValueKind::None => {}
            ValueKind::String | ValueKind::Number | ValueKind::Bool => {
                if known.insert(key.to_string()) {
                    pairs.push((key.to_string(), item));
                }
            }
            _ => {
                return Err(wrong(format!(
                    "'index_by' takes a string for a key, found {} at '{by}'",
                    found(&key)
                )));
            }
        }
    }
    Ok(Value::from_pairs(pairs))
}

/// The values at `by` that several items have.
fn duplicates(list: &Value, by: &str) -> Result<Value, Error> {
    let (mut seen, mut twice, mut told) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    for item in items("duplicates", list)? {
        let value = at(&item, by)?;
        if !seen.insert(value.clone()) && told.insert(value.clone()) {
            twice.push(value);
        }
    }
    Ok(twice.into())
}

/// What a value stands for where one or several are meant: `none` for an empty list.
fn each_of(value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let items = items("by", value)?;
            Ok(if items.is_empty() { vec![none()] } else { items })
        }
        ValueKind::Undefined => Ok(vec![none()]),
        _ => Ok(vec![value.clone()]),
    }
}

/// What the path `by` leads to; `none` when a part is missing.
fn at(item: &Value, by: &str) -> Result<Value, Error> {
    let mut value = item.clone();
    for part in by.split('.') {
        value = match part.parse::<usize>() {
            Ok(place) if value.kind() == ValueKind::Seq => value.get_item_by_index(place)?,
            _ => value.get_attr(part)?,
        };
        if value.is_undefined() || value.is_none() {
            return Ok(none());
        }
    }
    Ok(value)
}
