//! Tasks of texts: two halves of records become one.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use bl_core::io::TextSchema;
use bl_core::text::grouped;

use super::records::Record;
use super::{Corpus, Fault, TextForm, folder, records};
use crate::catalogue::{Info, TextSet};
use crate::folder::{TEST_EVERY, is_for_test};
use crate::kinds::Texts;
use crate::task::{Request, Task, What};
use crate::{Error, Source, sample};

/// Endings of tables, the first that is there counts.
const ENDINGS: [&str; 6] = ["tsv.gz", "tsv", "csv.gz", "csv", "jsonl.gz", "jsonl"];

/// A table of one's own: every sixth text of a label is kept for testing.
pub(crate) fn open_file(path: &Path, form: &TextForm) -> Result<Task, Error> {
    let all = records::read(path, &form.columns)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').next().unwrap_or_default().to_owned();
    let title = format!("the table `{}`", path.display());
    own(path, name, title, Source::File, split(path, all)?, form)
}

/// A folder of one's own: tables `train` and `test`, or a folder of `.txt` files for each label, in `train` and `test` or not.
pub(crate) fn open_folder(path: &Path, form: &TextForm) -> Result<Task, Error> {
    let (train, test) = (path.join("train"), path.join("test"));
    let halves = if let Some([train, test]) = tables(path, "test") {
        let records = |path: &Path| records::read(path, &form.columns);
        Halves { train: records(&train)?, test: records(&test)?, notices: Vec::new() }
    } else if train.is_dir() && test.is_dir() {
        let (train, test) = (folder::read(&train)?, folder::read(&test)?);
        let notices = train.notice.into_iter().chain(test.notice).collect();
        Halves { train: train.records, test: test.records, notices }
    } else {
        let all = folder::read(path)?;
        let mut halves = split(path, all.records)?;
        halves.notices.extend(all.notice);
        halves
    };
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = whole.file_name().map_or_else(|| "folder".into(), |name| name.to_string_lossy().into_owned());
    own(path, name, format!("the folder `{}`", path.display()), Source::Folder, halves, form)
}

/// The tables of both halves in a folder, if they are there.
pub(crate) fn tables(folder: &Path, test: &str) -> Option<[PathBuf; 2]> {
    let table = |half: &str| {
        ENDINGS.iter().map(|ending| folder.join(format!("{half}.{ending}"))).find(|path| path.is_file())
    };
    Some([table("train")?, table(test)?])
}

/// A set of the catalogue, wherever its data are.
pub(crate) fn open_named(info: &'static Info, set: &TextSet, request: &Request) -> Result<Task, Error> {
    let (halves, source, mut notices, folder) = match set.locate(info.name, &request.data) {
        Some([train, test]) => {
            let columns = &super::Wanted::default();
            let (train_records, test_records) =
                (records::read(&train, columns)?, records::read(&test, columns)?);
            let found = (train_records.len(), test_records.len());
            let notice = (found != set.official).then(|| {
                format!(
                    "`{}` and `{}` hold {} + {} texts, the official set has {} + {}",
                    train.display(),
                    test.display(),
                    grouped(found.0),
                    grouped(found.1),
                    grouped(set.official.0),
                    grouped(set.official.1)
                )
            });
            let source = if notice.is_none() { Source::Official } else { Source::Sample };
            let halves = Halves { train: train_records, test: test_records, notices: Vec::new() };
            (halves, source, Vec::from_iter(notice), train)
        }
        None if set.has_sample && !request.data.explicit => {
            let (train, test) = sample::snips();
            let notice = format!(
                "embedded sample of {}, {} + {} texts of the official {} + {}",
                info.title,
                grouped(train.len()),
                grouped(test.len()),
                grouped(set.official.0),
                grouped(set.official.1)
            );
            let halves = Halves { train, test, notices: Vec::new() };
            (halves, Source::Sample, vec![notice], PathBuf::from(info.name))
        }
        None if request.data.explicit && !request.data.root.is_dir() => {
            return Err(Error::NoDataDir { root: request.data.root.clone() });
        }
        None => {
            let folder = request.data.folder(info.name);
            return Err(Error::NoData { task: info.name, folder, explicit: request.data.explicit });
        }
    };
    let (mut texts, prepared, more) = learnable(&folder, halves, &request.text)?;
    notices.extend(more);
    if let Some(names) = set.names {
        texts.name_labels(names);
    }
    Ok(Task {
        name: info.name.into(),
        title: info.title.into(),
        source,
        notice: (!notices.is_empty()).then(|| notices.join("; ")),
        prepared: Some(prepared),
        licence: Some(info.licence.into()),
        what: What::Texts(texts),
    })
}

/// Records to learn from and to test on.
struct Halves {
    train: Vec<Record>,
    test: Vec<Record>,
    notices: Vec<String>,
}

fn split(path: &Path, all: Vec<Record>) -> Result<Halves, Error> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for record in &all {
        *counts.entry(record.label.clone()).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let (test, train): (Vec<_>, Vec<_>) = all.into_iter().partition(|record| {
        let nth = seen.entry(record.label.clone()).or_default();
        *nth += 1;
        is_for_test(*nth - 1, counts[&record.label])
    });
    if test.is_empty() {
        return Err(Error::Texts { path: path.to_owned(), fault: Fault::NoTest });
    }
    let notices = vec![format!(
        "every {TEST_EVERY}th text of a label is kept for testing, {} of {}",
        grouped(test.len()),
        grouped(train.len() + test.len())
    )];
    Ok(Halves { train, test, notices })
}

fn own(
    path: &Path,
    name: String,
    title: String,
    source: Source,
    halves: Halves,
    form: &TextForm,
) -> Result<Task, Error> {
    let (texts, prepared, notices) = learnable(path, halves, form)?;
    Ok(Task {
        name,
        title,
        source,
        notice: (!notices.is_empty()).then(|| notices.join("; ")),
        prepared: Some(prepared),
        licence: Some("not stated".into()),
        what: What::Texts(texts),
    })
}

/// Numbers the labels and makes rows; with what is to be said of those, and of the texts.
fn learnable(path: &Path, halves: Halves, form: &TextForm) -> Result<(Texts, String, Vec<String>), Error> {
    let failed = |fault| Error::Texts { path: path.to_owned(), fault };
    let Halves { train, test, mut notices } = halves;
    let labels = labels(&train).map_err(failed)?;
    let together = train.first().map_or(1, |record| record.texts.len());
    let schema = form.schema(together);
    schema.validate()?;
    if schema.texts() != together {
        return Err(failed(Fault::Together { expected: schema.texts(), found: together }));
    }
    let corpus = |records: Vec<Record>| {
        let mut corpus = Corpus::default();
        for Record { texts, label } in records {
            let place = labels.iter().position(|known| *known == label);
            corpus.labels.push(place.ok_or(Fault::Untrained { label })? as u8);
            corpus.texts.push(texts);
        }
        Ok(corpus.with_words(form, &schema))
    };
    let ((train, of_train), (test, of_test)) =
        (corpus(train).map_err(failed)?, corpus(test).map_err(failed)?);
    if train.is_empty() || test.is_empty() {
        return Err(failed(Fault::Empty));
    }
    if of_train + of_test > 0 {
        notices.push(format!("left out: {} texts without a word", grouped(of_train + of_test)));
    }
    notices.extend(in_both(&train, &test));
    let prepared = words(&schema);
    Ok((Texts::new(labels, schema, train, test)?, prepared, notices))
}

/// The labels of the training half: by number if all are numbers, else by name.
fn labels(train: &[Record]) -> Result<Vec<String>, Fault> {
    let labels: BTreeSet<&String> = train.iter().map(|record| &record.label).collect();
    let mut labels: Vec<String> = labels.into_iter().cloned().collect();
    if labels.iter().all(|label| label.parse::<i64>().is_ok()) {
        labels.sort_by_key(|label| label.parse::<i64>().ok());
    }
    match labels.len() {
        0 => Err(Fault::Empty),
        1 => Err(Fault::OneLabel { label: labels.remove(0) }),
        2..=256 => Ok(labels),
        found => Err(Fault::TooManyLabels { found }),
    }
}

/// What is to be said if test texts are training texts too: accuracy on them says little.
fn in_both(train: &Corpus, test: &Corpus) -> Option<String> {
    const SOME: f64 = 0.01;
    let known: HashSet<&Vec<String>> = train.texts.iter().collect();
    let both = test.texts.iter().filter(|texts| known.contains(texts)).count();
    (both as f64 > SOME * test.len() as f64)
        .then(|| format!("{} of {} test texts are training texts too", grouped(both), grouped(test.len())))
}

/// `words, pairs of words, and 3 to 5 characters of a word, counted at 4096 hashed places`
pub(crate) fn words(schema: &TextSchema) -> String {
    let ngrams = match schema {
        TextSchema::Ngrams(ngrams) => ngrams,
        TextSchema::Tokens(tokens) => {
            return format!("tokens of a pretrained encoder, at most {}", grouped(tokens.longest as usize));
        }
    };
    let of_words = match ngrams.words {
        0 => None,
        1 => Some("words".to_owned()),
        most => Some(format!("runs of 1 to {most} words")),
    };
    let of_characters = match ngrams.characters {
        [_, 0] => None,
        [shortest, longest] if shortest == longest => Some(format!("runs of {longest} characters of a word")),
        [shortest, longest] => Some(format!("runs of {shortest} to {longest} characters of a word")),
    };
    let both: Vec<String> = of_words.into_iter().chain(of_characters).collect();
    format!("{}, counted at {} hashed places", both.join(" and "), grouped(ngrams.values as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(label: &str, text: &str) -> Record {
        Record { texts: vec![text.into()], label: label.into() }
    }

    #[test]
    fn labels_are_in_the_order_of_numbers_or_of_names() {
        let of = |names: &[&str]| labels(&names.iter().map(|name| record(name, "x")).collect::<Vec<_>>());
        assert_eq!(of(&["10", "9", "-1"]).unwrap(), ["-1", "9", "10"]);
        assert_eq!(of(&["b", "10", "9"]).unwrap(), ["10", "9", "b"]);
        assert_eq!(of(&["a", "a"]), Err(Fault::OneLabel { label: "a".into() }));
        let many: Vec<String> = (0..257).map(|i| format!("l{i}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(of(&many), Err(Fault::TooManyLabels { found: 257 }));
    }

    #[test]
    fn pairs_are_not_taken_for_the_texts_that_an_adapter_has_learned() {
        let pair = |label: &str| Record { texts: vec!["one".into(), "two".into()], label: label.into() };
        let form = TextForm { learned: Some(TextForm::default().schema(1)), ..TextForm::default() };
        let halves = Halves { train: vec![pair("a"), pair("b")], test: vec![pair("a")], notices: Vec::new() };
        let error = learnable(Path::new("x"), halves, &form).map(drop).unwrap_err().to_string();
        assert_eq!(error, "`x`: expected one column of texts, as the adapter has learned, found 2");
    }

    #[test]
    fn every_sixth_text_of_a_label_is_kept_for_testing() {
        let all = (0..14).map(|i| record(if i % 2 == 0 { "a" } else { "b" }, &i.to_string())).collect();
        let halves = split(Path::new("x"), all).unwrap();
        let texts =
            |records: &[Record]| records.iter().map(|record| record.texts[0].clone()).collect::<Vec<_>>();
        assert_eq!(texts(&halves.test), ["10", "11"]);
        assert_eq!(halves.train.len(), 12);
    }
}
