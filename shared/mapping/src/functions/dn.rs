//! Distinguished names as RFC 4514 writes them.

use super::take::{on_text, reading, text, wrong};
use super::text::{fold, or_none};
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error};
use muster_base::dn::{Level, escape, key, parse, split};

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("dn_parts", |value: &Value, options: Kwargs| {
        apply("dn_parts", value, &options, |_, dn| parts(&dn))
    });
    environment.add_filter("dn_value", |value: &Value, attribute: &str, options: Kwargs| {
        apply("dn_value", value, &options, |_, dn| or_none(values(&dn, attribute).into_iter().next()))
    });
    environment.add_filter("dn_values", |value: &Value, attribute: &str, options: Kwargs| {
        apply("dn_values", value, &options, |_, dn| values(&dn, attribute).into())
    });
    environment.add_filter("rdn", |value: &Value, options: Kwargs| {
        apply("rdn", value, &options, |_, dn| {
            or_none(dn.into_iter().flatten().next().map(|(_, value)| value))
        })
    });
    environment.add_filter("dn_parent", |value: &Value, options: Kwargs| {
        apply("dn_parent", value, &options, |text, _| {
            or_none(split(text, ',').split_first().and_then(|(_, rest)| parent(rest)))
        })
    });
    environment.add_filter("dn_key", |value: &Value, options: Kwargs| {
        apply("dn_key", value, &options, |_, dn| key(&dn, fold).join(",").into())
    });
    environment
        .add_filter("dn_escape", |value: &Value| on_text("dn_escape", value, |text| Ok(escape(text).into())));
    environment.add_test("dn", |value: &Value| value.as_str().is_some_and(|text| parse(text).is_ok()));
    environment.add_test("dn_below", |value: &Value, base: &Value| ends("dn_below", value, base, 1));
    environment.add_test("dn_within", |value: &Value, base: &Value| ends("dn_within", value, base, 0));
}

fn apply(
    name: &str,
    value: &Value,
    options: &Kwargs,
    give: impl FnOnce(&str, Vec<Level>) -> Value,
) -> Result<Value, Error> {
    reading(value, options, || on_text(name, value, |text| Ok(give(text, parsed(name, text)?))))
}

fn parsed(name: &str, text: &str) -> Result<Vec<Level>, Error> {
    parse(text).map_err(|why| wrong(format!("'{name}' finds no distinguished name in '{text}': {why}")))
}

fn parent(rest: &[&str]) -> Option<String> {
    (!rest.is_empty()).then(|| rest.join(",").trim().to_owned())
}

fn parts(dn: &[Level]) -> Value {
    let level = |level: &Level| {
        Value::from_pairs(level.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))))
    };
    dn.iter().map(level).collect()
}

fn values(dn: &[Level], attribute: &str) -> Vec<String> {
    let named = dn.iter().flatten().filter(|(name, _)| name.eq_ignore_ascii_case(attribute));
    named.map(|(_, value)| value.clone()).collect()
}

/// Whether a name ends with another one, with at least `more` levels before that.
fn ends(name: &str, value: &Value, base: &Value, more: usize) -> Result<bool, Error> {
    let (Some(dn), Some(base)) = (text(name, value)?, text(name, base)?) else { return Ok(false) };
    let (dn, base) = (key(&parsed(name, dn)?, fold), key(&parsed(name, base)?, fold));
    Ok(dn.len() >= base.len() + more && dn.ends_with(&base))
}
