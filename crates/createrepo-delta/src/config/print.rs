//! The settings of repositories as a configuration file that says the same, for
//! `--print-config`. Every setting that has a default is spelled out.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::Target;
use crate::failure::Refusal;
use crate::settings::{Place, Settings};

/// The text of the file.
///
/// # Errors
/// A [`Refusal`] where a path is not UTF-8, which TOML cannot say.
pub(crate) fn print(targets: &[Target]) -> Result<String, Refusal> {
    toml::to_string(&File { repository: Repositories(targets) })
        .map_err(|error| Refusal::usage(error.to_string()))
}

#[derive(serde::Serialize)]
struct File<'a> {
    repository: Repositories<'a>,
}

/// Tables in the order of the targets.
struct Repositories<'a>(&'a [Target]);

impl Serialize for Repositories<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for target in self.0 {
            let settings = &target.settings;
            let table = Table {
                path: Place(target.path.clone()),
                history: target.history.clone().map(Place),
                settings: settings.clone().over(&settings.standard()),
            };
            map.serialize_entry(&target.name, &table)?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Table {
    path: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Place>,
    #[serde(flatten)]
    settings: Settings,
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::config::{Selection, load, select};

    /// What is printed, read again.
    fn again(targets: &[Target]) -> Vec<Target> {
        let work = tempfile::tempdir().unwrap();
        let file = work.path().join("printed.toml");
        let text = print(targets).unwrap();
        std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), text.as_bytes()).unwrap();
        select(&load(&file).unwrap(), &Selection::default()).unwrap()
    }

    fn settings(text: &str) -> Settings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_printed_says_the_same() {
        let odd = "od\"d \\ \u{7f}\n na'me";
        let sizes = "types = ['primary']\nsizes = ['64K', '0.5%', 7]\nmax-size = '40%'\nkeep = 7\n\
                     keep-age = '36h'\nkeep-states = 0\nsign-command = ['sign', 'a b']\nsign-timeout = '90s'\n\
                     keyring = '/keys'";
        let windows = "windows = 8\nrefuse-signed = true\nno-deltas = false";
        let later = "sign-later = true\nno-journal = true";
        let target = |name: &str, text: &str| Target {
            name: name.to_owned(),
            path: Path::new("/srv").join(odd),
            history: Some(PathBuf::from("/history").join(name)),
            settings: settings(text),
        };
        let targets =
            [target("one", sizes), target("a.b c", windows), target("ü", ""), target("later", later)];
        let read = again(&targets);
        assert_eq!(read.len(), targets.len());
        for (read, target) in read.iter().zip(&targets) {
            assert_eq!(
                (&read.name, &read.path, &read.history),
                (&target.name, &target.path, &target.history)
            );
            let (mut ours, mut theirs) = (read.settings.options(false), target.settings.options(false));
            // A budget is what it is; only what it was made from is compared.
            (ours.jobs, theirs.jobs) =
                (delta_publish::options::Jobs::default(), delta_publish::options::Jobs::default());
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
            assert_eq!(read.settings.signing.is_later(), target.settings.signing.is_later());
        }
        assert_eq!(print(&again(&targets)).unwrap(), print(&targets).unwrap());
    }
}
