//! From the text of configuration files to repositories and their settings. Everything
//! that has no meaning, or a wrong value, is a problem; none of it is passed over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::MapDeserializer;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::problems::Problems;
use super::source::Source;
use super::{Config, Entry, include};
use crate::failure::Refusal;
use crate::nearest::nearest;
use crate::settings::{Place, Settings, Text};

/// A key as it was written.
type Key<'i> = Spanned<DeString<'i>>;
/// A value as it was written.
type Found<'i> = Spanned<DeValue<'i>>;

/// Keys of a repository only.
pub(super) const OF_REPOSITORY: [&str; 2] = ["path", "history"];
/// Keys of the defaults only.
pub(super) const OF_DEFAULTS: [&str; 1] = ["history-root"];
/// Keys and tables of the file itself.
pub(super) const OF_FILE: [&str; 3] = ["include", "defaults", "repository"];

/// Reads a configuration file, and those that it includes. Paths in a file that do not
/// begin with a `/` are taken from the directory that it is in.
///
/// # Errors
/// A [`Refusal`] that tells everything that is wrong, each with its file and line.
pub(crate) fn load(file: &Path) -> Result<Config, Refusal> {
    let source = Source::read(file)?;
    let mut problems = Problems::default();
    let main = read(&source, true, &mut problems);
    let mut files = vec![main];
    let directory = source.directory();
    let mut known: BTreeSet<PathBuf> = file.canonicalize().into_iter().collect();
    for (place, pattern) in std::mem::take(&mut files[0].include) {
        match include::find(&directory, &pattern, &mut known) {
            Ok(found) => {
                for file in found {
                    match Source::read(&file) {
                        Ok(source) => files.push(read(&source, false, &mut problems)),
                        Err(refusal) => problems.add_refusal(refusal),
                    }
                }
            }
            Err(problem) => problems.add(format_args!("{place}: `include`: {problem}")),
        }
    }
    let repositories = join(files, &mut problems);
    if repositories.is_empty() && problems.is_empty() {
        problems.add(format_args!("`{}`: expected a table `[repository.NAME]`, found none", file.display()));
    }
    problems.refuse()?;
    Ok(Config { file: file.to_owned(), repositories })
}

/// What one file says.
#[derive(Default)]
struct File {
    /// Patterns, each with its place.
    include: Vec<(String, String)>,
    /// Where the histories are of repositories that name none.
    history_root: Option<PathBuf>,
    defaults: Settings,
    entries: Vec<Entry>,
}

/// The repositories of all files. Defaults of a file hold for its own repositories; those
/// of the first one hold below them for all.
fn join(files: Vec<File>, problems: &mut Problems) -> Vec<Entry> {
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    let mut all: Vec<Entry> = Vec::new();
    let (mut root, mut base) = (None, Settings::default());
    for (nth, file) in files.into_iter().enumerate() {
        let defaults = file.defaults.over(&base);
        let history_root = file.history_root.or(root.clone());
        for mut entry in file.entries {
            if let Some(other) = places.insert(entry.name.clone(), entry.place.clone()) {
                problems
                    .add(format_args!("{}: `[repository.{}]` is also in {other}", entry.place, entry.name));
                continue;
            }
            entry.settings = entry.settings.over(&defaults);
            entry.history = entry.history.or(history_root.as_ref().map(|root| root.join(&entry.name)));
            all.push(entry);
        }
        if nth == 0 {
            (root, base) = (history_root, defaults);
        }
    }
    all
}

fn read(source: &Source, may_include: bool, problems: &mut Problems) -> File {
    let mut file = File::default();
    let table = match source.parse() {
        Ok(table) => table,
        Err(refusal) => {
            problems.add_refusal(refusal);
            return file;
        }
    };
    let settings = Settings::names();
    for (key, value) in in_order(table) {
        let (place, name) = (source.place(key.span().start), key.get_ref().as_ref());
        match name {
            "include" if !may_include => problems
                .add(format_args!("{place}: `include`: expected it only in the file that `--config` names")),
            "include" => file.include = includes(source, &place, value, problems),
            "defaults" => defaults(source, &place, value, &mut file, problems),
            "repository" => repositories(source, &place, value, &mut file, problems),
            name if settings.iter().any(|setting| setting == name) => problems
                .add(format_args!("{place}: `{name}`: expected it in `[defaults]` or `[repository.NAME]`")),
            name => {
                let near = nearest(name, OF_FILE);
                let near =
                    near.map(|near| if near == "include" { near.to_owned() } else { format!("[{near}]") });
                problems.add(unknown(&place, &format!("`{name}`"), near.as_deref()));
            }
        }
    }
    file
}

fn includes(
    source: &Source,
    place: &str,
    value: Found<'_>,
    problems: &mut Problems,
) -> Vec<(String, String)> {
    let expected = "an array of files or patterns such as `[\"conf.d/*.toml\"]`";
    let DeValue::Array(array) = value.into_inner() else {
        problems.add(format_args!("{place}: `include`: expected {expected}"));
        return Vec::new();
    };
    let mut patterns = Vec::new();
    for element in array {
        let place = source.place(element.span().start);
        match Text::deserialize(element.into_deserializer()) {
            Ok(Text(pattern)) => patterns.push((place, pattern)),
            Err(error) => problems.add(format_args!("{place}: `include`: {}", error.message())),
        }
    }
    patterns
}

fn defaults(source: &Source, place: &str, value: Found<'_>, file: &mut File, problems: &mut Problems) {
    let Some(table) = table(place, "`defaults`", "a table", value, problems) else { return };
    let mut own = |name: &str, value: Found<'_>, problems: &mut Problems, what: &str| {
        if name == "history-root" {
            file.history_root = path(source, what, value, problems);
        }
    };
    file.defaults = settings(source, place, "`[defaults]`", table, &OF_DEFAULTS, &mut own, problems);
}

fn repositories(source: &Source, place: &str, value: Found<'_>, file: &mut File, problems: &mut Problems) {
    let expected = "a table `[repository.NAME]` for each repository";
    let Some(tables) = table(place, "`repository`", expected, value, problems) else { return };
    for (name, value) in in_order(tables) {
        let (place, name) = (source.place(name.span().start), name.into_inner().into_owned());
        let Some(table) = table(&place, &format!("`repository.{name}`"), expected, value, problems) else {
            continue;
        };
        if !is_plain(&name) {
            let found = name.escape_debug();
            problems.add(format_args!(
                "{place}: a repository's name: expected the name of a directory, without `/`, found `{found}`"
            ));
        }
        file.entries.extend(repository(source, place, name, table, problems));
    }
}

/// Whether a name can be that of a directory in the history root.
fn is_plain(name: &str) -> bool {
    let mut components = Path::new(name).components();
    let is_one = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
    is_one && !name.contains('/') && !name.chars().any(char::is_control)
}

fn repository(
    source: &Source,
    place: String,
    name: String,
    table: DeTable<'_>,
    problems: &mut Problems,
) -> Option<Entry> {
    let (what, has_path) = (format!("`[repository.{name}]`"), table.contains_key("path"));
    let (mut repository, mut history) = (None, None);
    let mut own = |name: &str, value: Found<'_>, problems: &mut Problems, what: &str| match name {
        "path" => repository = path(source, what, value, problems),
        _ => history = path(source, what, value, problems),
    };
    let settings = settings(source, &place, &what, table, &OF_REPOSITORY, &mut own, problems);
    if !has_path {
        problems.add(format_args!("{place}: {what}: expected `path`, the directory that contains repodata/"));
    }
    Some(Entry { path: repository?, name, history, settings, place })
}

/// What a table says besides the keys of its `own`.
fn settings(
    source: &Source,
    place: &str,
    what: &str,
    table: DeTable<'_>,
    own_names: &[&str],
    own: &mut dyn FnMut(&str, Found<'_>, &mut Problems, &str),
    problems: &mut Problems,
) -> Settings {
    let names = Settings::names();
    let mut settings = Settings::default();
    for (key, value) in in_order(table) {
        let (at, name) = (source.place(key.span().start), key.get_ref().as_ref());
        let key_what = format!("`{name}` in {what}");
        if own_names.contains(&name) {
            own(name, value, problems, &key_what);
        } else if names.iter().any(|known| known == name) {
            let at = source.place(value.span().start);
            match one(name, value) {
                Ok(said) => settings = settings.and(&said),
                Err(error) => problems.add(format_args!("{at}: {key_what}: {}", error.message())),
            }
        } else if let Some((elsewhere, hint)) = misplaced(name) {
            problems.add_with_hint(format_args!("{at}: {key_what}: expected it {elsewhere}"), hint);
        } else {
            let known = names.iter().map(String::as_str).chain(own_names.iter().copied());
            problems.add(unknown(&at, &key_what, nearest(name, known)));
        }
    }
    settings.resolve(&source.directory());
    if let Some((one, other)) = settings.contradiction() {
        problems.add(format_args!("{place}: {what}: expected `{one}` or `{other}`, found both"));
    }
    settings
}

/// The layer that says only this.
fn one(name: &str, value: Found<'_>) -> Result<Settings, toml::de::Error> {
    Settings::deserialize(MapDeserializer::new(std::iter::once((name, value))))
}

/// Where a key belongs that a table does not have.
fn misplaced(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "history" => (
            "in `[repository.NAME]`",
            "no two repositories have the same history: name the directory above all of them with \
             `history-root`",
        ),
        "path" => ("in `[repository.NAME]`", "each repository has a table of its own, `[repository.NAME]`"),
        "history-root" => ("in `[defaults]`", "a repository names its own history with `history`"),
        "include" => ("in front of all tables", "what follows `[TABLE]` belongs to that table"),
        _ => return None,
    })
}

fn unknown(place: &str, what: &str, near: Option<&str>) -> String {
    let meant = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("{place}: {what} is not known{meant}")
}

/// A path as it is from everywhere.
fn path(source: &Source, what: &str, value: Found<'_>, problems: &mut Problems) -> Option<PathBuf> {
    let place = source.place(value.span().start);
    match Place::deserialize(value.into_deserializer()) {
        Ok(Place(path)) => {
            let path = source.directory().join(path);
            Some(std::path::absolute(&path).unwrap_or(path))
        }
        Err(error) => {
            problems.add(format_args!("{place}: {what}: {}", error.message()));
            None
        }
    }
}

/// The entries of a table in the order in which they were written.
fn in_order(table: DeTable<'_>) -> Vec<(Key<'_>, Found<'_>)> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn table<'i>(
    place: &str,
    what: &str,
    expected: &str,
    value: Found<'i>,
    problems: &mut Problems,
) -> Option<DeTable<'i>> {
    match value.into_inner() {
        DeValue::Table(table) => Some(table),
        other => {
            problems.add(format_args!(
                "{place}: {what}: expected {expected}, found a value of type {}",
                other.type_str()
            ));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_has_the_tables_and_their_own_keys() {
        let document = include_str!("../../../../docs/reference-config.md");
        let section = document.split("\n## Tables\n").nth(1).unwrap().split("\n## ").next().unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let keys: BTreeSet<&str> = rows.map(|key| key.trim_matches(['[', ']'])).collect();
        let of_file = OF_FILE.map(|key| if key == "repository" { "repository.NAME" } else { key });
        assert_eq!(keys, of_file.into_iter().chain(OF_DEFAULTS).chain(OF_REPOSITORY).collect());
    }
}
