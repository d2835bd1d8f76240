//! Heaviest common subsequence by looking at every pair of equal elements:
//! the heaviest increasing chain of pairs, with a Fenwick tree of prefix maxima.

use crate::chunk::Symbol;

/// One pair on a chain, and the pair before it.
struct Link {
    previous: u32,
    a: u32,
}

/// The chain that ends in a prefix of `b`: weight, and its last link plus one.
#[derive(Clone, Copy, Default)]
struct Best {
    weight: u64,
    link: u32,
}

/// Indices into `a` of the heaviest chain of the pairs that `partners` gives:
/// for the element of `a` at an index, positions in `b`, ascending.
#[allow(clippy::cast_possible_truncation, reason = "sequences and pairs have 32-bit numbers")]
pub(super) fn heaviest<'p>(
    a: &[Symbol],
    b_len: usize,
    weight: impl Fn(Symbol) -> u64,
    partners: impl Fn(usize, Symbol) -> &'p [u32],
) -> Vec<usize> {
    let mut tree = Prefixes(vec![Best::default(); b_len + 1]);
    let mut links: Vec<Link> = Vec::new();
    for (at, &symbol) in a.iter().enumerate() {
        // Descending, so that no element of `a` is used twice on one chain.
        for &position in partners(at, symbol).iter().rev() {
            let position = position as usize;
            let before = tree.best(position);
            let heavier = before.weight + weight(symbol);
            if heavier > tree.best(position + 1).weight {
                links.push(Link { previous: before.link, a: at as u32 });
                tree.raise(position, Best { weight: heavier, link: links.len() as u32 });
            }
        }
    }
    let mut chain = Vec::new();
    let mut link = tree.best(b_len).link;
    while let Some(&Link { previous, a }) = link.checked_sub(1).and_then(|at| links.get(at as usize)) {
        chain.push(a as usize);
        link = previous;
    }
    chain.reverse();
    chain
}

/// Prefix maxima over positions.
struct Prefixes(Vec<Best>);

impl Prefixes {
    /// The best of the positions before `end`.
    fn best(&self, mut end: usize) -> Best {
        let mut best = Best::default();
        while end > 0 {
            if self.0[end].weight > best.weight {
                best = self.0[end];
            }
            end &= end - 1;
        }
        best
    }

    fn raise(&mut self, position: usize, to: Best) {
        let mut at = position + 1;
        while at < self.0.len() {
            if to.weight > self.0[at].weight {
                self.0[at] = to;
            }
            at += at & at.wrapping_neg();
        }
    }
}
