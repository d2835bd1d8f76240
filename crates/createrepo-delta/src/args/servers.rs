//! How patient clients are with servers.

use clap::Args;
use delta_client::options::Options;
use delta_client::transport::http::HttpOptions;

use crate::settings::Wait;

/// How long servers are waited for, and how often they are asked.
#[derive(Clone, Debug, Args)]
pub(crate) struct Servers {
    /// Ask again so often after a failure that may pass [default: 3]
    ///
    /// A host that cannot be reached is given up after as many attempts, for all of this run. One that
    /// asks for a pause (`Retry-After`) gets it, where that fits into the time.
    #[arg(long, value_name = "N", help_heading = "Network")]
    pub(crate) retries: Option<u32>,

    /// Wait so long for a connection [default: 10]
    ///
    /// In seconds, or with `m` in minutes.
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    pub(crate) connect_timeout: Option<Wait>,

    /// Wait so long for an answer, and then for each next byte [default: 30]
    ///
    /// In seconds, or with `m` in minutes.
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    pub(crate) timeout: Option<Wait>,

    /// Give up a server that sends fewer bytes a second [default: 1000]
    ///
    /// On average over the time of `--timeout`; 0 sets no limit.
    #[arg(long, value_name = "BYTES", help_heading = "Network")]
    pub(crate) min_rate: Option<u32>,

    /// End after so much time [default: no limit]
    ///
    /// In seconds, or with `m` in minutes.
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    pub(crate) max_time: Option<Wait>,
}

impl Servers {
    /// What the transport is told of it; without proxies.
    pub(crate) fn http(&self) -> HttpOptions {
        let mut options = HttpOptions::default();
        if let Some(retries) = self.retries {
            options.connect_retries = retries;
        }
        if let Some(connect) = &self.connect_timeout {
            options.connect = connect.0;
        }
        if let Some(timeout) = &self.timeout {
            options.answer = timeout.0;
            options.stall = timeout.0;
        }
        if let Some(min_rate) = self.min_rate {
            options.min_rate = min_rate;
        }
        options
    }

    /// Tells an update of it.
    pub(crate) fn apply(&self, options: &mut Options) {
        if let Some(retries) = self.retries {
            options.retries = retries;
        }
        if let Some(max_time) = &self.max_time {
            options.max_time = Some(max_time.0);
        }
    }
}
