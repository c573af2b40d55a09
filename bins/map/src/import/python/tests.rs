//! Bodies of converters and filters with their translations.

use super::{expression, json};

fn of(text: &str) -> String {
    expression(text).unwrap_or_else(|why| format!("{}: {}", why.line, why.what))
}

#[test]
fn simple_forms_are_themselves() {
    let pairs = [
        ("return record.get(\"k\")", "record.get('k')"),
        ("return record.get('_id', 'x')", "record.get('__id', 'x')"),
        ("return record[\"k\"] == 1", "(record['k'] if 'k' in record else fail('k is missing')) == 1"),
        ("return str(value) + 'x'", "'' ~ value + 'x'"),
        (
            "return int(value)",
            "value | int if value is number or value is matching('^\\\\s*[+-]?[0-9]+\\\\s*$') else fail('no whole number')",
        ),
        ("return value.lower().strip()", "value.lower().strip()"),
        ("return value.split('@')[0]", "value.split('@')[0]"),
        (
            "return value.split('-')[1]",
            "value.split('-')[1] if value.split('-') | length > 1 else fail('place 1 is missing')",
        ),
        ("return value in ('a', 'b') and not record.get('x')", "value in ['a', 'b'] and not record.get('x')"),
        ("return None if value is None else value + 'x'", "none if value is none else value + 'x'"),
        ("return f'{value}-{record.get(\"a\")}!'", "value ~ '-' ~ record.get('a') ~ '!'"),
        ("return '%s %s' % (value, 1)", "value ~ ' ' ~ 1"),
        ("return '{} {0}{b}'.format(value, b=2)", "value ~ ' ' ~ value ~ 2"),
        ("return {'a': 'b'}.get(value, 'c')", "{'a': 'b'}.get(value, 'c')"),
        ("return get_field_value(record, 'a.b', 1)", "(record.get('a') or {}).get('b', 1)"),
        (
            "return re.match(r'^\\d+$', value)",
            "value is matching('^\\\\d+$') if value is string else fail('it is not so: value is string')",
        ),
        ("return re.match('a', str(value)) is not None", "('' ~ value) is matching('^(?:a)')"),
        (
            "return ','.join(value)",
            "','.join(value) if value is sequence else fail('it is not so: value is sequence')",
        ),
        ("return re.search('a|b', value.lower(), re.I)", "value.lower() is matching('(?i)a|b')"),
        ("return re.match('(a)b', str(value)).group(1)", "('' ~ value) | regex_search('^(?:(a)b)', 1)"),
        ("return re.sub(r'(\\d)x', r'\\1$', value)", "value | regex_replace('(\\\\d)x', '${1}$$')"),
        (
            "return (value or 0) > 5",
            "(value or 0) > 5 if (value or 0) is number else fail('it is not so: (value or 0) is number')",
        ),
    ];
    for (python, expected) in pairs {
        assert_eq!(of(python), expected, "{python}");
    }
}

#[test]
fn statements_become_one_expression() {
    let chain = "\n    kind = record.get('kind', '').lower()  # a comment\n    if kind == 'a':\n        return 1\n    elif kind.startswith('b'):\n        kind = 'B'\n    else:\n        return None\n    return kind\n";
    assert_eq!(
        of(chain),
        "1 if record.get('kind', '').lower() == 'a' else 'B' if record.get('kind', '').lower().startswith('b') else none"
    );
    assert_eq!(of("if value == 1: return True\nreturn False"), "value == 1");
    assert_eq!(
        of("if value == 1: return False\nif value > 2: return True\nreturn params"),
        "not value == 1 and ((value > 2 if value is number else fail('it is not so: value is number')) or params)"
    );
    assert_eq!(of("\n  LOG.info('x')\n  x = 1"), "none");
}

#[test]
fn the_rest_is_named() {
    let pairs = [
        ("\n  for x in record:\n    return x", "2: a loop"),
        ("return [x for x in value]", "1: a loop in an expression"),
        ("return record.asset_type == 'computer'", "1: the attribute 'asset_type', which no dict has"),
        ("return os.getenv('x')", "1: the method 'getenv'"),
        ("\n  try:\n    return 1\n  except Exception:\n    return 2", "2: 'try'"),
        ("return unknown", "1: the name 'unknown'"),
        ("return value.encode()", "1: the method 'encode'"),
        ("return 'x", "1: a string without end"),
        ("return value if", "1: an expression is missing"),
    ];
    for (python, expected) in pairs {
        assert_eq!(of(python), expected, "{python}");
    }
}

#[test]
fn what_grows_without_end_is_refused() {
    let doubling = "x = value\n".to_owned() + &"x = x + x\n".repeat(40) + "return x";
    assert!(expression(&doubling).is_err());
    let branches = "\n".to_owned() + &"  if value:\n    x = 1\n".repeat(40) + "  return x";
    assert!(expression(&branches).is_err());
    for long in [
        "return 1".to_owned() + &" + value".repeat(700),
        "return 1".to_owned() + &" + value".repeat(100_000),
        "return ".to_owned() + &"not ".repeat(1400) + "1",
        "return ".to_owned() + &"not ".repeat(100_000) + "1",
    ] {
        assert!(expression(&long).is_err());
    }
    let chain = "if value == 1: return 1\n".to_owned() + &"elif value == 2: return 2\n".repeat(20_000);
    assert!(expression(&chain).is_err());
    assert!(expression(&format!("return {}1{}", "(".repeat(5000), ")".repeat(5000))).is_err());
}

#[test]
fn literals_are_json() {
    let value = json("{'source': \"workEmail\", 'required': True, 'hardcoded': [1, -2, None]},").unwrap();
    assert_eq!(value.to_string(), r#"{"source":"workEmail","required":true,"hardcoded":[1,-2,null]}"#);
    assert_eq!(json("{'source': name}"), None);
    assert_eq!(json("mail"), None);
}
