//! Memory of `generate` and `update` on metadata that somebody else made: many types,
//! each of which needs a window of the largest size to be decompressed.

use crate::bench::Bench;
use crate::repository::ALWAYS;
use anyhow::{Context as _, Result, ensure};
use codec::Algorithm;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::{paths, process};

/// Types: all that are in the table, and susedata as openSUSE names it.
const TYPES: usize = 24;
/// The most resident memory in KiB.
const MOST: u64 = 400 * 1024;
/// The same of a client, whatever windows a publisher chose.
const MOST_OF_CLIENT: u64 = 128_000_000 / 1024;
/// Lines of an open file, each of a little more than 1,000 bytes: more than a window.
const LINES: usize = 140 * 1024;

/// A program that compresses, with the largest window, and what names of its files end with.
type Packer = (&'static str, &'static [&'static str], &'static str);

const ZSTD: Packer = ("zstd", &["-1", "--long=27", "-q", "-k"], "zst");
const XZ: Packer = ("xz", &["-0", "--lzma2=preset=0,dict=64MiB", "-k"], "xz");

/// A client of three types; a publisher of all, on few threads and on more than there are types.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let open = bench.work.join("open.xml");
    let line = format!("<package a=\"{}\"/>\n", " ".repeat(1000));
    fs::write(&open, format!("<?xml version=\"1.0\"?>\n{}", line.repeat(LINES)))?;
    let always = ALWAYS.map(str::to_owned);
    for packer in [ZSTD, XZ] {
        let repo = repository(bench, &open, packer, &always)?;
        let mut update = bench.program();
        update.args(["update", "--quiet"]).arg(repo).arg(bench.work.join(format!("cache-{}", packer.2)));
        let peak = peak(&update)?;
        ensure!(peak <= MOST_OF_CLIENT, "{peak} KiB of a client, more than {MOST_OF_CLIENT}");
        let (packer, megabytes) = (packer.0, peak / 1024);
        bench.ok(format!(
            "a client takes {megabytes} MB for three types with the largest windows of {packer}"
        ));
    }
    let susedata = (b'a'..=b'z').map(|letter| format!("susedata.{}x", letter as char));
    let types: Vec<String> = always.into_iter().chain(susedata).take(TYPES).collect();
    let repo = repository(bench, &open, ZSTD, &types)?;
    for jobs in ["2", "32"] {
        let history = bench.work.join(format!("history-{jobs}"));
        let mut generate = bench.program();
        generate.args(["generate", "--quiet", "--jobs", jobs, "--history"]).arg(&history).arg(&repo);
        let peak = peak(&generate)?;
        ensure!(peak <= MOST, "{peak} KiB with {jobs} threads, more than {MOST}");
        bench.ok(format!("{TYPES} types with the largest windows take {} MB on {jobs} threads", peak / 1024));
    }
    Ok(())
}

/// Runs a command; the peak of its resident memory in KiB.
fn peak(command: &Command) -> Result<u64> {
    let mut time = Command::new("time");
    time.args(["--quiet", "--format", "%M"]).arg(command.get_program()).args(command.get_args());
    let output = process::expect(&mut time, 0)?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.trim().parse().with_context(|| format!("`time` printed `{text}`"))
}

/// Makes a repository whose types all have the content of `open`.
fn repository(bench: &Bench<'_>, open: &Path, packer: Packer, types: &[String]) -> Result<PathBuf> {
    let (program, options, suffix) = packer;
    let repo = bench.work.join(format!("repo-{suffix}-{}", types.len()));
    let repodata = repo.join("repodata");
    paths::make_empty(&repodata)?;
    let file = open.with_extension(format!("xml.{suffix}"));
    if !file.exists() {
        process::run(Command::new(program).args(options).arg(open))?;
    }
    let (open, bytes) = (fs::read(open)?, fs::read(file)?);
    let [checksum, open_checksum] = [&bytes, &open].map(|content| Algorithm::Sha256.digest(content).to_hex());
    let mut records = String::new();
    for name in types {
        fs::write(repodata.join(format!("{name}.xml.{suffix}")), &bytes)?;
        writeln!(
            records,
            "<data type=\"{name}\"><checksum type=\"sha256\">{checksum}</checksum>\
             <open-checksum type=\"sha256\">{open_checksum}</open-checksum>\
             <location href=\"repodata/{name}.xml.{suffix}\"/><timestamp>1</timestamp>\
             <size>{}</size><open-size>{}</open-size></data>",
            bytes.len(),
            open.len()
        )?;
    }
    let root = "repomd xmlns=\"http://linux.duke.edu/metadata/repo\"";
    fs::write(repodata.join("repomd.xml"), format!("<{root}><revision>1</revision>{records}</repomd>"))?;
    Ok(repo)
}
