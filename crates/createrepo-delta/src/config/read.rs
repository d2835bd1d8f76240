//! From the text of a configuration file to repositories and their settings.
//! What has no meaning is warned of and passed over; what has one, and is wrong
//! or in the wrong table, is an error.

use std::path::{Component, Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::keys::{self, Place};
use super::source::Source;
use super::value::{Value, describe};
use super::{Config, Entry};
use crate::failure::Refusal;
use crate::settings::Settings;

/// A key as it was written.
type Key<'i> = Spanned<DeString<'i>>;

/// Reads a configuration file. Paths in it that do not begin with a `/` are
/// taken from the directory that it is in.
///
/// # Errors
/// A [`Refusal`] that names the file and the line, where it cannot be read, is no
/// TOML, names no repository, or has a wrong value.
pub(crate) fn load(file: &Path) -> Result<Config, Refusal> {
    read(&Source::read(file)?)
}

fn read(source: &Source) -> Result<Config, Refusal> {
    let mut config = Config {
        file: source.file.clone(),
        history_root: None,
        defaults: Settings::default(),
        repositories: Vec::new(),
        warnings: Vec::new(),
    };
    for (key, value) in in_order(&source.parse()?) {
        match &**key.get_ref() {
            "defaults" => {
                defaults(source, table(source, "`defaults`", "a table", value)?, &mut config)?;
                refuse_both(source, key.span().start, "`[defaults]`", &config.defaults)?;
            }
            "repository" => repositories(source, value, &mut config)?,
            unknown => {
                let near = keys::nearest(unknown, keys::TABLES).map(|name| format!("[{name}]"));
                config.warnings.push(not_known(source, key, &format!("`{unknown}`"), near.as_deref()));
            }
        }
    }
    if config.repositories.is_empty() {
        let message =
            format!("`{}`: expected a table `[repository.NAME]`, found none", source.file.display());
        return Err(Refusal::usage(message));
    }
    Ok(config)
}

fn defaults(source: &Source, table: &DeTable<'_>, config: &mut Config) -> Result<(), Refusal> {
    for (key, value) in in_order(table) {
        let name = key.get_ref().as_ref();
        let value = Value { source, what: format!("`{name}` in `[defaults]`"), found: value };
        if name == "history-root" {
            config.history_root = Some(absolute(source, value.text()?));
        } else if keys::SETTINGS.contains(&name) {
            value.set(name, &mut config.defaults)?;
        } else if keys::OF_REPOSITORY.contains(&name) {
            let refusal = misplaced(source, key, &value.what, "`[repository.NAME]`");
            return Err(refusal.hint(if name == "history" {
                "no two repositories have the same history: name the directory above all of them with \
                 `history-root`"
            } else {
                "each repository has a table of its own, `[repository.NAME]`"
            }));
        } else {
            let near = keys::nearest(name, keys::of(Place::Defaults));
            config.warnings.push(not_known(source, key, &value.what, near));
        }
    }
    Ok(())
}

fn repositories(source: &Source, value: &Spanned<DeValue<'_>>, config: &mut Config) -> Result<(), Refusal> {
    let expected = "a table `[repository.NAME]` for each repository";
    for (name, value) in in_order(table(source, "`repository`", expected, value)?) {
        let what = format!("`repository.{}`", name.get_ref());
        let table = table(source, &what, expected, value)?;
        let entry = repository(source, name, table, &mut config.warnings)?;
        config.repositories.push(entry);
    }
    Ok(())
}

fn repository(
    source: &Source,
    name: &Key<'_>,
    table: &DeTable<'_>,
    warnings: &mut Vec<String>,
) -> Result<Entry, Refusal> {
    let (at, name) = (name.span().start, name.get_ref().as_ref());
    let mut components = Path::new(name).components();
    let is_plain = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
    if !is_plain || name.contains('/') || name.chars().any(char::is_control) {
        let found = format!("`{}`", name.escape_debug());
        return Err(source.wrong(at, "a repository's name", "the name of a directory, without `/`", &found));
    }
    let (mut path, mut history, mut settings) = (None, None, Settings::default());
    for (key, value) in in_order(table) {
        let key_name = key.get_ref().as_ref();
        let value = Value { source, what: format!("`{key_name}` in `[repository.{name}]`"), found: value };
        match key_name {
            "path" => path = Some(absolute(source, value.text()?)),
            "history" => history = Some(absolute(source, value.text()?)),
            known if keys::SETTINGS.contains(&known) => value.set(known, &mut settings)?,
            known if keys::OF_DEFAULTS.contains(&known) => {
                return Err(misplaced(source, key, &value.what, "`[defaults]`"));
            }
            unknown => {
                let near = keys::nearest(unknown, keys::of(Place::Repository));
                warnings.push(not_known(source, key, &value.what, near));
            }
        }
    }
    let path = path.ok_or_else(|| {
        let expected = "`path`, the directory that contains repodata/";
        source.wrong(at, &format!("`[repository.{name}]`"), expected, "none")
    })?;
    refuse_both(source, at, &format!("`[repository.{name}]`"), &settings)?;
    Ok(Entry { name: name.to_owned(), path, history, settings })
}

/// In one table, settings that exclude each other make no sense.
fn refuse_both(source: &Source, at: usize, what: &str, settings: &Settings) -> Result<(), Refusal> {
    let (one, other) = match settings {
        Settings { sizes: Some(_), windows: Some(_), .. } => ("sizes", "windows"),
        Settings { sizes: Some(_), half_life: Some(_), .. } => ("sizes", "half-life"),
        Settings { sign_command: Some(_), refuse_signed: Some(true), .. } => {
            ("sign-command", "refuse-signed")
        }
        _ => return Ok(()),
    };
    Err(source.wrong(at, what, &format!("`{one}` or `{other}`"), "both"))
}

/// The entries of a table in the order in which they were written.
fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(&'a Key<'i>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn table<'a, 'i>(
    source: &Source,
    what: &str,
    expected: &str,
    value: &'a Spanned<DeValue<'i>>,
) -> Result<&'a DeTable<'i>, Refusal> {
    let found = value.get_ref();
    found.as_table().ok_or_else(|| source.wrong(value.span().start, what, expected, &describe(found)))
}

fn misplaced(source: &Source, key: &Key<'_>, what: &str, place: &str) -> Refusal {
    Refusal::usage(format!("{}: {what}: expected it in {place}", source.place(key.span().start)))
}

fn not_known(source: &Source, key: &Key<'_>, what: &str, near: Option<&str>) -> String {
    let meant = near.map(|near| format!("; is `{near}` meant?")).unwrap_or_default();
    format!("{}: {what} is not known and passed over{meant}", source.place(key.span().start))
}

/// A path as it is from everywhere.
fn absolute(source: &Source, text: &str) -> PathBuf {
    let directory = source.file.parent().unwrap_or(Path::new(""));
    let path = directory.join(text);
    std::path::absolute(&path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "\
[defaults]
history-root = '/history'
windows = 3

[repository.second]
path = '/srv/second'
keep = 7

[repository.first]
path = '/srv/first'
history = '/elsewhere'
";

    fn refused(text: &str) -> Refusal {
        read(&Source::of(text)).unwrap_err()
    }

    #[test]
    fn repositories_come_in_the_order_of_the_file() {
        let config = read(&Source::of(TWO)).unwrap();
        let names: Vec<&str> = config.repositories.iter().map(|entry| &*entry.name).collect();
        assert_eq!(names, ["second", "first"]);
        assert_eq!(config.warnings, [""; 0]);
        assert_eq!(config.defaults.windows, Some(3));
        assert_eq!(config.history_root, Some(PathBuf::from("/history")));
        let [second, first] = &config.repositories[..] else { panic!("two repositories") };
        assert_eq!((&*second.path, &second.history), (Path::new("/srv/second"), &None));
        assert_eq!(second.settings.keep.map(usize::from), Some(7));
        assert_eq!(first.history, Some(PathBuf::from("/elsewhere")));
    }

    #[test]
    fn paths_are_taken_from_the_directory_of_the_file() {
        let work = tempfile::tempdir().unwrap();
        let file = work.path().join("compose.toml");
        let text = "[repository.a]\npath = 'repo'\nhistory = '../history'\n";
        std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), text.as_bytes()).unwrap();
        let config = load(&file).unwrap();
        assert_eq!(config.repositories[0].path, work.path().join("repo"));
        assert_eq!(config.repositories[0].history, Some(work.path().join("../history")));
    }

    #[test]
    fn unknown_keys_are_warned_of_with_what_they_may_mean() {
        let text = "[default]\nkeep = 1\n[defaults]\nkeep_states = 1\nhistroy-root = '/h'\n\
                    [repository.a]\npath = '/a'\ncolour = 'red'\n[mirror]\n";
        let config = read(&Source::of(text)).unwrap();
        let expected = [
            "`test.toml`, line 1: `default` is not known and passed over; is `[defaults]` meant?",
            "`test.toml`, line 4: `keep_states` in `[defaults]` is not known and passed over; \
             is `keep-states` meant?",
            "`test.toml`, line 5: `histroy-root` in `[defaults]` is not known and passed over; \
             is `history-root` meant?",
            "`test.toml`, line 8: `colour` in `[repository.a]` is not known and passed over",
            "`test.toml`, line 9: `mirror` is not known and passed over",
        ];
        assert_eq!(config.warnings, expected);
        assert_eq!(config.defaults, Settings::default());
    }

    #[test]
    fn what_is_in_the_wrong_table_is_refused() {
        let refusal = refused("[defaults]\nhistory = '/h'\n");
        assert_eq!(
            refusal.to_string(),
            "`test.toml`, line 2: `history` in `[defaults]`: expected it in `[repository.NAME]`"
        );
        assert!(refusal.hint.is_some_and(|hint| hint.contains("`history-root`")));
        let refusal = refused("[repository.a]\nhistory-root = '/h'\npath = '/a'\n");
        assert!(refusal.to_string().ends_with("expected it in `[defaults]`"), "{refusal}");
    }

    #[test]
    fn tables_that_make_no_sense_are_refused() {
        let cases = [
            ("", "`test.toml`: expected a table `[repository.NAME]`, found none"),
            ("repository = 1", "line 1: `repository`: expected a table `[repository.NAME]`"),
            ("[[repository]]\npath = '/a'", "found an array"),
            ("[repository]\npath = '/a'", "line 2: `repository.path`: expected a table `[repository.NAME]`"),
            ("[repository.a]\n", "line 1: `[repository.a]`: expected `path`, the directory that contains"),
            (
                "[repository.a]\npath = ''\n",
                "line 2: `path` in `[repository.a]`: expected a text that is not empty",
            ),
            ("[repository.'a/b']\npath = '/a'", "expected the name of a directory, without `/`, found `a/b`"),
            ("[repository.'..']\npath = '/a'", "found `..`"),
            ("[repository.'']\npath = '/a'", "found ``"),
            ("defaults = []", "line 1: `defaults`: expected a table, found an empty array"),
            (
                "[defaults]\nwindows = 1\nsizes = [1]",
                "line 1: `[defaults]`: expected `sizes` or `windows`, found both",
            ),
            (
                "[repository.a]\npath = '/a'\nsign-command = 'gpg'\nrefuse-signed = true",
                "`[repository.a]`: expected `sign-command` or `refuse-signed`, found both",
            ),
        ];
        for (text, part) in cases {
            let message = refused(text).to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
