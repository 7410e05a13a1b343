//! Where a redirect may lead.

use reqwest::Method;
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use crate::ask::{Ask, host, text};
use crate::environment::is_local;
use crate::error::Error;

const MOST: usize = 5;

/// Where a redirect leads, if it may be followed after so many others.
pub(crate) fn next(from: &Url, headers: &HeaderMap, ask: &Ask<'_>, before: usize) -> Result<Url, Error> {
    let location = text(headers, LOCATION.as_str()).unwrap_or_default();
    let refused = |why| Error::Redirect {
        host: host(from),
        from: from.path().to_owned(),
        to: location.chars().filter(|c| !c.is_control()).take(200).collect(),
        why,
    };
    let to = from.join(&location).map_err(|_| refused("it is not a valid address"))?;
    let is_get = ask.method == Method::GET || ask.method == Method::HEAD;
    // A server elsewhere must not reach what only this machine can, nor lead from https to http. Mirrors of data may
    // be plain http, for what they send is known beforehand.
    let stays_here = is_local(&to) && is_local(&ask.url);
    let stays_open = ask.url.scheme() == "http" && !is_local(&ask.url);
    let is_safe = !is_local(&to) && (to.scheme() == "https" || to.scheme() == "http" && stays_open);
    match () {
        () if before >= MOST => Err(refused("too many redirects")),
        () if !is_get => Err(refused("what is sent goes to the endpoint alone")),
        () if is_safe || stays_here => Ok(to),
        () => Err(refused("it is not https")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_https_or_stays_where_it_was() {
        for (asked, to, expected) in [
            ("https://hub.example/a", "https://cdn.example/b", true),
            ("https://hub.example/a", "/b", true),
            ("https://hub.example/a", "http://cdn.example/b", false),
            ("https://hub.example/a", "https://localhost/b", false),
            ("https://hub.example/a", "http://127.0.0.1/b", false),
            ("https://hub.example/a", "file:///b", false),
            ("http://mirror.example/a", "http://other.example/b", true),
            ("http://mirror.example/a", "http://[::1]/b", false),
            ("http://127.0.0.1:1/a", "http://127.0.0.1:2/b", true),
            ("http://127.0.0.1:1/a", "https://cdn.example/b", true),
            ("http://127.0.0.1:1/a", "http://cdn.example/b", false),
        ] {
            let url: Url = asked.parse().expect(asked);
            let headers = HeaderMap::from_iter([(LOCATION, to.parse().expect(to))]);
            let of = |method, before| {
                next(&url, &headers, &Ask { method, ..Ask::get(url.clone(), "a") }, before).is_ok()
            };
            assert_eq!(of(Method::GET, 0), expected, "{asked} {to}");
            assert!(!of(Method::GET, MOST) && !of(Method::POST, 0), "{asked} {to}");
        }
    }
}
