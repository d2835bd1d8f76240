//! A reader as tools in Rust have it: structs that serde fills, of the fields that
//! the tool wants. Unknown elements are passed over; a field twice is an error.

use super::answer::Answer;
use anyhow::Result;
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

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

/// A line for each of `kinds`: type, path, checksum type, checksum.
pub(super) fn read(repomd: &Path, kinds: &[&str]) -> Result<Answer> {
    let text = fs::read_to_string(repomd)?;
    let parsed: Repomd = match quick_xml::de::from_str(&text) {
        Ok(parsed) => parsed,
        Err(error) => {
            let message = error.to_string();
            return Ok(Answer::Refused { details: message.clone(), message });
        }
    };
    let mut listing = String::new();
    for kind in kinds {
        for data in parsed.data.iter().filter(|data| data.kind == *kind) {
            let Data { checksum, location, .. } = data;
            writeln!(listing, "{kind} {} {} {}", location.href, checksum.kind, checksum.value)?;
        }
    }
    Ok(Answer::Listed(listing))
}
