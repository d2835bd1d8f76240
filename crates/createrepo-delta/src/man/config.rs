//! createrepo-delta.toml(5), the configuration file, from the same definition of settings
//! as the options.

use clap::{Arg, Args as _, Command};

use super::page::{Page, bold, italic};
use super::{DATE, explanation, related, takes_value};
use crate::settings::Settings;

/// The name of the page's file.
pub(super) const NAME: &str = "createrepo-delta.toml.5";

const DESCRIPTION: &str = "\
The file is TOML. No place is searched for it: `--config` names it. Paths in it that do not begin \
with / are taken from the directory that it is in. What is not known, or has a wrong value, is an \
error before any repository is touched.

An option of the command line wins over the table of a repository, and that over `[defaults]`.";

const TABLES: &[related::Item] = &[
    (
        "include = [\"conf.d/*.toml\"]",
        "In front of all tables: further files with repositories, sorted by name. Their `[defaults]` hold \
         for their own repositories, and those of this file below them. A pattern may match nothing. \
         Included files include no others; a name is there only once.",
    ),
    (
        "[defaults]",
        "What holds for every repository that does not say otherwise: the settings below, and \
         `history-root`, the directory in which each repository has its history under its name.",
    ),
    (
        "[repository.NAME]",
        "One repository: `path`, the directory that contains repodata/; `history`, the directory in which \
         its publishes are remembered, if it is not below `history-root`; and the settings below.",
    ),
];

const VALUES: &[related::Item] = &[
    ("N", "A whole number."),
    (
        "SIZE",
        "A text such as `\"64K\"`, `\"2M\"` or `\"1G\"`, in units of 1024 bytes, 1024 K and 1024 M, or `\"5%\"` of \
         the full file, or bytes as a number.",
    ),
    ("AGE", "A text such as `\"14d\"`, `\"36h\"` or `\"90m\"`, or seconds as a number."),
    ("WAIT", "A text such as `\"30s\"` or `\"5m\"`, or seconds as a number."),
    ("LIST", "An array of texts, or of sizes."),
    ("COMMAND", "A text that is split into words, or an array of the words."),
    ("FILE", "A path."),
    ("true", "`true` or `false`."),
];

const FILES: &[related::Item] = &[
    (
        "/etc/createrepo-delta.toml",
        "A usual place for the file, and that of the units. As packages install it, it has no repositories, \
         and `refuse-signed = true` in `[defaults]`.",
    ),
    (
        "/var/lib/createrepo-delta",
        "A usual `history-root`. It is neither in a repository nor lost between publishes.",
    ),
    related::GENERATE_TIMER,
    related::VERIFY_TIMER,
];

const EXAMPLE: &str = "\
[defaults]
history-root = \"/var/lib/createrepo-delta\"
keep-age = \"14d\"
sign-command = [\"gpg\", \"--batch\", \"--yes\",
                \"--detach-sign\", \"--armor\"]

[repository.os]
path = \"/srv/os\"

[repository.testing]
path = \"/srv/testing\"
history = \"/scratch/testing.history\"
max-size = \"40%\"";

const SEE_ALSO: [&str; 6] = [
    "createrepo-delta(1)",
    "createrepo-delta-generate(1)",
    "createrepo-delta-inspect(1)",
    "createrepo-delta-strip(1)",
    "createrepo-delta-verify(1)",
    "systemctl(1)",
];

/// The page.
pub(super) fn page() -> Vec<u8> {
    let mut page = Page::new("createrepo-delta.toml", "createrepo-delta.toml", 5, DATE);
    page.name("createrepo-delta.toml", "repositories and their settings, for createrepo-delta");
    page.section("Synopsis");
    page.usage(
        "createrepo-delta",
        &[
            "createrepo-delta generate --config FILE [NAME]...",
            "createrepo-delta verify --config FILE [NAME]...",
        ],
    );
    page.section("Description");
    page.paragraphs(DESCRIPTION);
    super::list("Tables", TABLES, &mut page);
    super::list("Values", VALUES, &mut page);
    page.section("Settings");
    for option in Settings::augment_args(Command::new("settings")).get_arguments() {
        if let Some(name) = option.get_long() {
            page.item(&format!("{} = {}", bold(name), italic(&kind(option))), &explanation(option));
        }
    }
    super::list("Files", FILES, &mut page);
    page.section("Examples");
    page.verbatim(EXAMPLE);
    page.references(&SEE_ALSO.map(str::to_owned));
    page.into_bytes()
}

/// Which values a setting has.
fn kind(option: &Arg) -> String {
    match option.get_value_names() {
        Some([value, ..]) if takes_value(option) => value.to_string(),
        _ => "true".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_and_every_kind_of_value_is_in_the_page() {
        let page = String::from_utf8(page()).unwrap();
        for name in Settings::names() {
            assert!(page.contains(&format!("\n{} = ", bold(&name))), "{name}: {page}");
        }
        for option in Settings::augment_args(Command::new("settings")).get_arguments() {
            assert!(VALUES.iter().any(|(name, _)| *name == kind(option)), "{option}");
        }
        assert!(page.contains("\\fBrefuse\\-signed\\fR = \\fItrue\\fR\n"), "{page}");
        assert!(page.contains("\\fBmax\\-size\\fR = \\fISIZE\\fR\n"), "{page}");
    }

    #[test]
    fn the_example_is_a_configuration_file() {
        let table: toml::Table = toml::from_str(EXAMPLE).unwrap();
        assert_eq!(table["repository"].as_table().unwrap().len(), 2);
    }
}
