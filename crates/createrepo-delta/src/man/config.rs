//! createrepo-delta.toml(5), the configuration file, from the same definition of settings
//! as the options.

use std::io::{self, Write};

use clap::{Arg, Args as _, Command};

use super::escaped;
use crate::settings::Settings;

/// The name of the page's file.
pub(super) const NAME: &str = "createrepo-delta.toml.5";

const HEAD: &str = "\
NAME:
  createrepo-delta.toml - repositories and their settings, for createrepo-delta

SYNOPSIS:
  createrepo-delta generate --config FILE [NAME]...
  createrepo-delta verify --config FILE [NAME]...

DESCRIPTION:
  The file is TOML. No place is searched for it: --config names it. Paths in it that do not
  begin with / are taken from the directory that it is in. What is not known, or has a wrong
  value, is an error before any repository is touched.

TABLES:
  include = [\"conf.d/*.toml\"]
      In front of all tables: further files with repositories, sorted by name. Their [defaults]
      hold for their own repositories, and those of this file below them. A pattern may match
      nothing. Included files include no others; a name is there only once.
  [defaults]
      What holds for every repository that does not say otherwise: the settings below, and
      history-root, the directory in which each repository has its history under its name.
  [repository.NAME]
      One repository: path, the directory that contains repodata/; history, the directory in
      which its past is remembered, if it is not below history-root; and the settings below.

VALUES:
  N        a whole number
  SIZE     a text such as \"64K\", \"2M\" or \"5%\" of the full file, or bytes as a number
  BYTES    a text such as \"64M\", or bytes as a number
  AGE      a text such as \"14d\", \"36h\" or \"90m\", or seconds as a number
  WAIT     a text such as \"30s\" or \"5m\", or seconds as a number
  LIST     an array of texts, or of sizes
  COMMAND  a text that is split into words, or an array of the words
  FILE     a path
  true     true or false
";

const TAIL: &str = "\
EXAMPLES:
  [defaults]
  history-root = \"/var/lib/createrepo-delta\"
  keep-age = \"14d\"
  sign-command = \"gpg --batch --yes --detach-sign --armor\"

  [repository.os]
  path = \"/srv/os\"

  [repository.testing]
  path = \"/srv/testing\"
  history = \"/scratch/testing.history\"
  sizes = [\"64K\", \"5%\", \"50%\"]

SEE ALSO:
  createrepo-delta-generate(1), createrepo-delta-verify(1), createrepo-delta-inspect(1),
  createrepo-delta-strip(1)
";

/// The page.
pub(super) fn page() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    writeln!(page, ".TH createrepo\\-delta.toml 5 \"createrepo\\-delta {}\"", env!("CARGO_PKG_VERSION"))?;
    super::sections(HEAD, &mut page)?;
    writeln!(page, ".SH \"SETTINGS\"")?;
    for option in Settings::augment_args(Command::new("settings")).get_arguments() {
        setting(option, &mut page)?;
    }
    super::sections(TAIL, &mut page)?;
    Ok(page)
}

fn setting(option: &Arg, page: &mut Vec<u8>) -> io::Result<()> {
    let Some(name) = option.get_long() else { return Ok(()) };
    let value = match option.get_value_names() {
        Some([value, ..]) if takes_value(option) => value.to_string(),
        _ => "true".to_owned(),
    };
    writeln!(page, ".TP\n\\fB{}\\fR = \\fI{value}\\fR", escaped(name))?;
    let help = option.get_long_help().or(option.get_help()).map(ToString::to_string).unwrap_or_default();
    for (nth, paragraph) in help.split("\n\n").enumerate() {
        if nth > 0 {
            writeln!(page, ".IP")?;
        }
        writeln!(page, "\\&{}", escaped(paragraph))?;
    }
    Ok(())
}

/// Whether it is more than a flag.
fn takes_value(option: &Arg) -> bool {
    option.get_num_args().is_none_or(|number| number.takes_values())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_and_every_kind_of_value_is_in_the_page() {
        let page = String::from_utf8(page().unwrap()).unwrap();
        for name in Settings::names() {
            assert!(page.contains(&format!("\n\\fB{}\\fR = ", escaped(&name))), "{name}: {page}");
        }
        for option in Settings::augment_args(Command::new("settings")).get_arguments() {
            for kind in option.get_value_names().into_iter().flatten().filter(|_| takes_value(option)) {
                assert!(page.contains(&format!("\n\\&{kind} ")), "{kind}: {page}");
            }
        }
        assert!(page.contains("\\fBrefuse\\-signed\\fR = \\fItrue\\fR\n"), "{page}");
        assert!(page.contains("\\fBmax\\-size\\fR = \\fISIZE\\fR\n"), "{page}");
    }

    #[test]
    fn the_example_is_a_configuration_file() {
        let example = TAIL.split("SEE ALSO").next().unwrap().replace("EXAMPLES:", "").replace("\n  ", "\n");
        let table: toml::Table = toml::from_str(&example).unwrap();
        assert_eq!(table["repository"].as_table().unwrap().len(), 2);
    }
}
