//! What stands in a spec for Python that a person must translate.

/// An expression that fails loudly.
pub(super) fn expression(name: &str) -> String {
    format!("fail('{name}: translate it by hand')").replace('\n', " ")
}

/// The remark with the original text.
pub(super) fn about(name: &str, text: &str) -> Vec<String> {
    let mut lines = vec![format!("{name}, to be translated by hand from Python:")];
    lines.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    lines
}

/// Say where a person has to translate.
pub(super) fn tell(name: &str, what: &str, place: &str) {
    tracing::warn!("{name} is not translated: {what} ({place}); write it by hand where the spec says `fail`");
}
