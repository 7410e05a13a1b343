//! Requests: the token for the endpoint alone, redirects by hand, attempts with growing waits.

use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, Response};
use serde_json::Value;
use url::Url;

use crate::ask::{Ask, host, text};
use crate::environment::{Endpoint, Environment, Token};
use crate::error::Error;
use crate::files::MAX_ANSWER;
use crate::pace::{self, Pace};
use crate::redirect;

/// How often a request is made, and how long to wait in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// All attempts, the first included.
    pub attempts: u32,
    /// Before the second attempt; doubled before each that follows.
    pub first_wait: Duration,
    /// More is not waited, whatever a server asks for.
    pub longest_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, first_wait: Duration::from_millis(500), longest_wait: Duration::from_secs(60) }
    }
}

/// Makes requests, one at a time.
pub(crate) struct Client {
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
    /// None where nothing may get a token: mirrors of data sets.
    endpoint: Option<(Endpoint, Option<Token>)>,
    pub(crate) retry: Retry,
    answer_timeout: Duration,
    transfer_timeout: Duration,
}

/// An answer with a good status, and the headers of the redirects that led to it.
pub(crate) struct Answered {
    pub(crate) response: Response,
    /// In the order in which they came.
    pub(crate) on_the_way: Vec<HeaderMap>,
    /// Whether the endpoint itself gave it.
    pub(crate) is_from_endpoint: bool,
}

pub(crate) const USER_AGENT: &str = concat!("bias-adapters/", env!("CARGO_PKG_VERSION"));

impl Client {
    /// For the Hub that the environment names.
    pub(crate) fn new(environment: &Environment, retry: Retry) -> Result<Self, Error> {
        let endpoint = Some((environment.endpoint.clone(), environment.token.clone()));
        Self::build(endpoint, environment, retry)
    }

    /// For other servers: none gets the token.
    pub(crate) fn without_token(environment: &Environment, retry: Retry) -> Result<Self, Error> {
        Self::build(None, environment, retry)
    }

    fn build(
        endpoint: Option<(Endpoint, Option<Token>)>,
        environment: &Environment,
        retry: Retry,
    ) -> Result<Self, Error> {
        let start = |error: String| Error::Start { why: error };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| start(error.to_string()))?;
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(environment.download_timeout)
            .read_timeout(environment.download_timeout);
        // A proxy is for what is elsewhere.
        let is_local = endpoint.as_ref().is_some_and(|(endpoint, _)| endpoint.is_local());
        let http = if is_local { http.no_proxy() } else { http };
        Ok(Self {
            runtime,
            http: http.build().map_err(|error| start(causes(&error)))?,
            endpoint,
            retry,
            answer_timeout: environment.etag_timeout,
            transfer_timeout: environment.download_timeout,
        })
    }

    /// Retries transient failures.
    pub(crate) fn attempts<T>(&self, mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let mut wait = self.retry.first_wait;
        for _ in 1..self.retry.attempts {
            let error = match attempt() {
                Err(error) if error.is_transient() => error,
                other => return other,
            };
            let asked = match &error {
                Error::RateLimited { seconds: Some(seconds), .. } => Duration::from_secs(*seconds),
                _ => Duration::ZERO,
            };
            if asked > self.retry.longest_wait {
                return Err(error);
            }
            std::thread::sleep(wait.max(asked).min(self.retry.longest_wait));
            wait *= 2;
        }
        attempt()
    }

    /// One attempt: an answer with a good status, or an error.
    pub(crate) fn send(&self, ask: &Ask<'_>) -> Result<Answered, Error> {
        let mut url = ask.url.clone();
        let mut on_the_way = Vec::new();
        loop {
            let is_from_endpoint = self.endpoint.as_ref().is_some_and(|(own, _)| own.is_origin_of(&url));
            let response = self.send_once(ask, &url)?;
            let status = response.status();
            if !status.is_redirection() {
                if status.is_success() {
                    return Ok(Answered { response, on_the_way, is_from_endpoint });
                }
                return Err(self.refusal(ask, &url, response));
            }
            let next = redirect::next(&url, response.headers(), ask, on_the_way.len())?;
            on_the_way.push(response.headers().clone());
            // What `HEAD` is asked for stands in the redirect to where the bytes are.
            if ask.method == Method::HEAD && is_from_endpoint && next.origin() != url.origin() {
                return Ok(Answered { response, on_the_way, is_from_endpoint });
            }
            url = next;
        }
    }

    fn send_once(&self, ask: &Ask<'_>, url: &Url) -> Result<Response, Error> {
        // What is compressed on the way would have another size and another digest.
        let mut request =
            self.http.request(ask.method.clone(), url.clone()).header(ACCEPT_ENCODING, "identity");
        if let Some((_, Some(token))) = self.endpoint.as_ref().filter(|(own, _)| own.is_origin_of(url)) {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.secret()));
        }
        if ask.from > 0 {
            request = request.header("range", format!("bytes={}-", ask.from));
        }
        if let Some(body) = &ask.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let answer = async { tokio::time::timeout(self.answer_timeout, request.send()).await };
        match self.block_on(answer) {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.failure(url, &error)),
            Err(_) => Err(Error::TimedOut {
                host: host(url),
                seconds: self.answer_timeout.as_secs_f64(),
                variable: "HF_HUB_ETAG_TIMEOUT",
            }),
        }
    }

    /// Of an answer that begins to come now.
    pub(crate) fn pace(&self) -> Pace {
        Pace::new(self.transfer_timeout)
    }

    /// The next part of an answer; none at its end. One that comes too slowly is given up.
    pub(crate) fn next_chunk(
        &self,
        response: &mut Response,
        pace: &mut Pace,
        url: &Url,
    ) -> Result<Option<impl Deref<Target = [u8]> + use<>>, Error> {
        let next = self.block_on(async { tokio::time::timeout(pace.left(), response.chunk()).await });
        match next {
            Ok(Ok(Some(chunk))) if pace.goes_on(chunk.len()) => Ok(Some(chunk)),
            Ok(Ok(None)) => Ok(None),
            Ok(Err(error)) => Err(self.failure(url, &error)),
            Err(_) if pace.is_silent() => {
                let (seconds, variable) = (self.transfer_timeout.as_secs_f64(), "HF_HUB_DOWNLOAD_TIMEOUT");
                Err(Error::TimedOut { host: host(url), seconds, variable })
            }
            _ => Err(Error::TooSlow {
                host: host(url),
                bytes: pace::LEAST,
                seconds: pace.window().as_secs_f64(),
            }),
        }
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A failure of the connection.
    pub(crate) fn failure(&self, url: &Url, error: &reqwest::Error) -> Error {
        if error.is_timeout() {
            let (seconds, variable) = (self.transfer_timeout.as_secs_f64(), "HF_HUB_DOWNLOAD_TIMEOUT");
            return Error::TimedOut { host: host(url), seconds, variable };
        }
        Error::Connect { host: host(url), why: causes(error) }
    }

    /// What a status other than a good one means.
    fn refusal(&self, ask: &Ask<'_>, url: &Url, response: Response) -> Error {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let what = ask.what.to_owned();
        let message = self.message(response);
        match status {
            401 => {
                let with_token = matches!(self.endpoint, Some((_, Some(_))));
                Error::Unauthorized { what, with_token, message }
            }
            403 => Error::Forbidden { what, message },
            429 => {
                let seconds = text(&headers, RETRY_AFTER.as_str()).and_then(|text| text.parse().ok());
                Error::RateLimited { host: host(url), seconds }
            }
            404 => {
                let code = text(&headers, "x-error-code").unwrap_or_default();
                Error::Status { what, status, message: if code.is_empty() { message } else { code } }
            }
            _ => Error::Status { what, status, message },
        }
    }

    /// What the server says of an error, in one short line.
    fn message(&self, mut response: Response) -> String {
        const ENOUGH: usize = 1 << 14;
        let in_header = text(response.headers(), "x-error-message");
        let body = || {
            let (mut body, mut pace, url) = (Vec::new(), self.pace(), response.url().clone());
            while let Ok(Some(chunk)) = self.next_chunk(&mut response, &mut pace, &url) {
                body.extend_from_slice(&chunk);
                if body.len() > ENOUGH {
                    break;
                }
            }
            let value: Value = serde_json::from_slice(&body).ok()?;
            value.get("error").and_then(Value::as_str).map(str::to_owned)
        };
        let message = in_header.or_else(body).unwrap_or_default();
        let printable = message.chars().map(|c| if c.is_control() { ' ' } else { c });
        printable.take(200).collect::<String>().trim().to_owned()
    }

    /// A JSON answer of the API.
    pub(crate) fn json(&self, ask: &Ask<'_>) -> Result<Value, Error> {
        self.attempts(|| {
            let Answered { mut response, .. } = self.send(ask)?;
            let (mut body, mut pace) = (Vec::new(), self.pace());
            loop {
                match self.next_chunk(&mut response, &mut pace, &ask.url)? {
                    Some(chunk) => body.extend_from_slice(&chunk),
                    None => break,
                }
                if body.len() as u64 > MAX_ANSWER {
                    let (what, found) = (ask.what.to_owned(), body.len() as u64);
                    return Err(Error::TooLarge { what, found, max: MAX_ANSWER });
                }
            }
            serde_json::from_slice(&body)
                .map_err(|source| Error::Answer { what: ask.what.to_owned(), source })
        })
    }
}

/// The causes of an error, the last of which says why.
fn causes(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
