//! Memory of `generate` and `update` on metadata that somebody else made: many types,
//! each of which needs a window of the largest size to be decompressed.

use crate::bench::Bench;
use anyhow::{Context as _, Result, ensure};
use codec::Algorithm;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use xtask_common::{paths, process};

/// Types: all that are in the table, and susedata as openSUSE names it.
const TYPES: usize = 24;
/// The most resident memory in KiB.
const MOST: u64 = 400 * 1024;
/// Lines of an open file, each of a little more than 1,000 bytes: more than a window.
const LINES: usize = 140 * 1024;

/// The same of a client, whatever windows a publisher chose.
const MOST_OF_CLIENT: u64 = 128_000_000 / 1024;

/// Few threads, and more than there are types.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    client(bench)?;
    let repo = bench.work.join("repo");
    let repodata = repo.join("repodata");
    paths::make_empty(&repodata)?;
    let line = format!("<package a=\"{}\"/>\n", " ".repeat(1000));
    let open = format!("<?xml version=\"1.0\"?>\n{}", line.repeat(LINES));
    let (plain, packed) = (bench.work.join("open.xml"), bench.work.join("open.xml.zst"));
    fs::write(&plain, &open)?;
    process::run(Command::new("zstd").args(["-1", "--long=27", "-q", "-o"]).arg(&packed).arg(&plain))?;
    let bytes = fs::read(&packed)?;
    let sum = |bytes: &[u8]| Algorithm::Sha256.digest(bytes).to_hex();
    let (checksum, open_checksum) = (sum(&bytes), sum(open.as_bytes()));
    let names = ["primary", "filelists", "other"].map(str::to_owned);
    let names = names.into_iter().chain((b'a'..=b'z').map(|letter| format!("susedata.{}x", letter as char)));
    let mut records = String::new();
    for name in names.take(TYPES) {
        fs::write(repodata.join(format!("{name}.xml.zst")), &bytes)?;
        writeln!(
            records,
            "<data type=\"{name}\"><checksum type=\"sha256\">{checksum}</checksum>\
             <open-checksum type=\"sha256\">{open_checksum}</open-checksum>\
             <location href=\"repodata/{name}.xml.zst\"/><timestamp>1</timestamp>\
             <size>{}</size><open-size>{}</open-size></data>",
            bytes.len(),
            open.len()
        )?;
    }
    let root = "repomd xmlns=\"http://linux.duke.edu/metadata/repo\"";
    fs::write(repodata.join("repomd.xml"), format!("<{root}><revision>1</revision>{records}</repomd>"))?;
    for jobs in ["2", "32"] {
        let history = bench.work.join(format!("history-{jobs}"));
        let mut command = Command::new("time");
        command.args(["--quiet", "--format", "%M"]).arg(bench.binary());
        command.args(["generate", "--quiet", "--jobs", jobs, "--history"]).arg(&history).arg(&repo);
        let output = process::expect(&mut command, 0)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let most: u64 = said.trim().parse().with_context(|| format!("`time` printed `{said}`"))?;
        ensure!(most <= MOST, "{most} KiB with {jobs} threads, more than {MOST}");
        bench.ok(format!("{TYPES} types with the largest windows take {} MB on {jobs} threads", most / 1024));
    }
    Ok(())
}

/// Windows that are too large to be opened at all, and dictionaries of which one fits.
fn client(bench: &Bench<'_>) -> Result<()> {
    let line = format!("<package a=\"{}\"/>\n", " ".repeat(1000));
    let open = format!("<?xml version=\"1.0\"?>\n{}", line.repeat(LINES));
    let plain = bench.work.join("client.xml");
    fs::write(&plain, &open)?;
    for (program, options) in
        [("zstd", &["-1", "--long=27", "-q", "-k"][..]), ("xz", &["-0", "--lzma2=preset=0,dict=64MiB", "-k"])]
    {
        let suffix = if program == "xz" { "xz" } else { "zst" };
        let repo = bench.work.join(format!("client-{suffix}"));
        let repodata = repo.join("repodata");
        paths::make_empty(&repodata)?;
        process::run(Command::new(program).args(options).arg(&plain))?;
        let packed = bench.work.join(format!("client.xml.{suffix}"));
        let bytes = fs::read(&packed)?;
        let sum = |bytes: &[u8]| Algorithm::Sha256.digest(bytes).to_hex();
        let (checksum, open_checksum) = (sum(&bytes), sum(open.as_bytes()));
        let mut records = String::new();
        for name in ["primary", "filelists", "other"] {
            fs::write(repodata.join(format!("{name}.xml.{suffix}")), &bytes)?;
            writeln!(
                records,
                "<data type=\"{name}\"><checksum type=\"sha256\">{checksum}</checksum>\
                 <open-checksum type=\"sha256\">{open_checksum}</open-checksum>\
                 <location href=\"repodata/{name}.xml.{suffix}\"/><timestamp>1</timestamp></data>",
            )?;
        }
        let root = "repomd xmlns=\"http://linux.duke.edu/metadata/repo\"";
        fs::write(repodata.join("repomd.xml"), format!("<{root}><revision>1</revision>{records}</repomd>"))?;
        let mut command = Command::new("time");
        command.args(["--quiet", "--format", "%M"]).arg(bench.binary()).args(["update", "--quiet"]);
        command.arg(&repo).arg(bench.work.join(format!("cache-{suffix}")));
        let output = process::expect(&mut command, 0)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let most: u64 = said.trim().parse().with_context(|| format!("`time` printed `{said}`"))?;
        ensure!(most <= MOST_OF_CLIENT, "{most} KiB of a client, more than {MOST_OF_CLIENT}");
        bench.ok(format!(
            "a client takes {} MB for three types with the largest windows of {program}",
            most / 1024
        ));
    }
    Ok(())
}
