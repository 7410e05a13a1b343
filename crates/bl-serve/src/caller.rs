//! Who asks: programs may from anywhere they can reach the server, pages in somebody's browser only if they are its own.
//!
//! A browser says where a page is from (`Origin`, `Sec-Fetch-Site`), which the page cannot change. A page elsewhere could
//! ask this server in the name of whoever looks at it; and a name could be made to lead here (DNS rebinding), so that a
//! page from elsewhere looks like the server's own: then a browser says nothing but the name, as a program does (`Host`).
//! So requests are answered under addresses, `localhost`, and names that the server was told.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;
use crate::server::Server;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses names that are not the server's, and pages that are not its own, before anything of a request is read.
pub(crate) async fn only_own_pages(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    match check_caller(request.headers(), &server.settings.hosts) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// Whether a request is for this server, and comes from no page or from one of its own.
fn check_caller(headers: &HeaderMap, hosts: &[String]) -> Result<(), Failure> {
    // What is no text is no name of anybody's. A program that knows no HTTP/1.1 need not name a host; a browser does.
    let host = headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    if host.is_some_and(|host| !is_own(host, hosts)) {
        return Err(other_host(&shown(headers.get(header::HOST))));
    }
    for origin in headers.get_all(header::ORIGIN) {
        let own = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
        if own.is_none() || own != host {
            return Err(foreign(&shown(Some(origin))));
        }
    }
    for site in headers.get_all(&SITE) {
        // `none` is an address that somebody typed; other sites' links may lead to the pages, which read nothing.
        if (site != "same-origin" && site != "none") || host.is_none() {
            return Err(foreign("another site"));
        }
    }
    Ok(())
}

fn shown(value: Option<&HeaderValue>) -> String {
    value.map_or_else(String::new, |value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn other_host(name: &str) -> Failure {
    let error = format!("this server is not known as `{name}`");
    Failure::new(StatusCode::FORBIDDEN, "other_host", error).hint(
        "ask by its IP address or as `localhost`; `--allow-host NAME` adds a name, and behind a proxy the proxy's",
    )
}

fn foreign(whose: &str) -> Failure {
    let error = format!("a page from `{}` may not use this server", whose.trim_start_matches("http://"));
    Failure::new(StatusCode::FORBIDDEN, "cross_origin", error)
        .hint("open this server's own page, at `/`; programs send no `Origin`")
}

/// Whether a host is an address, this machine, or a name that the server was told.
fn is_own(host: &str, hosts: &[String]) -> bool {
    let plain = match host.rsplit_once(':') {
        Some((plain, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => plain,
        _ => host,
    };
    let address = plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(plain);
    plain.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok()
        || hosts.iter().any(|known| known.eq_ignore_ascii_case(plain))
}

/// HTTP/1.1 demands one `Host`, and an address with a host of its own must name the same.
pub(crate) fn check_host(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    let wrong = |error: &str| Err(Failure::new(StatusCode::BAD_REQUEST, "bad_host", error));
    match (first, second) {
        (None, _) if version >= Version::HTTP_11 => wrong("a request of HTTP/1.1 needs the header `Host`"),
        (_, Some(_)) => wrong("the header `Host` is there twice"),
        (Some(host), None) => match uri.authority() {
            Some(other) if host.as_bytes() != other.as_str().as_bytes() => {
                wrong("the address and the header `Host` name two hosts")
            }
            _ => Ok(()),
        },
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_its_own() {
        let told = ["models.example".to_owned()];
        for (host, expected) in [
            ("127.0.0.1:8000", true),
            ("[::1]:80", true),
            ("localhost", true),
            ("LOCALHOST:1", true),
            ("models.example:8000", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example:80", false),
            ("", false),
            ("[::1", false),
        ] {
            assert_eq!(is_own(host, &told), expected, "{host}");
        }
    }
}
