//! Which columns of a table are the texts and the labels.

use super::Fault;

/// Columns as a user names them; what is not stated is found by the usual names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The column of texts, or the two of pairs.
    pub texts: Option<Vec<String>>,
    /// The column of labels.
    pub label: Option<String>,
}

/// Places of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    /// One or two.
    pub(crate) texts: Vec<usize>,
    /// None only where there need not be one.
    pub(crate) label: Option<usize>,
}

const TEXTS: [&str; 10] = [
    "text",
    "sentence",
    "utterance",
    "query",
    "question",
    "review",
    "message",
    "content",
    "comment",
    "document",
];
const LABELS: [&str; 10] =
    ["label", "labels", "intent", "class", "category", "target", "sentiment", "topic", "language", "lang"];
const PAIRS: [[&str; 2]; 6] = [
    ["text_a", "text_b"],
    ["text1", "text2"],
    ["sentence1", "sentence2"],
    ["premise", "hypothesis"],
    ["question1", "question2"],
    ["question", "sentence"],
];

impl Wanted {
    /// Names as a user states them: one column of texts, or two with a comma between them.
    pub fn new(texts: Option<&str>, label: Option<String>) -> Self {
        Self { texts: texts.map(|names| names.split(',').map(str::to_owned).collect()), label }
    }

    /// The places of these columns among the names of a table.
    pub(crate) fn among(&self, names: &[String]) -> Result<Columns, Fault> {
        match self.texts_among(names)? {
            Columns { label: None, .. } => Err(match &self.label {
                Some(wanted) => Fault::NoColumn { wanted: wanted.clone(), found: names.to_vec() },
                None => Fault::NoLabels { found: names.to_vec() },
            }),
            columns => Ok(columns),
        }
    }

    /// The same, of a table that need not have labels, whatever is stated.
    pub(crate) fn texts_among(&self, names: &[String]) -> Result<Columns, Fault> {
        let found = || names.to_vec();
        let stated = |name: &String| {
            place(names, name).ok_or_else(|| Fault::NoColumn { wanted: name.clone(), found: found() })
        };
        let usual = |usual: &[&str]| usual.iter().find_map(|name| place(names, name));
        let label = match &self.label {
            Some(name) => place(names, name),
            None => usual(&LABELS),
        };
        let pair =
            || PAIRS.iter().find_map(|pair| Some(vec![place(names, pair[0])?, place(names, pair[1])?]));
        let texts = match &self.texts {
            Some(columns) => columns.iter().map(stated).collect::<Result<_, _>>()?,
            None => pair()
                .or_else(|| usual(&TEXTS).map(|place| vec![place]))
                .ok_or_else(|| Fault::NoTexts { found: found() })?,
        };
        if !(1..=2).contains(&texts.len()) {
            return Err(Fault::ColumnCount { found: texts.len() });
        }
        Ok(Columns { texts, label })
    }
}

/// As it is written, or else in lower case and without blanks around.
fn place(names: &[String], wanted: &str) -> Option<usize> {
    let plain = |name: &str| name.trim().to_lowercase();
    names
        .iter()
        .position(|name| name == wanted)
        .or_else(|| names.iter().position(|name| plain(name) == plain(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_the_usual_names_or_as_stated() {
        let wanted = |texts: Option<&str>, label: Option<&str>| Wanted {
            texts: texts.map(|texts| texts.split(',').map(String::from).collect()),
            label: label.map(String::from),
        };
        for (names, texts, label, expected) in [
            ("label,text", None, None, Some((vec![1], Some(0)))),
            ("Text , Category", None, None, Some((vec![0], Some(1)))),
            ("id,premise,hypothesis,label", None, None, Some((vec![1, 2], Some(3)))),
            ("question,sentence,label", None, None, Some((vec![0, 1], Some(2)))),
            ("a,b,c", Some("c,a"), Some("b"), Some((vec![2, 0], Some(1)))),
            ("a,b,label", None, None, None),
            ("text,b", None, None, None),
            ("text,label", Some("body"), None, None),
            ("a,b,c,label", Some("a,b,c"), None, None),
        ] {
            let names: Vec<String> = names.split(',').map(String::from).collect();
            let found = wanted(texts, label).among(&names).ok().map(|found| (found.texts, found.label));
            assert_eq!(found, expected, "{names:?}");
        }
    }
}
