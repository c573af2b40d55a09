//! Filters and tests of Jinja where minijinja has none, or gives something else than Python's Jinja2.

use super::take::{items, wrong};
use crate::value::to_json;
use minijinja::value::{
    Enumerator, Kwargs, Object, ObjectRepr, Rest, StringInput, Value, ValueKind, ValueOrKwargs, from_args,
};
use minijinja::{Environment, Error, ErrorKind, State};
use minijinja_contrib::{filters, globals};
use muster_stream::Value as Json;
use std::sync::Arc;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("replace", replace);
    environment.add_filter("truncate", truncate);
    environment.add_filter("wordcount", |text: StringInput<'_>| {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        text.as_str().split(|c| !word(c)).filter(|word| !word.is_empty()).count()
    });
    environment.add_filter("center", |text: StringInput<'_>, width: Option<usize>| {
        super::python::center(text.as_str(), width.unwrap_or(80), ' ')
    });
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("int", int);
    environment.add_filter("float", float);
    environment.add_filter("escape", escape);
    environment.add_filter("e", escape);
    environment.add_filter("striptags", filters::striptags);
    environment.add_filter("filesizeformat", filters::filesizeformat);
    environment.add_filter("urlencode", urlencode);
    environment.add_filter("tojson", tojson);
    environment.add_filter("groupby", groupby);
    environment.add_function("joiner", globals::joiner);
    environment.add_function("cycler", |items: Rest<Value>| globals::cycler(items.0));
    environment.add_test("sequence", |value: &Value| {
        matches!(value.kind(), ValueKind::Seq | ValueKind::String | ValueKind::Map)
    });
    environment.set_unknown_method_callback(super::python::method);
}

fn replace(text: StringInput<'_>, old: &str, new: &str, count: Option<usize>) -> String {
    match count {
        None => text.as_str().replace(old, new),
        Some(count) => text.as_str().replacen(old, new, count),
    }
}

/// At most `length` characters with `end` as the last of them; `leeway` more are left as they are.
fn truncate(text: StringInput<'_>, args: Rest<ValueOrKwargs>) -> Result<String, Error> {
    let args = args.into_values();
    let (length, killwords, end, leeway, options): (
        Option<usize>,
        Option<bool>,
        Option<&str>,
        Option<usize>,
        Kwargs,
    ) = from_args(&args)?;
    let length = length.map_or_else(|| options.get::<Option<usize>>("length"), |length| Ok(Some(length)))?;
    let killwords =
        killwords.map_or_else(|| options.get::<Option<bool>>("killwords"), |kill| Ok(Some(kill)))?;
    let end = end.map_or_else(|| options.get::<Option<&str>>("end"), |end| Ok(Some(end)))?.unwrap_or("...");
    let leeway = leeway.map_or_else(|| options.get::<Option<usize>>("leeway"), |leeway| Ok(Some(leeway)))?;
    options.assert_all_used()?;
    let (text, length) = (text.as_str(), length.unwrap_or(255));
    let Some(room) = length.checked_sub(end.chars().count()) else {
        return Err(wrong(format!("'truncate' takes a length of at least that of '{end}', found {length}")));
    };
    if text.chars().count() <= length + leeway.unwrap_or(5) {
        return Ok(text.to_owned());
    }
    let begin: String = text.chars().take(room).collect();
    let whole = begin.rsplit_once(' ').map_or(begin.as_str(), |(whole, _)| whole);
    Ok(format!("{}{end}", if killwords.unwrap_or(false) { &begin } else { whole }))
}

fn default(value: &Value, args: Rest<Value>, options: Kwargs) -> Result<Value, Error> {
    let other = given(&args, 0, &options, "default_value")?;
    let boolean = given(&args, 1, &options, "boolean")?.is_some_and(|boolean| boolean.is_true());
    at_most(2, &args, &options)?;
    let missing = value.is_undefined() || boolean && !value.is_true();
    Ok(if missing { other.unwrap_or_else(|| Value::from("")) } else { value.clone() })
}

/// An argument by its place or by its name. It may be `none`, which `Option` would take for missing.
fn given(args: &[Value], place: usize, options: &Kwargs, name: &str) -> Result<Option<Value>, Error> {
    match args.get(place) {
        Some(value) => Ok(Some(value.clone())),
        None if options.has(name) => options.get::<Value>(name).map(Some),
        None => Ok(None),
    }
}

fn at_most(count: usize, args: &[Value], options: &Kwargs) -> Result<(), Error> {
    options.assert_all_used()?;
    if args.len() > count { Err(Error::from(ErrorKind::TooManyArguments)) } else { Ok(()) }
}

/// What Python's `int` reads in a text: blanks around, and `_` between digits.
fn plain(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    let text = text.trim();
    let grouped =
        text.contains('_') && !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    if grouped { text.replace('_', "").into() } else { text.into() }
}

fn int(state: &State, value: &Value, args: Rest<Value>, options: Kwargs) -> Result<Value, Error> {
    let default = given(&args, 0, &options, "default")?.unwrap_or_else(|| Value::from(0));
    let base = given(&args, 1, &options, "base")?.map(u32::try_from).transpose()?;
    at_most(2, &args, &options)?;
    minijinja::filters::int(state, &plain(value), Some(default), base, options)
}

fn float(state: &State, value: &Value, args: Rest<Value>, options: Kwargs) -> Result<Value, Error> {
    let default = given(&args, 0, &options, "default")?.unwrap_or_else(|| Value::from(0.0));
    at_most(1, &args, &options)?;
    minijinja::filters::float(state, &plain(value), Some(default), options)
}

fn escape(text: StringInput<'_>) -> String {
    let mut escaped = String::new();
    for letter in text.as_str().chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&#39;"),
            '"' => escaped.push_str("&#34;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A text for a path, an object for a query, where a blank is `+` and `/` is not left alone.
fn urlencode(value: &Value) -> Result<String, Error> {
    let text = minijinja::filters::urlencode(value)?;
    Ok(if value.kind() == ValueKind::Map { text.replace("%20", "+").replace('/', "%2F") } else { text })
}

/// JSON as Python writes it: sorted, with blanks, in ASCII, and without what HTML would read.
fn tojson(value: &Value, indent: Option<usize>, options: Kwargs) -> Result<String, Error> {
    let indent = indent.map_or_else(|| options.get::<Option<usize>>("indent"), |indent| Ok(Some(indent)))?;
    options.assert_all_used()?;
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let json = to_json(value).map_err(wrong)?;
    let mut text = String::new();
    dump(&json, indent, 0, &mut text);
    Ok(text)
}

fn dump(json: &Json, indent: Option<usize>, depth: usize, text: &mut String) {
    let line = |text: &mut String, depth: usize| {
        if let Some(indent) = indent {
            *text += &format!("\n{}", " ".repeat(indent.min(100) * depth));
        }
    };
    let comma = if indent.is_some() { "," } else { ", " };
    match json {
        Json::Array(items) if !items.is_empty() => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                text.push_str(if place > 0 { comma } else { "" });
                line(text, depth + 1);
                dump(item, indent, depth + 1, text);
            }
            line(text, depth);
            text.push(']');
        }
        Json::Object(members) if !members.is_empty() => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.as_str());
            text.push('{');
            for (place, (name, member)) in members.into_iter().enumerate() {
                text.push_str(if place > 0 { comma } else { "" });
                line(text, depth + 1);
                dump(&Json::from(name.as_str()), indent, depth + 1, text);
                text.push_str(": ");
                dump(member, indent, depth + 1, text);
            }
            line(text, depth);
            text.push('}');
        }
        other => ascii(&other.to_string(), text),
    }
}

fn ascii(json: &str, text: &mut String) {
    for letter in json.chars() {
        if letter.is_ascii() && !matches!(letter, '<' | '>' | '&' | '\'') {
            text.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                *text += &format!("\\u{unit:04x}");
            }
        }
    }
}

/// One group: a pair, whose parts also have names.
#[derive(Debug)]
struct Group {
    grouper: Value,
    list: Value,
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (key.as_usize(), key.as_str()) {
            (Some(0), None) | (None, Some("grouper")) => Some(self.grouper.clone()),
            (Some(1), None) | (None, Some("list")) => Some(self.list.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(2)
    }
}

/// Grouped by an attribute and sorted by it, without regard to case; a group has the name of its first item.
fn groupby(list: &Value, attribute: Option<&str>, options: Kwargs) -> Result<Value, Error> {
    let attribute = attribute.map_or_else(|| options.get::<&str>("attribute"), Ok)?;
    let default = options.get::<Option<Value>>("default")?;
    let case_sensitive = options.get::<Option<bool>>("case_sensitive")?.unwrap_or(false);
    options.assert_all_used()?;
    let mut keyed = Vec::new();
    for item in items("groupby", list)? {
        let found =
            attribute.split('.').try_fold(item.clone(), |value, part| match part.parse::<usize>() {
                Ok(place) => value.get_item_by_index(place),
                Err(_) => value.get_attr(part),
            })?;
        let found = if found.is_undefined() { default.clone().unwrap_or(found) } else { found };
        let key = match found.as_str() {
            Some(text) if !case_sensitive => text.to_lowercase().into(),
            _ => found.clone(),
        };
        keyed.push((key, found, item));
    }
    keyed.sort_by(|one, other| one.0.cmp(&other.0));
    let groups = keyed.chunk_by(|one, other| one.0 == other.0).map(|group| {
        let grouper = group.first().map(|(_, found, _)| found.clone()).unwrap_or_default();
        Value::from_object(Group { grouper, list: group.iter().map(|(.., item)| item.clone()).collect() })
    });
    Ok(groups.collect())
}
