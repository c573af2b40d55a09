//! Filters on names of people.

use super::take::on_text;
use super::text::{or_none, squeeze};
use minijinja::value::Value;
use minijinja::{Environment, Error};

/// Words that stay in lower case inside a name, and belong to the family name behind them.
const PARTICLES: [&str; 26] = [
    "af", "al", "av", "bin", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "di", "do",
    "dos", "du", "el", "ibn", "la", "le", "ten", "ter", "van", "von", "zu",
];

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("name_case", |value: &Value| {
        on_text("name_case", value, |text| Ok(name_case(text).into()))
    });
    environment.add_filter("split_name", split_name);
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word.to_lowercase().as_str())
}

/// Each word with a capital; a word written in both cases stays, and so does a particle inside.
fn name_case(text: &str) -> String {
    let text = squeeze(text);
    let words = text.split(' ').enumerate().map(|(place, word)| match is_particle(word) {
        true if place > 0 || *word == word.to_lowercase() && text.contains(' ') => word.to_lowercase(),
        _ => word_case(word),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// `larsen-DAHL` as `Larsen-Dahl`, `O'NEILL` as `O'Neill`, `McDonald` as it is.
fn word_case(word: &str) -> String {
    if word.contains(char::is_lowercase) && word.contains(char::is_uppercase) {
        return word.to_owned();
    }
    let (mut cased, mut begins, mut letters) = (String::new(), true, 0);
    for letter in word.chars() {
        match begins {
            true => cased.extend(letter.to_uppercase()),
            false => cased.extend(letter.to_lowercase()),
        }
        letters = if letter.is_alphabetic() { letters + 1 } else { 0 };
        // Behind one letter an apostrophe begins a word (O'Neill), behind several it does not (Lars's).
        begins = match letter {
            '\'' | '’' => cased.chars().rev().skip(1).take_while(|c| c.is_alphabetic()).count() == 1,
            letter => !letter.is_alphabetic(),
        };
    }
    cased
}

/// `{given, family}` of a full name, also of one written `Family, Given`.
fn split_name(value: &Value) -> Result<Value, Error> {
    on_text("split_name", value, |text| {
        let text = squeeze(text);
        let (given, family) = match text.split_once(',') {
            Some((family, given)) => (given.trim().to_owned(), family.trim().to_owned()),
            None => in_order(&text),
        };
        let part = |part: String| or_none(Some(part).filter(|part| !part.is_empty()));
        Ok(Value::from_pairs([("given", part(given)), ("family", part(family))]))
    })
}

/// The last word is the family name, with the particles before it; a single word is the given name.
fn in_order(text: &str) -> (String, String) {
    let words: Vec<&str> = text.split(' ').collect();
    let mut at = words.len().saturating_sub(1).max(1);
    while at > 1 && words.get(at - 1).is_some_and(|word| is_particle(word)) {
        at -= 1;
    }
    let (given, family) = words.split_at(at.min(words.len()));
    (given.join(" "), family.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals() {
        for (text, expected) in [
            ("ANE LARSEN", "Ane Larsen"),
            ("søren ØRSTED-åkjær", "Søren ØRSTED-åkjær"),
            ("SØREN ØRSTED-ÅKJÆR", "Søren Ørsted-Åkjær"),
            ("JAN VAN DER BERG", "Jan van der Berg"),
            ("van der berg", "van der Berg"),
            ("Van Nguyen", "Van Nguyen"),
            ("o'neill", "O'Neill"),
            ("LARS'S", "Lars's"),
            ("j.r. larsen", "J.R. Larsen"),
            ("", ""),
        ] {
            assert_eq!(name_case(text), expected);
        }
    }

    #[test]
    fn given_and_family() {
        let parts = |text: &str| in_order(text);
        let pair = |given: &str, family: &str| (given.to_owned(), family.to_owned());
        assert_eq!(parts("Ane Larsen"), pair("Ane", "Larsen"));
        assert_eq!(parts("Ane Marie Larsen"), pair("Ane Marie", "Larsen"));
        assert_eq!(parts("Jan van der Berg"), pair("Jan", "van der Berg"));
        assert_eq!(parts("Ane"), pair("Ane", ""));
        assert_eq!(parts("von Ahn"), pair("von", "Ahn"));
        assert_eq!(parts(""), pair("", ""));
    }
}
