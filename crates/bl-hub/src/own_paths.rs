//! Where somebody keeps their data is nobody else's business: a header records the path that was trained on, and what is
//! published has the folder's or file's name in its place.

use bl_core::Adapter;
use serde_json::Value;

use crate::name::Target;

/// The paths of this machine in an adapter's header, the longest first.
pub(crate) fn own_paths(adapter: &Adapter) -> Vec<String> {
    let header = &adapter.header;
    let mut paths = Vec::new();
    if let Some(training) = &header.training {
        paths.push(training.dataset.name.clone());
        strings(&training.config, &mut paths);
        // A name of a task has no slash, and a name on the Hub is no path.
        let is_file = |text: &str| [".toml", ".json", ".safetensors"].iter().any(|end| text.ends_with(end));
        let is_name = |text: &str| text.parse::<Target>().is_ok() && !is_file(text);
        let relative = |key: &str, is_name: &dyn Fn(&str) -> bool| {
            let text = training.config.get(key)?.as_str()?;
            (text.contains(['/', '\\']) && !is_name(text)).then(|| text.to_owned())
        };
        let relative = [relative("task", &|_| false), relative("backbone", &is_name)];
        paths.retain(|text| is_absolute(text));
        paths.extend(relative.into_iter().flatten());
    }
    // A title quotes it.
    let quoted = header.task.title.split('`').skip(1).step_by(2);
    paths.extend(quoted.filter(|text| text.contains(['/', '\\'])).map(str::to_owned));
    paths.extend([&header.task.name].into_iter().filter(|text| is_absolute(text)).cloned());
    paths.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    paths.dedup();
    paths
}

/// A text without these paths.
pub(crate) fn without(paths: &[String], text: &str) -> String {
    paths.iter().fold(text.to_owned(), |text, path| text.replace(path, last(path)))
}

/// The folder's or file's own name.
pub(crate) fn last(path: &str) -> &str {
    let name = path.split(['/', '\\']).rfind(|part| !part.is_empty() && *part != "." && *part != "..");
    name.unwrap_or("data")
}

fn is_absolute(text: &str) -> bool {
    let drive = |text: &str| {
        let mut start = text.chars();
        start.next().is_some_and(|c| c.is_ascii_alphabetic())
            && start.next() == Some(':')
            && matches!(start.next(), Some('/' | '\\'))
    };
    let is_unix = text.strip_prefix('/').is_some_and(|rest| !rest.is_empty());
    is_unix || drive(text) || ["~/", "./", "../", "\\\\", "file:"].iter().any(|start| text.starts_with(start))
}

fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| strings(value, into)),
        Value::Object(map) => map.values().for_each(|value| strings(value, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_its_last_part() {
        for (path, expected) in [
            ("/home/ada/letters", "letters"),
            ("/home/ada/letters/", "letters"),
            ("../series.csv", "series.csv"),
            ("C:\\Users\\ada\\letters", "letters"),
            ("/", "data"),
        ] {
            assert_eq!(last(path), expected);
        }
        for (text, expected) in [
            ("/home/ada", true),
            ("~/letters", true),
            ("./letters", true),
            ("d:/letters", true),
            ("file:///x", true),
            ("mnist", false),
            ("ada/digits@v1", false),
            ("kWh/day", false),
            ("/", false),
        ] {
            assert_eq!(is_absolute(text), expected, "{text}");
        }
        let paths = ["/home/ada/letters".to_owned(), "/home/ada".to_owned()];
        assert_eq!(without(&paths, "the folder `/home/ada/letters`"), "the folder `letters`");
    }
}
