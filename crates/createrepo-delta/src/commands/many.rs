//! One command on one repository, or on those of a configuration file, some at a time. Each
//! of several is worked on by itself: one that fails does not stop the others, and results are
//! told in the order of the file, whichever is ready first. A last line sums up.

use std::sync::Arc;

use delta_publish::options::Jobs;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::args::{Report, Repositories};
use crate::config::Target;
use crate::exit::Status;
use crate::hints::Caller;
use crate::progress::{Bars, Named};
use crate::{failure, messages, number, output, shown};

/// What is done with each repository, for people and programs.
pub(super) struct How<'a> {
    /// As in `published 29 of 30 repositories`.
    past: &'static str,
    /// The key of the result in JSON.
    key: &'static str,
    report: &'a Report,
    is_several: bool,
    jobs: Jobs,
    bars: Arc<Bars>,
}

impl<'a> How<'a> {
    /// The result of each goes under `key`, the default of `past`.
    pub(super) fn new(repositories: &Repositories, report: &'a Report, key: &'static str) -> Self {
        let is_several = repositories.config.is_some();
        let bars = Arc::new(Bars::new(report.quiet));
        Self { past: key, key, report, is_several, jobs: repositories.jobs(), bars }
    }

    /// What was done, in another word.
    pub(super) fn with_past(mut self, past: &'static str) -> Self {
        self.past = past;
        self
    }

    /// The threads and the memory of the run, for one repository: how far that is, is shown.
    pub(super) fn jobs(&self, target: &Target) -> Jobs {
        let prefix = if self.is_several { format!("{}:", target.name) } else { String::new() };
        self.jobs.clone().with_progress(Arc::new(Named { prefix, bars: Arc::clone(&self.bars) }))
    }

    /// Prints the result of one repository; of several under its name, and without `--json`.
    pub(super) fn print(
        &self,
        target: &Target,
        result: &impl Serialize,
        is_first: bool,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        if !self.is_several {
            return output::result(self.report, result, text);
        }
        if self.report.json || self.report.quiet {
            return Ok(());
        }
        let gap = if is_first { "" } else { "\n" };
        let head = format!("{}  {}", target.name, target.path.display());
        output::text(&format!("{gap}{}\n{}", shown::line(&head), text()))
    }

    /// Does `work` for each of `targets`, and has `tell` print its result, which also says
    /// what status it means; the flag is whether it is the first.
    pub(super) fn run<R: Serialize + Send>(
        &self,
        targets: &[Target],
        work: impl Fn(&Target) -> anyhow::Result<R> + Sync,
        mut tell: impl FnMut(&Target, &R, bool) -> anyhow::Result<Status> + Send,
    ) -> anyhow::Result<Status> {
        match targets {
            [target] if !self.is_several => {
                let result = work(target);
                self.bars.clear();
                tell(target, &result?, true)
            }
            targets => self.run_several(targets, work, tell),
        }
    }

    fn run_several<R: Serialize + Send>(
        &self,
        targets: &[Target],
        work: impl Fn(&Target) -> anyhow::Result<R> + Sync,
        mut tell: impl FnMut(&Target, &R, bool) -> anyhow::Result<Status> + Send,
    ) -> anyhow::Result<Status> {
        let mut entries: Vec<Entry<'_, R>> = Vec::new();
        let mut printed = Ok(());
        let mut places = targets.iter();
        self.jobs.each_in_order(targets, work, |_, result| {
            // The results come in the order of the targets.
            let Some(target) = places.next() else { return };
            let status = self.bars.suspend(|| match &result {
                Err(error) => {
                    messages::failure_of(&target.name, error, Caller::Repository);
                    failure::status(error)
                }
                Ok(result) => tell(target, result, entries.is_empty()).unwrap_or_else(|error| {
                    // What cannot be printed must not stop what is being done.
                    printed = std::mem::replace(&mut printed, Ok(())).and(Err(error));
                    Status::Failed
                }),
            });
            entries.push(Entry { target, status, result, key: self.key });
        });
        self.bars.clear();
        printed?;
        let statuses: Vec<(&str, Status)> =
            entries.iter().map(|entry| (entry.target.name.as_str(), entry.status)).collect();
        let worst = statuses.iter().fold(Status::Success, |worst, (_, status)| worst.worse(*status));
        if self.report.json {
            output::json(&Entries { repositories: &entries })?;
        }
        if !self.report.quiet || worst != Status::Success {
            messages::say(summary(self.past, &statuses));
        }
        Ok(worst)
    }
}

/// One line: how many were done, and which were not, or not as asked.
fn summary(past: &str, statuses: &[(&str, Status)]) -> String {
    let is_success = |status: Status| status == Status::Success;
    let (all, well) = (statuses.len(), statuses.iter().filter(|(_, status)| is_success(*status)).count());
    let mut line = format!("{past} {well} of {}", number::count(all, "repository"));
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
struct Entries<'a, R> {
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
        use Status::{Broken, Failed, Reduced, Success, Temporary};
        let cases: [(&[(&str, Status)], &str); 4] = [
            (&[("a", Success), ("b", Success)], "published 2 of 2 repositories"),
            (&[("a", Broken)], "published 0 of 1 repository; failed: a (1)"),
            (
                &[("a", Success), ("r7", Failed), ("r8", Broken)],
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
