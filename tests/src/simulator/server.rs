//! A simulator's server: it listens on 127.0.0.1 at a free port in a thread of its own until it is dropped.

use super::faults::{self, Faults};
use super::limit::{self, Limit};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// One request as it arrived, for tests that count or look.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path_and_query: String,
    /// The body as text, what is no UTF-8 replaced.
    pub body: String,
}

/// A running simulator. Dropping it stops the server and closes its port.
pub struct Served {
    address: SocketAddr,
    /// The faults of this server, which can be changed while it runs.
    pub faults: Faults,
    /// Its limit of requests in a time; none at first.
    pub limit: Limit,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: Option<oneshot::Sender<()>>,
}

impl Served {
    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far, in the order of their arrival, those of the control path left out.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many there are of them.
    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// Forget the requests so far.
    pub fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// Serve `router` at `port` (0: a free one), with faults and with the control paths `/simulator/faults` and `/simulator/limit`.
pub fn serve(router: Router, port: u16) -> std::io::Result<Served> {
    serve_with(router, Router::new(), port)
}

/// The same with control paths of the simulator's own, which no fault hits and no test counts.
pub fn serve_with(router: Router, controls: Router, port: u16) -> std::io::Result<Served> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (faults, limit, seen) = (Faults::default(), Limit::default(), Arc::new(Mutex::new(Vec::new())));
    let router = router
        .layer(from_fn_with_state(faults.clone(), faults::apply))
        .layer(from_fn_with_state(limit.clone(), limit::apply))
        .layer(from_fn_with_state(seen.clone(), record))
        .merge(faults::control(faults.clone()))
        .merge(limit::control(limit.clone()))
        .merge(controls);
    let (stop, stopped) = oneshot::channel::<()>();
    std::thread::spawn(move || run(listener, router, stopped));
    Ok(Served { address, faults, limit, seen, stop: Some(stop) })
}

fn run(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::select! {
            served = axum::serve(listener, router) => served.unwrap(),
            _ = stopped => (),
        }
    });
    runtime.shutdown_background();
}

async fn record(State(seen): State<Arc<Mutex<Vec<Seen>>>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let path_and_query = head.uri.path_and_query().map(|p| p.to_string()).unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    seen.lock().unwrap().push(Seen { method: head.method.to_string(), path_and_query, body: text });
    next.run(Request::from_parts(head, Body::from(body))).await
}
