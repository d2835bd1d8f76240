//! Which chunks of the new version can be references: the heaviest common
//! subsequence of chunk sequences.
//!
//! One old version: the result saves the most literal bytes that any sequence
//! of references can save (see [`Matcher::fold`] for the one bound). Several:
//! the fold of that over the versions, newest first. No bytes and no prefixes
//! here; see [`Plan`](crate::plan::Plan).

mod chain;
mod dense;
mod occurrences;

use crate::chunk::{ChunkTable, Symbol};
use occurrences::Occurrences;

/// Positions of the new sequence whose chunks can be references, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept(Vec<u32>);

impl Kept {
    /// Every position of a new sequence of `len` chunks: where a fold begins.
    ///
    /// Sequences of 2³² chunks and more cannot be numbered; positions beyond
    /// are not kept.
    #[must_use]
    pub fn all(len: usize) -> Self {
        Self((0..u32::try_from(len).unwrap_or(u32::MAX)).collect())
    }

    /// The positions, ascending.
    #[must_use]
    pub fn positions(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.0.iter().map(|p| *p as usize)
    }

    /// How many positions are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no position is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of the chunks at the kept positions of `new`.
    #[must_use]
    pub fn bytes(&self, table: &ChunkTable, new: &[Symbol]) -> u64 {
        self.positions().map(|p| table.chunk_len(new[p])).sum()
    }
}

/// Finds heaviest common subsequences; holds scratch memory between calls.
#[derive(Debug, Default)]
pub struct Matcher {
    occurrences: Occurrences,
}

/// Most pairs of equal chunks that are looked at one by one.
const MAX_PAIRS: usize = 4 << 20;
/// Most cells of the table that is filled where equal chunks are very many.
const MAX_CELLS: usize = 1 << 29;

impl Matcher {
    /// A matcher with no scratch memory yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The part of `kept` that is also, in order, in `old`, and has the most bytes.
    ///
    /// With `kept` being [`Kept::all`] this is the heaviest common subsequence
    /// of the two versions: no other choice of references leaves fewer literal
    /// bytes. Folding further versions, newest first, gives the references of a
    /// combined delta (format 1, section 5).
    ///
    /// Where the parts that differ have more than 4 million pairs of equal
    /// chunks *and* more than 2²⁹ pairs of chunks at all (tens of thousands of
    /// copies of one chunk, in another order), only chunks of similar rank among
    /// their copies are paired: the result is a common subsequence still, but
    /// may not be the heaviest.
    ///
    /// Time is linear where chunks are unique and in stable order, and
    /// `pairs × log(chunks)` otherwise.
    #[must_use]
    pub fn fold(&mut self, table: &ChunkTable, new: &[Symbol], kept: &Kept, old: &[Symbol]) -> Kept {
        let candidates: Vec<Symbol> = kept.positions().map(|p| new[p]).collect();
        let common = self.heaviest(table, &candidates, old);
        Kept(common.into_iter().map(|at| kept.0[at]).collect())
    }

    /// [`fold`](Self::fold) over `olds` in their order, starting with every
    /// position of `new`. With no old version nothing is kept.
    #[must_use]
    pub fn fold_all(&mut self, table: &ChunkTable, new: &[Symbol], olds: &[&[Symbol]]) -> Kept {
        if olds.is_empty() {
            return Kept(Vec::new());
        }
        olds.iter().fold(Kept::all(new.len()), |kept, old| self.fold(table, new, &kept, old))
    }

    /// Indices into `a` of the heaviest common subsequence of `a` and `b`.
    fn heaviest(&mut self, table: &ChunkTable, a: &[Symbol], b: &[Symbol]) -> Vec<usize> {
        // Matching equal ends is always best: a solution that does not use such
        // a pair can be changed to use it without losing weight.
        let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        let (mid_a, mid_b) = (&a[head..], &b[head..]);
        let tail = mid_a.iter().rev().zip(mid_b.iter().rev()).take_while(|(x, y)| x == y).count();
        let (mid_a, mid_b) = (&mid_a[..mid_a.len() - tail], &mid_b[..mid_b.len() - tail]);

        let mut common: Vec<usize> = (0..head).collect();
        common.extend(self.heaviest_middle(table, mid_a, mid_b).into_iter().map(|at| head + at));
        common.extend(a.len() - tail..a.len());
        common
    }

    fn heaviest_middle(&mut self, table: &ChunkTable, a: &[Symbol], b: &[Symbol]) -> Vec<usize> {
        self.occurrences.index(b, table.len());
        if let Some(all) = self.occurrences.in_order(a) {
            return all;
        }
        let weight = |s: Symbol| table.chunk_len(s);
        let pairs: usize =
            a.iter().map(|s| self.occurrences.positions(*s).len()).fold(0, usize::saturating_add);
        if pairs <= MAX_PAIRS {
            chain::heaviest(a, b.len(), weight, |_, symbol| self.occurrences.positions(symbol))
        } else if a.len().saturating_mul(b.len()) <= MAX_CELLS {
            dense::heaviest(a, b, weight)
        } else {
            let reach = (MAX_PAIRS / a.len()).saturating_sub(1) / 2;
            let ranks = self.occurrences.ranks(a);
            chain::heaviest(a, b.len(), weight, |at, symbol| {
                let all = self.occurrences.positions(symbol);
                let from = ranks[at].saturating_sub(reach).min(all.len());
                let to = ranks[at].saturating_add(reach).saturating_add(1).min(all.len());
                &all[from..to]
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::ChunkId;
    use proptest::prelude::*;

    /// A table whose symbol `n` is a chunk of `lens[n]` bytes.
    fn table(lens: &[usize]) -> ChunkTable {
        let mut table = ChunkTable::new();
        for (n, len) in lens.iter().enumerate() {
            table.intern(ChunkId::hash(&n.to_le_bytes()), *len).unwrap();
        }
        table
    }

    /// The weight of the heaviest common subsequence, by the textbook table.
    fn best(table: &ChunkTable, a: &[Symbol], b: &[Symbol]) -> u64 {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut diagonal = 0;
            for (j, y) in b.iter().enumerate() {
                let take = if x == y { diagonal + table.chunk_len(*x) } else { 0 };
                diagonal = row[j + 1];
                row[j + 1] = take.max(row[j]).max(row[j + 1]);
            }
        }
        row[b.len()]
    }

    fn assert_common(kept: &Kept, new: &[Symbol], old: &[Symbol]) {
        let mut rest = old.iter();
        assert!(kept.positions().all(|p| rest.any(|s| *s == new[p])), "{kept:?} of {new:?} in {old:?}");
        assert!(kept.0.is_sorted_by(|a, b| a < b));
    }

    proptest! {
        #[test]
        fn one_version_saves_the_most(
            lens in proptest::collection::vec(1_usize..50, 12),
            new in proptest::collection::vec(0_u32..12, 0..40),
            old in proptest::collection::vec(0_u32..12, 0..40),
        ) {
            let table = table(&lens);
            let kept = Matcher::new().fold_all(&table, &new, &[&old]);
            assert_common(&kept, &new, &old);
            prop_assert_eq!(kept.bytes(&table, &new), best(&table, &new, &old));
            let dense = dense::heaviest(&new, &old, |s| table.chunk_len(s));
            let dense = Kept(dense.into_iter().map(|p| u32::try_from(p).unwrap()).collect());
            assert_common(&dense, &new, &old);
            prop_assert_eq!(dense.bytes(&table, &new), best(&table, &new, &old));
        }

        #[test]
        fn moved_unique_chunks_save_the_most(
            lens in proptest::collection::vec(1_usize..50, 30),
            new in Just((0_u32..30).collect::<Vec<_>>()).prop_shuffle(),
            old in Just((0_u32..25).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let table = table(&lens);
            let kept = Matcher::new().fold_all(&table, &new, &[&old]);
            assert_common(&kept, &new, &old);
            prop_assert_eq!(kept.bytes(&table, &new), best(&table, &new, &old));
        }

        #[test]
        fn a_fold_is_common_to_all(
            new in proptest::collection::vec(0_u32..8, 0..30),
            olds in proptest::collection::vec(proptest::collection::vec(0_u32..8, 0..30), 1..4),
        ) {
            let table = table(&[3; 8]);
            let olds: Vec<&[u32]> = olds.iter().map(Vec::as_slice).collect();
            let kept = Matcher::new().fold_all(&table, &new, &olds);
            for old in olds {
                assert_common(&kept, &new, old);
            }
        }
    }

    #[test]
    fn one_moved_chunk_costs_itself_only() {
        let table = table(&[10; 100]);
        let old: Vec<u32> = (0..100).collect();
        let mut new = old.clone();
        new.remove(3);
        new.insert(90, 3);
        let kept = Matcher::new().fold_all(&table, &new, &[&old]);
        assert_eq!(kept.bytes(&table, &new), 990);
    }

    #[test]
    fn the_heavier_of_two_crossing_chunks_is_kept() {
        let table = table(&[5, 7, 6]);
        let kept = Matcher::new().fold_all(&table, &[1, 0, 2], &[&[0, 2, 1]]);
        assert_eq!(kept.bytes(&table, &[1, 0, 2]), 11);
    }

    #[test]
    fn ten_thousand_copies_in_both() {
        let table = table(&[10, 20, 30]);
        let mut old = vec![0_u32; 10_000];
        let mut new = old.clone();
        old[5000] = 1;
        new.insert(0, 2);
        new.insert(3000, 1);
        let kept = Matcher::new().fold_all(&table, &new, &[&old]);
        assert_common(&kept, &new, &old);
        // All but the few copies that have to give way to chunk 1, or chunk 1 itself.
        assert_eq!(kept.bytes(&table, &new), 9_999 * 10);
    }

    #[test]
    fn too_many_copies_are_paired_by_rank() {
        let table = table(&[10, 20, 30]);
        let old: Vec<u32> = (0..60_000).map(|n| n % 2).collect();
        let new: Vec<u32> = (0..60_000).map(|n| [2, 0, 1, 1][n % 4]).collect();
        let kept = Matcher::new().fold_all(&table, &new, &[&old]);
        assert_common(&kept, &new, &old);
        assert!(kept.len() > 15_000, "{}", kept.len());
    }
}
