//! YAML between two lines of `---`, field by field. Fields that are kept are kept as they were written: comments, order
//! and quotes included.

use std::fmt;

use yaml_rust2::{Yaml, YamlLoader};

use super::tags::is_generated;

/// A generated value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// One value.
    Text(String),
    /// Values to be united with those that are there.
    List(Vec<String>),
    /// YAML, lines of which begin with two blanks or `- `.
    Block(String),
    /// The field is taken away.
    Nothing,
}

/// Fields in the order in which they stand, each with its lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FrontMatter {
    /// Comments and blank lines before the first field.
    top: String,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq)]
struct Field {
    key: String,
    /// All its lines, each with its line break.
    text: String,
}

/// The front matter of a card, and what follows it.
pub(super) fn split(card: &str) -> Result<(FrontMatter, &str), String> {
    let card = card.trim_start_matches('\u{feff}');
    let Some(rest) = card.strip_prefix("---\n") else { return Ok((FrontMatter::default(), card)) };
    let (front, body) = if let Some(body) = rest.strip_prefix("---\n") {
        ("", body)
    } else if let Some(at) = rest.find("\n---\n") {
        (&rest[..=at], &rest[at + 5..])
    } else if let Some(front) = rest.strip_suffix("\n---") {
        (front, "")
    } else {
        return Err("its front matter has no end".into());
    };
    Ok((FrontMatter::parse(front)?, body))
}

impl FrontMatter {
    fn parse(text: &str) -> Result<Self, String> {
        let mut front = Self::default();
        for line in text.lines() {
            if let Some(key) = key(line) {
                front.fields.push(Field { key, text: format!("{line}\n") });
            } else {
                let place = front.fields.last_mut().map_or(&mut front.top, |field| &mut field.text);
                *place += line;
                *place += "\n";
            }
        }
        // A real reader must see the same fields, or a line was mistaken for a field.
        let keys: Vec<&str> = front.fields.iter().map(|field| field.key.as_str()).collect();
        let read = front.read()?;
        let read: Vec<&str> = read.iter().map(|(key, _)| key.as_str()).collect();
        if keys == read {
            return Ok(front);
        }
        Err(format!("its front matter is not one field per line: expected {read:?}, found {keys:?}"))
    }

    /// Keys and values as YAML has them.
    fn read(&self) -> Result<Vec<(String, Yaml)>, String> {
        let documents = YamlLoader::load_from_str(&self.to_string())
            .map_err(|error| format!("its front matter is not YAML: {error}"))?;
        match documents.into_iter().next() {
            None | Some(Yaml::Null) => Ok(Vec::new()),
            Some(Yaml::Hash(map)) => map
                .into_iter()
                .map(|(key, value)| match key {
                    Yaml::String(key) => Ok((key, value)),
                    other => Err(format!("its front matter has a key that is not a string: {other:?}")),
                })
                .collect(),
            Some(_) => Err("its front matter is not a mapping".into()),
        }
    }

    /// The texts in a list, or the one text that stands in its place.
    fn list(&self, key: &str) -> Vec<String> {
        let read = self.read().unwrap_or_default();
        let value = read.into_iter().find(|(known, _)| known == key).map(|(_, value)| value);
        let text = |item: Yaml| item.into_string();
        match value {
            Some(Yaml::Array(items)) => items.into_iter().filter_map(text).collect(),
            Some(other) => text(other).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// With generated fields in place of those of the same name, others at the end.
    pub(super) fn with(&self, generated: &[(&'static str, Entry)]) -> Self {
        let mut merged = self.clone();
        for (key, entry) in generated {
            let text = match entry {
                Entry::Nothing => None,
                Entry::Text(value) => Some(format!("{key}: {}\n", quoted(value))),
                Entry::Block(yaml) => Some(format!("{key}:\n{yaml}")),
                Entry::List(values) => {
                    let theirs = self.list(key).into_iter().filter(|tag| !is_generated(tag));
                    let mut all: Vec<String> = Vec::new();
                    for value in theirs.chain(values.iter().cloned()) {
                        if !all.contains(&value) {
                            all.push(value);
                        }
                    }
                    let lines = all.iter().map(|value| format!("- {}\n", quoted(value)));
                    (!all.is_empty()).then(|| format!("{key}:\n{}", lines.collect::<String>()))
                }
            };
            let place = merged.fields.iter().position(|field| field.key == *key);
            match (place, text) {
                (Some(place), Some(text)) => merged.fields[place].text = text,
                (Some(place), None) => drop(merged.fields.remove(place)),
                (None, Some(text)) => merged.fields.push(Field { key: (*key).to_owned(), text }),
                (None, None) => {}
            }
        }
        merged
    }

    /// That every field which was not generated still has its value.
    pub(super) fn check_kept(
        &self,
        before: &Self,
        generated: &[(&'static str, Entry)],
    ) -> Result<(), String> {
        let after = self.read()?;
        let theirs =
            before.read()?.into_iter().filter(|(key, _)| generated.iter().all(|(own, _)| own != key));
        for field in theirs {
            if !after.contains(&field) {
                return Err(format!("its field `{}` could not be kept", field.0));
            }
        }
        Ok(())
    }
}

/// The key of a line that begins a field.
fn key(line: &str) -> Option<String> {
    let begins = line.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '"' || c == '\'');
    let (key, rest) = line.split_once(':').filter(|_| begins)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| key.trim_end().trim_matches(['"', '\'']).to_owned())
}

/// A text that YAML reads as this text and nothing else.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if is_plain {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string() // JSON's strings are YAML's
}

impl fmt::Display for FrontMatter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.top)?;
        self.fields.iter().try_for_each(|field| f.write_str(&field.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_stays_to_the_letter() {
        let before = "# mine\nlanguage: [en, fr] # two\ntags:\n- fun\n- backbone:sha256-000000000000\nlibrary_name: other\nextra:\n  deep: {a: 1}\n\nnote: |\n  key: no field\n  end\n";
        let front = FrontMatter::parse(before).expect("it is YAML");
        assert_eq!(front.to_string(), before);
        let generated = [
            ("library_name", Entry::Text("bias-adapters".into())),
            ("tags", Entry::List(vec!["adapter".into(), "backbone:sha256-111111111111".into()])),
            ("license", Entry::Text("CC: 0".into())),
            ("gone", Entry::Nothing),
        ];
        let merged = front.with(&generated);
        merged.check_kept(&front, &generated).expect("all is kept");
        assert_eq!(
            merged.to_string(),
            "# mine\nlanguage: [en, fr] # two\ntags:\n- fun\n- adapter\n- \"backbone:sha256-111111111111\"\nlibrary_name: \
             bias-adapters\nextra:\n  deep: {a: 1}\n\nnote: |\n  key: no field\n  end\nlicense: \"CC: 0\"\n"
        );
        assert_eq!(merged.with(&generated), merged, "a second push changes nothing");
    }

    #[test]
    fn front_matter_that_cannot_be_understood_is_refused() {
        for card in
            ["---\ntags: [a\n---\n", "---\nname: x\n", "---\n- a\n- b\n---\n", "---\n{a: 1,\nb: 2}\n---\n"]
        {
            assert!(split(card).is_err(), "{card}");
        }
        for (card, body) in
            [("no front matter", "no front matter"), ("---\n---\nbody", "body"), ("---\na: 1\n---", "")]
        {
            assert_eq!(split(card).expect(card).1, body);
        }
    }

    #[test]
    fn every_text_is_read_back_as_itself() {
        for text in
            ["plain", "on", "1.5", "a: b", "", "# x", "\"q\"", "é", "a\nb", "@x", "-", "~", "1e3", "no"]
        {
            let read = YamlLoader::load_from_str(&format!("k: {}\n", quoted(text))).expect("YAML");
            assert_eq!(read[0]["k"].as_str(), Some(text));
        }
    }
}
