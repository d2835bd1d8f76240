//! What people see on a terminal: widths, colours, progress. Python has terminals to run programs in.

use std::process::Command;
use std::time::Duration;

use crate::server::{Reply, Server};
use crate::support::{Bench, run};

/// Runs the program in a terminal with so many columns; gives what it wrote there, with all escapes.
fn seen(columns: usize, term: &str, arguments: &[&str]) -> String {
    terminal(columns, term, arguments, false)
}

/// The same, stopped now and then until something is drawn: whatever it does takes longer than a second.
fn seen_slowly(columns: usize, arguments: &[&str]) -> String {
    terminal(columns, "xterm", arguments, true)
}

fn terminal(columns: usize, term: &str, arguments: &[&str], is_slow: bool) -> String {
    const SCRIPT: &str = "
import fcntl, os, pty, select, signal, struct, sys, termios, time
child, terminal = pty.fork()
if child == 0:
    columns = int(sys.argv[1])
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    os.execv(sys.argv[3], sys.argv[3:])
seen = b''
stopped = 1.1
while sys.argv[2] == 'true' and not select.select([terminal], [], [], 0.005)[0]:
    # The thread that draws is there when work begins.
    if len(os.listdir('/proc/%d/task' % child)) > 1:
        os.kill(child, signal.SIGSTOP)
        time.sleep(stopped)
        os.kill(child, signal.SIGCONT)
        stopped = 0.25
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    seen += part
os.waitpid(child, 0)
sys.stdout.buffer.write(seen)
";
    let mut command = Command::new("python3");
    let (columns, is_slow) = (columns.to_string(), is_slow.to_string());
    command.args(["-c", SCRIPT, &columns, &is_slow, env!("CARGO_BIN_EXE_createrepo-delta")]).args(arguments);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    // As build systems do, whose terminals are often dumb.
    run(command.env("TERM", term).env("CI", "true")).expect(0).stdout.replace("\r\n", "\n")
}

/// The arguments of `generate` of a bench.
fn generate(bench: &Bench, options: &[&str]) -> Vec<String> {
    let (history, repo) = (bench.history(), bench.repo());
    let words = ["generate", "--history", history.to_str().unwrap(), repo.to_str().unwrap()];
    words.iter().chain(options).map(|word| (*word).to_owned()).collect()
}

fn seen_of(columns: usize, words: &[String]) -> String {
    seen(columns, "xterm", &words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn results_fit_the_terminal_and_are_whole_in_a_pipe() {
    let bench = Bench::published(1);
    bench.publish_with_journal(2);
    bench.publish_with_journal(3);
    for columns in [60, 80] {
        let text = seen_of(columns, &generate(&bench, &["--verbose"]));
        let tables = text.split("journal of 1 run").next().unwrap();
        assert!(tables.lines().all(|line| line.chars().count() <= columns), "{text}");
        assert!(tables.contains("…-primary.xml.delta0.bz2\n") && tables.contains("FULL FILE"), "{text}");
        // A short run draws nothing.
        assert!(!text.contains('\x1b'), "{text:?}");
    }
    let piped = bench.generate(&["-v"]).expect(0).stdout;
    assert!(!piped.contains('…') && piped.lines().any(|line| line.len() > 120), "{piped}");
    let (history, repo) = (bench.history(), bench.repo());
    let (history, repo) = (history.to_str().unwrap(), repo.to_str().unwrap());
    for words in [&["inspect", repo][..], &["inspect", "-v", "--history", history, repo]] {
        for columns in [60, 80] {
            let text = seen(columns, "xterm", words);
            assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
        }
    }
}

#[test]
fn colours_are_for_terminals_and_as_asked() {
    let missing = ["verify", "no-such-repository"];
    let plain = "error: `no-such-repository` is not a repository: it has no repodata/repomd.xml\nhint: ";
    let coloured = "\x1b[1;31merror\x1b[0m: `no-such-repository` is not a repository: it has no \
                    repodata/repomd.xml\n\x1b[1mhint\x1b[0m: ";
    let text = seen(80, "xterm", &missing);
    assert!(text.starts_with(coloured), "{text:?}");
    for (term, words) in
        [("dumb", &missing[..]), ("xterm", &["verify", "no-such-repository", "--color=never"])]
    {
        let text = seen(80, term, words);
        assert!(text.starts_with(plain), "{text:?}");
    }
    let mut piped = Command::new(env!("CARGO_BIN_EXE_createrepo-delta"));
    let piped = run(piped.args(["--color", "always"]).args(missing).env("NO_COLOR", "1")).expect(1);
    assert!(piped.stderr.starts_with(coloured), "{:?}", piped.stderr);
    let wrong = seen(80, "xterm", &["verify", "--color", "often", "x"]);
    assert!(
        wrong.starts_with("\x1b[1m\x1b[31merror:\x1b[0m invalid value '\x1b[1moften\x1b[0m'"),
        "{wrong:?}"
    );
    let help = seen(80, "xterm", &["verify", "-h"]);
    assert!(help.contains("\x1b[1mUsage:\x1b[0m") && !help.contains("\x1b[3"), "{help:?}");
}

#[test]
fn progress_is_shown_after_a_second_where_people_look() {
    let bench = Bench::published(1);
    let server = Server::start(&bench.repo());
    let filelists = bench.files("-filelists.xml.gz").remove(0);
    let path = format!("repodata/{}", filelists.file_name().unwrap().to_str().unwrap());
    server.script(&path, [Reply::Drip(Duration::from_micros(300))]);
    let (url, cache) = (server.url(), bench.path("cache"));
    let update = |columns: usize, term: &str, options: &[&str]| {
        let _ = std::fs::remove_dir_all(&cache);
        let words = ["update", &url, cache.to_str().unwrap()];
        seen(columns, term, &[&words[..], options].concat())
    };
    for columns in [60, 80] {
        let text = update(columns, "xterm", &[]);
        let line = text.split(['\n', '\r']).find(|line| line.contains(" full     [")).unwrap_or_default();
        assert!(line.contains("filelists  full     [") && line.contains(" KiB"), "{columns}: {text:?}");
        assert!(line.contains("/s"), "{columns}: {line:?}");
        // Nothing is left of it.
        assert!(text.contains("\r\x1b[1A\x1b[J") && text.ends_with(" downloaded.\n"), "{columns}: {text:?}");
    }
    for (term, options) in [("dumb", &[][..]), ("xterm", &["--quiet"])] {
        let text = update(80, term, options);
        assert!(!text.contains('\x1b') && !text.contains(" full     ["), "{text:?}");
    }
}

/// Metadata that takes a while.
fn large(data_type: &str, version: u64) -> String {
    let package = |number: u64| {
        let version = u64::from(number <= version);
        format!(
            "<package name=\"p{number}\" pkgid=\"{number:064x}\"><version>{version}</version></package>\n"
        )
    };
    let packages: String = (0..40_000).map(package).collect();
    format!("<?xml version=\"1.0\"?>\n<{data_type} packages=\"40000\">\n{packages}</{data_type}>\n")
}

#[test]
fn progress_is_shown_of_everything_that_is_slow() {
    let bench = Bench::new();
    for version in 1..=3 {
        bench.create_from(version, large);
        if version < 3 {
            bench.generate(&["--quiet", "--no-journal", "--windows", "1"]).expect(0);
        }
    }
    let (history, repo, other) = (bench.history(), bench.repo(), bench.path("imported"));
    let [history, repo, other] = [&history, &repo, &other].map(|path| path.to_str().unwrap());
    let runs: [(&[&str], &[&str]); 4] = [
        (&["generate", "-n", "--history", history, repo], &["reading", "encoding", "proving", "recipe"]),
        (&["verify", repo], &["reading", "proving"]),
        (&["history", "import", "-n", other, repo], &["reading"]),
        (&["history", "verify", history], &["checking"]),
    ];
    for (words, doing) in runs {
        // On a busy machine a run may be over before it is stopped.
        let texts = (0..10).map(|_| seen_slowly(60, words));
        let text = texts.into_iter().find(|text| text.contains('\x1b')).unwrap_or_default();
        let (drawn, result) = text.rsplit_once("\x1b[J").unwrap_or_else(|| panic!("{words:?}: {text:?}"));
        assert!(doing.iter().any(|doing| drawn.contains(&format!(" {doing}"))), "{words:?}: {text:?}");
        // After what leads to their beginning.
        let lines = drawn.split(['\n', 'A', 'J']).filter_map(|line| line.strip_suffix("\x1b[K"));
        assert!(lines.clone().count() > 0, "{words:?}: {text:?}");
        for line in lines {
            assert!(line.len() < 60 && line.as_bytes()[10] == b' ', "{words:?}: {line}");
        }
        // Nothing is left of it.
        assert!(!result.contains('\x1b') && result.ends_with('\n'), "{words:?}: {result:?}");
    }
}
