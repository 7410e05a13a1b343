//! The user's images, brought to the form that each adapter was trained on.

use std::path::{Path, PathBuf};

use bl_cli::words::{counted, grouped, printable};
use bl_core::io::InputSchema;
use bl_tasks::inputs::{self, NamedPicture};

use crate::models::Loaded;

/// The user's images, prepared for every adapter.
pub(super) struct Inputs {
    /// Distinct input schemas in the order of the adapters, each with all images.
    pub(super) prepared: Vec<(InputSchema, Vec<NamedPicture>)>,
    /// For each adapter, its place in `prepared`.
    pub(super) of_adapter: Vec<usize>,
}

impl Inputs {
    /// Reads every path, once for each distinct schema.
    pub(super) fn read(paths: &[PathBuf], adapters: &[Loaded]) -> anyhow::Result<Self> {
        let mut all = Self { prepared: Vec::new(), of_adapter: Vec::new() };
        for adapter in adapters {
            let (&schema, _) = adapter.model.header.io.images()?;
            let place = all.prepared.iter().position(|(known, _)| *known == schema);
            all.of_adapter.push(place.unwrap_or(all.prepared.len()));
            if place.is_none() {
                let mut images = Vec::new();
                for path in paths {
                    images.extend(named_as_typed(path, inputs::read(path, &schema)?));
                }
                all.prepared.push((schema, images));
            }
        }
        Ok(all)
    }

    /// Number of the user's images.
    pub(super) fn len(&self) -> usize {
        self.prepared.iter().map(|(_, images)| images.len()).min().unwrap_or(0)
    }

    /// An image as an adapter sees it.
    pub(super) fn image(&self, adapter: usize, input: usize) -> &NamedPicture {
        &self.prepared[self.of_adapter[adapter]].1[input]
    }
}

/// Names with the folder that the user typed, so that equal file names in two folders stay apart.
fn named_as_typed(path: &Path, pictures: Vec<NamedPicture>) -> impl Iterator<Item = NamedPicture> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) }.to_owned();
    pictures.into_iter().map(move |picture| {
        let name = folder.join(&picture.name).to_string_lossy().into_owned();
        NamedPicture { name, ..picture }
    })
}

/// What was done to the images: a line for all that follow each other with the same words, for the first
/// so many of such runs.
pub(super) fn preparation(images: &[NamedPicture], most: usize) -> Vec<String> {
    let runs: Vec<&[NamedPicture]> = images.chunk_by(|a, b| a.how == b.how).collect();
    lines(runs.into_iter().map(|run| (run, &*run[0].how)), most)
}

/// What was guessed of the images, likewise.
pub(super) fn guesses(images: &[NamedPicture], most: usize) -> Vec<String> {
    let runs = images.chunk_by(|a, b| a.note == b.note);
    lines(runs.filter_map(|run| Some((run, run[0].note.as_deref()?))), most)
}

fn lines<'a>(runs: impl Iterator<Item = (&'a [NamedPicture], &'a str)>, most: usize) -> Vec<String> {
    let mut runs = runs.fuse();
    let mut lines: Vec<String> = runs.by_ref().take(most).map(|(run, words)| run_line(run, words)).collect();
    let rest: usize = runs.map(|(run, _)| run.len()).sum();
    if rest > 0 {
        lines.push(format!("and so on for {}", counted(rest, "more image", "more images")));
    }
    lines
}

fn run_line(run: &[NamedPicture], words: &str) -> String {
    let (first, last) = (printable(&run[0].name), printable(&run[run.len() - 1].name));
    match run.len() {
        1 => format!("{first}: {words}"),
        2 => format!("{first}, {last}: {words}"),
        n => format!("{first} … {last} ({} images): {words}", grouped(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture((name, how): &(&str, &str)) -> NamedPicture {
        NamedPicture { name: (*name).into(), pixels: Vec::new(), how: (*how).into(), note: None, label: None }
    }

    #[test]
    fn equal_words_are_said_once() {
        let pictures =
            [("a", "inverted"), ("b", "as is"), ("c", "as is"), ("d", "as is"), ("e", "x"), ("f", "x")];
        let pictures: Vec<_> = pictures.iter().map(picture).collect();
        let lines = ["a: inverted", "b … d (3 images): as is", "e, f: x"];
        assert_eq!(preparation(&pictures, 3), lines);
        assert_eq!(preparation(&pictures, 2), [lines[0], lines[1], "and so on for 2 more images"]);
    }

    #[test]
    fn what_was_guessed_is_said_of_those_it_is_true_of() {
        let note = |note: &str| (!note.is_empty()).then(|| note.to_owned());
        let pictures = [("a", "x"), ("b", ""), ("c", "y"), ("d", "y")];
        let pictures: Vec<_> = pictures
            .map(|(name, said)| NamedPicture { note: note(said), ..picture(&(name, "as is")) })
            .into();
        assert_eq!(guesses(&pictures, 3), ["a: x", "c, d: y"]);
    }

    #[test]
    fn names_keep_the_folder_that_was_typed() {
        let name = |path: &str| {
            named_as_typed(Path::new(path), vec![picture(&("x.csv:2", ""))]).next().map(|p| p.name)
        };
        assert_eq!(name("x.csv").as_deref(), Some("x.csv:2"));
        assert_eq!(name("a/../x.csv").as_deref(), Some("a/../x.csv:2"));
        assert_eq!(name("/").as_deref(), Some("/x.csv:2"));
    }
}
