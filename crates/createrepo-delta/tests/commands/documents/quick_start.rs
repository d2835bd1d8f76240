//! The quick start, from its first block to its last, with the real tools.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::{blocks, document};
use crate::support::run;

/// The page.
pub(super) const PAGE: &str = "docs/quick-start.md";

/// What it needs, and the packages that have it.
const TOOLS: [(&str, &str); 4] = [
    ("rpmbuild", "rpm-build, or rpm on Debian"),
    ("createrepo_c", "createrepo_c, or createrepo-c on Debian"),
    ("dnf", "dnf"),
    ("python3", "python3"),
];

/// The port that the page names.
const PORT: &str = "8765";

#[test]
fn the_quick_start_works() {
    let path = std::env::var_os("PATH").unwrap();
    for (tool, package) in TOOLS {
        let is_there = std::env::split_paths(&path).any(|directory| directory.join(tool).is_file());
        assert!(is_there, "the quick start needs `{tool}`: install the package {package}");
    }
    let work = tempfile::tempdir().unwrap();
    let programs = work.path().join("bin");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_createrepo-delta"), programs.join("createrepo-delta")).unwrap();

    let blocks = blocks::of(PAGE);
    let scripts = blocks.iter().filter(|block| block.language == "sh");
    let script: Vec<String> = scripts.map(|block| block.lines.join("\n")).collect();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = script.join("\n").replace(PORT, &free.to_string());
    let script =
        format!("trap '[ -z \"${{server-}}\" ] || kill $server 2> /dev/null || true' EXIT\n{script}");
    let paths = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))).unwrap();
    let mut command = Command::new("sh");
    command.args(["-euc", &script]).current_dir(work.path()).env("PATH", paths).env("HOME", work.path());
    let ran = run(&mut command).expect(0);

    let shown = "\"GET /repo/repodata/repomd.xml HTTP/1.1\" 200 -";
    assert!(document(PAGE).contains(shown));
    let log = fs::read_to_string(work.path().join("quick-start/requests.log")).unwrap();
    assert_eq!((log.lines().count(), log.trim_end().ends_with(shown)), (1, true), "{log}");
    assert!(ran.stdout.contains("many-1-0:3-1.noarch"), "{}", ran.stdout);
    let sizes: Vec<u64> = ran.stdout.lines().filter_map(size).collect();
    let &[with, without] = &sizes[..] else { panic!("{}", ran.stdout) };
    // As the page and README.md say.
    assert!((1900..=2300).contains(&(with - without)), "{with} {without}");
}

/// What `wc -c` says of repomd.xml.
fn size(line: &str) -> Option<u64> {
    line.trim().strip_suffix(" repo/repodata/repomd.xml")?.parse().ok()
}
