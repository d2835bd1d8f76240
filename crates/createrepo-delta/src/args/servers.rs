//! How patient clients are with servers.

use clap::Args;
use delta_client::{HttpOptions, Options};

use crate::settings::Wait;

/// How long servers are waited for, and how often they are asked.
#[derive(Debug, Args)]
pub(crate) struct Servers {
    /// How often a file is asked for again after a failure that may pass [default: 3]
    #[arg(long, value_name = "N", help_heading = "Network")]
    retries: Option<u32>,

    /// How long to wait for a connection, in seconds, or with `m` in minutes [default: 10]
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    connect_timeout: Option<Wait>,

    /// How long to wait for an answer, and then for each next byte of it [default: 30]
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    timeout: Option<Wait>,
}

impl Servers {
    /// What the transport is told of it; without proxies.
    pub(crate) fn http(&self) -> HttpOptions {
        let mut options = HttpOptions::default();
        if let Some(connect) = &self.connect_timeout {
            options.connect = connect.0;
        }
        if let Some(timeout) = &self.timeout {
            options.answer = timeout.0;
            options.stall = timeout.0;
        }
        options
    }

    /// Tells an update of it.
    pub(crate) fn apply(&self, options: &mut Options) {
        if let Some(retries) = self.retries {
            options.retries = retries;
        }
    }
}
