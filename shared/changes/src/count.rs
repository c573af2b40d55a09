//! Counts as people read them.

/// A count with its thousands apart: `5,020`.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with what is counted, by its name for one and for any other number: `1 line`, `5,020 lines`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_all_else_is_many() {
        let said = [0, 1, 2, 1_005_020].map(|count| counted(count, "line", "lines"));
        assert_eq!(said, ["0 lines", "1 line", "2 lines", "1,005,020 lines"]);
    }
}
