//! Distinguished names: compared, hashed, put together.

use muster_base::dn;

/// The form that equal names share.
pub fn key(text: &str) -> String {
    // What is no name is compared as it is.
    dn::parse(text).map_or_else(|_| text.to_lowercase(), |name| dn::key(&name, fold).join(","))
}

fn fold(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The same, when that differs from `text`.
pub fn plain(text: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"=,-._@".contains(&byte);
    if text.bytes().all(is_plain) {
        return None;
    }
    Some(key(text)).filter(|key| key != text)
}

/// A short stand-in for a name in sets.
pub fn hash(text: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&blake3::hash(key(text).as_bytes()).as_bytes()[..16]);
    hash
}

/// Whether `text` is `base` or below it.
pub fn is_within(text: &str, base: &str) -> bool {
    let levels = |text: &str| dn::parse(text).map(|name| dn::key(&name, fold));
    match (levels(text), levels(base)) {
        (Ok(text), Ok(base)) => text.ends_with(&base),
        _ => text.eq_ignore_ascii_case(base),
    }
}

/// The name of an organisational unit below `base`.
pub fn unit_below(unit: &str, base: &str) -> String {
    let own = if dn::parse(unit).is_ok() && unit.contains('=') {
        unit.to_owned()
    } else {
        format!("OU={}", dn::escape(unit))
    };
    if base.is_empty() { own } else { format!("{own},{base}") }
}

/// The name in a value of a member attribute: `uniqueMember` may have a bit string behind it.
pub fn of_member(value: &str) -> &str {
    match value.rsplit_once('#') {
        Some((name, bits)) if bits.starts_with('\'') && bits.ends_with("'B") => name,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_in_one_form() {
        assert_eq!(key("CN=Ane  Larsen, OU=HR"), "cn=ane larsen,ou=hr");
        assert_eq!(plain("uid=ane,dc=example"), None);
        assert_eq!(plain("CN=Larsen\\, Ane,DC=x").as_deref(), Some("cn=larsen\\, ane,dc=x"));
        assert_eq!(hash("CN=a,DC=x"), hash("cn=A, dc=X"));
    }

    #[test]
    fn what_is_below_ends_with_the_base() {
        assert!(
            is_within("CN=a,OU=b,DC=x", "ou=B, dc=x") && is_within("dc=x", "DC=x") && is_within("dc=x", "")
        );
        assert!(!is_within("cn=a,ou=bb,dc=x", "ou=b,dc=x") && !is_within("cn=ou\\,dc=x,dc=y", "dc=x"));
    }

    #[test]
    fn units_and_members_are_named() {
        assert_eq!(unit_below("R+D, West", "DC=x"), "OU=R\\+D\\, West,DC=x");
        assert_eq!(unit_below("cn=Users", "DC=x"), "cn=Users,DC=x");
        assert_eq!(of_member("cn=a,dc=x#'0101'B"), "cn=a,dc=x");
        assert_eq!(of_member("cn=a#b,dc=x"), "cn=a#b,dc=x");
    }
}
