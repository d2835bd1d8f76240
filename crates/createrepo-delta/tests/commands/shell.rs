//! Everything around the commands: pipes, colours, completions, man pages.

use std::process::Stdio;

use crate::support::{Bench, program, run};

#[test]
fn a_closed_pipe_is_no_error() {
    let invocations: [&[&str]; 5] =
        [&["completions", "bash"], &["man"], &["history", "--help"], &["generate", "-h"], &["help"]];
    for arguments in invocations {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program(arguments[0]);
        command.args(&arguments[1..]).stdout(Stdio::from(writer)).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let bench = Bench::created(1);
    let repo = bench.repo();
    let invocations: [&[&str]; 8] = [
        &["-h"],
        &["--version"],
        &["help", "generate"],
        &["update", "--help"],
        &["completions", "bash"],
        &["man"],
        &["inspect", repo.to_str().unwrap()],
        &["verify", "--json", repo.to_str().unwrap()],
    ];
    for arguments in invocations {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_createrepo-delta"));
        let output = command.args(arguments).stdout(full.try_clone().unwrap()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("error: cannot write the result\n  caused by: "), "{arguments:?}: {said}");
    }
}

#[test]
fn man_pages_replace_what_has_their_names() {
    let bench = Bench::new();
    let (dir, elsewhere) = (bench.path("man1"), bench.path("elsewhere"));
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(&elsewhere, "kept").unwrap();
    // Neither is a pipe waited for, nor a symlink followed.
    let (pipe, link) = (dir.join("createrepo-delta.1"), dir.join("createrepo-delta-man.1"));
    run(std::process::Command::new("mkfifo").arg(&pipe)).expect(0);
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    run(program("man").arg(&dir)).expect(0);
    assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "kept");
    for page in [&pipe, &link] {
        assert!(std::fs::symlink_metadata(page).unwrap().is_file(), "{}", page.display());
    }
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 20);
}

#[test]
fn colours_are_for_terminals() {
    let missing = || {
        let mut command = program("inspect");
        command.arg("/nonexistent/repository");
        command
    };
    assert!(!run(&mut missing()).expect(2).stderr.contains('\x1b'));
    let forced = run(missing().env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR"));
    assert!(forced.stderr.contains('\x1b'));
    let refused = run(missing().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1"));
    assert!(!refused.stderr.contains('\x1b'));
}

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(program("completions").arg(shell)).expect(0);
        assert!(ran.stdout.contains("sign-command"), "{shell}");
    }
}

#[test]
fn every_command_gets_a_man_page() {
    let bench = Bench::new();
    let dir = bench.path("man1");
    run(program("man").arg(&dir)).expect(0);
    let mut pages: Vec<String> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    let commands = [
        "",
        "-apply",
        "-completions",
        "-diff",
        "-generate",
        "-history",
        "-history-drop",
        "-history-import",
        "-history-list",
        "-history-prune",
        "-history-show",
        "-history-verify",
        "-inspect",
        "-man",
        "-recipes",
        "-refresh",
        "-strip",
        "-update",
        "-verify",
    ];
    let mut expected = commands.map(|command| format!("createrepo-delta{command}.1")).to_vec();
    expected.push("createrepo-delta.toml.5".to_owned());
    expected.sort();
    assert_eq!(pages, expected);
    let whole = std::fs::read_to_string(dir.join("createrepo-delta.1")).unwrap();
    assert!(!whole.contains("delta\\-help"), "{whole}");
    let page = std::fs::read_to_string(dir.join("createrepo-delta-history-drop.1")).unwrap();
    for part in [
        ".ds title CREATEREPO\\-DELTA\\-HISTORY\\-DROP\n",
        ".TH \"\\*[title]\" \"1\"",
        ".SH \"EXAMPLES\"",
        ".SH \"EXIT STATUS\"",
        "\\-\\-newest",
    ] {
        assert!(page.contains(part), "{part}:\n{page}");
    }
}

#[test]
fn help_is_a_command() {
    let help = |words: &[&str]| run(program("help").args(words)).expect(0).stdout;
    for words in [&["generate"][..], &["history", "drop"], &[]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_createrepo-delta"));
        assert_eq!(help(words), run(command.args(words).arg("--help")).expect(0).stdout, "{words:?}");
    }
    run(program("help").arg("genrate")).expect(2).says(&["unrecognized subcommand 'genrate'"]);
}

#[test]
fn inspect_says_what_it_takes_and_what_adds_nothing() {
    run(program("inspect").arg("https://example.org/repo/")).expect(2).says(&[
        "expected a local directory that contains repodata/, a delta file or a journal",
        "hint: `createrepo-delta update --complete https://example.org/repo/ DIR`",
    ]);
    let bench = Bench::created(1);
    let ran = run(program("inspect").arg("-v").arg(bench.repo())).expect(0);
    assert_eq!(ran.stderr, "note: `--verbose` has nothing to add without `--history DIR` of a repository\n");
}
