//! Names that were written, names that were meant.

/// The candidate that is nearest to `name`, when one is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to do about a name that is none of `candidates`: the nearest, else all of them.
pub(crate) fn hint<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(name, candidates.clone()) {
        Some(candidate) => format!("did you mean '{candidate}'?"),
        None => {
            let all: Vec<String> = candidates.into_iter().map(|name| format!("'{name}'")).collect();
            if all.is_empty() { "there is none".to_owned() } else { format!("there are {}", all.join(", ")) }
        }
    }
}

/// The words of a text that can be names: letters, digits and underscores.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_of_name(c)).filter(|word| !word.is_empty())
}

/// The same without what stands behind a dot: a member of what stands before it.
pub(crate) fn free_words(text: &str) -> impl Iterator<Item = &str> {
    let mut behind_a_dot = false;
    text.split_inclusive(|c: char| !is_of_name(c)).filter_map(move |part| {
        let word = part.trim_end_matches(|c: char| !is_of_name(c));
        let is_free = !word.is_empty() && !behind_a_dot;
        behind_a_dot = part.ends_with('.');
        is_free.then_some(word)
    })
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_behind_a_dot_is_not_free() {
        assert_eq!(free_words("a.b | c(d='e') ~ f").collect::<Vec<_>>(), ["a", "c", "d", "e", "f"]);
    }

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("top_unit_uid", ["sync_cpr", "top_unit_uuid"]), Some("top_unit_uuid"));
        assert_eq!(nearest("colour", ["sync_cpr", "top_unit_uuid"]), None);
    }
}
