//! Every hint is followed word for word, and helps.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use history::History;

use crate::server::Server;
use crate::support::{
    Bench, Key, Ran, copy_tree, flip, gunzip, obedient_program, open, program, program_with_small_files, run,
};

/// What the hints of a run say.
fn hints(ran: &Ran) -> Vec<&str> {
    ran.stderr.split("\nhint: ").skip(1).map(|rest| rest.split('\n').next().unwrap()).collect()
}

/// The only hint of a run.
#[track_caller]
pub(crate) fn hint(ran: &Ran) -> &str {
    let hints = hints(ran);
    assert_eq!(hints.len(), 1, "{}", ran.stderr);
    hints[0]
}

/// The texts in backticks.
pub(crate) fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// A directory of programs that a shell finds first: ours, and `createrepo_c`, which
/// puts the metadata of a backup in place.
fn programs(bench: &Bench) -> std::path::PathBuf {
    let directory = bench.path("bin");
    if !directory.exists() {
        fs::create_dir(&directory).unwrap();
        let ours = env!("CARGO_BIN_EXE_createrepo-delta");
        std::os::unix::fs::symlink(ours, directory.join("createrepo-delta")).unwrap();
        let backup = bench.path("backup").display().to_string();
        let script = format!("#!/bin/sh\nset -e\nrm -rf \"$1/repodata\"\ncp -a '{backup}' \"$1/repodata\"\n");
        fs::write(directory.join("createrepo_c"), script).unwrap();
        fs::set_permissions(directory.join("createrepo_c"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    directory
}

/// Keeps the metadata, for `createrepo_c` to make it again.
fn back_up(bench: &Bench) {
    copy_tree(&bench.repodata(), &bench.path("backup"));
}

/// Runs a command as a person would paste it.
pub(crate) fn paste(bench: &Bench, command: &str) -> Ran {
    let path = std::env::var("PATH").unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-c", command]).env("PATH", format!("{}:{path}", programs(bench).display()));
    run(shell.current_dir(bench.path("")))
}

/// Runs the only command in backticks of the only hint.
#[track_caller]
fn follow(bench: &Bench, ran: &Ran) -> Ran {
    let commands = quoted(hint(ran));
    let [command] = commands[..] else { panic!("{commands:?}") };
    let followed = paste(bench, command);
    assert_eq!(followed.status, 0, "{command}:\n{}", followed.stderr);
    followed
}

/// Two states are published, and there is a third one.
fn bench() -> Bench {
    let bench = Bench::published(2);
    bench.create(3);
    bench
}

fn on_repo(command: &str, bench: &Bench) -> Ran {
    run(program(command).arg(bench.repo()))
}

#[test]
fn metadata_that_is_broken_is_made_again() {
    let harms: [fn(&Bench); 6] = [
        |b| fs::remove_file(b.repomd()).unwrap(),
        |b| fs::write(b.repomd(), "<repomd").unwrap(),
        |b| fs::remove_file(&b.files("-other.xml.gz")[0]).unwrap(),
        |b| fs::write(&b.files("-other.xml.gz")[0], "other").unwrap(),
        |b| {
            let path = b.files("-other.xml.gz").remove(0);
            fs::remove_file(&path).unwrap();
            fs::create_dir(path).unwrap();
        },
        |b| fs::remove_dir_all(b.repodata()).unwrap(),
    ];
    for harm in harms {
        let bench = bench();
        back_up(&bench);
        harm(&bench);
        let failed = bench.generate(&["--quiet"]).expect(1);
        follow(&bench, &failed);
        bench.generate(&["--quiet"]).expect(0);
    }
}

#[test]
fn what_verify_finds_is_made_again() {
    let bench = Bench::published(3);
    back_up(&bench);
    let verify = || run(program("verify").arg("--history").arg(bench.history()).arg(bench.repo()));
    for part in ["-other.xml.delta0", "-other.xml.gz"] {
        fs::write(&bench.files(part)[0], "other").unwrap();
        follow(&bench, &verify().expect(1));
        bench.generate(&["--quiet"]).expect(0);
        verify().expect(0);
    }
}

#[test]
fn deltas_that_something_dropped_are_listed_again() {
    let bench = Bench::published(2);
    bench.create(3);
    let without = fs::read(bench.repomd()).unwrap();
    bench.generate(&[]).expect(0);
    fs::write(bench.repomd(), without).unwrap();
    let verify = || run(program("verify").arg("--history").arg(bench.history()).arg(bench.repo()));
    let found = verify().expect(3);
    assert!(
        found.stderr.contains("lists none of the deltas that this history published last\n"),
        "{}",
        found.stderr
    );
    assert!(
        found.stderr.contains("` is whole, but serves fewer deltas than were published\n"),
        "{}",
        found.stderr
    );
    assert_eq!(paste(&bench, quoted(hint(&found))[0]).status, 0);
    verify().expect(0);
}

#[test]
fn metadata_that_is_older_is_made_newer() {
    let bench = Bench::published(3);
    bench.create(4);
    back_up(&bench);
    bench.create(2);
    let verify = || run(program("verify").arg("--history").arg(bench.history()).arg(bench.repo()));
    let older = "its revision is 2, that one's was 3; clients that refuse to go back";
    let done = bench.generate(&["--quiet"]).expect(0).says(&[older]);
    let found = verify().expect(0).says(&[older, "` is whole\n"]);
    assert_eq!(hint(&done), hint(&found));
    for command in quoted(hint(&found)) {
        paste(&bench, command).expect(0);
    }
    assert!(!verify().expect(0).stderr.contains("older than"));
}

#[test]
fn the_directory_above_is_named_as_it_is() {
    let bench = bench();
    for command in ["strip", "verify", "inspect"] {
        for inner in ["repodata", "repodata/", "repodata/."] {
            let failed = run(program(command).arg(bench.repo().join(inner))).expect(1);
            let repo = quoted(hint(&failed))[0].to_owned();
            run(program(command).arg(repo)).expect(0);
        }
    }
    let failed = run(program("verify").arg(bench.repomd())).expect(1);
    run(program("verify").arg(quoted(hint(&failed))[0])).expect(0);
    let failed = run(program("verify").arg(bench.path("nothing"))).expect(1);
    assert!(hint(&failed).ends_with("give the directory that contains repodata/"));
}

#[test]
fn a_url_is_for_update_alone() {
    let bench = bench();
    let url = "https://example.org/repo";
    let named = |ran: &Ran| assert!(hint(ran).contains("only `createrepo-delta update` takes a URL"));
    named(&run(program("verify").arg(url)).expect(1));
    named(&run(program("strip").arg(url)).expect(1));
    named(&run(program("generate").args(["--history", url]).arg(bench.repo())).expect(2));
    named(&bench.history_command("import", &[url]).expect(1));
    named(&run(program("history").args(["list", url])).expect(2));
    let mut apply = program("apply");
    named(&run(apply.args(["--type", "primary", url, url, "new"])).expect(2));
}

#[test]
fn a_history_that_may_not_be_written_is_opened() {
    for (name, mode) in [("history", 0o555), ("history/other", 0o500), ("history/lock", 0), ("history", 0)] {
        let bench = bench();
        fs::set_permissions(bench.path(name), fs::Permissions::from_mode(mode)).unwrap();
        let generate = || {
            let mut command = obedient_program();
            command.args(["generate", "--quiet", "--history"]).arg(bench.history()).arg(bench.repo());
            run(&mut command)
        };
        let failed = generate().expect(3);
        for command in quoted(hint(&failed)) {
            paste(&bench, command).expect(0);
        }
        assert_eq!(generate().expect(0).stderr, "");
        assert!(!bench.files("delta0").is_empty());
    }
}

#[test]
fn a_history_that_may_not_be_made_is_made() {
    let bench = bench();
    let closed = bench.path("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = obedient_program();
    let generate = command.args(["generate", "--quiet", "--history"]).arg(closed.join("h")).arg(bench.repo());
    let failed = run(generate).expect(3);
    // Somebody who may.
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    follow(&bench, &failed);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    run(generate).expect(0);
}

#[test]
fn what_may_not_be_read_or_written_is_shown() {
    let bench = bench();
    let shown = |command: &str, place: &Path| {
        let mut program = obedient_program();
        let program =
            program.args(command.split(' ')).arg("--history").arg(bench.history()).arg(bench.repo());
        let failed = run(program).expect(2);
        let look = format!("ls -ld {}", place.display());
        assert_eq!(quoted(hint(&failed))[0], look, "{command}: {}", failed.stderr);
    };
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&bench.repodata(), 0o555);
    shown("generate --quiet", &bench.repodata());
    mode(&bench.repodata(), 0o755);
    for file in [bench.repomd(), bench.files("-other.xml.gz").remove(0)] {
        mode(&file, 0);
        shown("generate --quiet", &file);
        shown("verify", &file);
        mode(&file, 0o644);
    }
}

#[test]
fn another_temporary_directory_is_asked_for() {
    let bench = bench();
    let dry_run = |temporary: &Path| {
        let mut command = obedient_program();
        command.args(["generate", "--dry-run", "--history"]).arg(bench.history()).arg(bench.repo());
        run(command.env("TMPDIR", temporary))
    };
    let closed = bench.path("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    for (place, why) in
        [(&closed, "closed`: permission denied\n"), (&bench.path("none"), "none`: entity not found\n")]
    {
        let failed = dry_run(place).expect(2);
        assert!(failed.stderr.contains(why), "{}", failed.stderr);
        assert_eq!(hint(&failed), "name a directory that you may write to: `TMPDIR=DIR`");
    }
    dry_run(&bench.path(".")).expect(0);
}

#[test]
fn commands_that_are_given_no_history_ask_for_one() {
    let bench = bench();
    let none = bench.path("none");
    let on =
        |line: &[&str]| run(program(line[0]).args(&line[1..]).arg("--history").arg(&none).arg(bench.repo()));
    for line in [&["verify"][..], &["strip", "--dry-run"]] {
        let failed = on(line).expect(3);
        assert!(
            hint(&failed).starts_with("name the history of this repository with `--history`"),
            "{line:?}"
        );
    }
    let bench = Bench::published(2);
    fs::remove_file(bench.history().join("primary/index")).unwrap();
    let failed = run(program("verify").arg("--history").arg(bench.history()).arg(bench.repo())).expect(3);
    let verify = format!("createrepo-delta history verify {}", bench.history().display());
    assert_eq!(quoted(hint(&failed))[0], verify);
}

#[test]
fn a_full_disk_is_shown() {
    let bench = bench();
    let mut small = program_with_small_files(1);
    small.args(["generate", "--quiet", "--history"]).arg(bench.history()).arg(bench.repo());
    let failed = run(&mut small).expect(3);
    for command in quoted(hint(&failed)) {
        paste(&bench, command).expect(0);
    }
    assert_eq!(bench.generate(&["--quiet"]).expect(0).stderr, "");
}

#[test]
fn a_damaged_history_tells_what_is_left() {
    let bench = bench();
    fs::remove_file(bench.history().join("primary/index")).unwrap();
    let reduced = bench.generate(&["--quiet"]).expect(3);
    assert!(follow(&bench, &reduced).stderr.contains("were set aside"));
    // The next publish fills the gap.
    bench.create(4);
    bench.generate(&["--quiet"]).expect(0);
    assert!(!bench.files("-primary.xml.delta0").is_empty());
}

#[test]
fn a_damaged_history_is_repaired() {
    let bench = bench();
    let pack = bench.history().join("primary/pack-00000000");
    flip(&pack);
    let output = bench.path("file").display().to_string();
    let one = ["primary", "--generation", "1", "--output", &output];
    for failed in [bench.history_command("verify", &[]), bench.history_command("show", &one)] {
        let bench = bench.copy();
        // Of the copy, not of the original.
        let command = quoted(hint(&failed.expect(1)))[0].to_owned();
        let [from, to] = [bench.path(""), bench.path("")].map(|path| path.display().to_string());
        assert_eq!(paste(&bench, &command.replace(&from, &to)).status, 0);
    }
    bench.history_command("verify", &[]).expect(0);
}

#[test]
fn the_history_of_others_is_left_to_them() {
    let bench = bench();
    let other = Bench::new();
    other.create_from(1, |data_type, version| open(data_type, version).replace("name=\"p", "name=\"q"));
    let generate = |history: &Path| {
        let mut command = program("generate");
        run(command.args(["--quiet", "--history"]).arg(history).arg(other.repo()))
    };
    let foreign = generate(&bench.history()).expect(3);
    assert_eq!(
        hint(&foreign),
        "each repository needs a history of its own: name another directory with `--history`"
    );
    generate(&other.history()).expect(0);

    fs::write(bench.path("file"), "").unwrap();
    for place in ["file", "repo"] {
        let unreadable = generate(&bench.path(place)).expect(3);
        assert!(hint(&unreadable).starts_with("name the history of this repository with `--history`"));
    }
    fs::create_dir(bench.path("empty")).unwrap();
    generate(&bench.path("empty")).expect(0);
}

#[test]
fn the_right_history_serves_again_what_was_withdrawn() {
    let bench = Bench::published(3);
    fs::rename(bench.history(), bench.path("right")).unwrap();
    let withdrawn = bench.generate(&["--quiet"]).expect(3);
    assert!(quoted(hint(&withdrawn)).contains(&&*bench.history().display().to_string()));
    let mut generate = program("generate");
    run(generate.args(["--quiet", "--history"]).arg(bench.path("right")).arg(bench.repo())).expect(0);
    let text = fs::read_to_string(bench.repomd()).unwrap();
    assert_eq!(text.matches("<delta>").count(), crate::support::TYPES.len());
}

#[test]
fn no_history_is_made_by_generate_and_import() {
    for nth in 0..2 {
        let bench = bench();
        fs::remove_dir_all(bench.history()).unwrap();
        let failed = bench.history_command("list", &[]).expect(2);
        let command = quoted(hint(&failed))[nth].to_owned();
        let repo = bench.repo().display().to_string();
        paste(&bench, &command.replace("REPODATA", &repo).replace("REPO", &repo)).expect(0);
        bench.history_command("list", &[]).expect(0);
    }
}

#[test]
fn generations_are_listed() {
    let bench = bench();
    for options in [["primary", "7"], ["primary", "0123456789"]] {
        let failed = bench.history_command("drop", &options).expect(2);
        assert!(follow(&bench, &failed).stdout.contains("SHA-256"));
    }
    let failed = bench.history_command("show", &["group"]).expect(2);
    assert_eq!(hint(&failed), "it has filelists, other, primary");
}

#[test]
fn who_holds_a_lock_is_shown() {
    let bench = bench();
    let lock = History::open(&bench.history()).unwrap();
    let failed = bench.generate(&[]).expect(75);
    assert!(follow(&bench, &failed).stdout.contains(&std::process::id().to_string()));
    drop(lock);
    bench.generate(&[]).expect(0);
}

#[test]
fn what_createrepo_left_is_removed() {
    let bench = bench();
    fs::create_dir(bench.repo().join(".repodata")).unwrap();
    let failed = bench.generate(&[]).expect(75);
    let removal = *quoted(hint(&failed)).last().unwrap();
    paste(&bench, removal).expect(0);
    bench.generate(&[]).expect(0);
}

#[test]
fn types_are_named_as_they_are() {
    let bench = bench();
    let failed = bench.generate(&["--types", "primry,other"]).expect(2);
    let meant = quoted(hint(&failed))[0].to_owned();
    bench.generate(&["--types", &format!("{meant},other")]).expect(0);
    let failed = bench.generate(&["--types", "primary_db"]).expect(2);
    assert!(hint(&failed).starts_with("databases are published without deltas"));

    // A type that was served is gone: it is left out.
    bench.create(4);
    let text = fs::read_to_string(bench.repomd()).unwrap();
    let (start, rest) = text.split_once("  <data type=\"other\">").unwrap();
    fs::write(bench.repomd(), start.to_owned() + rest.split_once("</data>\n").unwrap().1).unwrap();
    let reduced = bench.generate(&["--quiet", "--types", "primary,other"]).expect(3);
    assert_eq!(hint(&reduced), "leave the type out of `--types` if it is gone for good");
    bench.create(5);
    fs::write(bench.repomd(), fs::read_to_string(bench.repomd()).unwrap()).unwrap();
    bench.generate(&["--quiet", "--types", "primary"]).expect(0);
}

/// A key in a directory of its own, and the program's options to sign by it.
fn key(bench: &Bench) -> String {
    let home = bench.path("gnupg");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    let mut gpg = Command::new("gpg");
    gpg.args(["--batch", "--quiet", "--homedir"]).arg(&home).args(["--passphrase", ""]);
    run(gpg.args(["--quick-generate-key", "Tester <tester@example.org>", "ed25519", "sign"])).expect(0);
    home.display().to_string()
}

#[test]
fn repomd_xml_is_signed_again() {
    let bench = bench();
    let home = key(&bench);
    let signature = bench.repodata().join("repomd.xml.asc");
    fs::write(&signature, "old").unwrap();
    let dry = bench.generate(&["--dry-run"]).expect(0).says(&["would remove the signature"]);
    assert_eq!(hints(&dry), [""; 0]);
    let done = bench.generate(&[]).expect(0);
    let command = quoted(hint(&done))[0].to_owned();
    paste(&bench, &format!("export GNUPGHOME='{home}'; {command}")).expect(0);
    assert!(fs::read_to_string(&signature).unwrap().contains("BEGIN PGP SIGNATURE"));

    // One that is to stay.
    bench.create(4);
    fs::write(&signature, "old").unwrap();
    let refused = bench.generate(&["--quiet", "--refuse-signed"]).expect(3);
    assert_eq!(quoted(hint(&refused)), ["--refuse-signed", "--sign-command"]);
    let sign = format!("gpg --batch --yes --homedir {home} --detach-sign --armor");
    bench.generate(&["--quiet", "--sign-command", &sign]).expect(0);
    bench.create(5);
    fs::write(&signature, "old").unwrap();
    bench.generate(&["--quiet"]).expect(0);
    paste(&bench, &format!("gpgconf --homedir '{home}' --kill all")).expect(0);
}

#[test]
fn signing_commands_that_fail_are_told_apart() {
    let bench = bench();
    let sign = |command: &str| bench.generate(&["--quiet", "--sign-command", command]).expect(2);
    let missing = sign("no-such-program");
    assert!(hint(&missing).starts_with("name a program that is installed"));
    let failed = sign("false");
    assert!(hint(&failed).starts_with("run the command by hand on a copy of repomd.xml"));
    let none = sign("true");
    // What the hint says that works, works.
    let home = key(&bench);
    let example = quoted(hint(&none)).into_iter().find(|text| text.starts_with("gpg ")).unwrap().to_owned();
    let mut generate = program("generate");
    generate
        .args(["--quiet", "--sign-command", &example, "--history"])
        .arg(bench.history())
        .arg(bench.repo());
    run(generate.env("GNUPGHOME", &home)).expect(0);
    bench.create(4);
    let slow = "sh -c 'sleep 60' sh";
    let overdue = bench.generate(&["--quiet", "--sign-timeout", "1", "--sign-command", slow]).expect(2);
    assert!(hint(&overdue).starts_with("give it more time with `--sign-timeout`"));
    paste(&bench, &format!("gpgconf --homedir '{home}' --kill all")).expect(0);
}

#[test]
fn wrong_usage_is_put_right() {
    let bench = bench();
    let without = run(program("generate").arg(bench.repo())).expect(2);
    let [option, _] = quoted(hint(&without))[0].split(' ').collect::<Vec<_>>()[..] else {
        panic!("two words")
    };
    run(program("generate").arg(option).arg(bench.history()).arg(bench.repo())).expect(0);

    let several = run(program("generate").args(["--history", "h", "a", "b"])).expect(2);
    assert!(hint(&several).contains("with `--config FILE`"));
    let [repo, history] = [bench.repo(), bench.history()].map(|path| path.display().to_string());
    let config = bench.path("config.toml");
    fs::write(&config, format!("[repository.one]\npath = {repo:?}\nhistory = {history:?}\n")).unwrap();
    run(program("generate").arg("--config").arg(&config)).expect(0);

    let inside = run(program("generate").args(["--history", &format!("{repo}/h"), &repo])).expect(2);
    assert!(hint(&inside).starts_with("name a directory that stays and is not published"));

    fs::write(bench.path("old"), open("other", 2)).unwrap();
    let delta = bench.files("-other.xml.delta0").remove(0);
    let apply = |words: [&Path; 3]| run(program("apply").args(["--type", "other"]).args(words));
    let wrong = apply([&delta, &bench.path("old"), &bench.path("new")]).expect(1);
    assert_eq!(hint(&wrong), "the order is OLD DELTA NEW");
    apply([&bench.path("old"), &delta, &bench.path("new")]).expect(0);
    assert_eq!(fs::read(bench.path("new")).unwrap(), gunzip(&bench.files("-other.xml.gz")[0]));
    let diff = |words: &[&str]| {
        run(program("diff").args(["--type", "other"]).args(words).current_dir(bench.path("")))
    };
    for words in [&["old", "new"][..], &["old", "new", "old"]] {
        assert_eq!(hint(&diff(words).expect(2)), "the order is OLD... NEW DELTA");
    }
    diff(&["old", "new", "delta"]).expect(0);
}

#[test]
fn mistakes_in_a_configuration_file_are_put_right_as_suggested() {
    let bench = bench();
    let [repo, history] = [bench.repo(), bench.history()].map(|path| path.display().to_string());
    let text = format!("[repository.one]\npath = {repo:?}\nhistroy = {history:?}\n");
    let config = bench.path("config.toml");
    fs::write(&config, &text).unwrap();
    let failed = run(program("generate").arg("--config").arg(&config)).expect(2);
    let suggested = quoted(&failed.stderr).into_iter().find(|word| *word == "history").unwrap();
    fs::write(&config, text.replace("histroy", suggested)).unwrap();
    run(program("generate").arg("--config").arg(&config)).expect(0);
}

#[test]
fn update_names_its_own_options_and_they_help() {
    let bench = Bench::published(2);
    let cache = bench.path("cache");
    let update = |options: &[&str]| run(program("update").args(options).arg(bench.repo()).arg(&cache));
    let empty = update(&["--offline"]).expect(1);
    assert!(hint(&empty).starts_with("`createrepo-delta update` without `--offline`"));
    update(&[]).expect(0);
    update(&["--offline"]).expect(0);
    bench.create(1);
    let older = update(&[]).expect(1);
    assert!(hint(&older).ends_with("run this again with `--allow-rollback`"));
    update(&["--allow-rollback"]).expect(0);
    bench.create(3);
    fs::remove_file(&bench.files("-other.xml.gz")[0]).unwrap();
    let failed = update(&[]).expect(1);
    assert!(!failed.stderr.contains("refresh"), "{}", failed.stderr);
    update(&["--types", "primary,filelists"]).expect(0);
}

#[test]
fn update_says_which_types_there_are() {
    let bench = Bench::published(1);
    let update = |types: &str| {
        run(program("update").args(["--types", types]).arg(bench.repo()).arg(bench.path("cache")))
    };
    for (types, status) in [("primry", 2), ("primary filelists", 2), ("primry,other", 0)] {
        let ran = update(types).expect(status);
        let meant = quoted(hint(&ran))[0].replace("--types ", "");
        assert!(meant.starts_with("primary"), "{}", ran.stderr);
        assert_eq!(hints(&update(&meant).expect(0)).len(), 0);
    }
    assert_eq!(hint(&update("appstream").expect(2)), "it has primary, filelists, other");
}

#[test]
fn update_says_who_may_write_to_a_directory() {
    let bench = Bench::published(1);
    let closed = bench.path("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    let mut denied = obedient_program();
    let ran = run(denied.arg("update").arg(bench.repo()).arg(closed.join("cache"))).expect(2);
    assert!(follow(&bench, &ran).stdout.starts_with("dr-xr-xr-x"));
}

#[test]
fn update_names_the_directory_of_temporary_files() {
    let bench = Bench::published(1);
    let key = Key::new();
    key.sign(&bench.repomd());
    let update = |temporary: &Path| {
        let mut update = program("update");
        update.arg("--keyring").arg(key.keyring()).arg(bench.repo()).arg(bench.path("cache"));
        run(update.env("TMPDIR", temporary))
    };
    assert!(hint(&update(&bench.path("nothing")).expect(2)).ends_with("`TMPDIR=DIR`"));
    update(&bench.path("")).expect(0);
}

#[test]
fn update_takes_what_contains_repodata() {
    let bench = Bench::published(1);
    let server = Server::start(&bench.repo());
    let url = server.url();
    let repo = bench.repo().display().to_string();
    for source in [url.trim_end_matches('/'), &repo] {
        for end in ["/repodata", "/repodata/", "/repodata/repomd.xml"] {
            let mut update = program("update");
            let ran = run(update.env("no_proxy", "*").arg(format!("{source}{end}")).arg(bench.path("cache")));
            let end = end.trim_end_matches('/');
            let hint = format!("hint: leave out `{end}` at the end: SOURCE is what contains repodata/");
            ran.expect(2).says(&[&hint]);
        }
    }
}

#[test]
fn quiet_runs_have_nothing_to_hint_at() {
    let bench = bench();
    let ran = on_repo("verify", &bench);
    assert_eq!((ran.status, hints(&ran).len()), (0, 0));
}
