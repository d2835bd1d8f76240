//! What `--json` prints is what `docs/reference-json.md` says: every field that a command
//! prints is there, of the type that is there, and every field that is there is printed.

mod document;
mod runs;

use std::collections::BTreeMap;

use document::Reference;
use runs::Printed;
use serde_json::Value;

/// Fields that no run here prints: those of a zchunk file whose chunks two encoders made.
const NOT_PRINTED: [&str; 3] =
    ["files[].nearest.given_chunks", "files[].nearest.missing_open_size", "files[].nearest.recipe"];

#[test]
fn the_fields_that_are_printed_are_those_of_the_reference() {
    let reference = Reference::read();
    let mut printed: BTreeMap<&str, BTreeMap<String, Vec<Value>>> = BTreeMap::new();
    for Printed { section, object } in runs::all() {
        collect(&object, "", printed.entry(section).or_default());
    }
    assert_eq!(printed.keys().copied().collect::<Vec<_>>(), reference.sections());
    for (section, values) in &printed {
        let fields = reference.fields(section);
        for (path, values) in values {
            let field = fields.get(path).unwrap_or_else(|| panic!("`{section}` has no `{path}`"));
            let odd = values.iter().find(|value| !field.allows(value));
            assert!(odd.is_none(), "`{path}` of `{section}` is no {}: {}", field.kind, odd.unwrap());
        }
        let is_missing = |path: &str| !values.contains_key(path) && !NOT_PRINTED.contains(&path);
        let own = fields.iter().filter(|(_, field)| !field.is_shared).map(|(path, _)| path);
        let missing: Vec<_> = own.filter(|path| is_missing(path)).collect();
        assert!(missing.is_empty(), "no `{section}` here prints {missing:?}");
    }
}

/// The values of each field, by its path.
fn collect(value: &Value, path: &str, values: &mut BTreeMap<String, Vec<Value>>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let path = if value.is_array() { path + "[]" } else { path };
                let of_field = values.entry(path.clone()).or_default();
                match value {
                    Value::Array(items) => of_field.extend(items.iter().cloned()),
                    value => of_field.push(value.clone()),
                }
                collect(value, &path, values);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, values)),
        _ => {}
    }
}
