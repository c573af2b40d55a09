//! Whether an account is in use, as directories say it.

/// What was found so far.
#[derive(Default)]
pub struct Account {
    flags: Option<u32>,
    enabled: Option<bool>,
}

/// The flags of userAccountControl that say something about an account.
const FLAGS: [(u32, &str); 17] = [
    (0x2, "ACCOUNTDISABLE"),
    (0x8, "HOMEDIR_REQUIRED"),
    (0x10, "LOCKOUT"),
    (0x20, "PASSWD_NOTREQD"),
    (0x40, "PASSWD_CANT_CHANGE"),
    (0x200, "NORMAL_ACCOUNT"),
    (0x800, "INTERDOMAIN_TRUST_ACCOUNT"),
    (0x1000, "WORKSTATION_TRUST_ACCOUNT"),
    (0x2000, "SERVER_TRUST_ACCOUNT"),
    (0x1_0000, "DONT_EXPIRE_PASSWORD"),
    (0x4_0000, "SMARTCARD_REQUIRED"),
    (0x8_0000, "TRUSTED_FOR_DELEGATION"),
    (0x10_0000, "NOT_DELEGATED"),
    (0x20_0000, "USE_DES_KEY_ONLY"),
    (0x40_0000, "DONT_REQ_PREAUTH"),
    (0x80_0000, "PASSWORD_EXPIRED"),
    (0x100_0000, "TRUSTED_TO_AUTH_FOR_DELEGATION"),
];

impl Account {
    /// Look at the first value of an attribute (its name in lower case).
    pub fn look(&mut self, attribute: &str, value: &[u8]) {
        let is_true = value.eq_ignore_ascii_case(b"true");
        match attribute {
            "useraccountcontrol" => {
                let number = std::str::from_utf8(value).ok().and_then(|text| text.parse::<i64>().ok());
                // A signed number of 32 bits.
                self.flags = number.and_then(|number| u32::try_from(number & 0xffff_ffff).ok());
                if let Some(flags) = self.flags {
                    self.say(flags & 0x2 == 0);
                }
            }
            "nsaccountlock" | "logindisabled" => self.say(!is_true),
            // Any other time is a lock that ends by itself.
            "pwdaccountlockedtime" => self.say(value != b"000001010000Z"),
            _ => (),
        }
    }

    fn say(&mut self, enabled: bool) {
        self.enabled = Some(self.enabled.unwrap_or(true) && enabled);
    }

    /// The members that follow, each with a comma before it.
    pub fn write(&self, output: &mut Vec<u8>) {
        if let Some(enabled) = self.enabled {
            output.extend(format!(",\"enabled\":{enabled}").into_bytes());
        }
        if let Some(flags) = self.flags {
            let names =
                FLAGS.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| format!("\"{name}\""));
            let names: Vec<String> = names.collect();
            output.extend(format!(",\"accountFlags\":[{}]", names.join(",")).into_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pairs: &[(&str, &str)]) -> String {
        let mut account = Account::default();
        for (attribute, value) in pairs {
            account.look(attribute, value.as_bytes());
        }
        let mut output = Vec::new();
        account.write(&mut output);
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn every_directory_says_it_in_its_way() {
        assert_eq!(
            written(&[("useraccountcontrol", "514")]),
            ",\"enabled\":false,\"accountFlags\":[\"ACCOUNTDISABLE\",\"NORMAL_ACCOUNT\"]"
        );
        assert_eq!(written(&[("nsaccountlock", "TRUE")]), ",\"enabled\":false");
        assert_eq!(written(&[("pwdaccountlockedtime", "20240101000000Z")]), ",\"enabled\":true");
        assert_eq!(written(&[("mail", "x")]), "");
    }
}
