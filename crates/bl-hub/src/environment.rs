//! The variables that Hugging Face's own tools know, with their meaning and precedence.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::{Host, Url};

use crate::error::Error;

/// Where the Hub is, who asks, where files are kept, and whether connections are allowed.
#[derive(Clone)]
pub struct Environment {
    /// `HF_ENDPOINT`
    pub endpoint: Endpoint,
    /// `HF_TOKEN`, or the content of the file at `HF_TOKEN_PATH` or `$HF_HOME/token`.
    pub token: Option<Token>,
    /// `HF_HUB_CACHE`, else `$HF_HOME/hub`
    pub cache: PathBuf,
    /// The variable that forbids connections, if one does.
    pub offline: Option<&'static str>,
    /// `HF_HUB_ETAG_TIMEOUT`: how long to wait for an answer about a file.
    pub etag_timeout: Duration,
    /// `HF_HUB_DOWNLOAD_TIMEOUT`: how long a transfer may stand still.
    pub download_timeout: Duration,
}

/// The address of a hub: https, or this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

const OFFICIAL: &str = "https://huggingface.co";
const TEN_SECONDS: Duration = Duration::from_secs(10);

impl Environment {
    /// That of this process.
    pub fn of_process() -> Result<Self, Error> {
        Self::from_lookup(|name| std::env::var_os(name), std::env::home_dir().as_deref())
    }

    /// From a function that knows the variables. Empty and blank values count as unset.
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
    ) -> Result<Self, Error> {
        let variable = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let text = |name: &str| {
            let text = variable(name)?.to_string_lossy().trim().to_owned();
            Some(text).filter(|text| !text.is_empty())
        };
        let path = |name: &str| variable(name).map(|value| expanded(&value, &lookup, home));

        let user_cache = path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        let user_cache = user_cache.or_else(|| home.map(|home| home.join(".cache")));
        let default_home = || user_cache.unwrap_or_else(|| PathBuf::from(".cache")).join("huggingface");
        let hf_home = path("HF_HOME").unwrap_or_else(default_home);
        let cache = path("HF_HUB_CACHE").or_else(|| path("HUGGINGFACE_HUB_CACHE"));

        let is_set = |name: &str| text(name).is_some_and(|value| is_true(&value));
        // The first that says anything decides, whatever it says.
        let switch = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].into_iter().find(|name| text(name).is_some());
        let endpoint = text("HF_ENDPOINT").map_or_else(|| OFFICIAL.parse(), |text| text.parse())?;
        let implicit = !is_set("HF_HUB_DISABLE_IMPLICIT_TOKEN");
        let in_variable = || text("HF_TOKEN").or_else(|| text("HUGGING_FACE_HUB_TOKEN"));
        let token_file = path("HF_TOKEN_PATH").unwrap_or_else(|| hf_home.join("token"));
        let token = match in_variable() {
            _ if !implicit => None,
            Some(token) => Some(Token::new(&token).ok_or_else(|| Error::Variable {
                name: "HF_TOKEN",
                expected: "letters and digits",
                found: "(not shown)".into(),
            })?),
            None => Token::read(&token_file)?,
        };
        let seconds = |name: &'static str| match text(name) {
            None => Ok(TEN_SECONDS),
            Some(text) => {
                let number = text.parse().ok().filter(|seconds| (0.001..=1e6).contains(seconds));
                number.map(Duration::from_secs_f64).ok_or(Error::Variable {
                    name,
                    expected: "a number of seconds",
                    found: text,
                })
            }
        };
        Ok(Self {
            endpoint,
            token,
            cache: cache.unwrap_or_else(|| hf_home.join("hub")),
            offline: switch.filter(|name| is_set(name)),
            etag_timeout: seconds("HF_HUB_ETAG_TIMEOUT")?,
            download_timeout: seconds("HF_HUB_DOWNLOAD_TIMEOUT")?,
        })
    }
}

/// As `huggingface_hub` reads a switch.
fn is_true(value: &str) -> bool {
    ["1", "ON", "YES", "TRUE"].contains(&value.to_ascii_uppercase().as_str())
}

/// A path with `~` at its beginning and `$NAME` or `${NAME}` anywhere replaced, as `huggingface_hub` does: services and
/// container files pass values on that no shell has seen. What is not set stays as it is.
fn expanded(value: &OsStr, lookup: impl Fn(&str) -> Option<OsString>, home: Option<&Path>) -> PathBuf {
    let path = Path::new(value);
    let path = match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    };
    let Some(text) = path.to_str().filter(|text| text.contains('$')) else { return path };
    let (mut whole, mut rest) = (OsString::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        whole.push(before);
        let (name, end) = variable_at(after);
        let value = name.and_then(|name| match (lookup(name), home) {
            (None, Some(home)) if name == "HOME" => Some(home.as_os_str().to_owned()),
            (value, _) => value,
        });
        match value {
            Some(value) => whole.push(value),
            None => whole.push(format!("${}", &after[..end])),
        }
        rest = &after[end..];
    }
    whole.push(rest);
    whole.into()
}

/// The name that follows a `$`, and where what stands for it ends.
fn variable_at(text: &str) -> (Option<&str>, usize) {
    if let Some((name, _)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        return (Some(name), name.len() + 2);
    }
    let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    (Some(&text[..end]).filter(|name| !name.is_empty()), end)
}

impl Endpoint {
    /// Without a slash at the end.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether it is this machine.
    pub fn is_local(&self) -> bool {
        is_local(&self.0)
    }

    /// Whether a URL leads to the endpoint itself: same scheme, host and port.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }

    /// The address of a path below the endpoint, whose segments are encoded here.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        url.path_segments_mut().expect("http has a path").pop_if_empty().extend(segments);
        url
    }
}

/// Whether a URL is plain http to this machine, which nobody else can read.
pub(crate) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl std::str::FromStr for Endpoint {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        // What stands before an `@` may be a password.
        let shown = if text.contains('@') { "(not shown)" } else { text };
        let wrong = |why| Error::Endpoint { found: shown.to_owned(), why };
        let url = Url::parse(text).map_err(|_| wrong("it is not a valid URL"))?;
        let secret = !url.username().is_empty() || url.password().is_some();
        match url.scheme() {
            _ if secret => Err(wrong("it has a user name in it")),
            "https" => Ok(Self(url)),
            "http" if is_local(&url) => Ok(Self(url)),
            "http" => Err(wrong("http can be read and altered in transit")),
            _ => Err(wrong("it is neither https nor http")),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Token {
    /// None for what no header can hold.
    fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_token = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
        is_token.then(|| Self(text.to_owned()))
    }

    fn read(path: &Path) -> Result<Option<Self>, Error> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::new(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::TokenFile { path: path.to_owned(), source }),
        }
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("endpoint", &self.endpoint)
            .field("token", &self.token)
            .field("cache", &self.cache)
            .field("offline", &self.offline)
            .finish_non_exhaustive()
    }
}
