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
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("top_unit_uid", ["sync_cpr", "top_unit_uuid"]), Some("top_unit_uuid"));
        assert_eq!(nearest("colour", ["sync_cpr", "top_unit_uuid"]), None);
    }
}
