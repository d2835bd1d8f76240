//! Rebuilds a zchunk file from its open content and the file before it, and says
//! whether it came out the same.
//!
//! `cargo run --release -p codec --example rebuild-zchunk -- OLD NEW`
//!
//! Where chunks begin is told by a rule, or else taken from `NEW`.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::fs::File;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use codec::recipe::find;
use codec::recipe::zchunk::{ZchunkCuts, ZchunkFile, chunk_rule};
use codec::{Expect, OpenReader};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [old, new] = arguments.as_slice() else {
        return Err("usage: rebuild-zchunk OLD NEW".into());
    };
    let Some(recipe) = find(File::open(new)?, new, Expect::default())? else {
        println!("{}: no recipe", new.display());
        return Ok(());
    };
    let rule = chunk_rule(File::open(new)?, new, Expect::default())?;
    let (cuts, cut) = match rule {
        Some(rule) => (ZchunkCuts::Rule(rule), format!("chunks by rule {}", rule.number())),
        None => (ZchunkCuts::Lengths(read(new)?.chunk_lengths().collect()), "chunks by lengths".to_owned()),
    };
    let mut rebuilder =
        recipe.zchunk_rebuilder(Vec::new(), read(old)?, cuts, None, Cursor::new(Vec::new()))?;
    io::copy(&mut OpenReader::new(File::open(new)?, new, Expect::default())?, &mut rebuilder)?;
    let (copied, compressed) = rebuilder.chunk_counts();
    let rebuilt = rebuilder.finish()?;
    let same = if rebuilt.out == std::fs::read(new)? { "the same" } else { "another file" };
    println!("{}: {recipe}, {cut}, {copied} copied, {compressed} compressed, {same}", new.display());
    Ok(())
}

fn read(path: &Path) -> Result<ZchunkFile<File>, Box<dyn std::error::Error>> {
    Ok(ZchunkFile::read(File::open(path)?, path, Expect::default())?)
}
