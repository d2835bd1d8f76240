//! Which package managers, with which configuration, and which of their
//! repositories.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use managers::{Manager, Repository, Setup, SetupOptions, dnf, dnf5, packagekit, rpm, zypp};
use rustix::fs::Access;

use super::{Configured, environment};
use crate::args::Refresh;
use crate::failure::Refusal;

/// In the order in which they are worked on.
const MANAGERS: [Manager; 3] = [Manager::Dnf, Manager::Dnf5, Manager::Zypper];

const RELEASEVER: &str = "releasever";

/// Whether the rpm database is asked for `$releasever` where nothing else says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Releasever {
    /// In any case: lists of mirrors may name it, too.
    Always,
    /// Where the configuration names it.
    IfNamed,
}

/// The package managers that were asked for, or else those that are there.
pub(super) fn read(args: &Refresh, releasever: Releasever) -> anyhow::Result<Vec<Configured>> {
    let named = MANAGERS.into_iter().filter(|manager| args.managers.contains(*manager)).count();
    let one_only =
        [("--cachedir", args.system.cachedir.is_some()), ("--reposdir", !args.system.reposdir.is_empty())];
    for (option, is_given) in one_only {
        if named != 1 && is_given {
            let message = format!("`{option}` is for one package manager");
            return Err(Refusal::usage(message).hint("add `--dnf`, `--dnf5` or `--zypper`").into());
        }
    }
    let root = std::path::absolute(&args.system.root).context("cannot use `--root`")?;
    let given = std::iter::once(("--root", &args.system.root))
        .chain(args.system.reposdir.iter().map(|path| ("--reposdir", path)))
        .chain(args.system.dnf_config.iter().map(|path| ("--dnf-config", path)));
    if let Some((option, path)) = given.into_iter().find(|(_, path)| !path.exists()) {
        return Err(Refusal::usage(format!("`{option}`: there is no `{}`", path.display())).into());
    }
    let machine = managers::machine();
    let mut setups = Vec::new();
    let is_meant = |manager: &Manager| {
        let is_known_to_expire = *manager != Manager::Zypper || !args.hook.if_expired;
        is_known_to_expire && (named == 0 || args.managers.contains(*manager))
    };
    for manager in MANAGERS.into_iter().filter(is_meant) {
        let setup = match manager {
            Manager::Dnf => dnf(args, &root, &machine, releasever, false)?,
            Manager::Dnf5 => dnf(args, &root, &machine, releasever, true)?,
            _ => zypper(args, &root, &machine)?,
        };
        setups.push(Configured::new(manager, setup));
    }
    // dnf 4 and dnf5 read the same repositories, whichever of them is installed.
    if named == 0 && setups.iter().any(|setup| is_there(&setup.setup)) {
        setups.retain(|setup| is_there(&setup.setup));
    }
    if args.system.cachedir.is_none() && !args.hook.if_expired {
        add_packagekit(&mut setups, &root);
    }
    Ok(setups)
}

/// The first that is dnf 4 or dnf5 has the caches that `PackageKit` has of the same
/// repositories.
fn add_packagekit(setups: &mut [Configured], root: &Path) {
    let first = setups.iter_mut().find(|setup| setup.manager != Manager::Zypper);
    if let Some(Configured { setup, .. }) = first {
        let caches = packagekit::caches(setup, root);
        let is_writable = |one: &Repository| rustix::fs::access(&one.cache, Access::WRITE_OK).is_ok();
        setup.repositories.extend(caches.into_iter().filter(is_writable));
    }
}

/// Whether there are caches that this user may change.
fn is_there(setup: &Setup) -> bool {
    let is_writable = rustix::fs::access(&setup.caches, Access::WRITE_OK).is_ok();
    is_writable && std::fs::read_dir(&setup.caches).is_ok_and(|mut entries| entries.next().is_some())
}

/// That of dnf 4 or dnf5.
fn dnf(
    args: &Refresh,
    root: &Path,
    machine: &str,
    releasever: Releasever,
    is_dnf5: bool,
) -> anyhow::Result<Setup> {
    let mut options = options(args, root, machine)?;
    if is_dnf5 && !rustix::process::geteuid().is_root() {
        let cache = managers::user_cache(environment, "libdnf5");
        let cache = cache.context("there is no home directory: expected a path in `HOME`")?;
        options = options.with_user_cache(cache);
    }
    let read = if is_dnf5 { dnf5::setup } else { dnf::setup };
    let setup = read(&options)?;
    // rpm makes a database where there is none, so it is asked only if need be.
    if args.system.releasever.is_some() || !is_needed(&setup, releasever) {
        return Ok(setup);
    }
    let release = if is_dnf5 { rpm::dnf5_release } else { rpm::dnf_release };
    // Where there is no rpm, nothing that is installed says it.
    Ok(read(&options.with_installed_release(release(root).ok().flatten()))?)
}

/// Whether `$releasever`, which has no value yet, is needed.
fn is_needed(setup: &Setup, releasever: Releasever) -> bool {
    match releasever {
        Releasever::Always => !setup.repositories.is_empty(),
        Releasever::IfNamed => setup.repositories.iter().any(names_releasever),
    }
}

/// Whether it is part of what tells the repository's cache.
fn names_releasever(repository: &Repository) -> bool {
    let Repository { id, sources, cache, .. } = repository;
    let texts = [&sources.metalink, &sources.mirrorlist].into_iter().flatten().chain(&sources.urls);
    texts.chain([id]).any(|text| text.contains(RELEASEVER)) || cache.to_string_lossy().contains(RELEASEVER)
}

fn zypper(args: &Refresh, root: &Path, machine: &str) -> anyhow::Result<Setup> {
    if args.system.reposdir.len() > 1 {
        return Err(Refusal::usage("zypper has one directory for `--reposdir`").into());
    }
    let options = options(args, root, machine)?;
    let setup = zypp::setup(&options)?;
    if args.system.releasever.is_some() || setup.repositories.is_empty() {
        return Ok(setup);
    }
    let product = zypp::product_release(root)?;
    let release = product.or_else(|| rpm::zypp_release(root).ok().flatten());
    Ok(zypp::setup(&options.with_installed_release(release))?)
}

/// What the command line says, for each of them.
fn options(args: &Refresh, root: &Path, machine: &str) -> anyhow::Result<SetupOptions> {
    let system = &args.system;
    Ok(SetupOptions::new(root, machine)
        .with_config(system.dnf_config.clone())
        .with_reposdir(system.reposdir.iter().map(absolute).collect::<Result<_, _>>()?)
        .with_cachedir(system.cachedir.as_ref().map(absolute).transpose()?)
        .with_releasever(system.releasever.clone())
        .with_environment(std::env::vars()))
}

fn absolute(path: impl AsRef<Path>) -> anyhow::Result<PathBuf> {
    let path = path.as_ref();
    std::path::absolute(path).with_context(|| format!("cannot use `{}`", path.display()))
}

/// The repositories called `ids`, or else all that are enabled.
pub(super) fn choose<'a>(
    setups: &'a [Configured],
    ids: &[String],
) -> anyhow::Result<Vec<(&'a Configured, &'a Repository)>> {
    let all = || {
        setups
            .iter()
            .flat_map(|setup| setup.setup.repositories.iter().map(move |repository| (setup, repository)))
    };
    if let Some(unknown) = ids.iter().find(|id| !all().any(|(_, repository)| repository.id == **id)) {
        let mut known: Vec<&str> = Vec::new();
        for (_, Repository { id, .. }) in all() {
            // Several package managers may have it.
            if !known.contains(&&**id) {
                known.push(id);
            }
        }
        let hint = if known.is_empty() {
            "none is configured".to_owned()
        } else {
            format!("the repositories are {}", known.join(", "))
        };
        let message = format!("there is no repository `{}`", unknown.escape_debug());
        return Err(Refusal::usage(message).hint(hint).into());
    }
    Ok(all().filter(|(_, repository)| is_chosen(repository, ids)).collect())
}

/// Whether it is named by one of `ids`, or is enabled where there are none.
pub(super) fn is_chosen(repository: &Repository, ids: &[String]) -> bool {
    if ids.is_empty() { repository.enabled } else { ids.contains(&repository.id) }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    fn args(words: &[&str]) -> Refresh {
        let cli = Cli::try_parse_from([&["createrepo-delta", "refresh"], words].concat()).unwrap();
        let Command::Refresh(args) = cli.command else { panic!("another command") };
        args
    }

    #[test]
    fn directories_of_one_package_manager_need_it_named() {
        for option in ["--cachedir", "--reposdir"] {
            for more in [&[][..], &["--dnf", "--zypper"], &["--dnf", "--dnf5"]] {
                let error = read(&args(&[&[option, "/x"], more].concat()), Releasever::Always).err().unwrap();
                assert_eq!(error.to_string(), format!("`{option}` is for one package manager"));
            }
        }
    }
}
