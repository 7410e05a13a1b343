//! Texts to be classified.

use std::path::Path;

use super::fault::Fault;
use super::records::{self, is_table_name};
use crate::Error;

/// A text, or a pair of texts, that a user wants classified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// One, or the two of a pair.
    pub texts: Vec<String>,
    /// Its class, if the file says it.
    pub label: Option<String>,
}

/// The texts of a file, `together` to a row: a table (`.csv`, `.tsv`, `.jsonl`, plain or `.gz`) with a column of texts and perhaps
/// one of labels, or a `.txt` file, which is one text. None if there is no such file, nor was one meant: then the argument itself
/// is the text.
///
/// # Errors
/// If a file was meant that is not there, or it is of another kind or cannot be read.
pub fn given(path: &Path, together: usize) -> Result<Option<Vec<Given>>, Error> {
    let is_txt = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"));
    let is_named_so = is_txt || is_table_name(path);
    let failed = |fault| Error::Texts { path: path.to_owned(), fault };
    if path.is_dir() {
        return Err(failed(Fault::Folder));
    }
    if !path.is_file() {
        let is_one_word = !path.to_string_lossy().contains(char::is_whitespace);
        if is_named_so && is_one_word {
            return Err(Error::io(path, std::io::ErrorKind::NotFound.into()));
        }
        return Ok(None);
    }
    if is_table_name(path) {
        let of_table = records::read_given(path)?;
        if let Some(other) = of_table.iter().find(|given| given.texts.len() != together) {
            return Err(failed(Fault::Together { expected: together, found: other.texts.len() }));
        }
        return Ok(Some(of_table));
    }
    if !is_txt || together != 1 {
        return Err(failed(Fault::NoTable));
    }
    let bytes = std::fs::read(path).map_err(|cause| Error::io(path, cause))?;
    let text = String::from_utf8(bytes).map_err(|_| failed(Fault::NotUtf8 { line: 1 }))?;
    Ok(Some(vec![Given { texts: vec![text], label: None }]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_and_everything_else_is_a_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let text = |text: &str, label: Option<&str>| Given {
            texts: vec![text.to_owned()],
            label: label.map(String::from),
        };
        let read = |path: &Path| given(path, 1).unwrap();
        assert_eq!(read(Path::new("play some jazz")), None);
        assert_eq!(read(Path::new("look at jazz.txt")), None);
        assert_eq!(read(&file("a.txt", "one\ntwo")), Some(vec![text("one\ntwo", None)]));
        let labelled = file("b.csv", "label,text\nx,\"one, two\"\n");
        assert_eq!(read(&labelled), Some(vec![text("one, two", Some("x"))]));
        assert_eq!(read(&file("c.jsonl", "{\"text\":\"one\"}\n")), Some(vec![text("one", None)]));
        for wrong in [Path::new("jazz.txt"), folder.path(), &file("d.png", "x"), &file("e.csv", "a,b\n1,2\n")]
        {
            assert!(given(wrong, 1).is_err(), "{}", wrong.display());
        }
        assert!(given(&labelled, 2).is_err());
    }
}
