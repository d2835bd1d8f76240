//! Exit statuses, the same for every command.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done what was asked.
    Done,
    /// The input is bad, or a verification failed.
    Failed,
    /// The program was called wrongly, or the system failed it.
    Unexpected,
    /// Another process is at work: `EX_TEMPFAIL` of sysexits.h.
    Temporary,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Unexpected => 2,
            Status::Temporary => 75,
        })
    }
}
