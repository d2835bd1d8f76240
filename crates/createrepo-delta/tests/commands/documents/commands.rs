//! Every command that a document shows is run, on a repository with a past.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use super::{blocks, for_users, root};
use crate::support::{Bench, Ran, program, run};

/// What the README shows of this checkout's own tasks.
const TASKS: [&str; 2] = ["cargo xtask ci", "cargo xtask demo"];

/// A repository with a past and what the documents have beside it.
pub(super) fn bench() -> Bench {
    let bench = Bench::new();
    for version in 1..4 {
        bench.publish(version);
        if version == 2 {
            run(program("update").args([bench.repo(), bench.path("cache")])).expect(0);
        }
    }
    for day in ["monday", "tuesday"] {
        let to = bench.path("backup").join(day).join("repodata");
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(bench.repodata()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    let (repo, history) = (bench.repo(), bench.history());
    let tables = format!("[repository.os]\npath = '{}'\nhistory = '{}'\n", repo.display(), history.display());
    fs::write(bench.path("compose.toml"), tables).unwrap();
    let repos = bench.path("root/etc/yum.repos.d");
    fs::create_dir_all(&repos).unwrap();
    for name in ["fedora", "updates"] {
        let text = format!("[{name}]\nbaseurl=file://{}\n", repo.display());
        fs::write(repos.join(format!("{name}.repo")), text).unwrap();
    }
    let programs = bench.path("bin");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_createrepo-delta"), programs.join("createrepo-delta")).unwrap();
    let signer = "#!/bin/sh\nfor file; do :; done\n\
                  { echo '-----BEGIN PGP SIGNATURE-----'; echo; printf '\\211x' | base64\n\
                  echo '-----END PGP SIGNATURE-----'; } > \"$file.asc\"\n";
    fs::write(programs.join("gpg"), signer).unwrap();
    fs::set_permissions(programs.join("gpg"), fs::Permissions::from_mode(0o755)).unwrap();
    bench
}

/// Runs a line of the documents, with places of the bench.
pub(super) fn run_line(bench: &Bench, line: &str) -> Ran {
    let place = |name: &str| bench.path(name).display().to_string();
    let mut line = line.to_owned();
    for (shown, name) in [
        ("/etc/createrepo-delta.toml", "compose.toml"),
        ("/var/lib/createrepo-delta/repo", "history"),
        ("https://mirror.example.org/repo", "repo"),
        ("/var/cache/repo", "cache"),
        ("/srv/repo", "repo"),
        ("/srv/chroot", "root"),
    ] {
        line = line.replace(shown, &place(name));
    }
    if line.starts_with("createrepo-delta refresh") && !line.contains(" --root ") {
        // Never the machine's own caches.
        line = format!("{line} --root {}", place("root"));
    }
    let path = format!("{}:{}", place("bin"), std::env::var("PATH").unwrap());
    let tls = root().join("crates/delta-client/tests/transport/tls");
    let mut shell = Command::new("sh");
    run(shell.args(["-euc", &line]).current_dir(bench.path("")).env("PATH", path).env("TLS", tls))
}

#[test]
fn the_commands_of_the_documents_work() {
    let mut count = 0;
    for name in for_users() {
        for block in blocks::of(&name) {
            if block.language != "console" || block.is_read_only() {
                continue;
            }
            let bench = bench();
            if block.mark.as_deref() == Some("before the first publish") {
                run(program("strip").arg(bench.repo())).expect(0);
            }
            for command in block.commands() {
                if TASKS.contains(&command.as_str()) && name == "README.md" {
                    continue;
                }
                let place = &block.place;
                assert!(command.starts_with("createrepo-delta "), "{place}: nobody runs `{command}`");
                let ran = run_line(&bench, &command);
                assert_eq!(ran.status, 0, "{place}: {command}\n{}", ran.stderr);
                count += 1;
            }
        }
    }
    assert!(count >= 25, "{count}");
}
