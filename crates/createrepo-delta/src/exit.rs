//! Exit statuses, the same for every command: one table. `docs/reference-json.md` has
//! the same one, and a test compares them.

use std::process::ExitCode;

use delta_publish::report::{Generated, Reduction, Stripped, Verified};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done, as asked.
    Success,
    /// The repository itself is broken, or what was to be verified does not hold.
    Broken,
    /// Wrong usage, or the system failed: nothing changed, or it is said what did.
    Failed,
    /// The repository is complete, and serves fewer deltas than asked for.
    Reduced,
    /// Another process is at work: `EX_TEMPFAIL` of sysexits.h.
    Temporary,
}

/// One status: what it means, and what a compose script does.
pub(crate) struct Row {
    /// The status.
    pub(crate) status: Status,
    /// The number that the shell sees.
    pub(crate) code: u8,
    /// What it means, in a few words.
    pub(crate) brief: &'static str,
    /// What it means.
    #[cfg_attr(not(test), expect(dead_code, reason = "compared with the document by a test"))]
    meaning: &'static str,
    /// What a compose script does.
    #[cfg_attr(not(test), expect(dead_code, reason = "compared with the document by a test"))]
    script: &'static str,
}

/// Every status, in the order in which people look them up.
pub(crate) const TABLE: [Row; 5] = [
    Row {
        status: Status::Success,
        code: 0,
        brief: "done, as asked",
        meaning: "done, as asked",
        script: "goes on",
    },
    Row {
        status: Status::Broken,
        code: 1,
        brief: "the repository is broken, or a check failed: publish nothing",
        meaning: "the repository is broken: a file that repomd.xml names is missing or has other bytes, or \
                  package managers cannot read repomd.xml either; what was to be verified or applied does \
                  not hold",
        script: "publishes nothing",
    },
    Row {
        status: Status::Failed,
        code: 2,
        brief: "wrong usage, or a file or command failed: look before you publish",
        meaning: "wrong usage or configuration, a signing command that failed, or a file that could not be \
                  written: nothing changed, or the message says what did",
        script: "stops; a person looks before publishing",
    },
    Row {
        status: Status::Reduced,
        code: 3,
        brief: "complete, with fewer deltas than asked for: publish, and look later",
        meaning: "the repository is complete, and serves fewer deltas than asked for: the message says why",
        script: "publishes; a person looks later",
    },
    Row {
        status: Status::Temporary,
        code: 75,
        brief: "another process is at work: try again",
        meaning: "another process is at work, or replaced files meanwhile",
        script: "tries again",
    },
];

/// The table for `--help`.
pub(crate) fn help() -> String {
    let row = |row: &Row| format!("  {:<2}  {}\n", row.code, row.brief);
    let rows: String = TABLE.iter().map(row).collect();
    format!("Exit status, of every command:\n{}", rows.trim_end())
}

/// From the status that matters most to the one that matters least.
const WORST_FIRST: [Status; 5] =
    [Status::Broken, Status::Failed, Status::Reduced, Status::Temporary, Status::Success];

impl Status {
    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.status == self)
    }

    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        self.row().map_or(2, |row| row.code)
    }

    /// The one of two that the operator has to know of.
    pub(crate) fn worse(self, other: Self) -> Self {
        let place = |status| WORST_FIRST.iter().position(|s| *s == status);
        if place(other) < place(self) { other } else { self }
    }

    fn of_reductions(reduced: &[Reduction]) -> Self {
        if reduced.is_empty() { Self::Success } else { Self::Reduced }
    }

    /// That of a publish that came to an end.
    pub(crate) fn of_generated(done: &Generated) -> Self {
        Self::of_reductions(&done.reduced)
    }

    /// That of a withdrawal that came to an end.
    pub(crate) fn of_stripped(done: &Stripped) -> Self {
        if done.left.is_empty() { Self::of_reductions(&done.reduced) } else { Self::Failed }
    }

    /// That of a verification that came to an end.
    pub(crate) fn of_verified(found: &Verified) -> Self {
        match (found.problems.is_empty(), found.history_problems.is_empty() && found.reduced.is_empty()) {
            (false, _) => Self::Broken,
            (true, false) => Self::Reduced,
            (true, true) => Self::Success,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_repository_is_worst_and_a_lock_is_least() {
        let ordered: Vec<Status> = WORST_FIRST.into_iter().rev().collect();
        for (at, one) in ordered.iter().enumerate() {
            for (other_at, other) in ordered.iter().enumerate() {
                assert_eq!(one.worse(*other), ordered[at.max(other_at)]);
            }
        }
        let codes: Vec<u8> = WORST_FIRST.iter().map(|status| status.code()).collect();
        assert_eq!(codes, [1, 2, 3, 75, 0]);
    }

    #[test]
    fn the_document_has_this_table() {
        let rows = TABLE.iter().map(|row| format!("| {} | {} | {} |\n", row.code, row.meaning, row.script));
        let table: String = rows.collect();
        let document = include_str!("../../../docs/reference-json.md");
        assert!(document.contains(&table), "docs/reference-json.md has to have these rows:\n{table}");
    }
}
