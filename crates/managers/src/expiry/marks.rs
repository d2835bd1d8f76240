//! What dnf 4 has noted as expired: a JSON array of ids in its cache directory.

use std::collections::BTreeSet;
use std::path::Path;

use crate::files::text;

const FILE: &str = "expired_repos.json";

/// The repositories that are noted.
#[derive(Debug, Default)]
pub(super) enum Marks {
    /// Where the file is not there, or no such list, dnf goes on with an empty one.
    #[default]
    None,
    /// These ids.
    These(BTreeSet<String>),
    /// Where it cannot be read, dnf takes all for expired.
    All,
}

impl Marks {
    /// Of the dnf whose cache directory this is.
    pub(super) fn read(cachedir: &Path) -> Self {
        match text(&cachedir.join(FILE)) {
            Ok(Some(text)) => serde_json::from_str(&text).map_or(Self::None, Self::These),
            Ok(None) => Self::None,
            Err(_) => Self::All,
        }
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        match self {
            Self::None => false,
            Self::These(ids) => ids.contains(id),
            Self::All => true,
        }
    }
}
