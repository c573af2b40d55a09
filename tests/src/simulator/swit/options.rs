//! How the simulated Swit behaves where descriptions of it differ or say nothing.

/// Settings; `Options::default()` answers as the newest description says.
#[derive(Clone, Debug)]
pub struct Options {
    /// The shape of objects in answers.
    pub shape: Shape,
    /// The client of the OAuth pages.
    pub client_id: String,
    pub client_secret: String,
    /// Where codes may be sent; an address without port stands for any port of it.
    pub redirect_uris: Vec<String>,
    /// Check the verifier of a code that was asked for with a challenge.
    pub pkce: bool,
    /// Refresh gives a new refresh token, and the old one is worth nothing any more.
    pub rotates: bool,
    /// The most users in one call that adds or removes members.
    pub batch_limit: usize,
    /// The most users on one page, whatever `cnt` says.
    pub page_limit: usize,
    /// The most writes within a second; above it 429 with `Retry-After: 1`.
    pub writes_a_second: Option<usize>,
    /// Only the PatchOp schema of RFC 7644 is taken, with operations in lower case; else either.
    pub strict_scim: bool,
    /// Users that adding to a team silently leaves out: success only means that any was added.
    pub unaddable: Vec<String>,
}

/// The shape of objects in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shape {
    /// `team_id`, `team_name`; objects directly in `data`; errors are `{code, message}`.
    Newest,
    /// `id`, `name`; `data.data` and `data.user` around what was made, `{user:{…}}` around list items, empty members
    /// left out; errors are `{error:{code, message}}`.
    Older,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            shape: Shape::Newest,
            client_id: "muster".to_owned(),
            client_secret: "client-secret".to_owned(),
            redirect_uris: vec!["http://127.0.0.1/oauth_callback".to_owned()],
            pkce: true,
            rotates: true,
            batch_limit: 100,
            page_limit: 1000,
            writes_a_second: None,
            strict_scim: false,
            unaddable: Vec::new(),
        }
    }
}
