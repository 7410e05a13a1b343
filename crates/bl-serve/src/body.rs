//! Bodies of requests: bounded in size and in time.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::failure::Failure;
use crate::settings::Settings;

/// Reads a body, unless it is too large, comes too slowly, or is compressed.
pub(crate) async fn read(request: Request, settings: &Settings) -> Result<(HeaderMap, Vec<u8>), Failure> {
    let (parts, body) = request.into_parts();
    let max = settings.max_body;
    let too_large = || {
        let error = format!("the body has more than the {max} bytes that are allowed");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", error)
    };
    let stated =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|len| len.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|len| len > max as u64) {
        return Err(too_large());
    }
    if let Some(encoding) =
        parts.headers.get(header::CONTENT_ENCODING).filter(|encoding| *encoding != "identity")
    {
        let error = format!("the body is encoded as {encoding:?}, which is not supported");
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", error));
    }
    let collected = tokio::time::timeout(settings.read_timeout, Limited::new(body, max).collect()).await;
    match collected {
        Ok(Ok(body)) => Ok((parts.headers, body.to_bytes().into())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => {
            Err(Failure::new(StatusCode::BAD_REQUEST, "bad_body", format!("the body broke off: {error}")))
        }
        Err(_) => {
            let error = format!("the body did not come within {} s", settings.read_timeout.as_secs_f64());
            Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "timeout", error))
        }
    }
}
