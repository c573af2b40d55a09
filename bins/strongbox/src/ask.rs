//! Asks for a secret: on a terminal without echo, else from standard input.

use muster_base::{Error, Exit, Secret};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{IsTerminal, Read, Write, stdin};
use zeroize::Zeroizing;

/// The longest secret that is taken, in bytes.
const LONGEST: usize = 1 << 20;
/// The longest line that a terminal gives, in bytes.
const LONGEST_LINE: usize = 4095;
const INTERRUPT: u8 = 3;
const QUIT: u8 = 28;

/// Refuse a secret in an argument: all users can read it in the list of processes, and the shell keeps it.
pub fn refuse_value(value: Option<&str>) -> Result<(), Error> {
    match value {
        None | Some("" | "-") => Ok(()),
        Some(_) => Err(refusal()),
    }
}

/// That there is a secret in an argument.
pub fn refusal() -> Error {
    Error::new(
        Exit::Usage,
        "a secret is not taken from the command line, where every user of this machine can read it",
    )
    .hint("leave the value out and it is asked for, or pipe it in; choose a new secret, this one was seen")
}

/// The secret that `what` names: typed twice on a terminal when it is `new`, else all of standard input without its last
/// line's end.
pub fn secret(what: &str, new: bool) -> Result<Secret, Error> {
    let secret = if stdin().is_terminal() { typed(what, new)? } else { piped()? };
    if secret.reveal().is_empty() {
        return Err(Error::new(Exit::Usage, "the secret is empty").at(what).hint("nothing was changed"));
    }
    Ok(secret)
}

fn piped() -> Result<Secret, Error> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    stdin().lock().take(LONGEST as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LONGEST {
        return Err(Error::new(Exit::Data, "standard input is longer than 1 MiB: that is no secret"));
    }
    let text = text_of(&bytes)?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Secret::new(text))
}

fn typed(what: &str, new: bool) -> Result<Secret, Error> {
    let mut terminal = Terminal::open()?;
    let secret = terminal.line(&format!("{what}: "))?;
    if new && terminal.line("the same again: ")? != secret {
        return Err(
            Error::new(Exit::Usage, "the two are not the same").hint("nothing was changed; try again")
        );
    }
    Ok(secret)
}

fn text_of(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|_| {
        Error::new(Exit::Data, "the secret is no UTF-8 text").hint("encode it, for instance with `base64`")
    })
}

/// The terminal of this process, silent until it is dropped.
///
/// Ctrl-C and Ctrl-\ come as bytes that end the line, not as signals: those would end the process with the terminal
/// still silent.
struct Terminal {
    device: File,
    before: Termios,
}

impl Terminal {
    fn open() -> Result<Self, Error> {
        let failed = |error: std::io::Error| {
            Error::new(Exit::Io, format!("the terminal cannot be used: {error}")).hint("pipe the secret in")
        };
        let device = File::options().read(true).write(true).open("/dev/tty").map_err(failed)?;
        let before = tcgetattr(&device).map_err(|error| failed(error.into()))?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        silent.local_modes.insert(LocalModes::ICANON);
        silent.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
        silent.special_codes[SpecialCodeIndex::VEOL2] = QUIT;
        // What was typed before is not meant for us, and what is typed behind the line not for the shell.
        tcsetattr(&device, OptionalActions::Flush, &silent).map_err(|error| failed(error.into()))?;
        Ok(Self { device, before })
    }

    fn line(&mut self, prompt: &str) -> Result<Secret, Error> {
        self.device.write_all(prompt.as_bytes())?;
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE + 1));
        let mut byte = Zeroizing::new([0]);
        while line.len() <= LONGEST_LINE && self.device.read(&mut *byte)? == 1 && byte[0] != b'\n' {
            if matches!(byte[0], INTERRUPT | QUIT) {
                self.device.write_all(b"\n")?;
                return Err(Error::new(Exit::Stopped, "nothing was changed: stopped at the terminal"));
            }
            line.push(byte[0]);
        }
        self.device.write_all(b"\n")?;
        if line.len() >= LONGEST_LINE {
            return Err(Error::new(Exit::Usage, "the line is longer than a terminal can give")
                .hint("pipe the secret in"));
        }
        text_of(&line).map(Secret::new)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.device, OptionalActions::Flush, &self.before);
    }
}
