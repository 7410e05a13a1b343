//! The ways in which things go wrong.

use std::io::{Result, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::answer::Answer;
use crate::files;
use crate::request::Request;
use crate::store::{Store, etag};

/// What goes wrong. Unless it says otherwise, with every `GET` of a file; `HEAD` stays true.
#[derive(Clone, Debug, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// An HTML page with this status.
    ErrorPage(u16),
    /// An HTML page with status 200 in answer to everything, as networks answer before a login.
    LoginPage,
    /// An error with this status in answer to everything.
    Status(u16),
    /// Status 429, some times, with these seconds in `Retry-After`.
    RateLimited {
        /// Requests that are refused.
        times: u32,
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Status 503 for the first requests of any kind.
    Unavailable {
        /// Requests that are refused.
        times: u32,
    },
    /// Half of the body, said to be all of it.
    Truncated,
    /// The connection ends after half of the body, some times.
    Dropped {
        /// Answers that end early.
        times: u32,
        /// Whether the rest can be asked for.
        ranges: bool,
    },
    /// One bit of the body is another.
    Tampered,
    /// `HEAD` states a byte more than there is.
    WrongSize,
    /// `HEAD` states so many bytes.
    Huge(u64),
    /// `HEAD` states this ETag.
    Etag(String),
    /// `HEAD` states this commit.
    Commit(String),
    /// Whoever asks for a file is sent there, by `HEAD` too.
    Redirect(String),
    /// Every answer comes late.
    Slow(Duration),
    /// Half of the body comes, and then nothing for as long.
    Stalled(Duration),
    /// The body of every answer comes a byte at a time, so long apart.
    Dripping(Duration),
    /// After `HEAD` the branch moves on: `GET` brings these bytes, and is honest about it.
    Changed(Vec<u8>),
}

impl Fault {
    /// How many answers it spoils, if not all.
    pub(crate) fn times(&self) -> Option<u32> {
        match self {
            Self::RateLimited { times, .. } | Self::Unavailable { times } | Self::Dropped { times, .. } => {
                Some(*times)
            }
            _ => None,
        }
    }

    pub(crate) fn meets(&self, request: &Request) -> bool {
        let is_file = request.path.contains("/resolve/") || request.path.starts_with("/data/");
        match self {
            Self::None => false,
            Self::LoginPage
            | Self::Status(_)
            | Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::Dripping(_)
            | Self::Slow(_) => true,
            Self::WrongSize | Self::Huge(_) | Self::Etag(_) | Self::Commit(_) => {
                is_file && request.method == "HEAD"
            }
            Self::Redirect(_) => is_file,
            _ => is_file && request.method == "GET",
        }
    }

    /// The answer that goes out in place of the right one.
    pub(crate) fn spoil(&self, store: &Store, request: &Request, answer: Answer) -> Answer {
        match self {
            Self::ErrorPage(status) => Answer::page(*status),
            Self::LoginPage => Answer::page(200),
            Self::Status(status) => Answer::error(*status, "no"),
            Self::RateLimited { retry_after, .. } => {
                Answer::error(429, "Too many requests").with("retry-after", retry_after.to_string())
            }
            Self::Unavailable { .. } => Answer::page(503),
            Self::Truncated => {
                let half = answer.body.len() / 2;
                Answer { body: answer.body[..half].to_vec(), ..answer }
            }
            Self::Dropped { ranges: false, .. } => whole(store, request).unwrap_or(answer),
            Self::Tampered => {
                let mut answer = answer;
                if let Some(byte) = answer.body.last_mut() {
                    *byte ^= 1;
                }
                answer
            }
            Self::WrongSize => {
                let size = answer.body.len() + 1;
                answer.with("content-length", size.to_string()).with("x-linked-size", size.to_string())
            }
            Self::Huge(size) => answer.with("x-linked-size", size.to_string()),
            Self::Etag(tag) => answer.with("etag", tag).with("x-linked-etag", tag),
            Self::Commit(commit) => answer.with("x-repo-commit", commit),
            Self::Redirect(to) => answer_elsewhere(&answer, to),
            Self::Changed(bytes) => {
                let file = files::parts(&request.path).map_or("", |(_, _, file)| file);
                let tag = format!("\"{}\"", etag(file, bytes));
                Answer::new(200, bytes.clone()).with("etag", tag).with("x-repo-commit", "c".repeat(40))
            }
            Self::None | Self::Dropped { .. } | Self::Slow(_) | Self::Stalled(_) | Self::Dripping(_) => {
                answer
            }
        }
    }

    /// Sends an answer, as far as it goes.
    pub(crate) fn send(&self, request: &Request, answer: &Answer, stream: &mut TcpStream) -> Result<()> {
        let head_only = request.method == "HEAD";
        let (all, half) = (answer.body.len(), answer.body.len() / 2);
        match self {
            Self::Slow(late) => {
                std::thread::sleep(*late);
                answer.send(head_only, all, stream)
            }
            Self::Dropped { .. } => answer.send(head_only, half, stream),
            Self::Stalled(late) => {
                answer.send(head_only, half, stream)?;
                std::thread::sleep(*late);
                Ok(())
            }
            Self::Dripping(apart) if !head_only => {
                answer.send(head_only, 0, stream)?;
                for byte in &answer.body {
                    std::thread::sleep(*apart);
                    stream.write_all(std::slice::from_ref(byte))?;
                    stream.flush()?;
                }
                Ok(())
            }
            _ => answer.send(head_only, all, stream),
        }
    }
}

/// The whole file, whatever part was asked for.
fn whole(store: &Store, request: &Request) -> Option<Answer> {
    let request = Request { range: None, ..request.clone() };
    match store.plain.get(&request.path) {
        Some(bytes) => Some(files::ranged(&request, bytes.clone())),
        None => files::answer(store, None, &request),
    }
}

/// A redirect that keeps what the right answer says of the file.
fn answer_elsewhere(answer: &Answer, to: &str) -> Answer {
    let of =
        |name: &str| answer.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let mut redirect = Answer::new(302, "").with("location", to);
    if let Some(tag) = of("etag") {
        redirect = redirect.with("x-linked-etag", tag).with("x-linked-size", answer.body.len().to_string());
    }
    match of("x-repo-commit") {
        Some(commit) => redirect.with("x-repo-commit", commit),
        None => redirect,
    }
}
