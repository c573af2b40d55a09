//! The functions of the library, and the types that they take.

use super::Failure;
use libloading::Library;
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;
use std::sync::OnceLock;

/// The file: its name is the version of its interface, and the same in all distributions.
const FILE: &str = "libgssapi_krb5.so.2";

/// The mechanism Kerberos V5, 1.2.840.113554.1.2.2.
pub const KERBEROS: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";

pub type Handle = *mut c_void;

#[repr(C)]
pub struct Buffer {
    pub length: usize,
    pub value: *mut c_void,
}

#[repr(C)]
pub struct Oid {
    pub length: u32,
    pub elements: *const c_void,
}

#[repr(C)]
pub struct OidSet {
    pub count: usize,
    pub elements: *const Oid,
}

#[repr(C)]
pub struct Bindings {
    pub initiator_type: u32,
    pub initiator: Buffer,
    pub acceptor_type: u32,
    pub acceptor: Buffer,
    pub application: Buffer,
}

impl Buffer {
    pub const EMPTY: Self = Self { length: 0, value: null_mut() };

    /// `bytes` as an input. The library only reads what a pointer of an input names.
    pub fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len(), value: bytes.as_ptr().cast_mut().cast() }
    }
}

impl Oid {
    pub fn of(bytes: &'static [u8]) -> Self {
        Self { length: u32::try_from(bytes.len()).unwrap_or(0), elements: bytes.as_ptr().cast() }
    }
}

pub type ImportName = unsafe extern "C" fn(*mut u32, *const Buffer, *const Oid, *mut Handle) -> u32;
pub type Release = unsafe extern "C" fn(*mut u32, *mut Handle) -> u32;
pub type Acquire = unsafe extern "C" fn(
    *mut u32,
    Handle,
    u32,
    *const OidSet,
    c_int,
    *mut Handle,
    *mut *mut OidSet,
    *mut u32,
) -> u32;
pub type Init = unsafe extern "C" fn(
    *mut u32,
    Handle,
    *mut Handle,
    Handle,
    *const Oid,
    u32,
    u32,
    *const Bindings,
    *const Buffer,
    *mut *mut Oid,
    *mut Buffer,
    *mut u32,
    *mut u32,
) -> u32;
pub type Delete = unsafe extern "C" fn(*mut u32, *mut Handle, *mut Buffer) -> u32;
pub type Wrap =
    unsafe extern "C" fn(*mut u32, Handle, c_int, u32, *const Buffer, *mut c_int, *mut Buffer) -> u32;
pub type Unwrap =
    unsafe extern "C" fn(*mut u32, Handle, *const Buffer, *mut Buffer, *mut c_int, *mut u32) -> u32;
pub type Limit = unsafe extern "C" fn(*mut u32, Handle, c_int, u32, u32, *mut u32) -> u32;
pub type Display = unsafe extern "C" fn(*mut u32, u32, c_int, *const Oid, *mut u32, *mut Buffer) -> u32;
pub type ReleaseBuffer = unsafe extern "C" fn(*mut u32, *mut Buffer) -> u32;

/// The functions that we use. They are valid as long as the library is loaded, that is to the end of the process.
pub struct Gss {
    pub import_name: ImportName,
    pub release_name: Release,
    pub acquire: Acquire,
    pub release_credentials: Release,
    pub init: Init,
    pub delete: Delete,
    pub wrap: Wrap,
    pub unwrap: Unwrap,
    pub limit: Limit,
    pub display: Display,
    pub release_buffer: ReleaseBuffer,
    _library: Library,
}

impl Gss {
    /// The library, loaded when it is asked for first.
    pub fn get() -> Result<&'static Self, Failure> {
        static GSS: OnceLock<Result<Gss, String>> = OnceLock::new();
        let found = GSS.get_or_init(|| Self::load().map_err(|error| error.to_string()));
        found.as_ref().map_err(|why| Failure::Missing(why.clone()))
    }

    fn load() -> Result<Self, libloading::Error> {
        // SAFETY: the initialisers of a library of the system run, as if it had been linked. Each function is taken with the
        // type that RFC 2744 (appendix A) gives it, in the C types that MIT Kerberos has for it on Linux.
        unsafe {
            let library = Library::new(FILE)?;
            Ok(Self {
                import_name: *library.get(b"gss_import_name\0")?,
                release_name: *library.get(b"gss_release_name\0")?,
                acquire: *library.get(b"gss_acquire_cred\0")?,
                release_credentials: *library.get(b"gss_release_cred\0")?,
                init: *library.get(b"gss_init_sec_context\0")?,
                delete: *library.get(b"gss_delete_sec_context\0")?,
                wrap: *library.get(b"gss_wrap\0")?,
                unwrap: *library.get(b"gss_unwrap\0")?,
                limit: *library.get(b"gss_wrap_size_limit\0")?,
                display: *library.get(b"gss_display_status\0")?,
                release_buffer: *library.get(b"gss_release_buffer\0")?,
                _library: library,
            })
        }
    }

    /// The content of a buffer, which is given back.
    ///
    /// # Safety
    /// It is [`Buffer::EMPTY`], or the library filled it in a call that has returned.
    pub unsafe fn take(&self, mut buffer: Buffer) -> Vec<u8> {
        if buffer.value.is_null() {
            return Vec::new();
        }
        // SAFETY: what the library filled names `length` bytes that it allocated, until they are released, here.
        unsafe {
            let bytes = std::slice::from_raw_parts(buffer.value.cast::<u8>(), buffer.length).to_vec();
            (self.release_buffer)(&mut 0, &mut buffer);
            bytes
        }
    }

    /// `major` and `minor` as a result. The library keeps the words for each thread: this is asked where it failed.
    pub fn check(&self, major: u32, minor: u32) -> Result<u32, Failure> {
        if major & 0xffff_0000 == 0 {
            return Ok(major);
        }
        let text = if minor == 0 { self.words(major, 1) } else { self.words(minor, 2) };
        Err(Failure::Refused { major, minor, text })
    }

    /// A status in words: `kind` 1 is that of RFC 2744, 2 that of Kerberos.
    pub fn words(&self, status: u32, kind: c_int) -> String {
        let (mechanism, mut buffer) = (Oid::of(KERBEROS), Buffer::EMPTY);
        // SAFETY: all pointers name variables of this function, and the call fills the buffer.
        let text = unsafe {
            (self.display)(&mut 0, status, kind, &mechanism, &mut 0, &mut buffer);
            self.take(buffer)
        };
        String::from_utf8_lossy(&text).into_owned()
    }
}
