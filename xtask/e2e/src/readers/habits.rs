//! Readers by habit: the ways in which programs that nobody knows by name take the
//! path and the checksum of a file out of repomd.xml.
//!
//! Those in Python are in `py/habits.py`, the one in Rust is `xtask-reader`. What they then do with the file is not
//! tried: path and checksum are all that deltas could spoil.

use super::answer::{Answer, sequence};
use super::{ensure_same, python};
use crate::bench::Bench;
use crate::bench::script;
use crate::repository::ALWAYS;
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;
use xtask_common::paths;

/// One way to read.
pub(crate) struct Habit {
    name: &'static str,
    how: How,
    served: Served,
}

enum How {
    /// A function of `py/habits.py`.
    Python,
    /// A command that prints the path of the record `$2` of the file `$1`.
    Shell(&'static str),
    /// The program `xtask-reader`: structs that serde fills.
    Struct,
}

/// What a reader finds the same in as without anything of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Served {
    /// In every repository.
    Always,
    /// In one without deltas of format 1. The documents say so in these words.
    WithoutDeltas(&'static str),
}

/// What a repository lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// The journal and deltas of format 1.
    All,
    /// What `--no-deltas` leaves.
    Journal,
}

const ONE_ELEMENT: &str = "exactly one `<location>` or `<checksum>` at any depth of the record";
const ONE_LINE: &str = "exactly one line with the name of the open file";

const fn python_habit(name: &'static str) -> Habit {
    Habit { name, how: How::Python, served: Served::Always }
}

const fn shell_habit(name: &'static str, script: &'static str) -> Habit {
    Habit { name, how: How::Shell(script), served: Served::Always }
}

/// All of them.
const ALL: [Habit; 22] = [
    python_habit("sax_first"),
    python_habit("sax_last"),
    python_habit("sax_children"),
    python_habit("minidom_first"),
    python_habit("minidom_children"),
    python_habit("pulldom_first"),
    python_habit("etree_find"),
    python_habit("etree_anywhere"),
    python_habit("etree_name"),
    python_habit("etree_dict"),
    python_habit("dictionaries"),
    python_habit("regular_expression"),
    python_habit("regular_expression_name"),
    Habit { name: "serde struct", how: How::Struct, served: Served::Always },
    shell_habit("grep -m 1", r#"grep -m 1 "$2.xml" "$1" | cut -d '"' -f 2"#),
    shell_habit("grep and head", r#"grep "$2.xml" "$1" | head -n 1 | sed 's/.*href="//; s/".*//'"#),
    shell_habit("grep and tail", r#"grep "$2.xml" "$1" | tail -n 1 | cut -d '"' -f 2"#),
    shell_habit("grep -A 3", r#"grep -A 3 "type=.$2." "$1" | grep '<location' | cut -d '"' -f 2"#),
    shell_habit("sed", r#"sed -n "/type=.$2./,/<.data>/p" "$1" | grep -m 1 location | cut -d '"' -f 2"#),
    shell_habit(
        "awk",
        r#"awk -F '[<>"]' -v kind="$2" '/<data / { inside = $3 == kind } inside && $2 == "location href=" { print $3; exit }' "$1""#,
    ),
    Habit { name: "minidom_only", how: How::Python, served: Served::WithoutDeltas(ONE_ELEMENT) },
    Habit {
        name: "grep alone",
        how: How::Shell(
            r#"[ "$(grep -c "$2.xml" "$1")" -eq 1 ] || { echo "not one line" >&2; exit 1; }; grep "$2.xml" "$1" | cut -d '"' -f 2"#,
        ),
        served: Served::WithoutDeltas(ONE_LINE),
    },
];

/// What each reads in a repository.
pub(crate) fn ask_all(repository: &Path) -> Result<Vec<Answer>> {
    let repomd = repository.join("repodata/repomd.xml");
    ALL.iter().map(|habit| habit.read(&repomd)).collect()
}

/// Fails unless each reads in `after`, which `lists` that, what it read `before`
/// anything was listed, or cannot be served and fails.
pub(crate) fn ensure_agreement(
    bench: &Bench<'_>,
    before: &[Answer],
    after: &[Answer],
    lists: Lists,
) -> Result<()> {
    for ((habit, before), after) in ALL.iter().zip(before).zip(after) {
        let name = habit.name;
        let Answer::Listed(old) = before else {
            anyhow::bail!("{name} cannot read a repository without deltas:\n{}", before.text());
        };
        ensure!(old.lines().count() == ALWAYS.len(), "{name} finds this without deltas:\n{old}");
        match after {
            Answer::Listed(new) if habit.is_served(lists) => ensure_same(name, old, new)?,
            Answer::Refused { .. } if !habit.is_served(lists) => {}
            Answer::Listed(new) if !habit.is_served(lists) && new != old => {}
            other => anyhow::bail!("{name}, of {lists:?}:\n{}", other.text()),
        }
    }
    let served = ALL.iter().filter(|habit| habit.is_served(lists)).count();
    let others = ALL.len() - served;
    bench.ok(format!(
        "{lists:?}: {served} habits read path and checksum as before, {others} fail as documented"
    ));
    Ok(())
}

impl Habit {
    fn is_served(&self, lists: Lists) -> bool {
        match self.served {
            Served::Always => true,
            Served::WithoutDeltas(_) => lists == Lists::Journal,
        }
    }

    fn read(&self, repomd: &Path) -> Result<Answer> {
        match self.how {
            How::Python => {
                let script = script("habits.py");
                python(Command::new(paths::SYSTEM_PYTHON), &script, &[self.name.as_ref(), repomd.as_ref()])
            }
            How::Struct => {
                let reader = paths::profile_dir()?.join("xtask-reader");
                sequence([Command::new(reader).arg(repomd).args(ALWAYS)])
            }
            How::Shell(script) => {
                let script = format!(
                    "set -e\nfind() {{ {script}\n}}\nfor kind in {}; do find \"$0\" $kind; done",
                    ALWAYS.join(" ")
                );
                sequence([Command::new("sh").arg("-c").arg(script).arg(repomd)])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{ALL, Served};
    use std::collections::BTreeSet;
    use std::fs;
    use xtask_common::paths;

    /// The first cells of the table of readers that cannot be served.
    fn documented(document: &str) -> BTreeSet<String> {
        let text = fs::read_to_string(paths::root().join(document)).unwrap();
        let table = text.split("<!-- readers that cannot be served -->\n").nth(1).unwrap();
        let rows = table.lines().take_while(|line| line.starts_with('|')).skip(2);
        rows.map(|row| row.split('|').nth(1).unwrap().trim().to_owned()).collect()
    }

    #[test]
    fn readers_that_cannot_be_served_are_documented() {
        let tried: BTreeSet<String> = ALL
            .iter()
            .filter_map(|habit| match habit.served {
                Served::Always => None,
                Served::WithoutDeltas(words) => Some(words.to_owned()),
            })
            .collect();
        for document in ["docs/formats/format-1.md", "docs/reference-repomd.md"] {
            assert_eq!(documented(document), tried, "{document}");
        }
    }
}
