//! Filters on lists of objects.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind};

/// The items whose value at `by` is `wanted`.
pub(super) fn only_where(list: &Value, by: &str, wanted: &Value) -> Result<Value, Error> {
    // A list wants its items, an empty one nothing; on the items' side an empty list is as good as none.
    let wanted = match wanted.kind() {
        ValueKind::Seq | ValueKind::Iterable => items(wanted)?,
        _ => vec![wanted.clone()],
    };
    let mut kept = Vec::new();
    for item in items(list)? {
        let values = each_of(&at(&item, by)?)?;
        if values.iter().any(|value| wanted.contains(value)) {
            kept.push(item);
        }
    }
    Ok(kept.into())
}

/// The item whose value at `by` stands earliest in `order`.
pub(super) fn first_by_order(list: &Value, order: &Value, by: &str, options: Kwargs) -> Result<Value, Error> {
    let only = options.get::<Option<bool>>("only")?.unwrap_or(false);
    options.assert_all_used()?;
    let order = items(order)?;
    let mut best: Option<(usize, Value)> = None;
    for item in items(list)? {
        let value = at(&item, by)?;
        let place = match order.iter().position(|wanted| *wanted == value) {
            None if only => continue,
            place => place.unwrap_or(order.len()),
        };
        if best.as_ref().is_none_or(|(least, _)| place < *least) {
            best = Some((place, item));
        }
    }
    Ok(best.map_or_else(|| Value::from(()), |(_, item)| item))
}

/// The items grouped by their value at `by`.
pub(super) fn group_by(list: &Value, by: &str) -> Result<Value, Error> {
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for item in items(list)? {
        for key in each_of(&at(&item, by)?)? {
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, members)) => members.push(item.clone()),
                None => groups.push((key, vec![item.clone()])),
            }
        }
    }
    let group =
        |(key, members): (Value, Vec<Value>)| Value::from_pairs([("key", key), ("members", members.into())]);
    Ok(groups.into_iter().map(group).collect::<Vec<Value>>().into())
}

/// The values at `by` that several items have.
pub(super) fn duplicates(list: &Value, by: &str) -> Result<Value, Error> {
    let (mut seen, mut twice) = (Vec::new(), Vec::new());
    for item in items(list)? {
        let value = at(&item, by)?;
        if !seen.contains(&value) {
            seen.push(value);
        } else if !twice.contains(&value) {
            twice.push(value);
        }
    }
    Ok(twice.into())
}

/// The items of a list; those of `none` are none, undefined is an error.
fn items(list: &Value) -> Result<Vec<Value>, Error> {
    match list.kind() {
        ValueKind::None => Ok(Vec::new()),
        ValueKind::Seq | ValueKind::Iterable => list.try_iter()?.checked().collect(),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        other => Err(Error::new(ErrorKind::InvalidOperation, format!("a list is wanted here, not {other}"))),
    }
}

/// What a value stands for where one or several are meant: `none` for an empty list.
fn each_of(value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let items = items(value)?;
            Ok(if items.is_empty() { vec![Value::from(())] } else { items })
        }
        ValueKind::Undefined => Ok(vec![Value::from(())]),
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
            return Ok(Value::from(()));
        }
    }
    Ok(value)
}
