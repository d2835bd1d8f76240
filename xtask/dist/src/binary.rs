//! The archive with the built program: for any Linux on x86-64 with glibc 2.28 or later.

use crate::commit::Commit;
use crate::linked::{self, Crate, Library, TARGET};
use crate::tools::Tools;
use crate::{archive, glibc, licences, sbom};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::tools::cargo;
use xtask_common::{paths, process};

/// Places in the archive, as below `/usr`.
const LICENCES: &str = "share/licenses/createrepo-delta";
const DOCUMENTS: &str = "share/doc/createrepo-delta";

/// The shells, and where they look for completions.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "share/bash-completion/completions/createrepo-delta"),
    ("fish", "share/fish/vendor_completions.d/createrepo-delta.fish"),
    ("zsh", "share/zsh/site-functions/_createrepo-delta"),
];

/// Builds the program from the source archive below `work`, and makes in `output` an archive
/// of it, and its bill of materials.
pub(crate) fn make(commit: &Commit, source: &Path, work: &Path, output: &Path) -> Result<()> {
    let tools = Tools::get()?;
    paths::make_empty(&work.join("built"))?;
    archive::unpack(source, &work.join("built"))?;
    let source = work.join("built").join(commit.name());
    let program = build(commit, &tools, &source, work)?;
    let newest = glibc::check(&program)?;
    println!("ok dist: the program needs glibc {newest}, and has {} bytes", fs::metadata(&program)?.len());

    let crates = linked::crates(&source)?;
    let libraries = linked::libraries(&crates)?;
    let name = format!("{}-x86_64-linux", commit.name());
    let root = work.join(&name);
    paths::make_empty(&root)?;
    let bill = sbom::document(commit, &crates, &libraries)?;
    fs::write(output.join(format!("{}.cdx.json", commit.name())), &bill)?;
    put(&program, &root.join("bin/createrepo-delta"))?;
    write_from_program(&program, &root)?;
    write_documents(&source, &root, &bill)?;
    write_licences(&source, &tools, &root, &crates, &libraries)?;
    archive::pack(work, &name, commit.time, &output.join(format!("{name}.tar.gz")))
}

/// The program, without debugging information, with the list of crates that cargo-audit reads.
fn build(commit: &Commit, tools: &Tools, source: &Path, work: &Path) -> Result<PathBuf> {
    let [major, minor] = glibc::OLDEST;
    let target = work.join("target");
    let shown = format!("/usr/src/{}", commit.name());
    let mut build = cargo();
    build
        .current_dir(source)
        .args(["auditable", "zigbuild", "--quiet", "--release", "--locked", "--offline"])
        .args(["--package", "createrepo-delta", "--target", &format!("{TARGET}.{major}.{minor}")])
        .env("PATH", tools.path()?)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .env("SOURCE_DATE_EPOCH", commit.time.to_string())
        // No path of this machine is in the program.
        .env(
            "RUSTFLAGS",
            format!(
                "--remap-path-prefix={}={shown} --remap-path-prefix={}={shown}/target",
                source.display(),
                target.display()
            ),
        )
        .env("CFLAGS", format!("-ffile-prefix-map={}={shown}", source.display()));
    process::stream(&mut build)?;
    let program = target.join(TARGET).join("release/createrepo-delta");
    let bytes = fs::read(&program)?;
    for path in [source, &target] {
        let path = path.to_str().context("the path of the work directory is not text")?.as_bytes();
        let is_there = bytes.windows(path.len()).any(|window| window == path);
        ensure!(!is_there, "a path of this machine is in the program");
    }
    Ok(program)
}

/// What the program itself writes.
fn write_from_program(program: &Path, root: &Path) -> Result<()> {
    let man = root.join("share/man");
    let pages = root.join("pages");
    process::run(Command::new(program).arg("man").arg(&pages))?;
    for page in paths::files(&pages)? {
        let section = page.extension().context("a man page has no section")?.to_string_lossy().into_owned();
        put(&page, &man.join(format!("man{section}")).join(page.file_name().unwrap_or_default()))?;
    }
    fs::remove_dir_all(&pages)?;
    for (shell, place) in COMPLETIONS {
        let script = process::run(Command::new(program).args(["completions", shell]))?.stdout;
        write(&root.join(place), &script)?;
    }
    Ok(())
}

fn write_documents(source: &Path, root: &Path, bill: &str) -> Result<()> {
    let documents = root.join(DOCUMENTS);
    for part in ["README.md", "CHANGELOG.md", "docs", "contrib"] {
        for file in paths::files(&source.join(part))? {
            put(&file, &documents.join(file.strip_prefix(source)?))?;
        }
    }
    write(&documents.join("createrepo-delta.cdx.json"), bill.as_bytes())
}

/// Those of the program, of what it is linked from, and of the standard library and the
/// objects that every program begins with.
fn write_licences(
    source: &Path,
    tools: &Tools,
    root: &Path,
    crates: &[Crate],
    libraries: &[Library],
) -> Result<()> {
    let places = root.join(LICENCES);
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        put(&source.join(name), &places.join(name))?;
    }
    let text = licences::document(crates, libraries)?;
    write(&places.join(licences::FILE), text.as_bytes())?;
    let rust = process::run(Command::new("rustc").args(["--print", "sysroot"]))?;
    let rust = PathBuf::from(String::from_utf8(rust.stdout)?.trim());
    put(&rust.join("share/doc/rust/COPYRIGHT-library.html"), &places.join("rust-standard-library.html"))?;
    let zig = tools.zig()?;
    put(&zig.join("LICENSE"), &places.join("zig.txt"))?;
    put(&zig.join("lib/libc/glibc/LICENSES"), &places.join("glibc-start-files.txt"))
}

fn put(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    fs::copy(from, to).with_context(|| format!("cannot copy `{}`", from.display()))?;
    Ok(())
}

fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    fs::write(to, bytes).with_context(|| format!("cannot write `{}`", to.display()))
}
