//! The pages for people, which are part of the program.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::address::Address;
use crate::failure::Failure;
use crate::server::Server;

/// Name, type and content of every file.
const FILES: &[(&str, &str, &str)] = &[
    ("index.html", HTML, include_str!("../assets/index.html")),
    ("docs.html", HTML, include_str!("../assets/docs.html")),
    ("openapi.json", "application/json", include_str!("../assets/openapi.json")),
    ("base.css", CSS, include_str!("../assets/base.css")),
    ("docs.css", CSS, include_str!("../assets/docs.css")),
    ("page.css", CSS, include_str!("../assets/page.css")),
    ("adapters.js", SCRIPT, include_str!("../assets/adapters.js")),
    ("api.js", SCRIPT, include_str!("../assets/api.js")),
    ("docs.js", SCRIPT, include_str!("../assets/docs.js")),
    ("element.js", SCRIPT, include_str!("../assets/element.js")),
    ("forecasts.js", SCRIPT, include_str!("../assets/forecasts.js")),
    ("glyphs.js", SCRIPT, include_str!("../assets/glyphs.js")),
    ("inspect.js", SCRIPT, include_str!("../assets/inspect.js")),
    ("lorenz.js", SCRIPT, include_str!("../assets/lorenz.js")),
    ("motion.js", SCRIPT, include_str!("../assets/motion.js")),
    ("notice.js", SCRIPT, include_str!("../assets/notice.js")),
    ("own.js", SCRIPT, include_str!("../assets/own.js")),
    ("pad.js", SCRIPT, include_str!("../assets/pad.js")),
    ("page.js", SCRIPT, include_str!("../assets/page.js")),
    ("pictures.js", SCRIPT, include_str!("../assets/pictures.js")),
    ("plot.js", SCRIPT, include_str!("../assets/plot.js")),
    ("schema.js", SCRIPT, include_str!("../assets/schema.js")),
    ("series.js", SCRIPT, include_str!("../assets/series.js")),
    ("texts.js", SCRIPT, include_str!("../assets/texts.js")),
];

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Everything comes from here: a page cannot be made to load or send anything elsewhere, or to run what is not a file.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

pub(crate) fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/", get(|| async { file("index.html") }))
        .route("/docs", get(|| async { file("docs.html") }))
        .route("/openapi.json", get(|| async { file("openapi.json") }))
        .route("/assets/{name}", get(|Address(name): Address<String>| async move { file(&name) }))
}

fn file(name: &str) -> Response<Body> {
    let Some((_, kind, content)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return Failure::new(StatusCode::NOT_FOUND, "not_found", format!("there is no file `{name}`"))
            .into_response();
    };
    let mut response = Response::new(Body::from(*content));
    let mut set =
        |name: HeaderName, value| response.headers_mut().insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, kind);
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CACHE_CONTROL, "no-cache");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands between two marks, everywhere in a text.
    fn between<'a>(text: &'a str, before: &'a str, after: char) -> impl Iterator<Item = &'a str> {
        text.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
    }

    #[test]
    fn every_file_that_a_page_asks_for_is_there() {
        for (file, _, content) in FILES {
            let assets = between(content, "\"/assets/", '"').filter(|_| *file != "openapi.json");
            let modules = between(content, "from \"./", '"');
            for name in assets.chain(modules) {
                assert!(FILES.iter().any(|(known, ..)| *known == name), "{file} asks for {name}");
            }
        }
    }

    #[test]
    fn pages_work_without_a_network_and_under_their_own_policy() {
        for (file, _, content) in FILES.iter().filter(|(file, ..)| *file != "openapi.json") {
            for elsewhere in ["src=\"http", "href=\"http", " url(", "@import", "fetch(\"http", "from \"http"]
            {
                assert!(!content.contains(elsewhere), "{file}: {elsewhere}");
            }
            let inline = [" style=\"", " onclick=\"", "<style", "eval(", "innerHTML"];
            assert!(!inline.iter().any(|inline| content.contains(inline)), "{file}: inline code or style");
        }
    }

    #[test]
    fn the_description_is_json() {
        let (.., text) = FILES.iter().find(|(file, ..)| *file == "openapi.json").unwrap();
        let description: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(description["openapi"], "3.1.0");
        assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}
