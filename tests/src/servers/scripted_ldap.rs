//! An LDAP server that answers as a test says: what real servers do seldom, or only those that cannot be installed.
//!
//! ```ignore
//! let server = ScriptedLdap::start(|request| match &request.op {
//!     LdapOp::SearchRequest(search) => vec![entry("cn=a,dc=x", &[("cn", &["a"])]), done(LdapResultCode::Busy, "")],
//!     _ => bound(),
//! });
//! ```

use bytes::BytesMut;
use ldap3_proto::LdapCodec;
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapBindResponse, LdapExtendedResponse, LdapMsg, LdapOp, LdapPartialAttribute, LdapResult,
    LdapResultCode, LdapSearchRequest, LdapSearchResultEntry, LdapSearchResultReference,
};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio_util::codec::{Decoder, Encoder};

/// What the server does next on a connection.
pub enum Reply {
    /// Answer the request, with controls.
    Answer(LdapOp, Vec<LdapControl>),
    /// Send what nobody asked for.
    Unasked(LdapOp),
    /// Send these bytes.
    Bytes(Vec<u8>),
    /// Close the connection.
    Close,
}

type Script = dyn Fn(&LdapMsg) -> Vec<Reply> + Send + Sync;

/// A running server. Dropping it closes its port.
pub struct ScriptedLdap {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<LdapOp>>>,
}

impl ScriptedLdap {
    /// Start it: `script` says what follows on each request.
    pub fn start(script: impl Fn(&LdapMsg) -> Vec<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let (stop, log) = (stopped.clone(), seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (script, log) = (script.clone(), log.clone());
                std::thread::spawn(move || serve(stream.unwrap(), &*script, &log));
            }
        });
        Self { address, stopped, seen }
    }

    /// A server that lets everybody in and answers searches as `script` says.
    pub fn searching(
        script: impl Fn(&LdapSearchRequest, &LdapMsg) -> Vec<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::start(move |request| match &request.op {
            LdapOp::SearchRequest(search) => script(search, request),
            LdapOp::BindRequest(_) => bound(LdapResultCode::Success, ""),
            _ => vec![Reply::Close],
        })
    }

    /// `ldap://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("ldap://{}", self.address)
    }

    /// The searches so far.
    pub fn searches(&self) -> Vec<LdapSearchRequest> {
        let seen = self.seen.lock().unwrap();
        let searches = seen.iter().filter_map(|op| match op {
            LdapOp::SearchRequest(search) => Some(search.clone()),
            _ => None,
        });
        searches.collect()
    }
}

impl Drop for ScriptedLdap {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it is to stop.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, script: &Script, seen: &Mutex<Vec<LdapOp>>) {
    let mut codec = LdapCodec::default();
    let (mut buffer, mut chunk) = (BytesMut::new(), [0; 4096]);
    loop {
        match codec.decode(&mut buffer) {
            Ok(Some(request)) => {
                seen.lock().unwrap().push(request.op.clone());
                for reply in script(&request) {
                    let bytes = match reply {
                        Reply::Answer(op, ctrl) => encoded(LdapMsg { msgid: request.msgid, op, ctrl }),
                        Reply::Unasked(op) => encoded(LdapMsg { msgid: 0, op, ctrl: Vec::new() }),
                        Reply::Bytes(bytes) => bytes,
                        Reply::Close => return,
                    };
                    if stream.write_all(&bytes).is_err() {
                        return;
                    }
                }
            }
            Ok(None) => match stream.read(&mut chunk) {
                Ok(0) | Err(_) => return,
                Ok(length) => buffer.extend_from_slice(&chunk[..length]),
            },
            Err(_) => return,
        }
    }
}

fn encoded(message: LdapMsg) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    LdapCodec::default().encode(message, &mut bytes).unwrap();
    bytes.to_vec()
}

fn result(code: LdapResultCode, message: &str) -> LdapResult {
    LdapResult { code, matcheddn: String::new(), message: message.to_owned(), referral: Vec::new() }
}

/// The answer to a bind.
pub fn bound(code: LdapResultCode, message: &str) -> Vec<Reply> {
    let response = LdapBindResponse { res: result(code, message), saslcreds: None };
    vec![Reply::Answer(LdapOp::BindResponse(response), Vec::new())]
}

/// An entry with attributes that are text.
pub fn entry(dn: &str, attributes: &[(&str, &[&str])]) -> Reply {
    let binary: Vec<(&str, Vec<Vec<u8>>)> = attributes
        .iter()
        .map(|(name, values)| (*name, values.iter().map(|value| value.as_bytes().to_vec()).collect()))
        .collect();
    binary_entry(dn, binary)
}

/// An entry with attributes that are bytes.
pub fn binary_entry(dn: &str, attributes: Vec<(&str, Vec<Vec<u8>>)>) -> Reply {
    let attributes = attributes
        .into_iter()
        .map(|(name, vals)| LdapPartialAttribute { atype: name.to_owned(), vals })
        .collect();
    Reply::Answer(
        LdapOp::SearchResultEntry(LdapSearchResultEntry { dn: dn.to_owned(), attributes }),
        Vec::new(),
    )
}

/// A reference to another server.
pub fn reference(url: &str) -> Reply {
    let reference = LdapSearchResultReference { uris: vec![url.to_owned()] };
    Reply::Answer(LdapOp::SearchResultReference(reference), Vec::new())
}

/// The end of a search.
pub fn done(code: LdapResultCode, message: &str) -> Reply {
    Reply::Answer(LdapOp::SearchResultDone(result(code, message)), Vec::new())
}

/// The end of a page, with the cookie for the next one; an empty cookie is the end of all.
pub fn page_done(cookie: &str) -> Reply {
    let control = LdapControl::SimplePagedResults { size: 0, cookie: cookie.as_bytes().to_vec() };
    Reply::Answer(LdapOp::SearchResultDone(result(LdapResultCode::Success, "")), vec![control])
}

/// The cookie that a request for a page carries; empty for the first, nothing where no page is asked for.
pub fn cookie(request: &LdapMsg) -> Option<String> {
    request.ctrl.iter().find_map(|control| match control {
        LdapControl::SimplePagedResults { cookie, .. } => Some(String::from_utf8(cookie.clone()).unwrap()),
        _ => None,
    })
}

/// The answer to an extended request, or a notice that nobody asked for.
pub fn extended(code: LdapResultCode, message: &str, name: Option<&str>) -> LdapOp {
    let name = name.map(str::to_owned);
    LdapOp::ExtendedResponse(LdapExtendedResponse { res: result(code, message), name, value: None })
}
