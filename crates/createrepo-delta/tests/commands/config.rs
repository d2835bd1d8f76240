//! `generate --config`: several repositories in one run, and the file that
//! describes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Bench, Ran, program, run};

/// Some repositories, and a configuration file that names them.
struct Several {
    work: tempfile::TempDir,
    benches: Vec<Bench>,
}

const NAMES: [&str; 3] = ["amber", "birch", "cedar"];

impl Several {
    /// Each with a past of one generation and new metadata.
    fn new() -> Self {
        let several =
            Self { work: tempfile::tempdir().unwrap(), benches: NAMES.map(|_| Bench::new()).into() };
        several.benches.iter().for_each(|bench| bench.create(1));
        several.write("", "");
        several.run(&["--quiet"]).expect(0);
        several.benches.iter().for_each(|bench| bench.create(2));
        several
    }

    fn file(&self) -> PathBuf {
        self.work.path().join("compose.toml")
    }

    fn history(&self, name: &str) -> PathBuf {
        self.work.path().join("histories").join(name)
    }

    /// Writes the file, with these lines in `[defaults]` and in the last repository.
    fn write(&self, defaults: &str, last: &str) {
        let mut text = format!("[defaults]\nhistory-root = 'histories'\n{defaults}\n");
        for (name, bench) in NAMES.iter().zip(&self.benches) {
            text.extend(["[repository.", name, "]\npath = '", bench.repo().to_str().unwrap(), "'\n"]);
        }
        fs::write(self.file(), text + last).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = program("generate");
        command.arg("--config").arg(self.file());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(self.command().args(arguments))
    }

    fn deltas(&self) -> Vec<usize> {
        self.benches.iter().map(|bench| bench.files(".delta").len()).collect()
    }
}

fn entries(ran: &Ran) -> Vec<Value> {
    ran.json()["repositories"].as_array().unwrap().clone()
}

#[test]
fn every_repository_gets_deltas_and_a_table() {
    let several = Several::new();
    let ran = several.run(&["--jobs", "2"]).expect(0);
    assert_eq!(several.deltas(), [3, 3, 3]);
    let mut from = 0;
    for (name, bench) in NAMES.iter().zip(&several.benches) {
        let heading = format!("{name}  {}\nTYPE ", bench.repo().display());
        from += ran.stdout[from..].find(&heading).unwrap_or_else(|| panic!("no {name}:\n{}", ran.stdout));
        assert!(several.history(name).is_dir());
    }
    assert_eq!(ran.stderr.matches("3 types have deltas").count(), NAMES.len(), "{}", ran.stderr);
}

#[test]
fn the_order_of_work_leaves_no_trace() {
    let run_with = |jobs: &str| {
        let several = Several::new();
        let json = entries(&several.run(&["--jobs", jobs, "--json"]).expect(0));
        let names: Vec<_> = json.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect();
        let files: Vec<_> =
            several.benches.iter().map(|bench| fs::read_to_string(bench.repomd()).unwrap()).collect();
        (names, files)
    };
    let one = run_with("1");
    assert_eq!(one.0, NAMES);
    assert_eq!(one, run_with("3"));
    assert_eq!(one, run_with("99"));
}

#[test]
fn names_choose_repositories() {
    let several = Several::new();
    several.run(&["--quiet", "cedar", "amber", "cedar"]).expect(0);
    assert_eq!(several.deltas(), [3, 0, 3]);
    several.run(&["ceder"]).expect(2).says(&["has no repository `ceder`; did you mean `cedar`?"]);
    let wrong = several.run(&["oak"]).expect(2);
    wrong.says(&["has no repository `oak`: expected one of amber, birch, cedar"]);
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let several = Several::new();
    fs::remove_file(several.benches[1].files("-other.xml.gz").remove(0)).unwrap();
    let ran = several.run(&["--jobs", "1", "--json"]).expect(1);
    assert_eq!(several.deltas(), [3, 0, 3]);
    let json = entries(&ran);
    let statuses: Vec<_> = json.iter().map(|entry| entry["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [0, 1, 0]);
    assert_eq!(json[0]["error"], Value::Null);
    assert_eq!(json[0]["generated"]["changed"], true);
    assert!(json[1]["error"].as_str().unwrap().contains("-other.xml.gz` is missing"));
    assert_eq!(json[1]["generated"], Value::Null);
    assert_eq!(json[1]["path"], several.benches[1].repo().to_str().unwrap());
    assert_eq!(json[1]["history"], several.history("birch").to_str().unwrap());
    ran.says(&["error: birch: `", "is missing", "\nhint: make the metadata again"]);
}

#[test]
fn a_type_that_one_of_them_has_may_be_named_for_all() {
    let several = Several::new();
    let repomd = several.benches[0].repomd();
    let text = fs::read_to_string(&repomd).unwrap();
    fs::write(&repomd, text.replace("type=\"other\"", "type=\"productid\"")).unwrap();
    several.write("types = ['primary', 'productid']", "");
    several.run(&["--dry-run"]).expect(0);
    several.write("types = ['primary', 'productod']", "");
    several.run(&["--dry-run"]).expect(2).says(&["did you mean `productid`?"]);
    several.write("types = ['primary', 'primry']", "");
    several.run(&[]).expect(2).says(&["3 things are wrong", "did you mean `primary`?"]);
    assert_eq!(several.deltas(), [0, 0, 0]);
}

#[test]
fn the_last_line_sums_up() {
    let several = Several::new();
    let last = |ran: &Ran| ran.stderr.lines().next_back().unwrap_or_default().to_owned();
    assert_eq!(last(&several.run(&[]).expect(0)), "published 3 of 3 repositories");
    assert_eq!(several.run(&["--quiet"]).expect(0).stderr, "");
    fs::remove_file(several.benches[1].files("-other.xml.gz").remove(0)).unwrap();
    for option in ["--jobs=1", "--quiet", "--json"] {
        let ran = several.run(&[option]).expect(1);
        assert_eq!(last(&ran), "published 2 of 3 repositories; failed: birch (1)", "{}", ran.stderr);
    }
    assert_eq!(last(&several.run(&["--dry-run", "amber"]).expect(0)), "would publish 1 of 1 repository");
}

#[test]
fn every_command_on_repositories_takes_the_file() {
    let several = Several::new();
    several.run(&["--quiet"]).expect(0);
    let on = |command: &str, arguments: &[&str]| {
        run(program(command).arg("--config").arg(several.file()).args(arguments))
    };
    let verified = on("verify", &[]).expect(0);
    assert!(verified.stdout.contains("amber  ") && verified.stdout.contains("PROVEN"), "{}", verified.stdout);
    assert!(verified.stderr.ends_with("verified 3 of 3 repositories\n"), "{}", verified.stderr);
    let json = entries(&on("verify", &["--json", "cedar"]).expect(0));
    assert_eq!(json.len(), 1);
    assert_eq!(json[0]["name"], "cedar");
    // The history is that of the file.
    assert_eq!(json[0]["verified"]["types"][0]["proven"], 1);

    let inspected = on("inspect", &["-v"]).expect(0);
    assert_eq!(inspected.stdout.matches("CLIENTS OF").count(), 6, "{}", inspected.stdout);
    assert!(entries(&on("inspect", &["--json"]).expect(0))[2]["inspected"]["records"].is_array());

    fs::remove_file(several.benches[1].files(".delta").remove(0)).unwrap();
    let broken = on("verify", &["--quiet"]).expect(1);
    let broken = broken.says(&["error: birch: ", "verified 2 of 3 repositories; failed: birch (1)\n"]);
    assert!(!broken.stderr.contains("amber"), "{}", broken.stderr);

    let signature = several.benches[2].repodata().join("repomd.xml.asc");
    fs::write(&signature, "signature").unwrap();
    several.write("", "refuse-signed = true\n");
    let stripped = on("strip", &["--json"]).expect(3);
    let statuses: Vec<_> = entries(&stripped).iter().map(|entry| entry["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [0, 0, 3], "{}", stripped.stderr);
    assert!(signature.exists());
    assert_eq!(several.deltas(), [0, 0, 3]);
    on("strip", &["--sign-later", "--quiet", "cedar"]).expect(0);
    assert!(!signature.exists());
    assert_eq!(several.deltas(), [0, 0, 0]);
}

#[test]
fn the_status_is_the_worst() {
    let several = Several::new();
    fs::create_dir(several.benches[0].repo().join(".repodata")).unwrap();
    several.run(&["--quiet"]).expect(75).says(&["error: amber: createrepo_c is at work"]);
    assert_eq!(several.deltas(), [0, 3, 3]);
    several.write("", "sign-command = 'false'\n");
    several.benches[2].create(3);
    several
        .run(&["--quiet"])
        .expect(2)
        .says(&["error: amber: ", "error: cedar: the signing command `false`"]);
    fs::remove_file(several.benches[1].repomd()).unwrap();
    several.run(&["--quiet"]).expect(1);
}

#[test]
fn the_command_line_wins_over_the_file() {
    let several = Several::new();
    several.write("types = ['filelists']", "types = ['other']\n");
    let types = |arguments: &[&str]| {
        let json = entries(&several.run(&[&["--json", "--dry-run"], arguments].concat()).expect(0));
        let first = |entry: &Value| entry["generated"]["types"][0]["type"].as_str().unwrap().to_owned();
        json.iter().map(first).collect::<Vec<_>>()
    };
    assert_eq!(types(&[]), ["filelists", "filelists", "other"]);
    assert_eq!(types(&["--types", "primary"]), ["primary", "primary", "primary"]);
    assert_eq!(several.deltas(), [0, 0, 0]);
}

#[test]
fn one_history_for_two_repositories_is_refused() {
    let several = Several::new();
    let history = several.history("amber");
    let ran = run(several.command().arg("--history").arg(&history)).expect(2);
    ran.says(&["`amber` and `birch` have the same history", "hint: a history belongs to one repository"]);
    let ran = run(several.command().arg("--history").arg(&history).arg("amber")).expect(0);
    assert!(ran.stdout.contains("1 of 1 generation\n"), "{}", ran.stdout);
    several.write("", "history = 'histories/birch'\n");
    several.run(&[]).expect(2).says(&["`birch` and `cedar` have the same history"]);
    let inside = several.benches[0].repo().join("history");
    several.write("", &format!("history = '{}'\n", inside.display()));
    several.run(&[]).expect(2).says(&["is inside the repository"]);
    assert_eq!(several.deltas(), [3, 0, 0]);
}

#[test]
fn what_is_wrong_is_told_at_once_and_nothing_is_published() {
    let several = Several::new();
    several.write("keep_states = 1\nwindows = 'two'", "refuse_signed = true\nmax-size = 60\n[mirror]\n");
    let ran = several.run(&[]).expect(2);
    assert_eq!(several.deltas(), [0, 0, 0]);
    let file = several.file();
    let file = file.display();
    ran.says(&[
        "error: 5 things are wrong with the configuration:\n",
        &format!(
            "\n  `{file}`, line 3: `keep_states` in `[defaults]` is not known; did you mean `keep-states`?\n"
        ),
        &format!(
            "\n  `{file}`, line 4: `windows` in `[defaults]`: expected a whole number of at least 1, found \
             the text `\"two\"`\n"
        ),
        &format!(
            "\n  `{file}`, line 11: `refuse_signed` in `[repository.cedar]` is not known; did you mean \
             `refuse-signed`?\n"
        ),
        "did you mean `60%`?",
        &format!("\n  `{file}`, line 13: `mirror` is not known\n"),
    ]);
    several.write("keep-states = -1", "");
    let error = format!(
        "error: `{file}`, line 3: `keep-states` in `[defaults]`: expected a whole number of at least 0, \
         found the number -1\n"
    );
    several.run(&[]).expect(2).says(&[&error]);
    fs::remove_file(several.file()).unwrap();
    several.run(&[]).expect(2).says(&["cannot read the configuration file `", "compose.toml`"]);
}

#[test]
fn types_that_nobody_knows_are_told_of_all_repositories_before_the_first_is_published() {
    let several = Several::new();
    let before: Vec<_> = several.benches.iter().map(|bench| fs::read(bench.repomd()).unwrap()).collect();
    several.write("", "types = ['primary', 'comps']\n");
    let ran = several.run(&[]).expect(2);
    for part in ["`cedar`:", "no metadata of type `comps`", "did you mean `group`?"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    several.write("types = ['primry']", "types = ['fillists']\n");
    let ran = several.run(&[]).expect(2);
    for part in ["3 things", "`amber`:", "`birch`:", "mean `primary`?", "mean `filelists`?"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let after: Vec<_> = several.benches.iter().map(|bench| fs::read(bench.repomd()).unwrap()).collect();
    assert_eq!(before, after);
}

#[test]
fn settings_of_signing_need_a_command_that_signs() {
    let several = Several::new();
    several.write("", "sign-timeout = '1m'\n");
    let ran = several.run(&[]).expect(2);
    assert!(
        ran.stderr.contains("`[repository.cedar]`: `sign-timeout` has no effect without"),
        "{}",
        ran.stderr
    );
    // What a repository decides takes the place of what the defaults say.
    several.write("sign-command = 'sign'\nkeyring = 'keys'", "");
    several.run(&["--sign-later", "--quiet"]).expect(0);
    let (bench, history) = (&several.benches[0], several.history("amber"));
    for command in ["generate", "strip"] {
        let mut line = program(command);
        line.args(["--keyring", "keys", "--history"]).arg(&history).arg(bench.repo());
        let ran = run(&mut line).expect(2);
        assert!(ran.stderr.contains("`--keyring` has no effect without `--sign-command`"), "{}", ran.stderr);
    }
}

#[test]
fn a_mistyped_setting_does_not_cost_the_signature() {
    let several = Several::new();
    let signature = several.benches[2].repodata().join("repomd.xml.asc");
    fs::write(&signature, "signature").unwrap();
    several.write("", "refuse_signed = true\n");
    several.run(&["--quiet"]).expect(2).says(&["did you mean `refuse-signed`?"]);
    assert_eq!(fs::read_to_string(&signature).unwrap(), "signature");
}

#[test]
fn included_files_have_repositories_and_defaults_of_their_own() {
    let several = Several::new();
    let directory = several.work.path().join("conf.d");
    fs::create_dir(&directory).unwrap();
    let repo = |at: usize| several.benches[at].repo();
    let table = |name: &str, at: usize| format!("[repository.{name}]\npath = '{}'\n", repo(at).display());
    let main =
        "include = ['conf.d/*.toml', 'none.d/*.toml']\n[defaults]\nhistory-root = 'histories'\nkeep = 7\n";
    fs::write(several.file(), main.to_owned() + &table("amber", 0)).unwrap();
    fs::write(directory.join("2.toml"), table("cedar", 2)).unwrap();
    let own = "[defaults]\nkeep-states = 1\nhistory-root = '../others'\n".to_owned() + &table("birch", 1);
    fs::write(directory.join("1.toml"), &own).unwrap();
    let printed = several.run(&["--print-config"]).expect(0).stdout;
    let tables: Vec<&str> = printed.split("[repository.").skip(1).collect();
    let says = |at: usize, parts: &[&str]| {
        for part in parts {
            assert!(tables[at].contains(part), "{part}: {printed}");
        }
    };
    says(0, &["amber]", "keep = 7", "keep-states = 3", "/histories/amber"]);
    says(1, &["birch]", "keep = 7", "keep-states = 1", "/conf.d/../others/birch"]);
    says(2, &["cedar]", "keep = 7", "keep-states = 3", "/histories/cedar"]);
    several.run(&["--quiet"]).expect(0);
    assert_eq!(several.deltas(), [3, 0, 3]);

    fs::write(directory.join("3.toml"), table("cedar", 1)).unwrap();
    let two = ["3.toml`, line 1: `[repository.cedar]` is also in `", "2.toml`, line 1"];
    several.run(&[]).expect(2).says(&two);
    fs::write(directory.join("3.toml"), "include = ['4.toml']\n").unwrap();
    several.run(&[]).expect(2).says(&["3.toml`, line 1: `include`: expected it only in the file"]);
    fs::remove_file(directory.join("3.toml")).unwrap();
    fs::write(several.file(), "include = ['conf.d/9.toml']\n").unwrap();
    several.run(&[]).expect(2).says(&["line 1: `include`: expected a file or a pattern", "conf.d/9.toml`"]);
}

#[test]
fn repositories_of_a_file_are_in_its_order_with_paths_from_its_directory() {
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("test.toml");
    let text =
        "[repository.second]\npath = 'b'\nhistory = '../h'\n[repository.first]\npath = '/a'\nhistory = 'h'\n";
    fs::write(&file, text).unwrap();
    let printed = run(program("generate").arg("--config").arg(&file).arg("--print-config")).expect(0).stdout;
    let at = |part: &str| printed.find(part).unwrap_or_else(|| panic!("{part}: {printed}"));
    assert!(at("[repository.second]") < at("[repository.first]"));
    at(&format!("path = \"{}/b\"", work.path().display()));
    at(&format!("history = \"{}/../h\"", work.path().display()));
    at("path = \"/a\"");
}

#[test]
fn tables_that_make_no_sense_are_refused() {
    let cases = [
        ("", "`: expected a table `[repository.NAME]`, found none"),
        ("repository = 1", "line 1: `repository`: expected a table `[repository.NAME]`"),
        ("[[repository]]\npath = '/a'", "found a value of type array"),
        ("[repository]\npath = '/a'", "line 2: `repository.path`: expected a table `[repository.NAME]`"),
        ("[repository.a]\n", "line 1: `[repository.a]`: expected `path`, the directory that contains"),
        (
            "[repository.a]\npath = ''\n",
            "line 2: `path` in `[repository.a]`: expected a path that is not empty",
        ),
        ("[repository.'a/b']\npath = '/a'", "expected the name of a directory, without `/`, found `a/b`"),
        ("[repository.'..']\npath = '/a'", "found `..`"),
        ("[repository.'']\npath = '/a'", "found ``"),
        ("defaults = []", "line 1: `defaults`: expected a table, found a value of type array"),
        ("keep = 1", "line 1: `keep`: expected it in `[defaults]` or `[repository.NAME]`"),
        ("[default]", "line 1: `default` is not known; did you mean `[defaults]`?"),
        (
            "[defaults]\nhistory = '/h'",
            "line 2: `history` in `[defaults]`: expected it in `[repository.NAME]`",
        ),
        ("[repository.a]\nhistory-root = '/h'\npath = '/a'", "expected it in `[defaults]`"),
        ("[repository.a]\npath = '/a'\ninclude = ['b']", "expected it in front of all tables"),
        ("include = 'b'", "line 1: `include`: expected an array of files or patterns"),
        (
            "[defaults]\nwindows = 1\nsizes = [1]",
            "line 1: `[defaults]`: expected `sizes` or `windows`, found both",
        ),
        (
            "[repository.a]\npath = '/a'\nsign-command = 'gpg'\nrefuse-signed = true",
            "`[repository.a]`: expected `sign-command` or `refuse-signed`, found both",
        ),
        ("[repository.a]\npath = '/a'\n", "line 1: `[repository.a]`: expected `history`, or `history-root`"),
        ("[repository.a]\npath = \n", "line 2: expected TOML, found: "),
        (
            "[repository.a]\npath = '/a'\nhistory = '/a/h'\n[repository.b]\npath = '/a'\nhistory = '/b'",
            "have the same path",
        ),
    ];
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("test.toml");
    for (text, part) in cases {
        fs::write(&file, text).unwrap();
        let ran = run(program("generate").arg("--config").arg(&file)).expect(2);
        assert!(ran.stderr.contains(part), "{text}: {}", ran.stderr);
    }
}

#[test]
fn what_is_printed_is_a_configuration_file_that_says_the_same() {
    let several = Several::new();
    several.write("sizes = ['64K', '5%']\nkeep-age = '14d'", "sign-command = \"sign 'a b'\"\nwindows = 2\n");
    let before: Vec<_> = several.benches.iter().map(Bench::snapshot).collect();
    let ran = several.run(&["--print-config", "--keep-states", "7"]).expect(0);
    assert_eq!(ran.stderr, "");
    let expected = format!(
        "[repository.cedar]\npath = \"{}\"\nhistory = \"{}\"\nkeep = 56\nkeep-age = \"14d\"\nwindows = 2\n\
         max-size = \"60%\"\nkeep-states = 7\nbudget = \"64M\"\n\
         sign-command = [\"sign\", \"a b\"]\nsign-timeout = \"5m\"\n",
        several.benches[2].repo().display(),
        several.history("cedar").display()
    );
    assert!(ran.stdout.ends_with(&expected), "{}", ran.stdout);
    assert!(ran.stdout.contains("sizes = [\"65536\", \"5%\"]\n"), "{}", ran.stdout);
    fs::write(several.file(), &ran.stdout).unwrap();
    assert_eq!(several.run(&["--print-config"]).expect(0).stdout, ran.stdout);
    assert_eq!(several.benches.iter().map(Bench::snapshot).collect::<Vec<_>>(), before);
}

#[test]
fn the_file_of_the_packages_leaves_signed_repositories_alone_unless_they_have_a_sign_command() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contrib/createrepo-delta.toml");
    let shipped = fs::read_to_string(shipped).unwrap();
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("createrepo-delta.toml");
    let signing = ["#[repository.", "#path ", "#sign-command "];
    for (shown, has, lacks) in [
        (&signing[..2], "refuse-signed = true", "sign-command"),
        (&signing[..], "sign-command = [", "refuse-signed"),
    ] {
        let in_force =
            |text: String, line: &&str| text.replace(&format!("\n{line}"), &format!("\n{}", &line[1..]));
        fs::write(&file, shown.iter().fold(shipped.clone(), in_force)).unwrap();
        let ran = run(program("generate").arg("--config").arg(&file).arg("--print-config")).expect(0);
        assert_eq!(ran.stderr, "");
        assert!(ran.stdout.contains(has) && !ran.stdout.contains(lacks), "{}", ran.stdout);
        assert!(ran.stdout.contains("history = \"/var/lib/createrepo-delta/example\"\n"), "{}", ran.stdout);
    }
}

#[test]
fn a_path_is_no_name_and_names_need_a_file() {
    let several = Several::new();
    let repo = several.benches[0].repo();
    run(several.command().arg(&repo)).expect(2).says(&["has no repository", "hint: with `--config`"]);
    let mut two = program("generate");
    two.arg("--history").arg(several.history("amber")).args([&repo, &repo]);
    run(&mut two).expect(2).says(&["expected one repository, found 2", "hint: ", "`--config FILE`"]);
    let mut without = program("generate");
    run(without.arg("--print-config").arg(&repo)).expect(2).says(&["--config <FILE>"]);
}

#[test]
fn the_file_in_the_reference_is_understood() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference-config.md");
    let text = fs::read_to_string(document).unwrap();
    let blocks: Vec<&str> =
        text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    let work = tempfile::tempdir().unwrap();
    for (at, block) in blocks.iter().enumerate() {
        let file = work.path().join(format!("{at}.toml"));
        fs::write(&file, block).unwrap();
        let ran = run(program("generate").arg("--config").arg(file).arg("--print-config")).expect(0);
        assert_eq!(ran.stderr, "", "{block}");
        let printed = ran.stdout.matches("[repository.").count();
        assert_eq!(printed, block.matches("[repository.").count(), "{block}");
    }
}
