//! Placeholder docs, replaced as the crate grows.
pub mod schema;
