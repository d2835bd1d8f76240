//! Which steps a journal is made of: neighbour steps, and the *anchors* beside
//! them that keep long chains honest (format 2, "Runs and anchors").
//!
//! Generations are numbered by age here: 0 is the newest, 1 the one before. A
//! chain of neighbour steps carries every intermediate text; an anchor leads from
//! an old generation straight to a younger one. [`next_anchor`] says where one is
//! worth its making, [`routes`] which steps each generation takes, and [`runs`]
//! puts the routes in the order of the file. All are functions of numbers alone.
//!
//! What is deliberately not here: the making of steps, and where they are kept.

mod estimate;
mod place;
mod routes;
mod runs;

pub use place::next_anchor;
pub use routes::{Route, Via, routes};
pub use runs::{Bounds, runs, shortened};

/// A step that is there, or as good as there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The age that it leads from; more than `to`.
    pub from: usize,
    /// The age that it leads to.
    pub to: usize,
    /// Bytes that it takes in the file.
    pub bytes: u64,
    /// Bytes of the chunks that it inserts.
    pub inserted: u64,
}

/// What is known of the past.
#[derive(Clone, Copy, Debug)]
pub struct Past<'p> {
    /// The neighbour steps, newest first: entry `n` leads from age `n + 1` to
    /// `n`. Ages beyond them are out of reach.
    pub neighbours: &'p [Edge],
    /// The other steps, in any order.
    pub anchors: &'p [Edge],
    /// By age, the bytes of the newest generation's chunks that the generation
    /// of that age lacks: about what a step from it inserts. One entry more than
    /// there are neighbour steps, at least.
    pub lacking: &'p [u64],
}

/// When an anchor is placed. Shares are thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchorTerms {
    /// A generation whose route costs more than this, compared with a step of its
    /// own, gets an anchor.
    pub upper: u64,
    /// The anchor goes to the youngest generation near it that costs more than
    /// this, so that the next publishes need none.
    pub lower: u64,
    /// How near: a share of the age that got too dear.
    pub near: u64,
    /// Bytes that do not matter.
    pub slack: u64,
}

impl Default for AnchorTerms {
    fn default() -> Self {
        Self { upper: 1150, lower: 1080, near: 750, slack: 256 }
    }
}

/// `share` thousandths of `bytes`.
fn thousandths(bytes: u64, share: u64) -> u64 {
    let bytes = u128::from(bytes) * u128::from(share) / 1000;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
