//! Which signatures are asked for: those of packages, and that of repomd.xml.

use super::Dialect;
use super::layers::Said;
use super::values::boolean;
use crate::ini::Section;

/// Whose signatures must be there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Checks {
    pub(super) packages: bool,
    /// That of repomd.xml.
    pub(super) metadata: bool,
}

impl Checks {
    /// As `[main]` says, and then the repository.
    ///
    /// dnf5 has two names for the check of packages. Where its `gpgcheck_policy` is not
    /// `legacy` by then, the one without `pkg_` is for repomd.xml as well, unless the same section
    /// says something else.
    pub(super) fn new(main: Said<'_>, own: Said<'_>) -> Self {
        let is_dnf5 = main.dialect == Dialect::Dnf5;
        let of_packages: &'static [&str] =
            if is_dnf5 { &["gpgcheck", "pkg_gpgcheck"] } else { &["gpgcheck"] };
        let mut checks = Self::default();
        let mut is_wide = false;
        for (said, section) in sections(main).chain(sections(own)) {
            let values = |keys: &'static [&str]| {
                let values = section.entries.iter().rev().filter(|(key, _)| keys.contains(&&**key));
                values.map(move |(_, value)| said.expand(value))
            };
            let last = |keys| values(keys).find_map(|value| boolean(&value));
            if is_dnf5 {
                is_wide = values(&["gpgcheck_policy"]).find_map(|value| policy(&value)).unwrap_or(is_wide);
            }
            checks.packages = last(of_packages).unwrap_or(checks.packages);
            if section.get("repo_gpgcheck").is_some() {
                checks.metadata = last(&["repo_gpgcheck"]).unwrap_or(checks.metadata);
            } else if is_wide && section.get("gpgcheck").is_some() {
                checks.metadata = checks.packages;
            }
        }
        checks
    }
}

fn sections(said: Said<'_>) -> impl Iterator<Item = (Said<'_>, &Section)> {
    said.layers.sections().iter().map(move |section| (said, section))
}

/// Whether a policy has the check of packages count for repomd.xml as well.
fn policy(value: &str) -> Option<bool> {
    match value {
        "legacy" => Some(false),
        "full" | "all" => Some(true),
        _ => None,
    }
}
