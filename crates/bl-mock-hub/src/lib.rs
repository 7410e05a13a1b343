//! A hub on loopback: as much of the Hugging Face Hub as clients of models use, with a mode for each thing that can go
//! wrong, and a count of all that reached it.
//!
//! ```
//! let hub = bl_mock_hub::MockHub::start();
//! let commit = hub.put("ada/digits", &[("README.md", b"# Digits")]);
//! assert_eq!(commit.len(), 40);
//! assert_eq!(hub.connections(), 0);
//! ```
//!
//! One connection, one request. Files that end in `.safetensors` or `.png` are large files (their ETag is a SHA-256), all
//! others are small ones (a git blob's SHA-1).

mod answer;
mod api;
mod fault;
mod files;
mod request;
mod store;

use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use answer::Answer;
pub use fault::Fault;
pub use request::Request;
use store::Store;
pub use store::{git_blob_sha1, sha256};

/// A hub that answers until the program ends.
pub struct MockHub {
    address: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    connections: AtomicUsize,
}

#[derive(Default)]
struct State {
    store: Store,
    fault: Fault,
    /// Answers that the fault has spoilt.
    spoilt: u32,
    /// Where large files are sent for, by redirect.
    cdn: Option<String>,
    /// The only token that may read and write, if there is one.
    token: Option<String>,
    log: Vec<Request>,
}

impl MockHub {
    /// Listens on a free port of this machine.
    ///
    /// # Panics
    /// If there is none.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it listens").to_string();
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                of_thread.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&of_thread);
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, shared }
    }

    /// What `HF_ENDPOINT` is to be.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How things go wrong from now on.
    pub fn set(&self, fault: Fault) {
        let mut state = self.shared.lock();
        (state.fault, state.spoilt) = (fault, 0);
    }

    /// Sends clients elsewhere for large files, as the Hub does.
    pub fn send_large_files_to(&self, other: &Self) {
        self.shared.lock().cdn = Some(other.endpoint());
    }

    /// Lets in only those with this token.
    pub fn require_token(&self, token: &str) {
        self.shared.lock().token = Some(token.to_owned());
    }

    /// A commit on `main` that adds or replaces files; makes the repository. Returns the commit.
    pub fn put(&self, repo: &str, files: &[(&str, &[u8])]) -> String {
        let files = files.iter().map(|&(path, bytes)| (path.to_owned(), Some(bytes.to_vec()))).collect();
        self.shared.lock().store.commit(repo, "main", files)
    }

    /// A file on `main`.
    pub fn file(&self, repo: &str, path: &str) -> Option<Vec<u8>> {
        self.shared.lock().store.file(repo, "main", path).cloned()
    }

    /// How many commits a repository has.
    pub fn commits(&self, repo: &str) -> usize {
        self.shared.lock().store.commits(repo)
    }

    /// Whether a repository is private; none if there is none.
    pub fn is_private(&self, repo: &str) -> Option<bool> {
        self.shared.lock().store.repo(repo).map(|repo| repo.private)
    }

    /// Serves a file at any path that is none of the Hub's, for mirrors of data sets.
    pub fn put_plain(&self, path: &str, bytes: &[u8]) {
        self.shared.lock().store.plain.insert(path.to_owned(), bytes.to_vec());
    }

    /// Connections that were opened.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().log.clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client that goes away is none of the hub's concern.
    fn serve(&self, mut stream: TcpStream) {
        let Ok(request) = Request::read(&mut stream) else { return };
        let (answer, fault) = {
            let mut state = self.lock();
            state.log.push(request.clone());
            let answer = state.answer(&request);
            state.fault_of(&request, answer)
        };
        let _ = fault.send(&request, &answer, &mut stream);
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        let unknown = self.token.as_ref().is_some_and(|token| request.token.as_ref() != Some(token));
        if unknown {
            return Answer::error(401, "Invalid username or password.");
        }
        if let Some(bytes) = self.store.plain.get(&request.path) {
            return files::ranged(request, bytes.clone());
        }
        api::answer(&mut self.store, request)
            .or_else(|| files::answer(&self.store, self.cdn.as_deref(), request))
            .unwrap_or_else(|| Answer::error(404, "Sorry, we can't find the page you are looking for."))
    }

    /// The fault that meets a request, and what it makes of the answer.
    fn fault_of(&mut self, request: &Request, answer: Answer) -> (Answer, Fault) {
        if !self.fault.meets(request) || self.fault.times().is_some_and(|times| self.spoilt >= times) {
            return (answer, Fault::None);
        }
        self.spoilt += 1;
        let fault = self.fault.clone();
        (fault.spoil(&self.store, request, answer), fault)
    }
}
