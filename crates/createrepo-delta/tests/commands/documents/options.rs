//! Every option that guides and references name exists, and is run once.

use std::collections::BTreeSet;

use super::blocks::{self, Block};
use super::commands::{bench, run_line};
use super::{document, for_users};
use crate::support::{program, run};

/// Documents of which every option is run.
fn documents() -> Vec<String> {
    let is_guide_or_reference = |name: &String| {
        !name.starts_with("docs/formats/") && name != "docs/architecture.md" && name != "docs/benchmarks.md"
    };
    for_users().into_iter().filter(is_guide_or_reference).collect()
}

/// Options of other programs that they name, none of which is also one of this program.
const OF_OTHERS: &[&str] = &[
    "--all",
    "--armor",
    "--batch",
    "--checksum",
    "--delete",
    "--delete-delay",
    "--detach-sign",
    "--disableplugin",
    "--disablerepo",
    "--do-stat",
    "--download-metadata",
    "--enablerepo",
    "--everyone",
    "--exclude",
    "--export",
    "--forcearch",
    "--general-compress-type",
    "--ignore-lock",
    "--installed",
    "--installroot",
    "--locked",
    "--mdtype",
    "--no-refresh",
    "--nosignature",
    "--notification-script",
    "--now",
    "--omit-baseurl",
    "--only",
    "--outputdir",
    "--path",
    "--qf",
    "--refresh",
    "--releasever-major",
    "--releasever-minor",
    "--repo",
    "--retain-old-md",
    "--retain-old-md-by-age",
    "--revision",
    "--set-timestamp-to-revision",
    "--setopt",
    "--setvar",
    "--simple-md-filenames",
    "--skip-stat",
    "--timer",
    "--update",
    "--update-md-path",
    "--use-host-config",
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
    "createrepo-delta update --retries 1 --connect-timeout 5 --timeout 30 --min-rate 1000 --max-time 10m --fresh \
         --mirror /srv/repo https://mirror.example.org/repo /var/cache/repo",
    "createrepo-delta update --open --compress gz https://mirror.example.org/repo /var/cache/repo",
    "createrepo-delta update --prefer time --max-cpu 5 https://mirror.example.org/repo /var/cache/repo",
    "echo 'machine mirror.example.org login name password word' >netrc
     createrepo-delta update --netrc netrc https://mirror.example.org/repo /var/cache/repo",
    "createrepo-delta update --cacert \"$TLS/ca.pem\" --client-cert \"$TLS/client.pem\" \
         --client-key \"$TLS/client.key\" https://mirror.example.org/repo /var/cache/repo",
    "createrepo-delta refresh --if-expired",
    "createrepo-delta refresh --dnf --dnf5 --zypper --lock-timeout 1 --jobs 2 --max-time 1m",
    "createrepo-delta refresh --dnf --cachedir cache --reposdir root/etc/yum.repos.d --dnf-config /dev/null \
         --releasever 1 --notes notes",
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
fn the_options_of_the_documents_work() {
    let mut known = BTreeSet::new();
    for command in ["apply", "diff", "generate", "inspect", "strip", "update", "refresh", "verify"] {
        known.extend(taken(&[command]));
    }
    for command in ["drop", "import", "list", "prune", "show", "verify"] {
        known.extend(taken(&["history", command]));
    }
    let documents = documents();
    let text: String = documents.iter().map(|name| document(name)).collect();
    let blocks: Vec<Block> = documents.iter().flat_map(|name| blocks::of(name)).collect();
    let run_here: Vec<&str> = blocks
        .iter()
        .filter(|block| !block.is_read_only())
        .flat_map(|b| &b.lines)
        .map(String::as_str)
        .collect();
    let run_here = run_here.join("\n");
    let run_here = options(&run_here);
    for option in options(&text) {
        if OF_OTHERS.contains(&option) || run_here.contains(option) {
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
    for name in for_users() {
        let text = document(&name);
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
