//! Names that come from files and are meant for the terminal of whoever reads messages.

use std::fs;

use crate::support::{Bench, program, run};

/// An escape sequence, its C1 form, and characters that turn text around.
const HOSTILE: [&str; 4] = ["\u{1b}[2J", "\u{9b}2J", "\u{202e}", "\u{2066}"];

fn assert_is_harmless(what: &str, text: &str) {
    let odd =
        text.chars().find(|c| (c.is_control() && *c != '\n') || HOSTILE.contains(&c.to_string().as_str()));
    assert_eq!(odd, None, "{what}: {text}");
}

#[test]
fn no_command_shows_what_a_terminal_would_obey() {
    for hostile in HOSTILE {
        let bench = Bench::published(1);
        bench.create(2);
        // Escapes are no characters of XML; the others are.
        let in_xml: String = hostile.chars().filter(|c| *c != '\u{1b}').collect();
        let document = fs::read_to_string(bench.repomd()).unwrap();
        let document = document
            .replace("type=\"other\"", &format!("type=\"oth{in_xml}er\""))
            .replace("<revision>", &format!("<revision>1{in_xml}"));
        fs::write(bench.repomd(), document).unwrap();
        let (repo, history) =
            (bench.path(&format!("repo{hostile}")), bench.path(&format!("history{hostile}")));
        fs::rename(bench.repo(), &repo).unwrap();
        fs::rename(bench.history(), &history).unwrap();
        fs::write(repo.join(format!("repodata/x{hostile}.journal")), "x").unwrap();
        let lines: [(&str, &[&str], bool); 8] = [
            ("generate", &["--verbose"], true),
            ("generate", &["--types", "primary,filelists"], true),
            ("verify", &[], true),
            ("inspect", &["--verbose"], true),
            ("history list", &[], false),
            ("history verify", &[], false),
            ("update", &[], false),
            ("strip", &["--dry-run"], false),
        ];
        for (command, options, with_history) in lines {
            let mut words = command.split(' ');
            let mut line = program(words.next().unwrap());
            line.args(words).args(options);
            if with_history {
                line.arg("--history").arg(&history);
            }
            line.arg(if command.starts_with("history") { &history } else { &repo });
            if command == "update" {
                line.arg(bench.path(&format!("cache{hostile}")));
            }
            let ran = run(&mut line);
            assert_is_harmless(command, &ran.stdout);
            assert_is_harmless(command, &ran.stderr);
        }
        let missing = run(program("generate").arg("--history").arg(&history).arg(bench.path(hostile)));
        assert_is_harmless("generate", &missing.expect(1).stderr);
    }
}
