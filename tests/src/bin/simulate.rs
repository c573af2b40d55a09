//! Starts a simulator by hand: `simulate os2mo --persons 500`. It prints its address and serves until it is killed.

use clap::{Args, Parser, Subcommand};
use muster_tests::simulator::os2mo::{Authentication, Options, Organisation, Os2mo};
use muster_tests::simulator::os2sync::{self, Os2sync};
use muster_tests::simulator::stsorgsync::{self, Stsorgsync};
use muster_tests::simulator::swit::{self, Swit};
use std::io::Read;
use std::path::PathBuf;
use uuid::Uuid;

/// Serve a simulated remote system on 127.0.0.1
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    system: System,

    /// Stop when standard input closes
    #[arg(long, global = true)]
    until_stdin_closes: bool,
}

#[derive(Subcommand)]
enum System {
    Os2mo(Os2moArguments),
    Os2sync(Os2syncArguments),
    Stsorgsync(StsorgsyncArguments),
    Swit(SwitArguments),
}

/// OS2sync: its REST API; prints the address of the API
#[derive(Args)]
struct Os2syncArguments {
    /// Port to listen on, 0: a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Ask for this key in the header ApiKey
    #[arg(long)]
    api_key: Option<String>,

    /// The municipality of the server, whatever the header Cvr says
    #[arg(long)]
    cvr: Option<String>,
}

/// STSOrgSync: its API v1_1; prints the address of the API
#[derive(Args)]
struct StsorgsyncArguments {
    /// Port to listen on, 0: a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Be the Windows service: uuids stand in the query, no header CVR is asked for
    #[arg(long)]
    windows: bool,
}

/// Swit: its REST and OAuth API, and on another port SCIM and webhooks; prints both addresses and a token
#[derive(Args)]
struct SwitArguments {
    /// Port of the API, 0: a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// People to generate
    #[arg(long, default_value_t = 0)]
    people: usize,

    /// Teams to generate
    #[arg(long, default_value_t = 0)]
    teams: usize,

    /// Shape of the objects in answers
    #[arg(long, value_enum, default_value = "newest")]
    shape: swit::Shape,

    /// The most writes within a second
    #[arg(long, value_name = "N")]
    writes_a_second: Option<usize>,
}

/// OS2mo: its GraphQL API and /service; prints the address and the top unit's uuid
#[derive(Args)]
struct Os2moArguments {
    /// Persons to generate
    #[arg(long, default_value_t = 200)]
    persons: usize,

    /// Units to generate
    #[arg(long, default_value_t = 40)]
    units: usize,

    /// The same seed gives the same organisation
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Serve the recorded organisation in this folder instead
    #[arg(long, value_name = "DIR")]
    recorded: Option<PathBuf>,

    /// Port to listen on, 0: a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Ask for a token of this client
    #[arg(long, requires = "client_secret")]
    client_id: Option<String>,

    #[arg(long, requires = "client_id")]
    client_secret: Option<String>,

    /// Accept this uuid in the header SESSION; may be repeated
    #[arg(long, value_name = "UUID")]
    session: Vec<Uuid>,
}

fn main() {
    let arguments = Arguments::parse();
    match arguments.system {
        System::Os2mo(os2mo) => {
            let _running = os2mo.start();
            wait(arguments.until_stdin_closes);
        }
        System::Os2sync(os2sync) => {
            let _running = os2sync.start();
            wait(arguments.until_stdin_closes);
        }
        System::Stsorgsync(stsorgsync) => {
            let _running = stsorgsync.start();
            wait(arguments.until_stdin_closes);
        }
        System::Swit(swit) => {
            let _running = swit.start();
            wait(arguments.until_stdin_closes);
        }
    }
}

/// Until the process is killed, or until standard input closes.
fn wait(until_stdin_closes: bool) {
    if until_stdin_closes {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        return;
    }
    loop {
        std::thread::park();
    }
}

impl Os2syncArguments {
    fn start(self) -> Os2sync {
        let options =
            os2sync::Options { api_key: self.api_key, default_cvr: self.cvr, ..os2sync::Options::default() };
        let os2sync = Os2sync::start_at(self.port, options).unwrap();
        println!("{}", os2sync.api_url());
        os2sync
    }
}

impl StsorgsyncArguments {
    fn start(self) -> Stsorgsync {
        let build = if self.windows { stsorgsync::Build::Windows } else { stsorgsync::Build::Docker };
        let options = stsorgsync::Options { port: self.port, build, ..stsorgsync::Options::default() };
        let stsorgsync = Stsorgsync::start(options);
        println!("{}", stsorgsync.api_url());
        stsorgsync
    }
}

impl SwitArguments {
    fn start(self) -> Swit {
        let options = swit::Options {
            shape: self.shape,
            writes_a_second: self.writes_a_second,
            ..swit::Options::default()
        };
        let organisation = swit::Organisation::generated(options, self.people, self.teams);
        let swit = Swit::start_at(self.port, organisation).unwrap();
        println!("{} {} {}", swit.url(), swit.scim_url(), swit::ACCESS_TOKEN);
        swit
    }
}

impl Os2moArguments {
    fn start(self) -> Os2mo {
        let organisation = match &self.recorded {
            Some(folder) => Organisation::recorded(folder),
            None => Organisation::generated(self.seed, self.persons, self.units),
        };
        let top_unit = organisation.top_unit;
        let os2mo = Os2mo::start(organisation, self.options()).unwrap();
        println!("{} {top_unit}", os2mo.url());
        os2mo
    }

    /// With a client or a session nobody else may read.
    fn options(self) -> Options {
        let is_guarded = self.client_id.is_some() || !self.session.is_empty();
        let client = (self.client_id.unwrap_or_default(), self.client_secret.unwrap_or_default());
        let authentication = is_guarded
            .then(|| Authentication { sessions: self.session, ..Authentication::new(&client.0, &client.1) });
        Options { port: self.port, authentication }
    }
}
