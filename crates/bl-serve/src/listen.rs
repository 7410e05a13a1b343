//! Connections: so many at a time, each bounded in the time it may take to ask, all ended in order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::app::app;
use crate::caller::check_host;
use crate::patience::Patience;
use crate::server::Server;

/// How often it is told that no connection can be accepted.
const QUIET: Duration = Duration::from_secs(10);

/// Answers until `stop` comes; then takes no more connections, and lets requests end for as long as the settings grant.
pub async fn serve(server: Arc<Server>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let connections = Arc::new(Semaphore::new(server.settings.max_connections));
    let graceful = GracefulShutdown::new();
    let app = app(Arc::clone(&server));
    let mut stop = std::pin::pin!(stop);
    let mut told: Option<Instant> = None;
    loop {
        let next = async {
            let place = Arc::clone(&connections).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream) = tokio::select! {
            next = next => match next {
                (Ok(place), Ok((stream, _))) => (place, stream),
                (Err(_), _) => break,
                (_, Err(error)) => {
                    // Out of file descriptors, say: others may end.
                    if told.is_none_or(|told| told.elapsed() > QUIET) {
                        server.tell(&format!("a connection cannot be accepted: {error}; it is tried again"));
                        told = Some(Instant::now());
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true); // answers are small, and wait for nothing
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(server.settings.read_timeout);
        let stream = Patience::new(stream, server.settings.read_timeout);
        let connection = http.serve_connection(TokioIo::new(stream), service(&app));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _ = connection.await; // a client that breaks off is no fault of the server's
            drop(place);
        });
    }
    drop(listener);
    server.set_ready(false);
    server.tell("stopping: requests that have begun are answered");
    if tokio::time::timeout(server.settings.grace, graceful.shutdown()).await.is_err() {
        server.tell("some requests were cut off");
    }
}

fn service(
    app: &Router,
) -> TowerToHyperService<
    impl tower::Service<
        Request<Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + Clone
    + use<>,
> {
    let app = app.clone();
    TowerToHyperService::new(tower::service_fn(move |request: Request<Incoming>| {
        let app = app.clone();
        async move {
            match check_host(request.version(), request.uri(), request.headers()) {
                Ok(()) => app.oneshot(request.map(Body::new)).await,
                Err(failure) => Ok(failure.into_response()),
            }
        }
    }))
}
