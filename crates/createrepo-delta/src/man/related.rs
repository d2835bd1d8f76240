//! What man pages say besides the texts of `--help`: files, variables of the environment,
//! and other pages.

/// A path, and what it is.
pub(super) type Item = (&'static str, &'static str);

const REPOMD: Item = ("REPO/repodata/repomd.xml", "The list of metadata files, with the deltas of each.");
const SIGNATURE: Item = ("REPO/repodata/repomd.xml.asc", "The signature of repomd.xml.");
const HISTORY: Item = (
    "/var/lib/createrepo-delta/NAME",
    "A usual place for the history of a repository. No place is searched for it: `--history` or the \
     configuration file names it.",
);
const CONFIG: Item = (
    "/etc/createrepo-delta.toml",
    "A usual place for the configuration file. No place is searched for it: `--config` names it.",
);
/// The units, which the packages have.
pub(super) const GENERATE_TIMER: Item = (
    "createrepo-delta-generate@NAME.timer",
    "Publishes `[repository.NAME]` of /etc/createrepo-delta.toml every ten minutes, once it is enabled.",
);
pub(super) const VERIFY_TIMER: Item = (
    "createrepo-delta-verify.timer",
    "Verifies all repositories of /etc/createrepo-delta.toml every night, once it is enabled.",
);

/// The files that the command below `createrepo-delta` works with.
pub(super) fn files(command: &str) -> &'static [Item] {
    match command {
        "generate" => &[REPOMD, SIGNATURE, HISTORY, CONFIG, GENERATE_TIMER],
        "" | "strip" => &[REPOMD, SIGNATURE, HISTORY, CONFIG],
        "verify" => &[REPOMD, HISTORY, CONFIG, VERIFY_TIMER],
        "inspect" => &[REPOMD, HISTORY, CONFIG],
        "update" => &[
            ("CACHE/repodata", "The metadata, for every reader."),
            ("CACHE/repodata/upstream", "The publisher's repomd.xml, where the copy is not exact."),
            ("CACHE/.createrepo-delta.json", "Notes of this command on the copy."),
        ],
        "refresh" => &[
            ("/etc/dnf/dnf.conf", "The configuration of dnf 4 and dnf5."),
            ("/etc/yum.repos.d", "Repositories of dnf 4 and dnf5."),
            ("/etc/zypp/repos.d", "Repositories of zypper."),
            ("/var/cache/dnf", "Caches of dnf 4."),
            ("/var/cache/libdnf5", "Caches of dnf5."),
            ("/var/cache/zypp", "Caches of zypper."),
            ("/var/cache/createrepo-delta", "Notes on how files are rebuilt."),
            ("createrepo-delta-refresh.timer", "Runs this command every hour, once it is enabled."),
        ],
        "apply" => &[("repodata/repomd.xml", "Has `<open-checksum>` and `<open-size>` of NEW.")],
        "recipes" => {
            &[("repodata/repomd.xml", "Read beside FILE, for the revision and the place of primary.")]
        }
        "completions" => &[
            (
                "/usr/share/bash-completion/completions",
                "Where the script for bash belongs, as `createrepo-delta`.",
            ),
            ("/usr/share/zsh/site-functions", "Where the script for zsh belongs, as `_createrepo-delta`."),
            (
                "/usr/share/fish/vendor_completions.d",
                "Where the script for fish belongs, as `createrepo-delta.fish`.",
            ),
        ],
        "man" => &[
            ("/usr/share/man/man1", "Where pages of commands belong."),
            ("/usr/share/man/man5", "Where the page of the configuration file belongs."),
        ],
        _ if command.starts_with("history") => &[HISTORY],
        _ => &[],
    }
}

const NO_COLOR: Item = ("NO_COLOR", "If set and not empty, nothing has colours.");
const CLICOLOR_FORCE: Item =
    ("CLICOLOR_FORCE", "If set and not 0, there are colours also where there is no terminal.");
const TMPDIR: Item = ("TMPDIR", "The directory for temporary files, instead of /tmp.");

/// The variables of the environment that matter to a command.
pub(super) fn environment(command: &str) -> &'static [Item] {
    match command {
        "" | "update" | "refresh" => &[
            NO_COLOR,
            CLICOLOR_FORCE,
            TMPDIR,
            ("http_proxy, https_proxy, all_proxy", "URLs of the proxies by which web servers are reached."),
            ("no_proxy", "Hosts that are reached without a proxy, separated by commas."),
        ],
        _ => &[NO_COLOR, CLICOLOR_FORCE, TMPDIR],
    }
}

/// The pages beside that of the program to look at after that of a command.
pub(super) fn see_also(command: &str) -> &'static [&'static str] {
    match command {
        "" => &["createrepo-delta.toml(5)", "createrepo_c(8)", "dnf(8)", "zypper(8)"],
        "generate" => &[
            "createrepo-delta-history(1)",
            "createrepo-delta-inspect(1)",
            "createrepo-delta-strip(1)",
            "createrepo-delta-verify(1)",
            "createrepo-delta.toml(5)",
            "gpg(1)",
            "systemctl(1)",
            "createrepo_c(8)",
        ],
        "update" => &[
            "createrepo-delta-apply(1)",
            "createrepo-delta-recipes(1)",
            "createrepo-delta-refresh(1)",
            "gpgv(1)",
        ],
        "refresh" => &["createrepo-delta-update(1)", "systemctl(1)", "dnf(8)", "dnf5(8)", "zypper(8)"],
        "verify" => &[
            "createrepo-delta-generate(1)",
            "createrepo-delta-history-verify(1)",
            "createrepo-delta-inspect(1)",
            "systemctl(1)",
            "createrepo-delta.toml(5)",
        ],
        "inspect" => {
            &["createrepo-delta-generate(1)", "createrepo-delta-verify(1)", "createrepo-delta.toml(5)"]
        }
        "strip" => &["createrepo-delta-generate(1)", "createrepo-delta.toml(5)"],
        "apply" => &["createrepo-delta-diff(1)", "createrepo-delta-inspect(1)", "createrepo-delta-update(1)"],
        "diff" => &["createrepo-delta-apply(1)", "createrepo-delta-inspect(1)"],
        "recipes" => {
            &["createrepo-delta-generate(1)", "createrepo-delta-refresh(1)", "createrepo-delta-update(1)"]
        }
        "completions" => &["bash(1)", "fish(1)", "zsh(1)"],
        "man" => &["createrepo-delta-completions(1)", "man(1)"],
        "history" => &["createrepo-delta-generate(1)"],
        _ => &["createrepo-delta-generate(1)", "createrepo-delta-history(1)"],
    }
}
