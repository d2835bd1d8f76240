//! Which repositories of a configuration file are meant, with the command line
//! on top of what the file says of them; and what they must not have in common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::problems::Problems;
use super::{Config, Target};
use crate::failure::Refusal;
use crate::nearest::nearest;
use crate::places;
use crate::settings::Settings;

/// What the command line says.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// Names of repositories; none for all.
    pub(crate) names: Vec<String>,
    /// The history of the one that is named.
    pub(crate) history: Option<PathBuf>,
    /// The uppermost layer.
    pub(crate) settings: Settings,
    /// Whether each must have a history.
    pub(crate) needs_history: bool,
}

/// The repositories called by `names`, or all of them, in the order of the files.
///
/// # Errors
/// A [`Refusal`] that tells all names which the file does not have, or all repositories
/// that have no history and need one.
pub(crate) fn select(config: &Config, selection: &Selection) -> Result<Vec<Target>, Refusal> {
    let mut problems = Problems::default();
    let known: Vec<&str> = config.repositories.iter().map(|entry| &*entry.name).collect();
    for name in selection.names.iter().filter(|name| !known.contains(&name.as_str())) {
        no_such_name(config, name, &known, &mut problems);
    }
    problems.refuse()?;
    let mut problems = Problems::default();
    let mut targets = Vec::new();
    for entry in &config.repositories {
        if !selection.names.is_empty() && !selection.names.contains(&entry.name) {
            continue;
        }
        let history = selection.history.clone().or_else(|| entry.history.clone());
        if history.is_none() && selection.needs_history {
            problems.add_with_hint(
                format_args!(
                    "{}: `[repository.{}]`: expected `history`, or `history-root` in `[defaults]`, found neither",
                    entry.place, entry.name
                ),
                "name a directory that stays and is not published, such as \
                 `history-root = \"/var/lib/createrepo-delta\"`",
            );
        }
        let settings = selection.settings.clone().over(&entry.settings);
        if let Some(idle) = settings.signing.idle() {
            problems.add(format_args!(
                "{}: `[repository.{}]`: `{idle}` has no effect without `sign-command`",
                entry.place, entry.name
            ));
        }
        targets.push(Target { name: entry.name.clone(), path: entry.path.clone(), history, settings });
    }
    problems.refuse()?;
    Ok(targets)
}

/// The most names that an error lists.
const LISTED: usize = 20;

fn no_such_name(config: &Config, name: &str, known: &[&str], problems: &mut Problems) {
    let file = config.file.display();
    let path = Path::new(name);
    if path.components().count() > 1 || path.is_absolute() {
        let hint = "with `--config` repositories are named as in the file; a path goes without it";
        problems.add_with_hint(format_args!("`{file}` has no repository `{name}`"), hint);
    } else if let Some(near) = nearest(name, known.iter().copied()) {
        problems.add(format_args!("`{file}` has no repository `{name}`; did you mean `{near}`?"));
    } else {
        let some = known.get(..LISTED).map_or(known.join(", "), |some| some.join(", ") + " and others");
        problems.add(format_args!("`{file}` has no repository `{name}`: expected one of {some}"));
    }
}

/// Refuses repositories that would write to the same place, or publish a history.
///
/// # Errors
/// A [`Refusal`] that names the two, or the one; all of them.
pub(crate) fn refuse_conflicts(targets: &[Target]) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    let (mut histories, mut paths) = (BTreeMap::new(), BTreeMap::new());
    let mut twice = |what: &str, one: &str, other: &str, place: &Path, hint: &str| {
        let text = format!("`{one}` and `{other}` have the same {what}: `{}`", place.display());
        if hint.is_empty() { problems.add(text) } else { problems.add_with_hint(text, hint) }
    };
    for target in targets {
        if let Some(place) = target.history.as_deref().and_then(places::resolve)
            && let Some(other) = histories.insert(place.clone(), &target.name)
        {
            let hint = "a history belongs to one repository: give each its own, or leave `--history` out";
            twice("history", other, &target.name, &place, hint);
        }
        if let Some(place) = places::resolve(&target.path)
            && let Some(other) = paths.insert(place.clone(), &target.name)
        {
            twice("path", other, &target.name, &place, "");
        }
    }
    let trees = places::Trees::new(targets.iter().map(|target| target.path.as_path()));
    for history in targets.iter().filter_map(|target| target.history.as_deref()) {
        if let Err(refusal) = trees.refuse_history_inside(history) {
            problems.add_refusal(refusal);
        }
    }
    problems.refuse()
}
