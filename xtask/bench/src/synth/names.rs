//! What source packages and their binary packages are called: a function of the
//! history's seed and their numbers.
//!
//! The invented word inside is different for every source package, so all names
//! are different too. Binary packages of one source sort next to each other, but
//! for libraries, which have names of their own.

use super::text::put;
use super::words::{INVENTED, STEMS, invented, pick};
use xtask_common::random::{at, below, chance};

/// The most binary packages of one source package.
pub(super) const MOST: usize = 30;

/// Prefixes of the ecosystems that make up half of a distribution.
const FAMILIES: &[&str] = &["python3-", "perl-", "rust-", "golang-", "texset-", "node-", "lib", "ocaml-"];

/// Parts that a source package is commonly split into, after the main one.
const PARTS: &[&str] =
    &["-devel", "-libs", "-doc", "-common", "-tools", "-data", "-static", "-tests", "-lang"];

/// Appends the invented word of source package `source`.
pub(super) fn core(out: &mut Vec<u8>, seed: u64, source: u32) {
    let number = u64::from(source) * 2_654_435_761 + at(seed, 1) % INVENTED;
    invented(out, number % INVENTED);
}

/// Appends the name of source package `source`.
pub(super) fn source(out: &mut Vec<u8>, seed: u64, source: u32) {
    let hash = at(at(seed, 2), u64::from(source));
    if chance(hash, 52) {
        put!(out, FAMILIES[below(hash, FAMILIES.len())]);
    }
    core(out, seed, source);
    let hash = at(hash, 0);
    if chance(hash, 45) {
        put!(out, "-", pick(&STEMS, hash));
    }
}

/// Appends the name of the binary package with this index.
pub(super) fn binary(out: &mut Vec<u8>, seed: u64, number: u32, index: u8) {
    let start = out.len();
    source(out, seed, number);
    if index == 2 && !out[start..].starts_with(b"lib") {
        out.truncate(start);
        put!(out, "lib");
        return core(out, seed, number);
    }
    match usize::from(index) {
        0 => {}
        part if part <= PARTS.len() => put!(out, PARTS[part - 1]),
        part => {
            let hash = at(at(seed, 3), u64::from(number));
            // Steps through the words, so that no two parts share one.
            let stem = STEMS[(below(hash, STEMS.len()) + part * 7) % STEMS.len()];
            put!(out, "-plugin-", stem);
        }
    }
}

/// How many binary packages a source package is split into: often one, seldom up
/// to [`MOST`].
pub(super) fn split(seed: u64, source: u32) -> u8 {
    let hash = at(at(seed, 4), u64::from(source));
    let (low, high) = match hash & 0xff {
        0..=115 => (1, 1),
        116..=195 => (2, 3),
        196..=239 => (4, 8),
        _ => (9, MOST),
    };
    u8::try_from(low + below(hash, high + 1 - low)).unwrap_or(1)
}
