//! Times opening one file: bare, with digests, and with digests on a thread.
//!
//! `cargo run --release -p codec --example throughput -- FILE`
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use codec::{Algorithm, Expect, OpenReader};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path: PathBuf = std::env::args_os().nth(1).ok_or("usage: throughput FILE")?.into();
    for digests in [vec![], vec![Algorithm::Sha1], vec![Algorithm::Sha256], vec![Algorithm::Sha512]] {
        for threaded in [false, true] {
            let source = File::open(&path)?;
            let expect = Expect { open_digests: digests.clone(), ..Expect::default() };
            let start = Instant::now();
            let open = if threaded { OpenReader::new } else { OpenReader::inline };
            let summary = open(source, &path, expect)?.finish()?;
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{} open bytes from {}, digests {digests:?}, threaded {threaded}: {seconds:.2} s",
                summary.open_size, summary.compression
            );
        }
    }
    Ok(())
}
