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
    let mut lines: Vec<String> = runs.iter().take(most).map(|run| run_line(run)).collect();
    let rest: usize = runs.iter().skip(most).map(|run| run.len()).sum();
    if rest > 0 {
        lines.push(format!("and so on for {}", counted(rest, "more image", "more images")));
    }
    lines
}

fn run_line(run: &[NamedPicture]) -> String {
    let (first, last) = (printable(&run[0].name), printable(&run[run.len() - 1].name));
    let how = &run[0].how;
    match run.len() {
        1 => format!("{first}: {how}"),
        2 => format!("{first}, {last}: {how}"),
        n => format!("{first} … {last} ({} images): {how}", grouped(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture((name, how): &(&str, &str)) -> NamedPicture {
        NamedPicture { name: (*name).into(), pixels: Vec::new(), how: (*how).into(), label: None }
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
    fn names_keep_the_folder_that_was_typed() {
        let name = |path: &str| {
            named_as_typed(Path::new(path), vec![picture(&("x.csv:2", ""))]).next().map(|p| p.name)
        };
        assert_eq!(name("x.csv").as_deref(), Some("x.csv:2"));
        assert_eq!(name("a/../x.csv").as_deref(), Some("a/../x.csv:2"));
        assert_eq!(name("/").as_deref(), Some("/x.csv:2"));
    }
}
