//! One command on the repositories of a configuration file, some at a time. Each is
//! worked on by itself: one that fails does not stop the others, and results are told in
//! the order of the file, whichever is ready first. A last line sums up.

use delta_publish::options::Jobs;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::config::Target;
use crate::exit::Status;
use crate::hints::Caller;
use crate::{failure, messages, output, shown};

/// Prints what is found of one repository under its name.
pub(super) fn under_name(target: &Target, is_first: bool, text: &str) -> anyhow::Result<()> {
    let gap = if is_first { "" } else { "\n" };
    let head = format!("{}  {}", target.name, target.path.display());
    output::text(&format!("{gap}{}\n{text}", shown::line(&head)))
}

/// What is done with each repository, for people and programs.
pub(super) struct How {
    /// As in `published 29 of 30 repositories`.
    pub(super) done: &'static str,
    /// The key of the result in JSON.
    pub(super) key: &'static str,
    pub(super) json: bool,
    pub(super) quiet: bool,
}

impl How {
    /// Whether there are no tables.
    pub(super) fn is_silent(&self) -> bool {
        self.json || self.quiet
    }
}

/// Does `work` for each of `targets`, and has `tell` print its result, which also says
/// what status it means; the flag is whether it is the first.
pub(super) fn run<R: Serialize + Send>(
    targets: &[Target],
    jobs: &Jobs,
    how: &How,
    work: impl Fn(&Target) -> anyhow::Result<R> + Sync,
    mut tell: impl FnMut(&Target, &R, bool) -> anyhow::Result<Status> + Send,
) -> anyhow::Result<Status> {
    let mut entries: Vec<Entry<'_, R>> = Vec::new();
    let mut printed = Ok(());
    let mut places = targets.iter();
    jobs.each_in_order(targets, work, |_, result| {
        // The results come in the order of the targets.
        let Some(target) = places.next() else { return };
        let status = match &result {
            Err(error) => {
                messages::failure_of(&target.name, error, Caller::Repository);
                failure::status(error)
            }
            Ok(result) => tell(target, result, entries.is_empty()).unwrap_or_else(|error| {
                // What cannot be printed must not stop what is being done.
                printed = std::mem::replace(&mut printed, Ok(())).and(Err(error));
                Status::Failed
            }),
        };
        entries.push(Entry { target, status, result, key: how.key });
    });
    printed?;
    let statuses: Vec<(&str, Status)> =
        entries.iter().map(|entry| (entry.target.name.as_str(), entry.status)).collect();
    let worst = statuses.iter().fold(Status::Done, |worst, (_, status)| worst.worse(*status));
    if how.json {
        output::json(&Repositories { repositories: &entries })?;
    }
    if !how.quiet || worst != Status::Done {
        messages::note(summary(how.done, &statuses));
    }
    Ok(worst)
}

/// One line: how many were done, and which were not, or not as asked.
fn summary(done: &str, statuses: &[(&str, Status)]) -> String {
    let is_done = |status: Status| status == Status::Done;
    let (all, well) = (statuses.len(), statuses.iter().filter(|(_, status)| is_done(*status)).count());
    let noun = if all == 1 { "repository" } else { "repositories" };
    let mut line = format!("{done} {well} of {all} {noun}");
    let groups = [
        ("failed", [Status::Broken, Status::Failed]),
        ("with less than asked for", [Status::Reduced; 2]),
        ("to be tried again", [Status::Temporary; 2]),
    ];
    for (heading, members) in groups {
        let of_group = statuses.iter().filter(|(_, status)| members.contains(status));
        let names: Vec<String> =
            of_group.map(|(name, status)| format!("{name} ({})", status.code())).collect();
        if !names.is_empty() {
            line.extend(["; ", heading, ": ", &names.join(", ")]);
        }
    }
    line
}

/// The result with `--json`.
#[derive(Serialize)]
struct Repositories<'a, R> {
    repositories: &'a [Entry<'a, R>],
}

/// One repository of it.
struct Entry<'a, R> {
    target: &'a Target,
    status: Status,
    result: anyhow::Result<R>,
    key: &'static str,
}

impl<R: Serialize> Serialize for Entry<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let error = self.result.as_ref().err().map(|error| messages::texts(error).join(": "));
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("name", &self.target.name)?;
        map.serialize_entry("path", &self.target.path.display().to_string())?;
        let history = self.target.history.as_ref();
        map.serialize_entry("history", &history.map(|history| history.display().to_string()))?;
        map.serialize_entry("status", &self.status.code())?;
        map.serialize_entry("error", &error)?;
        map.serialize_entry(self.key, &self.result.as_ref().ok())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_names_what_is_not_well() {
        use Status::{Broken, Done, Failed, Reduced, Temporary};
        let cases: [(&[(&str, Status)], &str); 4] = [
            (&[("a", Done), ("b", Done)], "published 2 of 2 repositories"),
            (&[("a", Broken)], "published 0 of 1 repository; failed: a (1)"),
            (
                &[("a", Done), ("r7", Failed), ("r8", Broken)],
                "published 1 of 3 repositories; failed: r7 (2), r8 (1)",
            ),
            (
                &[("a", Reduced), ("b", Temporary), ("c", Broken)],
                "published 0 of 3 repositories; failed: c (1); with less than asked for: a (3); to be tried again: b (75)",
            ),
        ];
        for (statuses, expected) in cases {
            assert_eq!(summary("published", statuses), expected);
        }
    }
}
