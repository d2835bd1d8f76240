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

impl Status {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Unexpected => 2,
            Self::Temporary => 75,
        }
    }

    /// The one of two that the operator has to know of: bad input, which must
    /// not be published, before what may be, but has no new deltas.
    pub(crate) fn worse(self, other: Self) -> Self {
        let weight = |status| match status {
            Self::Done => 0,
            Self::Temporary => 1,
            Self::Unexpected => 2,
            Self::Failed => 3,
        };
        if weight(other) > weight(self) { other } else { self }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Status::{Done, Failed, Temporary, Unexpected};

    #[test]
    fn bad_input_is_worse_than_a_failing_system_and_that_than_a_lock() {
        let ordered = [Done, Temporary, Unexpected, Failed];
        for (at, one) in ordered.into_iter().enumerate() {
            for (other_at, other) in ordered.into_iter().enumerate() {
                assert_eq!(one.worse(other), ordered[at.max(other_at)]);
            }
        }
    }
}
