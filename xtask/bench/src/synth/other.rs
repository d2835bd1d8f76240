//! Packages in other: the last ten changelog entries of the source package.

use super::package::{Package, version};
use super::text::{hex, put};
use super::words::{GIVEN, INVENTED, NOUNS, STEMS, invented, pick};
use xtask_common::random::{Random, at};

const CHANGES: &[&str] = &[
    "Fix handling of ",
    "Do not crash on ",
    "Drop support for ",
    "Add tests for ",
    "Speed up ",
    "Backport a fix for ",
    "Document ",
    "Rebuild for ",
];

/// Appends the package's chunk.
pub(super) fn package(out: &mut Vec<u8>, package: &Package) {
    put!(out, "<package pkgid=\"", &package.pkgid, "\" name=\"", &package.name, "\" arch=\"", package.arch);
    put!(out, "\">\n  <version");
    package.evr(out);
    put!(out, "/>\n");
    let oldest = package.version.saturating_sub(9);
    for update in oldest..=package.version {
        entry(out, package, update);
    }
    put!(out, "</package>\n");
}

fn entry(out: &mut Vec<u8>, package: &Package, update: u32) {
    let mut rng = Random::new(at(at(package.source_seed, 11), u64::from(update)));
    // One maintainer writes most entries.
    let person = if rng.chance(80) { package.source_seed } else { rng.draw() };
    let (given, family) = (pick(&GIVEN, person), pick(&STEMS, at(person, 1)));
    put!(out, "  <changelog author=\"", given, " ", family, "son &lt;", given);
    put!(out, "@example.org&gt; - ");
    let (mut ver, mut rel) = (Vec::new(), Vec::new());
    version(&mut ver, &mut rel, package.source_seed, update);
    put!(out, &ver, "-", &rel, "\" date=\"", package.changed(update), "\">- Update to ", &ver);
    for _ in 0..rng.below(6) {
        put!(out, "\n- ", pick(CHANGES, rng.draw()));
        invented(out, rng.draw() % INVENTED);
        put!(out, " ", pick(&NOUNS, rng.draw()));
        match rng.below(3) {
            0 => put!(out, " (#", rng.below(900_000) as u64 + 100_000, ")"),
            1 => {
                put!(out, " (");
                hex(out, &rng.draw().to_be_bytes()[..5]);
                put!(out, ")");
            }
            _ => {}
        }
    }
    put!(out, "</changelog>\n");
}
