//! Rebuilds a file from its open content, and says what came out.
//!
//! `cargo run --release -p codec --example rebuild -- RECIPE OPEN-FILE`
//!
//! Prints the file's size and SHA-256; without arguments, the recipes.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use codec::recipe::Recipe;
use codec::{Algorithm, Hasher};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let Some(name) = arguments.next() else {
        for recipe in Recipe::all() {
            println!("{:>3}  {:<16} {:>3} MiB", recipe.number(), recipe.name(), recipe.memory() >> 20);
        }
        return Ok(());
    };
    let recipe = Recipe::all().find(|recipe| name == recipe.name()).ok_or("no such recipe")?;
    let path: PathBuf = arguments.next().ok_or("usage: rebuild RECIPE OPEN-FILE")?.into();
    let mut open = File::open(&path)?;
    let size = open.metadata()?.len();
    let mut rebuilder =
        recipe.rebuilder(Sum { hasher: Hasher::new(Algorithm::Sha256), size: 0 }, Some(size))?;
    io::copy(&mut open, &mut rebuilder)?;
    let sum = rebuilder.finish()?;
    println!("{} {}", sum.size, sum.hasher.finish().to_hex());
    Ok(())
}

/// Counts and hashes.
struct Sum {
    hasher: Hasher,
    size: u64,
}

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
