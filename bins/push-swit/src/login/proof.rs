//! What shows that an answer is to our question, and that the code is ours.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use muster_base::{Error, Exit, Secret};
use sha2::{Digest, Sha256};

/// Random numbers of one login.
pub(super) struct Proof {
    /// Comes back with the answer.
    pub(super) state: String,
    /// Sent with the code.
    pub(super) verifier: Secret,
    /// Its hash, sent with the question.
    pub(super) challenge: String,
}

impl Proof {
    pub(super) fn new() -> Result<Self, Error> {
        let verifier = random()?;
        let challenge = challenge(&verifier);
        Ok(Self { state: random()?, verifier: Secret::new(verifier), challenge })
    }
}

fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// 256 bits in 43 characters.
fn random() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Exit::Io, format!("the system gives no random numbers: {error}")))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
