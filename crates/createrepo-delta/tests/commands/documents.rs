//! Every command that the documents show is run, on a repository with a past, and
//! every option that `docs/operations.md` names.
//!
//! Blocks of shell commands in `docs/operations.md` are recipes, which the end-to-end
//! tests run with the real tools.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::support::{Bench, Ran, program, run};

const DOCUMENTS: [&str; 9] = [
    "README.md",
    "docs/architecture.md",
    "docs/benchmarks.md",
    "docs/clients.md",
    "docs/formats/format-1.md",
    "docs/formats/format-2.md",
    "docs/formats/history.md",
    "docs/operations.md",
    "docs/formats/recipes.md",
];

/// What the README shows of this checkout's own tasks.
const TASKS: [&str; 2] = ["cargo xtask ci", "cargo xtask demo"];

fn document(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap()
}

/// The commands of the console blocks of a document, wherever they are indented;
/// continued lines are one.
fn commands(name: &str) -> Vec<String> {
    let text = document(name);
    let mut commands: Vec<String> = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if line != "```console" {
            continue;
        }
        let mut continued = false;
        for line in lines.by_ref().take_while(|line| *line != "```") {
            let (start, more) = line.strip_suffix('\\').map_or((line, false), |start| (start, true));
            if continued {
                commands.last_mut().unwrap().push_str(start);
            } else {
                let command = start.strip_prefix("$ ").or_else(|| start.strip_prefix("# "));
                commands.push(command.unwrap_or_else(|| panic!("{name}: no prompt: {line}")).to_owned());
            }
            continued = more;
        }
    }
    commands
}

/// A repository with a past and what the documents have beside it.
fn bench() -> Bench {
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
fn run_line(bench: &Bench, line: &str) -> Ran {
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
    run(Command::new("sh").args(["-euc", &line]).current_dir(bench.path("")).env("PATH", path))
}

#[test]
fn the_commands_of_the_documents_work() {
    let mut count = 0;
    for document in DOCUMENTS {
        for command in commands(document) {
            if TASKS.contains(&command.as_str()) && document == "README.md" {
                continue;
            }
            assert!(command.starts_with("createrepo-delta "), "{document}: nobody runs `{command}`");
            let ran = run_line(&bench(), &command);
            assert_eq!(ran.status, 0, "{document}: {command}\n{}", ran.stderr);
            count += 1;
        }
    }
    assert!(count >= 25, "{count}");
}

/// Options of other programs that `docs/operations.md` names, none of which is also
/// one of this program.
const OF_OTHERS: &[&str] = &[
    "--all",
    "--armor",
    "--batch",
    "--cachedir",
    "--checksum",
    "--delete",
    "--delete-delay",
    "--detach-sign",
    "--do-stat",
    "--download-metadata",
    "--everyone",
    "--exclude",
    "--export",
    "--general-compress-type",
    "--ignore-lock",
    "--mdtype",
    "--nosignature",
    "--notification-script",
    "--omit-baseurl",
    "--outputdir",
    "--qf",
    "--repo",
    "--retain-old-md",
    "--retain-old-md-by-age",
    "--revision",
    "--set-timestamp-to-revision",
    "--simple-md-filenames",
    "--skip-stat",
    "--update",
    "--update-md-path",
    "--yes",
    "--zck",
];

/// Runs of the options that no block shows, with values that the text gives them.
const SAMPLES: &[&str] = &[
    "createrepo-delta history verify --repair /var/lib/createrepo-delta/repo",
    "createrepo-delta update --allow-rollback https://mirror.example.org/repo /var/cache/repo",
    "createrepo-delta update --exact https://mirror.example.org/repo /var/cache/repo",
    "createrepo-delta update --offline https://mirror.example.org/repo /var/cache/repo",
    "createrepo-delta generate --deltamd /var/lib/createrepo-delta/repo /srv/repo",
    "createrepo-delta generate --deltamd-sizes 1000,20000 --history /var/lib/createrepo-delta/repo /srv/repo",
    "createrepo-delta generate --deltamd-types primary,other --history /var/lib/createrepo-delta/repo /srv/repo",
    "createrepo-delta generate --config /etc/createrepo-delta.toml --jobs 2",
    "createrepo-delta generate --budget 64M --history /var/lib/createrepo-delta/repo /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --json /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --keep 56 /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --keep-age 14d /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --keep-states 3 /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --max-size 60% /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --no-deltas /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --no-journal /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --no-recipe /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --refuse-signed /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --sign-timeout 5m --sign-command gpg /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --sizes 60% /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --types primary /srv/repo",
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --windows 2 /srv/repo",
    // The signer here has no key; the end-to-end tests have one.
    "createrepo-delta generate --history /var/lib/createrepo-delta/repo --sign-command gpg --keyring bin/gpg /srv/repo || [ $? -eq 2 ]",
    "createrepo-delta history show /var/lib/createrepo-delta/repo primary --generation 0 --output new.xml
     createrepo-delta history show /var/lib/createrepo-delta/repo primary --generation 1 --output old.xml
     createrepo-delta diff --type primary old.xml new.xml delta
     sum=$(sha256sum new.xml | cut -d ' ' -f 1)
     createrepo-delta apply --type primary --open-checksum sha256:$sum old.xml delta again.xml
     cmp new.xml again.xml",
    "createrepo-delta generate --help",
];

/// The options in a text, without their values.
fn options(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "`(),.:;|'\"=[]/".contains(c));
    let is_option = |word: &&str| {
        word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    words.filter(is_option).collect()
}

/// What `command`, and the commands below it, take.
fn taken(command: &[&str]) -> BTreeSet<String> {
    let mut help = program(command[0]);
    let help = run(help.args(&command[1..]).arg("--help")).expect(0).stdout;
    options(&help).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_options_of_the_operations_work() {
    let text = document("docs/operations.md");
    let mut known = BTreeSet::new();
    for command in ["apply", "diff", "generate", "inspect", "strip", "update", "refresh", "verify"] {
        known.extend(taken(&[command]));
    }
    for command in ["drop", "import", "list", "prune", "show", "verify"] {
        known.extend(taken(&["history", command]));
    }
    let shown: String = commands("docs/operations.md").join("\n");
    let shown = options(&shown);
    // Recipes, which the end-to-end tests run.
    let blocks: String =
        text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let recipes = options(&blocks);
    for option in options(&text) {
        if OF_OTHERS.contains(&option) || shown.contains(option) || recipes.contains(option) {
            continue;
        }
        assert!(known.contains(option), "neither this program's nor in the list of others': {option}");
        let is_sampled = SAMPLES.iter().any(|sample| options(sample).contains(option));
        assert!(is_sampled, "nobody runs {option}");
    }
    for sample in SAMPLES {
        let ran = run_line(&bench(), sample);
        assert_eq!(ran.status, 0, "{sample}\n{}", ran.stderr);
    }
}

/// Commands in the middle of a sentence.
#[test]
fn the_commands_in_sentences_exist() {
    let mut count = 0;
    for name in DOCUMENTS {
        let text = document(name);
        for code in text.split('`').skip(1).step_by(2) {
            let line = code.strip_prefix("createrepo-delta ").filter(|line| !options(line).is_empty());
            let Some(line) = line.filter(|line| !line.starts_with("COMMAND")) else { continue };
            let words: Vec<&str> = line.split_whitespace().collect();
            let depth = if words[0] == "history" { 2 } else { 1 };
            let known = taken(words.get(..depth).unwrap_or(&words));
            for option in options(line) {
                assert!(known.contains(option), "{name}: `{code}` has no {option}");
            }
            count += 1;
        }
    }
    assert!(count >= 2, "{count}");
}
