//! How patient clients are with servers.

use clap::Args;
use delta_client::options::Options;
use delta_client::transport::http::HttpOptions;

use crate::settings::Wait;

/// How long servers are waited for, and how often they are asked.
#[derive(Clone, Debug, Args)]
pub(crate) struct Servers {
    /// How often a file is asked for again after a failure that may pass [default: 3]
    ///
    /// A host that cannot be reached is given up after as many attempts: it is not asked again in
    /// this run. One that asks to be left alone (`Retry-After`) is, where that fits into the time.
    #[arg(long, value_name = "N", help_heading = "Network")]
    pub(crate) retries: Option<u32>,

    /// How long to wait for a connection, in seconds, or with `m` in minutes [default: 10]
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    pub(crate) connect_timeout: Option<Wait>,

    /// How long to wait for an answer, and then for each next byte of it [default: 30]
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    pub(crate) timeout: Option<Wait>,

    /// Give up a server that sends fewer bytes a second, on average over the time of `--timeout`; 0
    /// for no such limit [default: 1000]
    #[arg(long, value_name = "BYTES", help_heading = "Network")]
    pub(crate) min_rate: Option<u32>,

    /// How long all of it may take, in seconds, or with `m` in minutes [default: no limit]
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
