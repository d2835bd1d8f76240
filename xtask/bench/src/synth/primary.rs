//! Packages in primary: description, dependencies, sizes, times.

use super::names;
use super::package::Package;
use super::text::put;
use super::words::{ADJECTIVES, NOUNS, STEMS, VERBS, pick};
use xtask_common::random::{Random, at, below, chance};

const LICENCES: &[&str] =
    &["MIT", "Apache-2.0", "GPL-2.0-or-later", "BSD-3-Clause", "LGPL-2.1-or-later", "ISC"];

/// Libraries and programs that a large part of all packages needs.
const COMMON: &[&str] = &[
    "libbase.so.3()(64bit)",
    "libbase.so.3(BASE_2.34)(64bit)",
    "libbase.so.3(BASE_2.4)(64bit)",
    "libmath.so.2()(64bit)",
    "libunwinder.so.1()(64bit)",
    "libobject.so.6()(64bit)",
    "libobject.so.6(OBJECT_1.3)(64bit)",
    "loader(HASHES)",
    "/bin/sh",
    "libwidgets-4.so.1()(64bit)",
    "libdeflater.so.1()(64bit)",
    "snake(abi) = 3.13",
];

/// Appends the package's chunk.
pub(super) fn package(out: &mut Vec<u8>, package: &Package) {
    let (name, hash) = (&package.name, package.version_seed);
    put!(out, "<package type=\"rpm\">\n  <name>", name, "</name>\n  <arch>", package.arch);
    put!(out, "</arch>\n  <version");
    package.evr(out);
    put!(out, "/>\n  <checksum type=\"sha256\" pkgid=\"YES\">", &package.pkgid);
    put!(out, "</checksum>\n  <summary>");
    summary(out, package);
    put!(out, "</summary>\n  <description>");
    description(out, package);
    put!(out, "</description>\n  <packager>Example Project</packager>\n  <url>https://example.org/");
    put!(out, &package.source_name, "/</url>\n  <time file=\"", package.file_time);
    put!(out, "\" build=\"", package.build_time);
    // Sizes differ by some per cent from version to version.
    let scale = 2000 + (1 << (12 + package.seed % 9)) + package.seed % 5000;
    let size = scale + hash % (scale / 16);
    put!(out, "\"/>\n  <size package=\"", size, "\" installed=\"", size * 3 + hash % 997);
    put!(out, "\" archive=\"", size * 3 + hash % 997 + 4 * (package.seed % 300));
    put!(out, "\"/>\n  <location href=\"Packages/");
    out.push(name[0]);
    put!(out, "/", name, "-", &package.ver, "-", &package.rel, ".", package.arch);
    put!(out, ".rpm\"/>\n  <format>\n    <rpm:license>", pick(LICENCES, package.source_seed));
    put!(out, "</rpm:license>\n    <rpm:vendor>Example Project</rpm:vendor>\n    <rpm:group>Unspecified");
    put!(
        out,
        "</rpm:group>\n    <rpm:buildhost>build-",
        at(package.source_seed, u64::from(package.version)) % 40
    );
    put!(out, ".example.org</rpm:buildhost>\n    <rpm:sourcerpm>", &package.source_name, "-", &package.ver);
    put!(out, "-", &package.rel, ".src.rpm</rpm:sourcerpm>\n    <rpm:header-range start=\"4504\" end=\"");
    put!(out, 6000 + package.seed % 9000 + hash % 64 * 4, "\"/>\n");
    provides(out, package);
    requires(out, package);
    for command in 0..package.commands() {
        put!(out, "    <file>");
        package.command(out, command);
        put!(out, "</file>\n");
    }
    put!(out, "  </format>\n</package>\n");
}

fn summary(out: &mut Vec<u8>, package: &Package) {
    let mut rng = Random::new(at(package.source_seed, 20));
    put!(out, "A ", pick(&ADJECTIVES, rng.draw()), " ", pick(&STEMS, rng.draw()), " that ");
    put!(out, pick(&VERBS, rng.draw()), " ", pick(&ADJECTIVES, rng.draw()), " ", pick(&NOUNS, rng.draw()));
    if package.index > 0 {
        put!(out, ", ", pick(&STEMS, package.seed), " part");
    }
}

/// One text per source package, of which a sentence changes now and then, and a
/// sentence of the package's own.
fn description(out: &mut Vec<u8>, package: &Package) {
    let sentences = 1 + below(package.source_seed, 4) as u64;
    for slot in 0..sentences {
        sentence(out, package.source_edition(30 + slot, 25));
        put!(out, if slot % 2 == 1 { ".\n" } else { ". " });
    }
    if package.index > 0 {
        put!(out, "Of this package: ");
        sentence(out, package.edition(29, 40));
        put!(out, ".");
    }
}

fn sentence(out: &mut Vec<u8>, seed: u64) {
    let mut rng = Random::new(seed);
    put!(out, "The ", pick(&ADJECTIVES, rng.draw()), " ", pick(&STEMS, rng.draw()));
    put!(
        out,
        " ",
        pick(&VERBS, rng.draw()),
        " ",
        pick(&ADJECTIVES, rng.draw()),
        " ",
        pick(&NOUNS, rng.draw())
    );
    put!(
        out,
        " for ",
        pick(&ADJECTIVES, rng.draw()),
        " ",
        pick(&STEMS, rng.draw()),
        " ",
        pick(&NOUNS, rng.draw())
    );
    if rng.chance(50) {
        put!(out, " and ", pick(&VERBS, rng.draw()), " ", pick(&NOUNS, rng.draw()));
    }
}

fn provides(out: &mut Vec<u8>, package: &Package) {
    put!(out, "    <rpm:provides>\n      <rpm:entry name=\"", &package.name, "\" flags=\"EQ\"");
    package.evr(out);
    if package.arch == "x86_64" {
        put!(out, "/>\n      <rpm:entry name=\"", &package.name, "(x86-64)\" flags=\"EQ\"");
        package.evr(out);
    }
    put!(out, "/>\n");
    for slot in 0..below(at(package.seed, 40), 4) as u64 {
        let hash = package.edition(41 + slot, 20);
        put!(out, "      <rpm:entry name=\"");
        match hash & 3 {
            0 | 1 if package.arch == "x86_64" => {
                put!(out, "lib");
                names::core(out, package.world, package.number);
                put!(out, "-", pick(&STEMS, hash), ".so.", package.source_seed % 5, "()(64bit)\"/>\n");
            }
            2 => {
                put!(out, "config(", &package.name, "/", pick(&STEMS, hash), ")\" flags=\"EQ\"");
                package.evr(out);
                put!(out, "/>\n");
            }
            _ => {
                put!(
                    out,
                    "module(",
                    &package.source_name,
                    ".",
                    pick(&STEMS, hash),
                    ".",
                    pick(&STEMS, at(hash, 1))
                );
                put!(out, ")\" flags=\"EQ\" epoch=\"0\" ver=\"", &package.ver, "\"/>\n");
            }
        }
    }
    put!(out, "    </rpm:provides>\n");
}

fn requires(out: &mut Vec<u8>, package: &Package) {
    put!(out, "    <rpm:requires>\n");
    if package.index > 0 {
        put!(out, "      <rpm:entry name=\"", &package.source_name, "\" flags=\"EQ\"");
        package.evr(out);
        put!(out, "/>\n");
    }
    for (slot, name) in COMMON.iter().enumerate() {
        if chance(at(package.seed, 60 + slot as u64), 75 / (1 + slot as u64)) {
            put!(out, "      <rpm:entry name=\"", *name, "\"/>\n");
        }
    }
    for slot in 0..below(at(package.seed, 50), 6) as u64 {
        let mut rng = Random::new(package.edition(80 + slot, 15));
        let other = u32::try_from(rng.skewed(package.founders as usize)).unwrap_or(0);
        put!(out, "      <rpm:entry name=\"");
        match rng.below(4) {
            0 => {
                names::source(out, package.world, other);
                put!(
                    out,
                    "\" flags=\"GE\" epoch=\"0\" ver=\"",
                    u64::from(other % 7),
                    ".",
                    rng.below(9) as u64,
                    "\"/>\n"
                );
            }
            1 => {
                names::source(out, package.world, other);
                put!(out, "\"/>\n");
            }
            _ => {
                put!(out, "lib");
                names::core(out, package.world, other);
                put!(out, ".so.", u64::from(other % 5), "()(64bit)\"/>\n");
            }
        }
    }
    put!(out, "    </rpm:requires>\n");
}
