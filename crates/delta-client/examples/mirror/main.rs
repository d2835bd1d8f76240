//! A mirror tool: keeps the metadata of several repositories current, over an HTTP client and in storage of its own.
//!
//! ```sh
//! cargo run -p delta-client --example mirror -- STORE NAME=URL...
//! ```
//!
//! `http.rs` is the transport: [`Transport`](delta_client::transport::Transport) on nothing but the standard
//! library. `store.rs` is the storage, filled by [`obtain_repomd`](delta_client::obtain_repomd) and
//! [`obtain_file`](delta_client::obtain_file). Delta files and journals are not kept for others here; `update` with
//! `Options::with_complete` does that.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

mod http;
#[cfg(test)]
#[path = "../../tests/support/server.rs"]
mod server;
mod store;
#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "it is a directory of the test")]
mod tests;

use std::error::Error;
use std::process::ExitCode;

use http::Http;
use store::{Mirrored, Store};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, repositories @ ..] = &arguments[..] else {
        eprintln!("usage: mirror STORE NAME=URL...");
        return ExitCode::from(2);
    };
    match run(store, repositories) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Updates the repositories; how many of them failed. One that fails does not keep the others from being updated.
fn run(store: &str, repositories: &[String]) -> Result<usize, Box<dyn Error>> {
    let store = Store::open(store.as_ref())?;
    let mut failed = 0;
    for repository in repositories {
        match mirror(&store, repository) {
            Ok(Mirrored { changed: false, .. }) => println!("{repository} is current"),
            Ok(Mirrored { downloaded, full, .. }) => {
                println!("{repository}: {downloaded} bytes downloaded; its full files have {full}");
            }
            Err(error) => {
                eprintln!("error: {repository}: {error}");
                failed += 1;
            }
        }
    }
    store.collect()?;
    Ok(failed)
}

fn mirror(store: &Store, repository: &str) -> Result<Mirrored, Box<dyn Error>> {
    let (name, url) = repository.split_once('=').ok_or("expected NAME=URL")?;
    let source = Http::new(url).ok_or("expected an http:// URL")?;
    store.update(name, &source)
}
