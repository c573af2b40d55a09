//! The command as it was called, fit to be called again from a shell.

/// The arguments of this process as a shell takes them, without the approval of another plan. Secrets are never among them.
pub(super) fn called() -> String {
    let mut arguments = std::env::args();
    let name = arguments.next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    let mut words = vec![name];
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--approve" => drop(arguments.next()),
            "--dry-run" => (),
            _ if argument.starts_with("--approve=") => (),
            _ => words.push(quoted(&argument)),
        }
    }
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=+,./:@%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more_into_them() {
        assert_eq!(quoted("--ledger=a/b.ledger"), "--ledger=a/b.ledger");
        assert_eq!(quoted("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
