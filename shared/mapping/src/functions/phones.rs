//! Filters on phone numbers, by the rules of E.164 without a table of countries.

use super::take::{on_text, reading, wrong};
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error};

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("phone", |value: &Value, country: Option<Value>, options: Kwargs| {
        apply("phone", value, country, &options, |number, _| number)
    });
    environment.add_filter("phone_national", |value: &Value, country: Option<Value>, options: Kwargs| {
        apply("phone_national", value, country, &options, national)
    });
    environment.add_test("phone", |value: &Value, country: Option<Value>| {
        let country = country.map_or_else(|| "45".to_owned(), |country| country.to_string());
        value.as_str().is_some_and(|text| e164(text, &country).is_ok())
    });
}

fn apply(
    name: &str,
    value: &Value,
    country: Option<Value>,
    options: &Kwargs,
    finish: impl FnOnce(String, &str) -> String,
) -> Result<Value, Error> {
    let country = match country {
        Some(country) => country,
        None => options.get::<Option<Value>>("country")?.unwrap_or_else(|| Value::from("45")),
    };
    let country = country.to_string().trim_start_matches(['+', '0']).to_owned();
    if country.is_empty() || country.len() > 3 || !country.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong(format!("'{name}' takes the number of a country such as 45, found '{country}'")));
    }
    reading(value, options, || {
        on_text(name, value, |text| match e164(text, &country) {
            Ok(number) => Ok(finish(number, &country).into()),
            Err(why) => Err(wrong(format!("'{name}' finds no phone number in '{text}': {why}"))),
        })
    })
}

/// `+` and up to fifteen digits. What stands in it without `+` or `00` is of `country`.
fn e164(text: &str, country: &str) -> Result<String, &'static str> {
    let text = text.trim().strip_prefix("tel:").unwrap_or(text.trim()).replace("(0)", "");
    let plus = text.starts_with('+') || text.starts_with("(+");
    let mut digits = String::new();
    for (place, letter) in text.char_indices() {
        match letter {
            letter if letter.is_ascii_digit() => digits.push(letter),
            '+' if place < 2 && digits.is_empty() => {}
            '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}' => {}
            letter if letter.is_whitespace() => {}
            _ => return Err("there are other characters in it"),
        }
    }
    let number = match (plus, digits.strip_prefix("00")) {
        (true, _) => digits,
        (false, Some(international)) => international.to_owned(),
        (false, None) => {
            format!("{country}{}", digits.strip_prefix(trunk(country)).unwrap_or(&digits))
        }
    };
    match number.len() {
        _ if number.starts_with('0') => Err("no country begins with 0"),
        7..=15 => Ok(format!("+{number}")),
        0..=6 => Err("it is too short"),
        _ => Err("it is too long"),
    }
}

/// What is dialled before a national number and is no part of it.
fn trunk(country: &str) -> &'static str {
    match country {
        "39" | "378" => "none",
        "1" => "1",
        "7" => "8",
        "36" => "06",
        _ => "0",
    }
}

/// A number of `country` without the country, another one as it is.
fn national(number: String, country: &str) -> String {
    match number.strip_prefix('+').and_then(|number| number.strip_prefix(country)) {
        Some(national) => national.to_owned(),
        None => number,
    }
}
