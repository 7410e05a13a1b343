//! Bodies of requests: bounded in size, in time, and all together in memory.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;

use crate::failure::Failure;
use crate::room::Room;
use crate::server::Server;

/// A body, with the headers that came before it.
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Given back when the request is answered.
    pub(crate) room: Room,
}

/// Reads a body, unless it is too large, comes too slowly, or is compressed.
pub(crate) async fn read(request: Request, server: &Server) -> Result<Received, Failure> {
    let max = server.settings.max_body;
    let stated = request.headers().get(header::CONTENT_LENGTH);
    let stated = stated.and_then(|len| len.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|len| len > max as u64) {
        return Err(too_large(max));
    }
    let mut encodings = request.headers().get_all(header::CONTENT_ENCODING).iter();
    if let Some(encoding) = encodings.find(|encoding| *encoding != "identity") {
        let error = format!("the body is encoded as {encoding:?}, which is not supported");
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", error));
    }
    let limit = server.settings.read_timeout;
    tokio::time::timeout(limit, collect(request, server)).await.unwrap_or_else(|_| {
        let error = format!("the body did not come within {} s", limit.as_secs_f64());
        Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "timeout", error))
    })
}

async fn collect(request: Request, server: &Server) -> Result<Received, Failure> {
    let (parts, mut coming) = request.into_parts();
    let mut room = Room::of(&server.bodies);
    let mut body = Vec::new();
    while let Some(frame) = coming.frame().await {
        let broken =
            |error| Failure::new(StatusCode::BAD_REQUEST, "bad_body", format!("the body broke off: {error}"));
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue }; // trailers
        let len = body.len() + data.len();
        if len > server.settings.max_body {
            return Err(too_large(server.settings.max_body));
        }
        room.grow_to(len)?;
        body.extend_from_slice(&data);
    }
    Ok(Received { headers: parts.headers, body, room })
}

fn too_large(max: usize) -> Failure {
    let error = format!("the body has more than the {max} bytes that are allowed");
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", error)
}
