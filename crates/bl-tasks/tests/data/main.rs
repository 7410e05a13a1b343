#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test that fails should say where")]

//! What bl-tasks promises of files: of every format, of folders, and of the official sets.

mod damaged;
mod evaluation;
mod files;
mod folder;
mod forms;
mod forms_of_arrays;
mod idx;
mod inputs;
mod npy;
mod official;
mod open;
mod picture;
mod picture_files;
mod picture_values;
mod trials;
