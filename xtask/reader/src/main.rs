//! A reader as tools in Rust have it: structs that serde fills, of the fields that
//! the tool wants. Unknown elements are passed over; a field twice is an error.
//!
//! `xtask-reader REPOMD TYPE...` prints a line for each of the types: type, path, checksum
//! type, checksum. It is a program, as the readers in other languages are, so that the
//! features that it needs are not built into the program under test.
#![allow(clippy::print_stdout, reason = "what it finds")]

use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::env;
use std::fs;

#[derive(Deserialize)]
struct Repomd {
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "@type")]
    kind: String,
    checksum: Checksum,
    location: Location,
}

#[derive(Deserialize)]
struct Checksum {
    #[serde(rename = "@type")]
    kind: String,
    #[serde(rename = "$text")]
    value: String,
}

#[derive(Deserialize)]
struct Location {
    #[serde(rename = "@href")]
    href: String,
}

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let repomd: Repomd = quick_xml::de::from_str(&fs::read_to_string(arguments.next().context("no file")?)?)?;
    for kind in arguments {
        for Data { checksum, location, .. } in repomd.data.iter().filter(|data| data.kind == kind) {
            println!("{kind} {} {} {}", location.href, checksum.kind, checksum.value);
        }
    }
    Ok(())
}
