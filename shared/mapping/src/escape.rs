//! Names of members as the Oomnitza connector's managed runs show them to templates, so that each is a name in Jinja.

/// What stands for a character.
const CHARACTERS: [(char, &str); 21] = [
    ('.', "DOT"),
    (':', "COLON"),
    ('-', "DASH"),
    ('#', "HASH"),
    ('$', "DOLLAR"),
    ('@', "AT"),
    ('/', "SLASH"),
    ('*', "STAR"),
    ('!', "EXCLAIM"),
    ('£', "POUND"),
    ('%', "PERCENT"),
    ('^', "CIRCUM"),
    ('?', "QUES"),
    ('=', "EQUAL"),
    ('+', "PLUS"),
    ('&', "AMPERSAND"),
    ('<', "LESSTHAN"),
    ('>', "GRTRTHAN"),
    ('(', "OPENBRAC"),
    (')', "CLOSEBRAC"),
    (' ', "SPACE"),
];

/// Words of the language, which stand between underscores.
const WORDS: [&str; 7] = ["not", "self", "False", "None", "True", "false", "true"];

/// The name that stands for `key`.
pub(crate) fn name(key: &str) -> String {
    if WORDS.contains(&key) {
        return format!("_{}_", key.to_uppercase());
    }
    let mut name = String::with_capacity(key.len());
    for character in key.chars() {
        match CHARACTERS.iter().find(|(escaped, _)| *escaped == character) {
            Some((_, word)) => name.extend(["_", word, "_"]),
            None => name.push(character),
        }
    }
    name
}
