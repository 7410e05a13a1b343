//! A folder with a sub-folder of `.txt` files for each label.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::fault::Fault;
use super::records::Record;
use crate::Error;
use crate::listing::{Entry, list};

/// Bytes of a text; a longer file is left out.
const MOST_BYTES: u64 = 16 << 20;
/// Files that are named in a notice.
const NAMED: usize = 3;

/// Records, and what must be said of files that were left out.
pub(super) struct FromFolder {
    pub(super) records: Vec<Record>,
    pub(super) notice: Option<String>,
}

/// Whether a folder has folders of `.txt` files and nothing else in them, itself or in `train`.
pub(crate) fn is_of_texts(path: &Path) -> bool {
    let of_labels = |path: &Path| {
        let folders: Vec<Entry> =
            list(path).unwrap_or_default().into_iter().filter(|entry| entry.is_folder).collect();
        let is_of_txt = |entry: &Entry| {
            list(&entry.path)
                .is_ok_and(|files| !files.is_empty() && files.iter().all(|file| is_text(&file.path)))
        };
        folders.len() > 1 && folders.iter().all(is_of_txt)
    };
    of_labels(path) || of_labels(&path.join("train"))
}

fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"))
}

/// The texts of all labels, by label and then by name. A file that cannot be used is left out, and said.
pub(super) fn read(path: &Path) -> Result<FromFolder, Error> {
    let (mut records, mut left_out) = (Vec::new(), Vec::new());
    for label in list(path)?.into_iter().filter(|entry| entry.is_folder) {
        for file in list(&label.path)?.into_iter().filter(|file| is_text(&file.path)) {
            match text(&file) {
                Ok(text) => records.push(Record { texts: vec![text], label: label.name.clone() }),
                Err(why) => left_out.push(format!("`{}/{}` {why}", label.name, file.name)),
            }
        }
    }
    if records.is_empty() {
        return Err(Error::Texts { path: path.to_owned(), fault: Fault::Empty });
    }
    let named = left_out.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = match left_out.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let notice = (!left_out.is_empty()).then(|| format!("left out: {named}{more}"));
    Ok(FromFolder { records, notice })
}

fn text(file: &Entry) -> Result<String, String> {
    let path = file.plain().map_err(|error| format!("({error})"))?;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("({error})"))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err("(larger than 16 MiB)".into());
    }
    String::from_utf8(bytes).map_err(|_| "(not UTF-8)".into())
}
