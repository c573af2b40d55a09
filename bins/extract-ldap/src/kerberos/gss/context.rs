//! A conversation with one server.

use super::Failure;
use super::functions::{Bindings, Buffer, Gss, Handle, KERBEROS, Oid, OidSet, Release};
use std::ffi::c_int;
use std::ptr::{null, null_mut};

/// A name as `service@host`, 1.2.840.113554.1.2.1.4.
const SERVICE: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04";
/// The name of a user, 1.2.840.113554.1.2.1.1.
const USER: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01";

/// That the server shows who it is.
const MUTUAL: u32 = 2;
/// And that nothing is repeated (4) or comes out of order (8), is read (16) or changed (32) on the way.
const WANTED: u32 = MUTUAL | 4 | 8 | 16 | 32;

/// The server has something to say before we are done.
const CONTINUE: u32 = 1;
const INITIATE: c_int = 1;
const INDEFINITE: u32 = u32::MAX;

/// A handle of the library, and the function that gives it back.
struct Owned {
    handle: Handle,
    release: Release,
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the handle came from the library, is ours alone, and is of the kind that `release` takes.
        unsafe { (self.release)(&mut 0, &mut self.handle) };
    }
}

fn name(gss: &Gss, text: &str, kind: &'static [u8]) -> Result<Owned, Failure> {
    let (text, kind, mut handle, mut minor) = (Buffer::of(text.as_bytes()), Oid::of(kind), null_mut(), 0);
    // SAFETY: all pointers name variables of this function; the library copies what it keeps.
    let major = unsafe { (gss.import_name)(&mut minor, &text, &kind, &mut handle) };
    gss.check(major, minor)?;
    Ok(Owned { handle, release: gss.release_name })
}

/// The ticket or keytab of this user.
fn credentials(gss: &Gss, principal: &str) -> Result<Owned, Failure> {
    let principal = name(gss, principal, USER)?;
    let kerberos = Oid::of(KERBEROS);
    let (mechanisms, mut handle, mut minor) = (OidSet { count: 1, elements: &kerberos }, null_mut(), 0);
    // SAFETY: all pointers name variables of this function, but for the name, which is alive; null asks for no answer.
    let major = unsafe {
        (gss.acquire)(
            &mut minor,
            principal.handle,
            INDEFINITE,
            &mechanisms,
            INITIATE,
            &mut handle,
            null_mut(),
            null_mut(),
        )
    };
    gss.check(major, minor)?;
    Ok(Owned { handle, release: gss.release_credentials })
}

/// A conversation with one server, from its first token on.
pub struct Context {
    gss: &'static Gss,
    handle: Handle,
    server: Owned,
    credentials: Option<Owned>,
    bindings: Option<Vec<u8>>,
}

// SAFETY: handles are bound to no thread, and the library locks what they share. A context is used by one thread at a time, as
// everything here takes `&mut self` and it is not `Sync`.
unsafe impl Send for Context {}

impl Context {
    /// A context with the service of a host, `ldap@host`, for the user `principal`, else for the one of the default cache or
    /// keytab. `bindings` name the TLS connection below.
    pub fn new(service: &str, principal: Option<&str>, bindings: Option<Vec<u8>>) -> Result<Self, Failure> {
        let gss = Gss::get()?;
        let credentials = principal.map(|principal| credentials(gss, principal)).transpose()?;
        Ok(Self { gss, handle: null_mut(), server: name(gss, service, SERVICE)?, credentials, bindings })
    }

    /// Answer `token` of the server, empty at first: our token, and whether we are done. It may wait for a KDC.
    pub fn step(&mut self, token: &[u8]) -> Result<(Vec<u8>, bool), Failure> {
        let (input, mut output, mut flags, mut minor) = (Buffer::of(token), Buffer::EMPTY, 0, 0);
        let application = self.bindings.as_deref().map(Buffer::of);
        let bindings = application.map(|application| Bindings {
            initiator_type: 0,
            initiator: Buffer::EMPTY,
            acceptor_type: 0,
            acceptor: Buffer::EMPTY,
            application,
        });
        let mechanism = Oid::of(KERBEROS);
        // SAFETY: all pointers name variables of this function or parts of `self`; null credentials are the default ones,
        // other nulls ask for no answer. A context that fails stays ours, or is null.
        let major = unsafe {
            (self.gss.init)(
                &mut minor,
                self.credentials.as_ref().map_or(null_mut(), |credentials| credentials.handle),
                &mut self.handle,
                self.server.handle,
                &mechanism,
                WANTED,
                0,
                bindings.as_ref().map_or(null(), |bindings| bindings),
                &input,
                null_mut(),
                &mut output,
                &mut flags,
                null_mut(),
            )
        };
        // SAFETY: the call above filled it, or left it empty.
        let output = unsafe { self.gss.take(output) };
        let is_done = self.gss.check(major, minor)? & CONTINUE == 0;
        if is_done && flags & MUTUAL == 0 {
            return Err(Failure::Broken("it did not show who it is".to_owned()));
        }
        Ok((output, is_done))
    }

    /// `bytes` protected against changes, and with `seal` against readers.
    pub fn wrap(&mut self, seal: bool, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
        let (input, mut output, mut sealed, mut minor) = (Buffer::of(bytes), Buffer::EMPTY, 0, 0);
        // SAFETY: all pointers name variables of this function; the library refuses a context that is not complete.
        let major = unsafe {
            (self.gss.wrap)(&mut minor, self.handle, seal.into(), 0, &input, &mut sealed, &mut output)
        };
        // SAFETY: the call above filled it, or left it empty.
        let output = unsafe { self.gss.take(output) };
        self.gss.check(major, minor)?;
        match seal && sealed == 0 {
            true => Err(Failure::Broken("its key cannot encrypt".to_owned())),
            false => Ok(output),
        }
    }

    /// What the server protected, and whether it was sealed.
    pub fn unwrap(&mut self, bytes: &[u8]) -> Result<(Vec<u8>, bool), Failure> {
        let (input, mut output, mut sealed, mut minor) = (Buffer::of(bytes), Buffer::EMPTY, 0, 0);
        // SAFETY: as for `wrap`; null asks for no answer.
        let major = unsafe {
            (self.gss.unwrap)(&mut minor, self.handle, &input, &mut output, &mut sealed, null_mut())
        };
        // SAFETY: the call above filled it, or left it empty.
        let output = unsafe { self.gss.take(output) };
        match self.gss.check(major, minor)? {
            0 => Ok((output, sealed != 0)),
            // Come twice, too late, out of order, or after something that is missing.
            repeated => Err(Failure::Broken(self.gss.words(repeated, 1))),
        }
    }

    /// How many bytes can be wrapped so that no more than `size` come of it.
    pub fn room(&mut self, seal: bool, size: u32) -> Result<usize, Failure> {
        let (mut room, mut minor) = (0, 0);
        // SAFETY: all pointers name variables of this function.
        let major = unsafe { (self.gss.limit)(&mut minor, self.handle, seal.into(), 0, size, &mut room) };
        self.gss.check(major, minor)?;
        Ok(room as usize)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if !self.handle.is_null() {
            // SAFETY: the handle came from the library and is ours alone; null asks for no last token.
            unsafe { (self.gss.delete)(&mut 0, &mut self.handle, null_mut()) };
        }
    }
}
