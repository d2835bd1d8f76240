//! The settings of repositories as a configuration file that says the same, for
//! `--print-config`. Every setting that has a default is spelled out.

use std::path::Path;

use delta_publish::{Options, Threshold, Windows};

use super::Target;
use crate::args::Age;
use crate::failure::Refusal;

/// The text of the file.
///
/// # Errors
/// A [`Refusal`] where a path is not UTF-8, which TOML cannot say.
pub(crate) fn print(targets: &[Target]) -> Result<String, Refusal> {
    let tables: Result<Vec<String>, Refusal> = targets.iter().map(table).collect();
    Ok(tables?.join("\n"))
}

fn table(target: &Target) -> Result<String, Refusal> {
    let settings = &target.settings;
    let options: Options = settings.options(false);
    let mut lines = vec![
        format!("[repository.{}]", quoted(&target.name)),
        format!("path = {}", path(&target.path)?),
        format!("history = {}", path(&target.history)?),
        format!("keep = {}", options.retention.generations),
    ];
    let mut add = |key: &str, value: String| lines.push(format!("{key} = {value}"));
    if let Some(age) = options.retention.max_age {
        add("keep-age", quoted(&Age(age).to_string()));
    }
    if let Some(types) = &settings.types {
        add("types", array(types));
    }
    match &options.journal {
        None => add("no-journal", "true".to_owned()),
        Some(journal) => {
            if let Some(keep) = settings.journal_keep {
                add("journal-keep", keep.to_string());
            }
            add("journal-max-size", quoted(&journal.max_size.to_string()));
            add("journal-text", journal.text.to_string());
            if !journal.recipe {
                add("no-recipe", "true".to_owned());
            }
        }
    }
    if !options.deltas {
        add("no-deltas", "true".to_owned());
    }
    match &options.windows {
        Windows::Thresholds(sizes) => add("sizes", array(sizes.iter().map(Threshold::to_string))),
        Windows::Cheapest { most, half_life } => {
            add("windows", most.to_string());
            if let Some(half_life) = half_life {
                add("half-life", half_life.to_string());
            }
        }
    }
    add("max-size", quoted(&options.max_size.to_string()));
    add("keep-states", options.keep_states.to_string());
    match &settings.sign_command {
        Some(words) => add("sign-command", array(&words.0)),
        None => add("refuse-signed", settings.refuse_signed.unwrap_or(false).to_string()),
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

fn path(path: &Path) -> Result<String, Refusal> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = absolute.to_str();
    let refusal = || Refusal::usage(format!("`{}`: expected a path in UTF-8", path.display()));
    text.map(quoted).ok_or_else(refusal)
}

fn array<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                quoted.extend(format!("\\U{:08X}", u32::from(control)).chars());
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::path::PathBuf;

    use super::*;
    use crate::config::{load, select};
    use crate::settings::Settings;
    use crate::words::Words;

    /// What is printed, read again.
    fn again(targets: &[Target]) -> Vec<Target> {
        let work = tempfile::tempdir().unwrap();
        let file = work.path().join("printed.toml");
        let text = print(targets).unwrap();
        std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), text.as_bytes()).unwrap();
        let config = load(&file).unwrap();
        assert_eq!(config.warnings, [""; 0], "{text}");
        select(&config, &[], None, &Settings::default()).unwrap()
    }

    #[test]
    fn what_is_printed_says_the_same() {
        let odd = "od\"d \\ \u{7f}\n na'me";
        let sizes = Settings {
            types: Some(vec!["primary".to_owned()]),
            sizes: Some(vec![Threshold::Bytes(65_536), Threshold::Share(50)]),
            max_size: Some(Threshold::percent(40)),
            keep: NonZeroUsize::new(7),
            keep_age: Some(Age(129_600)),
            keep_states: Some(0),
            sign_command: Some(Words(vec!["sign".to_owned(), odd.to_owned()])),
            ..Settings::default()
        };
        let windows = Settings { half_life: Some(8), refuse_signed: Some(true), ..Settings::default() };
        let target = |name: &str, settings: &Settings| Target {
            name: name.to_owned(),
            path: Path::new("/srv").join(odd),
            history: PathBuf::from("/history").join(name),
            settings: settings.clone(),
        };
        let targets = [target("one", &sizes), target("a.b c", &windows), target("ü", &Settings::default())];
        let read = again(&targets);
        assert_eq!(read.len(), targets.len());
        for (read, target) in read.iter().zip(&targets) {
            assert_eq!(
                (&read.name, &read.path, &read.history),
                (&target.name, &target.path, &target.history)
            );
            let (ours, theirs) = (read.settings.options(false), target.settings.options(false));
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        }
        assert_eq!(print(&again(&targets)).unwrap(), print(&targets).unwrap());
    }
}
