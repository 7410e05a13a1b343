//! Who asks: programs may from anywhere they can reach the server, pages in somebody's browser only if they are its own.
//!
//! A browser says where a page is from (`Origin`, `Sec-Fetch-Site`), which the page cannot change. A page elsewhere could
//! ask this server in the name of whoever looks at it; and a name could be made to lead here (DNS rebinding), so that a
//! page from elsewhere looks like the server's own. So browsers are answered under addresses, `localhost`, and names that
//! the server was told.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;
use crate::server::Server;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses pages that are not the server's own, before anything of a request is read.
pub(crate) async fn only_own_pages(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    match check_page(request.headers(), &server.settings.hosts) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// Whether a request comes from no page, or from one of the server's own.
pub(crate) fn check_page(headers: &HeaderMap, hosts: &[String]) -> Result<(), Failure> {
    let host = headers.get(header::HOST).map_or(Some(""), |host| host.to_str().ok());
    if let Some(origin) = headers.get(header::ORIGIN) {
        let own = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
        if own.is_none() || own != host || !own.is_some_and(|host| is_own(host, hosts)) {
            return Err(foreign(&String::from_utf8_lossy(origin.as_bytes())));
        }
    } else if let Some(site) = headers.get(&SITE) {
        // `none` is an address that somebody typed; other sites' links may lead to the pages, which read nothing.
        let is_elsewhere = site != "same-origin" && site != "none";
        match host {
            Some(host) if !is_elsewhere && is_own(host, hosts) => {}
            host => return Err(foreign(host.unwrap_or("another host"))),
        }
    }
    Ok(())
}

fn foreign(whose: &str) -> Failure {
    let error = format!("a page from `{}` may not use this server", whose.trim_start_matches("http://"));
    Failure::new(StatusCode::FORBIDDEN, "cross_origin", error).hint(
        "open this server's page by its IP address or as `localhost`; `--allow-host NAME` lets pages under another name",
    )
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
