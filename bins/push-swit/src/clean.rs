//! Names and numbers in the form in which Swit keeps them, and in which they are compared.

/// Characters that Swit takes in no name.
const REFUSED: &[char] = &['@', '#', '<', '>', '§', '▒', '{', '}', ';', '*'];

/// A name without what Swit refuses: each such character becomes `_`, a number in brackets at the end goes, since that is
/// how names are made unique.
pub(crate) fn name(text: &str) -> String {
    let clean: String = text.chars().map(|c| if REFUSED.contains(&c) { '_' } else { c }).collect();
    without_number(clean.trim_end()).trim().to_owned()
}

/// `text` without ` (<digits>)` at its end.
fn without_number(text: &str) -> &str {
    let number = || {
        let (before, number) = text.strip_suffix(')')?.rsplit_once(" (")?;
        (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(before)
    };
    number().unwrap_or(text)
}

/// A phone number: digits, `+` and `-` of it.
pub(crate) fn phone(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '+' | '-')).collect()
}

/// Text as it is compared where case does not count.
pub(crate) fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_swit_refuses_becomes_a_line() {
        assert_eq!(name(" R&D <core>; #1 "), "R&D _core__ _1");
        assert_eq!(name("a@b§c▒d{e}f*"), "a_b_c_d_e_f_");
    }

    #[test]
    fn a_number_at_the_end_is_no_part_of_a_name() {
        assert_eq!(name("Sales (2)"), "Sales");
        assert_eq!(name("Sales (2) "), "Sales");
        assert_eq!(name("Sales (north)"), "Sales (north)");
        assert_eq!(name("Sales(2)"), "Sales(2)");
        assert_eq!(name("Sales ()"), "Sales ()");
    }

    #[test]
    fn numbers_keep_digits_plus_and_minus() {
        assert_eq!(phone("+45 (12) 34-56.78"), "+451234-5678");
        assert_eq!(phone(" n/a "), "");
    }
}
