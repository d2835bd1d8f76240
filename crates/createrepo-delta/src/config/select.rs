//! Which repositories of a configuration file are meant, with the command line
//! on top of what the file says of them; and what they must not have in common.

use std::path::Path;

use super::{Config, Target};
use crate::failure::Refusal;
use crate::places;
use crate::settings::Settings;

/// The repositories called `names`, or all of them, in the order of the file.
/// `history` and `settings` are what the command line says, and win.
///
/// # Errors
/// A [`Refusal`] where there is no such repository, or one has no history.
pub(crate) fn select(
    config: &Config,
    names: &[String],
    history: Option<&Path>,
    settings: &Settings,
) -> Result<Vec<Target>, Refusal> {
    let file = config.file.display();
    let known: Vec<&str> = config.repositories.iter().map(|entry| &*entry.name).collect();
    for name in names {
        if !known.contains(&name.as_str()) {
            let message =
                format!("`{file}` has no repository `{name}`: expected one of {}", known.join(", "));
            let path = Path::new(name);
            let refusal = Refusal::usage(message);
            let is_path = path.components().count() > 1 || path.is_absolute();
            let hint = "with `--config` repositories are named as in the file; a path goes without it";
            return Err(if is_path { refusal.hint(hint) } else { refusal });
        }
    }
    let mut targets = Vec::new();
    for entry in &config.repositories {
        if !names.is_empty() && !names.contains(&entry.name) {
            continue;
        }
        let below_root = config.history_root.as_ref().map(|root| root.join(&entry.name));
        let history = history.map(Path::to_owned).or(entry.history.clone()).or(below_root);
        let history = history.ok_or_else(|| no_history(config, &entry.name))?;
        targets.push(Target {
            name: entry.name.clone(),
            path: entry.path.clone(),
            history,
            settings: settings.clone().over(&entry.settings.clone().over(&config.defaults)),
        });
    }
    Ok(targets)
}

fn no_history(config: &Config, name: &str) -> Refusal {
    let message = format!(
        "`{}`: `[repository.{name}]`: expected `history`, or `history-root` in `[defaults]`, found neither",
        config.file.display()
    );
    Refusal::usage(message).hint(
        "name a directory that outlives composes and is not published, such as \
         `history-root = \"/var/lib/createrepo-delta\"`",
    )
}

/// Refuses repositories that would write to the same place, or publish a history.
///
/// # Errors
/// A [`Refusal`] that names the two, or the one.
pub(crate) fn refuse_conflicts(targets: &[Target]) -> Result<(), Refusal> {
    let twice = |what: &str, one: &Target, other: &Target, place: &Path| {
        let (one, other, place) = (&one.name, &other.name, place.display());
        Refusal::usage(format!("`{one}` and `{other}` have the same {what}: `{place}`"))
    };
    for (at, target) in targets.iter().enumerate() {
        for earlier in &targets[..at] {
            if places::resolve(&earlier.history) == places::resolve(&target.history) {
                let hint = "a history belongs to one repository: give each its own, or leave `--history` out";
                return Err(twice("history", earlier, target, &target.history).hint(hint));
            }
            if places::resolve(&earlier.path) == places::resolve(&target.path) {
                return Err(twice("path", earlier, target, &target.path));
            }
        }
        for other in targets {
            places::refuse_history_inside(&other.path, &target.history)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Entry;

    fn entry(name: &str, path: &Path) -> Entry {
        Entry { name: name.to_owned(), path: path.to_owned(), history: None, settings: Settings::default() }
    }

    fn config(work: &Path) -> Config {
        Config {
            file: work.join("test.toml"),
            history_root: Some(work.join("histories")),
            defaults: Settings { keep_states: Some(1), windows: Some(1), ..Settings::default() },
            repositories: vec![entry("one", &work.join("one")), entry("two", &work.join("two"))],
            warnings: Vec::new(),
        }
    }

    #[test]
    fn the_command_line_wins_over_the_table_and_that_over_the_defaults() {
        let work = tempfile::tempdir().unwrap();
        let mut config = config(work.path());
        config.repositories[1].settings.windows = Some(2);
        config.repositories[1].history = Some(work.path().join("own"));
        let line = Settings { keep_states: Some(9), ..Settings::default() };
        let targets = select(&config, &[], None, &line).unwrap();
        let [one, two] = &targets[..] else { panic!("two repositories") };
        assert_eq!((one.settings.windows, one.settings.keep_states), (Some(1), Some(9)));
        assert_eq!((two.settings.windows, two.settings.keep_states), (Some(2), Some(9)));
        assert_eq!(one.history, work.path().join("histories/one"));
        assert_eq!(two.history, work.path().join("own"));
        let named = select(&config, &["two".to_owned()], Some(Path::new("/other")), &line).unwrap();
        assert_eq!(named.len(), 1);
        assert_eq!(named[0].history, Path::new("/other"));
    }

    #[test]
    fn names_that_are_not_in_the_file_are_refused() {
        let work = tempfile::tempdir().unwrap();
        let config = config(work.path());
        let refusal =
            |name: &str| select(&config, &[name.to_owned()], None, &Settings::default()).unwrap_err();
        assert!(refusal("tow").to_string().ends_with("has no repository `tow`: expected one of one, two"));
        assert!(refusal("tow").hint.is_none());
        assert!(refusal("/srv/two").hint.is_some());
    }

    #[test]
    fn a_repository_without_history_is_refused() {
        let work = tempfile::tempdir().unwrap();
        let config = Config { history_root: None, ..config(work.path()) };
        let refusal = select(&config, &[], None, &Settings::default()).unwrap_err();
        assert!(refusal.to_string().contains("`[repository.one]`: expected `history`"), "{refusal}");
    }

    #[test]
    fn places_are_not_shared() {
        let work = tempfile::tempdir().unwrap();
        let conflict = |change: &dyn Fn(&mut Vec<Target>)| {
            let mut targets = select(&config(work.path()), &[], None, &Settings::default()).unwrap();
            for target in &targets {
                std::fs::create_dir_all(target.path.join("repodata")).unwrap();
            }
            change(&mut targets);
            refuse_conflicts(&targets).map_err(|refusal| refusal.to_string())
        };
        assert_eq!(conflict(&|_| {}), Ok(()));
        let message = conflict(&|targets| targets[1].history = work.path().join("two/../histories/one"));
        assert!(message.unwrap_err().starts_with("`one` and `two` have the same history: "));
        let message = conflict(&|targets| targets[1].path = work.path().join("one/."));
        assert!(message.unwrap_err().starts_with("`one` and `two` have the same path: "));
        let message = conflict(&|targets| targets[0].history = work.path().join("two/repodata/h"));
        assert!(message.unwrap_err().contains("is inside the repository"));
    }
}
