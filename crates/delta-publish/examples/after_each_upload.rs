//! A compose tool: after each upload it takes the packages into a repository, has createrepo_c write the
//! metadata, and publishes deltas.
//!
//! ```sh
//! cargo run -p delta-publish --example after_each_upload -- REPOSITORY HISTORY PACKAGE...
//! ```
//!
//! HISTORY is a directory of the publisher's, one for each repository, and outside of what is served. A
//! signature of repomd.xml is made afterwards, or by a command ([`Signing::Command`]).

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use delta_publish::options::{Retention, Signing, Threshold};
use delta_publish::report::Generated;
use delta_publish::{Options, generate};

/// How often it is tried while another process is at work on the repository, and how long it waits between.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);

/// One repository, and where its past is kept.
struct Repository {
    root: PathBuf,
    history: PathBuf,
    options: Options,
}

impl Repository {
    fn new(root: &str, history: &str) -> Self {
        let options = Options::default()
            .with_retention(Retention::default().with_generations(100))
            .with_max_size(Threshold::percent(50))
            .with_signing(Signing::Remove);
        Self { root: root.into(), history: history.into(), options }
    }

    /// Takes `packages` in, lets `write_metadata` describe them, and publishes.
    fn upload(
        &self,
        packages: &[PathBuf],
        write_metadata: impl FnOnce(&Path) -> Result<(), Box<dyn Error>>,
    ) -> Result<Generated, Box<dyn Error>> {
        let directory = self.root.join("Packages");
        fs::create_dir_all(&directory)?;
        for package in packages {
            let name = package.file_name().ok_or("a package without a name")?;
            fs::copy(package, directory.join(name))?;
        }
        write_metadata(&self.root)?;
        Ok(self.publish()?)
    }

    /// Publishes what createrepo_c wrote.
    fn publish(&self) -> Result<Generated, delta_publish::Error> {
        let mut attempts = 1;
        loop {
            match generate(&self.root, &self.history, &self.options) {
                Err(error) if error.is_temporary() && attempts < ATTEMPTS => {
                    eprintln!("{error}; trying again");
                    thread::sleep(PAUSE);
                    attempts += 1;
                }
                result => return result,
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, history, packages @ ..] = &arguments[..] else {
        return Err("usage: after_each_upload REPOSITORY HISTORY PACKAGE...".into());
    };
    let packages: Vec<PathBuf> = packages.iter().map(PathBuf::from).collect();
    let generated = Repository::new(root, history).upload(&packages, createrepo)?;
    for line in lines(&generated) {
        println!("{line}");
    }
    Ok(())
}

fn createrepo(root: &Path) -> Result<(), Box<dyn Error>> {
    let status = Command::new("createrepo_c").args(["--quiet", "--update"]).arg(root).status()?;
    if status.success() { Ok(()) } else { Err(format!("createrepo_c failed: {status}").into()) }
}

/// What past generations are served by, and what is amiss; one line each.
fn lines(generated: &Generated) -> Vec<String> {
    let mut lines = Vec::new();
    for of_type in &generated.types {
        let published = of_type.deltas.iter().filter(|delta| delta.file.is_some());
        let served: usize = published.clone().map(|delta| delta.generations).sum();
        let largest = published.map(|delta| delta.size).max();
        lines.push(match largest {
            Some(bytes) => format!(
                "{}: deltas of at most {bytes} bytes serve {served} generations; the full file has {}",
                of_type.data_type, of_type.full_size
            ),
            None => format!("{}: no deltas yet", of_type.data_type),
        });
    }
    if let Some(journal) = &generated.journal
        && let (Some(last), publishes) = (journal.reads.first(), journal.reads.len())
    {
        lines.push(format!("journal: clients of the last publish read {last} bytes; it serves {publishes}"));
    }
    lines.extend(generated.reduced.iter().map(|reduction| format!("fewer deltas: {}", reduction.message)));
    lines.extend(generated.warnings.iter().map(|warning| format!("warning: {warning}")));
    lines
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "it is a directory of the test")]
mod tests {
    use super::*;

    /// Writes the metadata of a past state, as createrepo_c would.
    fn state(number: usize) -> impl FnOnce(&Path) -> Result<(), Box<dyn Error>> {
        move |root| {
            let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history");
            let repodata = root.join("repodata");
            if repodata.exists() {
                fs::remove_dir_all(&repodata)?;
            }
            fs::create_dir_all(&repodata)?;
            for entry in fs::read_dir(demo.join(format!("gen-{number:04}/repodata")))? {
                let entry = entry?;
                fs::copy(entry.path(), repodata.join(entry.file_name()))?;
            }
            Ok(())
        }
    }

    fn repository(work: &Path) -> Repository {
        let path = |name: &str| work.join(name).to_string_lossy().into_owned();
        Repository::new(&path("repository"), &path("history"))
    }

    #[test]
    fn from_the_second_upload_on_there_are_deltas() {
        let work = tempfile::tempdir().unwrap();
        let repository = repository(work.path());
        let package = work.path().join("demo-1.0-1.noarch.rpm");
        fs::write(&package, "a package").unwrap();
        let first = repository.upload(std::slice::from_ref(&package), state(0)).unwrap();
        assert!(lines(&first).iter().all(|line| line.ends_with("no deltas yet")), "{:?}", lines(&first));
        let second = repository.upload(&[package], state(1)).unwrap();
        assert!(second.changed && second.reduced.is_empty());
        let text = lines(&second).join("\n");
        assert!(text.contains("serve 1 generations") && text.contains("it serves 1"), "{text}");
        assert!(repository.root.join("Packages/demo-1.0-1.noarch.rpm").exists());
    }

    #[test]
    fn a_repository_that_createrepo_works_on_is_named_in_the_error() {
        let work = tempfile::tempdir().unwrap();
        let repository = repository(work.path());
        fs::create_dir_all(repository.root.join(".repodata")).unwrap();
        let error = repository.upload(&[], state(0)).unwrap_err();
        let error = error.downcast_ref::<delta_publish::Error>().unwrap();
        assert!(error.is_temporary() && error.to_string().contains("repository/.repodata"), "{error}");
    }
}
