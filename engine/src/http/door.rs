//! Where connections come in: so many and no more, each with a time for everything it does.

mod link;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use super::graphql::no_room;
use super::negotiate::Media;
use super::tally::{Counted, Tally};
use crate::config::Limits;
use crate::telemetry::door::{self as figures, Cut};
use link::{Link, Phase};

/// Connections over the bound that are told so at once; further ones are just closed.
const TOLD: usize = 64;
/// Longest such a one may take to hear it.
const TELLING: Duration = Duration::from_secs(2);
/// What one connection may have read or written and not worked off, bytes.
const BUFFER: usize = 128 * 1024;
/// Before connections are accepted again after the system could not.
const PAUSE: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How many there may be.
    pub connections: usize,
    /// How many from one address.
    pub per_address: usize,
    /// For a request's head, from its first byte to its last.
    pub head: Duration,
    /// Between requests, and before the first.
    pub idle: Duration,
    /// While nothing that is written is taken.
    pub write: Duration,
}

impl Bounds {
    /// Those of the settings; fewer connections if the system doesn't let the process have so many files.
    pub fn of(limits: &Limits) -> Self {
        let most = limits.tcp_connections.min(Semaphore::MAX_PERMITS);
        let files = figures::room_for_sockets();
        let connections = files.map_or(most, |files| most.min(files));
        if connections < most {
            tracing::warn!(
                connections,
                setting = most,
                "the system allows fewer open files than `limits.tcp_connections` needs"
            );
        }
        let per_address = match limits.tcp_connections_per_address {
            0 => usize::MAX,
            most => most,
        };
        Self {
            connections,
            per_address,
            head: Duration::from_secs(limits.head_seconds),
            idle: Duration::from_secs(limits.idle_seconds),
            write: Duration::from_secs(limits.write_seconds),
        }
    }
}

/// A connection's place among those that may be open.
type Place = (OwnedSemaphorePermit, Counted<IpAddr>, figures::Open);

struct Door {
    router: Router,
    bounds: Bounds,
    room: Arc<Semaphore>,
    addresses: Tally<IpAddr>,
    telling: Arc<Semaphore>,
    /// Says when to stop; closed when every connection has ended.
    stop: watch::Sender<bool>,
}

/// Serves until `stop`: then nobody is let in any more, requests under way are answered, and it returns when the last
/// connection has ended or become a socket.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let door = Door {
        router,
        bounds,
        room: Arc::new(Semaphore::new(bounds.connections)),
        addresses: Tally::default(),
        telling: Arc::new(Semaphore::new(TOLD)),
        stop: watch::Sender::new(false),
    };
    let accepting = async {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => door.admit(stream, peer),
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "connections can't be accepted");
                    sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop => {}
    }
    drop(listener);
    door.stop.send_replace(true);
    door.stop.closed().await;
}

impl Door {
    fn admit(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(place) = self.place(peer.ip()) else {
            self.turn_away(stream);
            return;
        };
        // Answers are flushed whole; waiting for more would hold those that follow an event back until the client's delayed
        // acknowledgement, some 40 ms.
        let _ = stream.set_nodelay(true);
        // Later than the engine itself would, which counts it.
        link::give_up_after(&stream, 2 * self.bounds.write);
        let phase = Arc::new(Phase::default());
        let link = Link::new(stream, Arc::clone(&phase), self.bounds, place);
        tokio::spawn(converse(
            link,
            phase,
            peer,
            self.router.clone(),
            self.bounds.idle,
            self.stop.subscribe(),
        ));
    }

    fn place(&self, address: IpAddr) -> Option<Place> {
        let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() else {
            Cut::Full.count();
            return None;
        };
        let Some(counted) = self.addresses.enter(&address, self.bounds.per_address) else {
            Cut::Address.count();
            return None;
        };
        Some((permit, counted, figures::Open::begin()))
    }

    /// Answers the connection's first request with "no room", if not too many are being told so.
    fn turn_away(&self, stream: TcpStream) {
        let Ok(permit) = Arc::clone(&self.telling).try_acquire_owned() else { return };
        tokio::spawn(async move {
            let service = service_fn(|_: Request<Incoming>| async {
                Ok::<_, std::convert::Infallible>(no_room(Media::Json))
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).keep_alive(false).max_buf_size(BUFFER);
            let told = builder.serve_connection(TokioIo::new(stream), service);
            let _ = timeout(TELLING, told).await;
            drop(permit);
        });
    }
}

/// One connection's requests, until it ends, is handed over to a socket, or the stop lets it come to its end.
async fn converse(
    link: Link,
    phase: Arc<Phase>,
    peer: SocketAddr,
    router: Router,
    idle: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        phase.serves();
        request.extensions_mut().insert(ConnectInfo(peer));
        let (router, phase) = (router.clone(), Arc::clone(&phase));
        async move {
            let response = router.oneshot(request.map(Body::new)).await;
            if response.as_ref().is_ok_and(is_brief) {
                phase.waits();
            }
            response
        }
    });
    let mut builder = http1::Builder::new();
    // To the library a connection that waits for its next request is one whose head has not come.
    builder.timer(TokioTimer::new()).header_read_timeout(idle).max_buf_size(BUFFER);
    let connection = builder.serve_connection(TokioIo::new(link), service).with_upgrades();
    tokio::pin!(connection);
    let stopped = async {
        let _ = stop.wait_for(|stop| *stop).await.is_ok();
    };
    tokio::select! {
        // What ended it is the client's own affair.
        _ = connection.as_mut() => return,
        () = stopped => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Whether the next thing the client says after it is another request.
fn is_brief(response: &Response) -> bool {
    response.status() != StatusCode::SWITCHING_PROTOCOLS
        && response.body().size_hint().exact().is_some()
}

fn is_of_the_peer(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
