//! What to do about an error. The libraries say what is wrong; only this
//! program knows the commands and options that help.
//!
//! A hint is for the command that failed: it names no option that this one does not
//! have, and the real paths, so that what is in backticks can be run as it stands.
//! Each of them is followed by a test, and helps.

mod reductions;
mod sandbox;
mod stored;
mod updating;
mod usage;

use std::error::Error as StdError;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use delta_publish::report::{SignatureFound, SignatureProblem, Verified};
use history::History;
use repomd::files::{REPODATA, REPOMD};

use crate::args::{Action, Command};
use crate::failure::Refusal;
use crate::nearest::nearest;
use crate::time;

pub(crate) use reductions::of_reduction;
pub(crate) use stored::other_notes;
pub(crate) use updating::of_misspelt;
pub(crate) use usage::unquoted_command;

/// Entries of a directory that are looked at for a repository; one of packages may have many more.
const MOST_LOOKED_AT: usize = 10_000;
/// Where gpgv is to be had.
const GPGV: &str = "`gpgv` is part of GnuPG; Debian and Fedora have it in packages `gpgv` and `gnupg2`";

/// How a signature and deltas come together.
const SIGNED: &str = "leave out `--refuse-signed` and sign after each run, or sign with `--sign-command`; in a \
                      configuration file both are keys of these names";
/// Where a directory is no history.
const NO_HISTORY: &str = "name the history of this repository with `--history`; `generate` makes a new one in an empty \
                          directory";
/// Where a signature is not good by the keyring.
const ANOTHER_KEY: &str = "sign with a key that is in the keyring, or name a keyring that has the key: \
                           `gpg --export --armor KEY` writes one";
/// How a keyring is made.
const KEYRING: &str = "`gpg --export --armor KEY` writes a keyring";

/// The kind of command that a hint is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller<'a> {
    /// One that works on repositories: `generate`, `verify`, `inspect`, `strip`.
    Repository,
    /// `update` of this CACHE.
    Update(&'a Path),
    /// `refresh`.
    Refresh,
    /// `history import`, which reads repositories of the past.
    Import,
    /// Any other.
    Other,
}

impl<'a> From<&'a Command> for Caller<'a> {
    fn from(command: &'a Command) -> Self {
        match command {
            Command::Generate(_) | Command::Verify(_) | Command::Inspect(_) | Command::Strip(_) => {
                Self::Repository
            }
            Command::Update(update) => Self::Update(&update.cache),
            Command::Refresh(_) => Self::Refresh,
            Command::History(history) if matches!(history.action, Action::Import(_)) => Self::Import,
            Command::History(_)
            | Command::Apply(_)
            | Command::Diff(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Recipes(_) => Self::Other,
        }
    }
}

/// The hint for an error of a command, where there is one: that of the first cause that
/// has one.
pub(crate) fn hint_for(error: &anyhow::Error, caller: Caller<'_>) -> Option<String> {
    error.chain().find_map(|cause| of_cause(cause, caller))
}

/// What helps a repository of which `verify` found these problems, in the order in which it is done.
pub(crate) fn of_problems(repo: &Path, history: Option<&Path>, found: &Verified) -> Vec<String> {
    let of = found.problems_of;
    let mut hints = Vec::new();
    if of.metadata {
        hints.push(format!("`createrepo_c {}` makes damaged metadata again", word(repo)));
    }
    if of.deltas {
        hints.push(format!("{} makes damaged deltas again", generate(repo, history)));
    }
    let is_signed = found.signature != SignatureFound::None;
    let sign_again = || sign_again(&repo.join(REPODATA).join(REPOMD));
    hints.extend(match of.signature {
        // A signature that was good is not of what is made again.
        None => (of.metadata && is_signed).then(sign_again),
        Some(SignatureProblem::NotGood) => Some(ANOTHER_KEY.to_owned()),
        Some(_) => Some(sign_again()),
    });
    hints
}

/// The command that publishes deltas of a repository.
fn generate(repo: &Path, history: Option<&Path>) -> String {
    let history = history.map_or("DIR".to_owned(), word);
    format!("`createrepo-delta generate --history {history} {}`", word(repo))
}

/// How a repomd.xml is signed again, and when.
pub(crate) fn sign_again(repomd: &Path) -> String {
    format!(
        "sign again: `gpg --detach-sign --armor {}`; the signature comes last, after createrepo_c and createrepo-delta",
        word(repomd)
    )
}

/// What helps where clients have metadata that is newer.
pub(crate) fn of_older(repo: &Path, history: &Path) -> String {
    format!(
        "make the metadata again, which gives it a newer revision: `createrepo_c {}`, and then {}",
        word(repo),
        generate(repo, Some(history))
    )
}

/// What helps where repomd.xml does not list what was published.
pub(crate) fn of_unlisted(repo: &Path, history: Option<&Path>) -> String {
    format!(
        "{} lists them again; run it after everything else that writes repomd.xml (`createrepo_c`, \
         `modifyrepo_c`), and before the signature",
        generate(repo, history)
    )
}

/// What helps where `verify` finds something wrong with a history.
pub(crate) fn of_history_problems(history: &Path) -> String {
    let is_missing = matches!(History::read(history), Err(history::Error::Missing { .. }));
    if is_missing && !stored::has_ledger(history) {
        return NO_HISTORY.to_owned();
    }
    format!(
        "`createrepo-delta history verify {}` tells whether it is damaged; if it is whole, it is the history of another \
         repository, or `generate` has not run since the metadata changed",
        word(history)
    )
}

/// A path as one word of a shell.
pub(crate) fn word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn of_cause(cause: &(dyn StdError + 'static), caller: Caller<'_>) -> Option<String> {
    if let Some(refusal) = cause.downcast_ref::<Refusal>() {
        return refusal.hint.clone();
    }
    if let Some(error) = cause.downcast_ref::<delta_publish::Error>() {
        return of_publishing(error, caller);
    }
    if let Some(error) = cause.downcast_ref::<delta_client::patch::Error>() {
        return updating::of_client(error);
    }
    if let Some(error) = cause.downcast_ref::<delta_client::error::UpdateError>() {
        return updating::of_updating(error, caller);
    }
    if let Some(error) = cause.downcast_ref::<history::Error>() {
        return of_history(error);
    }
    if let Some(managers::cache::CacheError::File(error)) =
        cause.downcast_ref::<managers::cache::CacheError>()
    {
        return of_file(error);
    }
    if let Some(managers::locks::LockError::File(error)) = cause.downcast_ref::<managers::locks::LockError>()
    {
        return of_file(error);
    }
    if let Some(error) = cause.downcast_ref::<managers::locks::LockError>() {
        return error.is_temporary().then(|| {
            "run this again when it is done, or wait longer for it with `--lock-timeout`".to_owned()
        });
    }
    if let Some(error) = cause.downcast_ref::<delta_client::transport::TransportError>() {
        return updating::of_fetching(error.kind()).filter(|_| matches!(caller, Caller::Update(_)));
    }
    cause.downcast_ref::<durable::Error>().and_then(of_file)
}

fn of_publishing(error: &delta_publish::Error, caller: Caller<'_>) -> Option<String> {
    use delta_publish::Error;
    use delta_publish::error::ErrorClass;
    let make_again = |repomd: &Path| (caller == Caller::Repository).then(|| make_again(repomd));
    Some(match error {
        Error::Besides { source, .. } => return of_publishing(source, caller),
        Error::File(error) => return of_file(error),
        Error::NotAFile(durable::Error::WrongKind { path, .. }) if error.class() == ErrorClass::Broken => {
            return make_again(path);
        }
        Error::History(error) => return of_history(error),
        Error::NewerLedger { path, .. } => return stored::newer_history(parent(path)),
        Error::NoRepomd { path } => no_repomd(path, caller),
        Error::Busy { path } => format!(
            "wait for `createrepo_c` to end and run this again; if none is running, remove what an \
             interrupted run left: `rm -r {}`",
            word(path)
        ),
        Error::Swapped { .. } => "run this again when the other process is done".to_owned(),
        Error::Signed { .. } => SIGNED.to_owned(),
        Error::Sign(error) => return of_signing(error),
        Error::Scratch { path, reason } => of_temporary(path, reason),
        Error::UnknownType { data_type, present, .. } => of_type(data_type, present),
        Error::OpenFile { path, .. } if is_url(path) => not_a_url(),
        Error::Database { .. } => "databases are published without deltas, and downloaded whole".to_owned(),
        Error::Open(error) if error.is_of_the_file() => return make_again(error.path()),
        // Nothing is wrong with the repository.
        error if error.is_unsupported_repomd() => return None,
        Error::NoFile { path, .. } | Error::Repomd { path, .. } => return make_again(path),
        _ => return None,
    })
}

/// Of a temporary directory that cannot be made.
fn of_temporary(path: &Path, reason: &io::Error) -> String {
    if reason.kind() == ErrorKind::StorageFull {
        let there = word(nearest_directory(path));
        return format!("make room, which `df -h {there}` shows, or name another directory: `TMPDIR=DIR`");
    }
    "name a directory that you may write to: `TMPDIR=DIR`".to_owned()
}

fn of_signing(error: &delta_publish::error::SignError) -> Option<String> {
    use delta_publish::error::{SignError, SignFailure};
    let failure = match error {
        SignError::Keyring { .. } => return Some(KEYRING.to_owned()),
        SignError::Verifier(_) => return Some(GPGV.to_owned()),
        SignError::Private { path, reason, .. } => return Some(of_temporary(path, reason)),
        SignError::Command { failure, .. } => failure,
        _ => return None,
    };
    Some(match failure {
        SignFailure::NotFound => "name a program that is installed, by its path or so that `PATH` finds it; \
             `--sign-command` takes the program and its arguments as one text, without a shell"
            .to_owned(),
        SignFailure::Status { .. } | SignFailure::NotRun { .. } => {
            "run the command by hand on a copy of repomd.xml to see why it fails; it and its signature are as they were"
                .to_owned()
        }
        SignFailure::NoSignature | SignFailure::NotArmored { .. } => "the command gets the path of a copy \
             of repomd.xml as its last argument, and must leave an armored signature beside it, under that \
             name and `.asc`, as `gpg --batch --yes --detach-sign --armor` does"
            .to_owned(),
        SignFailure::Changed => "the command must leave the file as it is: what depends on its content, \
             do before this program runs"
            .to_owned(),
        SignFailure::NotGood { .. } => ANOTHER_KEY.to_owned(),
        SignFailure::Overdue { .. } => "give it more time with `--sign-timeout`, or see what it waits for: \
             it cannot ask for a passphrase on standard input"
            .to_owned(),
        _ => return None,
    })
}

/// What to do about an error of a history.
pub(crate) fn of_history(error: &history::Error) -> Option<String> {
    use history::Error;
    Some(match error {
        Error::File(error) => return of_file(error).or_else(|| stored::unusable_in_history(error)),
        Error::Missing { path } if is_url(path) => not_a_url(),
        Error::Missing { path } if stored::has_ledger(path) => stored::foreign(path),
        Error::Missing { path } => format!(
            "`createrepo-delta generate --history {0} REPO` makes a history, and `createrepo-delta history \
             import {0} REPODATA` fills one from old repodata directories",
            word(path)
        ),
        Error::Foreign { path, .. } => stored::foreign(path),
        Error::Format { path, .. } => stored::foreign(parent(path)),
        Error::Newer { path, .. } => return stored::newer_history(stored::history_of(path)?),
        Error::Locked { holder, .. } => locked(holder.as_ref()),
        Error::Damaged { path, .. } => {
            let dir = stored::history_of(path)?;
            format!(
                "`createrepo-delta history verify --repair {}` forgets what is damaged, and sets its files aside",
                word(dir)
            )
        }
        _ => return None,
    })
}

fn locked(holder: Option<&durable::Holder>) -> String {
    let number = holder.and_then(|holder| holder.process);
    let look = number.map(|number| format!(" (`ps -fp {number}` shows it)")).unwrap_or_default();
    let since = holder.and_then(|holder| holder.since).map(time::utc);
    let since = since.map(|since| format!(", which has it since {since} UTC")).unwrap_or_default();
    format!(
        "run this again when the other process is done{look}; the lock ends with the process that holds \
         it{since}"
    )
}

fn of_file(error: &durable::Error) -> Option<String> {
    let path = match error {
        durable::Error::Io { path, .. } => path,
        durable::Error::Rename { to, .. } => to,
        durable::Error::NoLocks { path, .. } => return Some(mount_with_locks(path)),
        _ => return None,
    };
    if is_url(path) {
        return Some(not_a_url());
    }
    let there = word(nearest_directory(parent(path)));
    if error.is_no_space() {
        return Some(format!(
            "make room, which `df -h {there}` shows, and run this again: nothing was left half done"
        ));
    }
    Some(match error.io()?.kind() {
        ErrorKind::PermissionDenied => return stored::denied(error),
        ErrorKind::ReadOnlyFilesystem => sandbox::of_read_only(path),
        _ => return None,
    })
}

fn mount_with_locks(lock: &Path) -> String {
    let dir = nearest_directory(parent(lock));
    format!(
        "`findmnt --target {}` shows how it is mounted: mount it with locks (of NFS, without `nolock` and with \
         `rpc.statd` at work), or use a directory of a local file system",
        word(dir)
    )
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// The directory itself where it is there, else the next one above: what asks about file
/// systems fails for a directory that is not there yet.
fn nearest_directory(dir: &Path) -> &Path {
    let is_relative = dir.is_relative();
    let found = dir.ancestors().find(|dir| dir.is_dir());
    found.unwrap_or_else(|| Path::new(if is_relative { "." } else { "/" }))
}

/// For a repository of which repomd.xml or a file beside it is broken.
fn make_again(path: &Path) -> String {
    let repo = path.parent().map_or_else(|| path.to_owned(), parent_of);
    format!("make the metadata again: `createrepo_c {}`", word(&repo))
}

pub(crate) fn is_url(path: &Path) -> bool {
    let text = path.to_string_lossy();
    ["http:/", "https:/", "ftp:/", "file:/"].iter().any(|scheme| text.starts_with(scheme))
}

pub(crate) fn not_a_url() -> String {
    "name a file or a directory of this machine; only `createrepo-delta update` takes a URL".to_owned()
}

/// What may be meant by a type that nobody knows, in a repository that has the types
/// `present`.
pub(crate) fn of_type(data_type: &str, present: &[String]) -> String {
    // What many say, and no repomd.xml.
    let named = if data_type == "comps" { "group" } else { data_type };
    let mut known: Vec<&str> = present.iter().map(String::as_str).collect();
    known.extend::<Vec<&str>>(delta_publish::types::known().collect());
    let present = present.join(", ");
    let words: Vec<&str> = data_type.split_whitespace().collect();
    match nearest(named, known).filter(|name| *name != data_type) {
        Some(name) => format!("did you mean `{name}`? It has {present}"),
        None if words.len() > 1 => {
            format!("separate types by commas: `--types {}`. It has {present}", words.join(","))
        }
        None => format!("it has {present}"),
    }
}

fn no_repomd(path: &Path, caller: Caller<'_>) -> String {
    let above =
        |path: &Path| format!("give the directory that contains repodata/: `{}`", word(&parent_of(path)));
    if is_url(path) {
        return not_a_url();
    }
    if path.join(REPOMD).is_file() {
        return above(path);
    }
    if !path.exists() {
        return format!("`{}` does not exist: give the directory that contains repodata/", word(path));
    }
    if path.is_file() {
        let repodata = parent_of(path);
        let is_in_repodata = repodata.file_name().is_some_and(|name| name == REPODATA);
        return if is_in_repodata {
            above(&repodata)
        } else {
            "give the directory that contains repodata/".to_owned()
        };
    }
    if caller == Caller::Import {
        return "give a directory that has repomd.xml, or repodata/".to_owned();
    }
    if is_history(path) {
        return "this is a history: give it by `--history`, and the repository as the last argument"
            .to_owned();
    }
    match repository_below(path) {
        Some(below) => format!("give the directory that contains repodata/: `{}`", word(&below)),
        None => format!("make the metadata first: `createrepo_c {}`", word(path)),
    }
}

/// Whether a history is kept there, whatever its version.
fn is_history(path: &Path) -> bool {
    matches!(History::read(path), Ok(_) | Err(history::Error::Newer { .. }))
}

/// The first directory of `path` that has metadata.
fn repository_below(path: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(path).ok()?;
    entries
        .flatten()
        .take(MOST_LOOKED_AT)
        .map(|entry| entry.path())
        .filter(|path| path.join(REPODATA).join(REPOMD).is_file())
        .min()
}

/// The directory above, in the words of whoever gave the path.
fn parent_of(path: &Path) -> PathBuf {
    match (path.file_name(), path.parent()) {
        (Some(_), Some(parent)) if parent.as_os_str().is_empty() => PathBuf::from("."),
        (Some(_), Some(parent)) => parent.to_owned(),
        _ => path.join(".."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_of_paths_as_given() {
        let cases = [
            ("repo/repodata", "repo"),
            ("repodata", "."),
            (".", "./.."),
            ("..", "../.."),
            ("/repodata", "/"),
        ];
        for (path, parent) in cases {
            assert_eq!(parent_of(Path::new(path)), Path::new(parent), "{path}");
        }
    }

    #[test]
    fn file_systems_are_those_of_directories_that_are_there() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(nearest_directory(temp.path()), temp.path());
        assert_eq!(nearest_directory(&temp.path().join("a/b")), temp.path());
        assert_eq!(nearest_directory(Path::new("no such directory/b")), Path::new("."));
    }

    #[test]
    fn hints_are_found_below_context() {
        let error = anyhow::Error::new(history::Error::Missing { path: "x".into() }).context("while testing");
        assert!(hint_for(&error, Caller::Other).is_some_and(|hint| hint.contains("history import x ")));
    }

    #[test]
    fn words_are_what_a_shell_takes_them_for() {
        for text in ["/srv/repo", "a b", "it's", "$HOME", "x;y", "*", ""] {
            let shell = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {}", word(Path::new(text)))])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(shell.stdout).unwrap(), text);
        }
    }
}
