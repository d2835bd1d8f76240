//! Where each symbol occurs in a sequence. Scratch memory is kept from one
//! sequence to the next.

use crate::chunk::Symbol;

/// The positions of each symbol of one sequence, ascending.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    /// Symbol to one more than its number among those of the sequence; 0: absent.
    local: Vec<u32>,
    /// The symbols that `local` has entries for.
    present: Vec<Symbol>,
    /// Local number to the range of `positions`: `bounds[n]..bounds[n + 1]`.
    bounds: Vec<u32>,
    positions: Vec<u32>,
}

impl Occurrences {
    /// Indexes `sequence`, whose symbols are below `symbols`.
    pub(super) fn index(&mut self, sequence: &[Symbol], symbols: usize) {
        for symbol in self.present.drain(..) {
            self.local[symbol as usize] = 0;
        }
        if self.local.len() < symbols {
            self.local.resize(symbols, 0);
        }
        let mut counts: Vec<u32> = Vec::new();
        for &symbol in sequence {
            let local = &mut self.local[symbol as usize];
            if *local == 0 {
                self.present.push(symbol);
                counts.push(0);
                *local = number(counts.len());
            }
            counts[*local as usize - 1] += 1;
        }
        self.bounds.clear();
        self.bounds.push(0);
        let mut sum = 0;
        for count in counts {
            sum += count;
            self.bounds.push(sum);
        }
        let mut next = self.bounds.clone();
        self.positions.clear();
        self.positions.resize(sequence.len(), 0);
        for (position, &symbol) in sequence.iter().enumerate() {
            let next = &mut next[self.local[symbol as usize] as usize - 1];
            self.positions[*next as usize] = number(position);
            *next += 1;
        }
    }

    /// The positions of `symbol`, ascending.
    pub(super) fn positions(&self, symbol: Symbol) -> &[u32] {
        match self.local.get(symbol as usize) {
            None | Some(0) => &[],
            Some(&local) => {
                let (from, to) = (self.bounds[local as usize - 1], self.bounds[local as usize]);
                &self.positions[from as usize..to as usize]
            }
        }
    }

    /// The indices into `a` of all its symbols that occur, provided that each
    /// occurs once and that they are in the same order: the usual case, in
    /// which there is nothing to choose.
    pub(super) fn in_order(&self, a: &[Symbol]) -> Option<Vec<usize>> {
        let mut all = Vec::new();
        let mut after = None;
        for (at, &symbol) in a.iter().enumerate() {
            match self.positions(symbol) {
                [] => {}
                [position] if after.is_none_or(|last| last < *position) => {
                    after = Some(*position);
                    all.push(at);
                }
                _ => return None,
            }
        }
        Some(all)
    }

    /// For each element of `a`, how many equal ones come before it in `a`.
    pub(super) fn ranks(&self, a: &[Symbol]) -> Vec<usize> {
        let mut seen = vec![0; self.present.len()];
        a.iter()
            .map(|&symbol| match self.local.get(symbol as usize) {
                None | Some(0) => 0,
                Some(&local) => {
                    let rank = &mut seen[local as usize - 1];
                    *rank += 1;
                    *rank - 1
                }
            })
            .collect()
    }
}

/// Sequences are numbered with 32 bits throughout; see [`ChunkTable::intern`](crate::chunk::ChunkTable::intern).
#[allow(clippy::cast_possible_truncation, reason = "sequences have fewer than 2^32 chunks")]
fn number(n: usize) -> u32 {
    n as u32
}
