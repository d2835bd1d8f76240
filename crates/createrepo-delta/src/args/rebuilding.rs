//! Between fewer bytes and less time: options of the commands that rebuild files.

use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use delta_client::options::{MaxCpu, Options, Prefer};

use crate::settings::Wait;

/// How much rebuilding may take.
#[derive(Clone, Debug, Args)]
pub(crate) struct Rebuilding {
    /// Limit the processor time that rebuilding files of a repository takes [default: 5]
    ///
    /// In seconds, or with `m` in minutes; 0 rebuilds nothing, `none` sets no limit. The time is
    /// estimated by speeds that earlier runs measured on this machine. What does not fit is downloaded
    /// in full: first the types that take most time for what they save. By default, files that are
    /// rebuilt as fast as they are downloaded at 20 Mbit/s do not count.
    #[arg(long, value_name = "SECONDS", help_heading = "Rebuilding")]
    max_cpu: Option<CpuLimit>,

    /// Save bytes, or time by the speed of earlier downloads from the same host
    #[arg(long, value_name = "WHAT", value_enum, default_value_t, help_heading = "Rebuilding")]
    prefer: Preference,

    /// Show how long rebuilding and downloading take
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

impl Rebuilding {
    /// Tells an update of it.
    pub(crate) fn apply(&self, options: &mut Options) {
        options.max_cpu = self.max_cpu.map_or(MaxCpu::Usual, |limit| limit.0);
        options.prefer = match self.prefer {
            Preference::Bytes => Prefer::Bytes,
            Preference::Time => Prefer::Time,
        };
    }
}

/// What is saved.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Preference {
    /// Bytes
    #[default]
    Bytes,
    /// Time
    Time,
}

/// A limit, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CpuLimit(MaxCpu);

/// Why a text is no [`CpuLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected seconds or minutes, such as `5`, `0.5s` or `2m`, at most a day, or `0` or `none`")]
struct CpuLimitError;

impl FromStr for CpuLimit {
    type Err = CpuLimitError;

    fn from_str(text: &str) -> Result<Self, CpuLimitError> {
        match text {
            "none" => Ok(Self(MaxCpu::Unlimited)),
            "0" => Ok(Self(MaxCpu::Time(Duration::ZERO))),
            _ => text.parse().map(|Wait(time)| Self(MaxCpu::Time(time))).map_err(|_| CpuLimitError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_processor_time() {
        let time = |seconds| Ok(CpuLimit(MaxCpu::Time(Duration::from_secs_f64(seconds))));
        for (text, limit) in [("5", time(5.0)), ("0.5s", time(0.5)), ("2m", time(120.0)), ("0", time(0.0))] {
            assert_eq!(text.parse(), limit, "{text}");
        }
        assert_eq!("none".parse(), Ok(CpuLimit(MaxCpu::Unlimited)));
        for text in ["", "-1", "all", "1h", "nan"] {
            assert_eq!(text.parse::<CpuLimit>(), Err(CpuLimitError), "{text}");
        }
    }
}
