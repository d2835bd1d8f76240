//! What was found damaged, and what it cost.

/// Something that did not check out, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The index is lost or cannot be read: every generation of the track is lost.
    Index {
        /// Where and why.
        what: String,
        /// Where what is left of the track was set aside, once it was: the files of
        /// this pattern.
        aside: Option<String>,
    },
    /// Frames of packs are lost, and with them generations.
    Packs {
        /// Where and why, for the first of them.
        what: String,
        /// Open SHA-256 of the generations lost.
        generations: Vec<[u8; 32]>,
        /// As above: the index that names them, and packs of which nothing is used
        /// any more.
        aside: Option<String>,
    },
}

impl Damage {
    pub(crate) fn index(what: String) -> Self {
        Self::Index { what, aside: None }
    }

    /// Open SHA-256 of the generations lost, as far as they are known.
    #[must_use]
    pub fn generations(&self) -> &[[u8; 32]] {
        match self {
            Self::Index { .. } => &[],
            Self::Packs { generations, .. } => generations,
        }
    }

    /// Notes where the files were set aside.
    pub(crate) fn was_set_aside(&mut self, pattern: &str) {
        let (Self::Index { aside, .. } | Self::Packs { aside, .. }) = self;
        aside.get_or_insert_with(|| pattern.to_owned());
    }
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Index { aside, .. } | Self::Packs { aside, .. }) = self;
        match self {
            Self::Index { what, .. } => write!(f, "{what}; every generation of it is dropped")?,
            Self::Packs { what, generations, .. } => {
                write!(f, "{what}; generations dropped: {}", generations.len())?;
            }
        }
        match aside {
            Some(pattern) => write!(f, "; what is left of them is kept as `{pattern}`"),
            None => Ok(()),
        }
    }
}
