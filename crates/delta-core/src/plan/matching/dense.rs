//! Heaviest common subsequence where equal elements are very many: the full
//! table in linear memory (divide and conquer after Hirschberg).

use crate::chunk::Symbol;

/// Indices into `a` of the heaviest common subsequence of `a` and `b`, in time
/// proportional to the product of their lengths.
pub(super) fn heaviest(a: &[Symbol], b: &[Symbol], weight: impl Fn(Symbol) -> u64) -> Vec<usize> {
    let mut found = Vec::new();
    // An explicit stack, left half on top, so that indices come out ascending.
    let mut parts = vec![(0..a.len(), 0..b.len())];
    while let Some((rows, columns)) = parts.pop() {
        let (x, y) = (&a[rows.clone()], &b[columns.clone()]);
        if y.is_empty() {
            continue;
        }
        match x {
            [] => {}
            [only] => {
                if y.contains(only) {
                    found.push(rows.start);
                }
            }
            _ => {
                let middle = x.len() / 2;
                let upper = last_row(x[..middle].iter(), &y.iter(), y.len(), &weight);
                let lower = last_row(x[middle..].iter().rev(), &y.iter().rev(), y.len(), &weight);
                let total = |cut: usize| upper[cut] + lower[y.len() - cut];
                // The first of the best cuts.
                let cut = (0..=y.len()).rev().max_by_key(|cut| total(*cut)).unwrap_or(0);
                parts.push((rows.start + middle..rows.end, columns.start + cut..columns.end));
                parts.push((rows.start..rows.start + middle, columns.start..columns.start + cut));
            }
        }
    }
    found
}

/// The last row of the table of best weights: entry `j` is for all of `x` and
/// the first `j` of `y`.
fn last_row<'s>(
    x: impl Iterator<Item = &'s Symbol>,
    y: &(impl Iterator<Item = &'s Symbol> + Clone),
    y_len: usize,
    weight: &impl Fn(Symbol) -> u64,
) -> Vec<u64> {
    let mut row = vec![0; y_len + 1];
    for a in x {
        let gain = weight(*a);
        let (mut diagonal, mut left) = (0, 0);
        for (b, cell) in y.clone().zip(&mut row[1..]) {
            let up = *cell;
            let take = if a == b { diagonal + gain } else { 0 };
            diagonal = up;
            left = take.max(up).max(left);
            *cell = left;
        }
    }
    row
}
