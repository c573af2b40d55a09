//! Calls: methods of text and dicts, which are the same there, and the functions that converters and filters use.

use super::write::{Binds, Written, expression, listed, only, operand, own_name, quoted, write as whole};
use super::{Expr, format, regex};

/// Methods of text that mean the same there.
const METHODS: [&str; 25] = [
    "lower",
    "upper",
    "strip",
    "lstrip",
    "rstrip",
    "replace",
    "title",
    "capitalize",
    "casefold",
    "swapcase",
    "zfill",
    "removeprefix",
    "removesuffix",
    "join",
    "startswith",
    "endswith",
    "isdigit",
    "isalpha",
    "isalnum",
    "find",
    "count",
    "split",
    "rsplit",
    "partition",
    "rpartition",
];

/// How many of them, from the front, give text.
const GIVE_TEXT: usize = 14;

/// Whether a value can only be text.
pub(super) fn is_text(value: &Expr) -> bool {
    match value {
        Expr::Text(_) | Expr::Joined(_) => true,
        Expr::Call(function, ..) => match &**function {
            Expr::Attr(_, name) => METHODS[..GIVE_TEXT].contains(&name.as_str()),
            Expr::Name(name) => name == "str",
            _ => false,
        },
        Expr::If(then, _, otherwise) => is_text(then) && is_text(otherwise),
        _ => false,
    }
}

/// Whether a value is `x.split(y)`, which always has a first and a last part.
pub(super) fn is_split(value: &Expr) -> bool {
    match value {
        Expr::Call(function, arguments, _) => {
            matches!(&**function, Expr::Attr(_, name) if name == "split") && !arguments.is_empty()
        }
        _ => false,
    }
}

/// A call.
pub(super) fn write(function: &Expr, arguments: &[Expr], named: &[(String, Expr)]) -> Written {
    match function {
        Expr::Attr(of, method) => match (&**of, method.as_str()) {
            (Expr::Name(module), _) if module == "re" => regex::call(method, arguments, named),
            (Expr::Call(search, pattern, flags), "group") => regex::group(search, pattern, flags, arguments),
            (Expr::Text(text), "format") => {
                whole(&format::method(text, arguments, named, 1).map_err(|why| why.what)?)
            }
            _ => self::method(of, method, arguments, named),
        },
        Expr::Name(name) => self::function(name, arguments, named),
        _ => Err("a call of something other than a name".to_owned()),
    }
}

fn method(of: &Expr, name: &str, arguments: &[Expr], named: &[(String, Expr)]) -> Written {
    if !named.is_empty() || !(name == "get" || METHODS.contains(&name)) {
        return Err(format!("the method '{name}'"));
    }
    let mut arguments = arguments.to_vec();
    if let ("get", Some(first)) = (name, arguments.first_mut()) {
        *first = own_name(of, first);
    }
    let text = format!("{}.{name}({})", operand(of, Binds::Most)?, listed(&arguments)?);
    match (name, arguments.as_slice()) {
        ("join", [parts]) => only(&text, parts, "is sequence"),
        _ => Ok((text, Binds::Most)),
    }
}

fn function(name: &str, arguments: &[Expr], named: &[(String, Expr)]) -> Written {
    let filter = |filter: &str, value: &Expr| {
        Ok((format!("{} | {filter}", operand(value, Binds::Most)?), Binds::Sign))
    };
    match (name, arguments, named) {
        ("fail", [Expr::Text(why)], []) => Ok((format!("fail({})", quoted(why)), Binds::Most)),
        ("len", [value], []) => filter("length", value),
        ("str", [value], []) => Ok((format!("'' ~ {}", operand(value, Binds::Product)?), Binds::Join)),
        ("int", [value], []) => whole_number(value),
        ("bool", [value], []) => Ok((format!("not not {}", operand(value, Binds::Not)?), Binds::Not)),
        ("isinstance", [value, Expr::Name(class)], []) => is_of(value, class),
        ("get_field_value", [from, Expr::Text(path), default @ ..], []) if default.len() < 2 => {
            field_value(from, path, default.first())
        }
        ("get_field_value", [from, Expr::Text(path)], [(name, default)]) if name == "default" => {
            field_value(from, path, Some(default))
        }
        ("cae", [from, Expr::Text(attribute), default @ ..], []) if default.len() < 2 => {
            extension_attribute(from, attribute, default.first())
        }
        ("cae", [from, Expr::Text(attribute)], [(name, default)]) if name == "default" => {
            extension_attribute(from, attribute, Some(default))
        }
        _ => Err(format!("the function '{name}'")),
    }
}

/// Jinja takes for 0 what is no number; Python raises.
fn whole_number(value: &Expr) -> Written {
    let value = operand(value, Binds::Most)?;
    let digits = quoted(r"^\s*[+-]?[0-9]+\s*$");
    let is = format!("{value} is number or {value} is matching({digits})");
    Ok((format!("{value} | int if {is} else fail('no whole number')"), Binds::If))
}

fn is_of(value: &Expr, class: &str) -> Written {
    let test = match class {
        "str" => "string",
        "int" => "integer",
        "list" => "sequence",
        "dict" => "mapping",
        _ => return Err(format!("'isinstance' of '{class}'")),
    };
    Ok((format!("{} is {test}", operand(value, Binds::Most)?), Binds::Compare))
}

/// The original's look-up by a path, step by step; what is falsy on the way counts as empty.
fn field_value(from: &Expr, path: &str, default: Option<&Expr>) -> Written {
    let parts: Vec<&str> = path.split('.').collect();
    let mut text = operand(from, Binds::Most)?;
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        let key = own_name(if index == 0 { from } else { &Expr::None }, &Expr::Text((*part).to_owned()));
        let key = expression(&key)?;
        let is_place = !is_last && part.chars().all(|c| c.is_ascii_digit());
        text = match (is_place, is_last, default) {
            (true, ..) => return Err("a path through a list".to_owned()),
            (_, true, Some(default)) => format!("{text}.get({key}, {})", expression(default)?),
            (_, true, None) => format!("{text}.get({key})"),
            (_, false, _) => format!("({text}.get({key}) or {{}})"),
        };
    }
    Ok((text, Binds::Most))
}

/// Casper's extension attribute of this name.
fn extension_attribute(from: &Expr, attribute: &str, default: Option<&Expr>) -> Written {
    let all = format!("{}.get('extension_attributes')", operand(from, Binds::Most)?);
    let default = default.map_or_else(|| Ok("none".to_owned()), expression)?;
    let name = quoted(attribute);
    let found = format!("selectattr('name', 'equalto', {name}) | map(attribute='value') | first");
    Ok((format!("({all} or []) | {found} | default({default})"), Binds::Sign))
}
