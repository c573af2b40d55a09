//! Filters that bring lists and objects into another shape.

use super::take::{found, items, none, wrong};
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use std::collections::BTreeSet;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("as_list", as_list);
    environment.add_filter("flatten", |list: &Value| flatten(list));
    environment.add_filter("compact", compact);
    environment.add_filter("union", union);
    environment.add_filter("intersect", |one: &Value, other: &Value| common("intersect", one, other, true));
    environment
        .add_filter("difference", |one: &Value, other: &Value| common("difference", one, other, false));
    environment.add_filter("object", object);
    environment.add_filter("pick", pick);
    environment.add_filter("omit", omit);
}

/// A list as it is, another value as the only item, `none` as no item.
fn as_list(value: &Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::None | ValueKind::Seq | ValueKind::Iterable => Ok(items("as_list", value)?.into()),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => Ok(vec![value.clone()].into()),
    }
}

/// The items of all lists in the list, at any depth.
fn flatten(list: &Value) -> Result<Value, Error> {
    let (mut flat, mut open) = (Vec::new(), vec![items("flatten", list)?.into_iter()]);
    while let Some(inner) = open.last_mut() {
        match inner.next() {
            None => drop(open.pop()),
            Some(item) if matches!(item.kind(), ValueKind::Seq | ValueKind::Iterable) => {
                open.push(items("flatten", &item)?.into_iter());
            }
            Some(item) => flat.push(item),
        }
    }
    Ok(flat.into())
}

/// The items that are something: not none, and no empty text, list or object.
fn compact(list: &Value) -> Result<Value, Error> {
    let something = |item: &Value| match item.kind() {
        ValueKind::None | ValueKind::Undefined => false,
        ValueKind::Bool | ValueKind::Number => true,
        _ => item.is_true(),
    };
    Ok(items("compact", list)?.into_iter().filter(something).collect())
}

/// The items of both lists, each once.
fn union(one: &Value, other: &Value) -> Result<Value, Error> {
    let mut seen = BTreeSet::new();
    let all = items("union", one)?.into_iter().chain(items("union", other)?);
    Ok(all.filter(|item| seen.insert(item.clone())).collect())
}

/// The items of one list that stand in the other, or do not; each once.
fn common(name: &str, one: &Value, other: &Value, there: bool) -> Result<Value, Error> {
    let other: BTreeSet<Value> = items(name, other)?.into_iter().collect();
    let mut seen = BTreeSet::new();
    let kept = items(name, one)?.into_iter().filter(|item| other.contains(item) == there);
    Ok(kept.filter(|item| seen.insert(item.clone())).collect())
}

/// An object of a list of pairs `[name, value]`; of several with one name the last counts.
fn object(pairs: &Value) -> Result<Value, Error> {
    let mut members = Vec::new();
    for pair in items("object", pairs)? {
        let [name, value] = items("object", &pair)?.try_into().map_err(|items: Vec<Value>| {
            wrong(format!("'object' takes pairs of name and value, found a list of {}", items.len()))
        })?;
        let Some(name) = name.as_str() else {
            return Err(wrong(format!("'object' takes strings for names, found {}", found(&name))));
        };
        members.push((name.to_owned(), value));
    }
    Ok(Value::from_pairs(members))
}

/// Those members of an object, in the order asked for; missing ones are left out.
fn pick(value: &Value, names: &Value) -> Result<Value, Error> {
    if !is_object("pick", value)? {
        return Ok(none());
    }
    let mut members = Vec::new();
    for name in items("pick", names)? {
        let member = value.get_item(&name)?;
        if !member.is_undefined() {
            members.push((name, member));
        }
    }
    Ok(Value::from_pairs(members))
}

/// An object without those members.
fn omit(value: &Value, names: &Value) -> Result<Value, Error> {
    if !is_object("omit", value)? {
        return Ok(none());
    }
    let without = items("omit", names)?;
    let mut members = Vec::new();
    for name in value.try_iter()?.checked() {
        let name = name?;
        if !without.contains(&name) {
            let member = value.get_item(&name)?;
            members.push((name, member));
        }
    }
    Ok(Value::from_pairs(members))
}

fn is_object(name: &str, value: &Value) -> Result<bool, Error> {
    match value.kind() {
        ValueKind::Map => Ok(true),
        ValueKind::None => Ok(false),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => Err(wrong(format!("'{name}' takes an object, found {}", found(value)))),
    }
}
