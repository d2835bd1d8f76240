//! The repomd.xml that a client held before, as it goes into the next request for one.

use crate::cache::{LocalCopy, State, Upstream};

/// A repomd.xml that was believed before, and what is known of where it came from.
#[derive(Clone, Copy)]
pub(super) struct HeldIndex<'a> {
    pub(super) state: &'a State,
    /// Nothing where it is damaged.
    pub(super) upstream: Option<&'a Upstream>,
}

impl<'a> HeldIndex<'a> {
    pub(super) fn of_copy(copy: &'a LocalCopy) -> Self {
        Self { state: &copy.state, upstream: copy.upstream.as_ref() }
    }
}
