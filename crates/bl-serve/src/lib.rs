//! Adapters over HTTP: the Open Inference Protocol (`KServe` V2, REST) with an adapter as a model and its content
//! as its version, and a page to try them on.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use bl_runtime::{Limits, Runtime};
//! use bl_serve::{Server, Settings, serve};
//!
//! let server = Server::new(Settings::new("adapters".into()), Runtime::new(Limits::default()))?;
//! server.load_folder()?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//! serve(server, listener, std::future::pending()).await;
//! # Ok(())
//! # }
//! ```
//!
//! - [`app()`] is the service itself, which tests call without a socket.
//! - Requests that come together are computed together (`batcher`); each keeps the version it began with.
//! - Nothing outside the adapter folder is read, and nothing is loaded by clients unless they are allowed to.
//! - The library prints nothing; what happens is told to [`Server::on_event`].

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test that fails should say where")
)]

mod about;
mod address;
mod app;
mod batcher;
mod body;
mod caller;
mod cost;
mod endpoint;
mod failure;
mod folder;
mod infer;
mod json;
mod kinds;
mod listen;
mod metadata;
mod metrics;
mod mixed;
mod names;
mod pages;
mod patience;
mod protocol;
mod repository;
mod room;
mod server;
mod settings;
mod turns;
mod watch;

pub use app::app;
pub use listen::serve;
pub use server::{Server, StartError};
pub use settings::Settings;
pub use watch::watch;
