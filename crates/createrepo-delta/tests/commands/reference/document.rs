//! The tables of fields in `docs/reference-json.md`.

use std::collections::BTreeMap;

use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../../../docs/reference-json.md");
const HEAD: &str = "| field | type | meaning |\n|---|---|---|\n";

/// The fields by section, and in it by path.
pub(super) struct Reference(BTreeMap<&'static str, BTreeMap<String, Field>>);

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) kind: &'static str,
    /// The only values of a text, where the row begins with them.
    values: Vec<&'static str>,
    /// It is from the table of another section.
    pub(super) is_shared: bool,
}

impl Field {
    pub(super) fn allows(&self, value: &Value) -> bool {
        let (kind, may_be_null) =
            self.kind.strip_suffix(" or null").map_or((self.kind, false), |kind| (kind, true));
        match kind {
            _ if value.is_null() => may_be_null,
            "boolean" => value.is_boolean(),
            "text" => {
                value.as_str().is_some_and(|text| self.values.is_empty() || self.values.contains(&text))
            }
            "object" => value.is_object(),
            "seconds" => value.is_f64(),
            "number" | "bytes" | "time" | "milliseconds" | "microseconds" => value.is_u64(),
            _ => panic!("`{kind}` is no type"),
        }
    }
}

impl Reference {
    pub(super) fn read() -> Self {
        let mut sections = BTreeMap::new();
        for section in DOCUMENT.split("\n## ").skip(1) {
            let Some((before, table)) = section.split_once(HEAD) else { continue };
            let rows = table.split("\n\n").next().unwrap().lines();
            sections.insert(before.lines().next().unwrap(), rows.map(field).collect());
        }
        let mut reference = Self(sections);
        reference.add_shared();
        reference
    }

    /// The rows that a section has in common with another one, which has them.
    fn add_shared(&mut self) {
        self.share("`update`", "types[].", "`refresh`", "repositories[].");
        for (section, key) in [
            ("`generate`", "generated"),
            ("`verify`", "verified"),
            ("`inspect REPO`", "inspected"),
            ("`strip`", "stripped"),
        ] {
            self.share(section, "", "Several repositories", &format!("repositories[].{key}."));
        }
    }

    /// Adds the rows of `from` that begin with `start` to `to`, below `prefix`.
    fn share(&mut self, from: &str, start: &str, to: &str, prefix: &str) {
        let rows = self.0[from].clone().into_iter().filter(|(path, _)| path.starts_with(start));
        let shared =
            |(path, field): (String, Field)| (prefix.to_owned() + &path, Field { is_shared: true, ..field });
        self.0.get_mut(to).unwrap().extend(rows.map(shared));
    }

    pub(super) fn sections(&self) -> Vec<&str> {
        self.0.keys().copied().collect()
    }

    pub(super) fn fields(&self, section: &str) -> &BTreeMap<String, Field> {
        &self.0[section]
    }
}

fn field(row: &'static str) -> (String, Field) {
    let cells: Vec<&str> = row.trim_matches('|').splitn(3, '|').map(str::trim).collect();
    let path = cells[0].strip_prefix('`').and_then(|path| path.strip_suffix('`'));
    (
        path.unwrap_or_else(|| panic!("no field: {row}")).to_owned(),
        Field { kind: cells[1], values: values(cells[2]), is_shared: false },
    )
}

/// The words in backticks of a meaning that begins with one.
fn values(meaning: &'static str) -> Vec<&'static str> {
    let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let words: Vec<&str> = meaning.split('`').skip(1).step_by(2).filter(is_word).collect();
    let begins_with_one = words.first().is_some_and(|word| meaning.starts_with(&format!("`{word}`")));
    if begins_with_one { words } else { Vec::new() }
}
