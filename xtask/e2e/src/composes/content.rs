//! Metadata that others than createrepo_c make: updates as a build system
//! announces them, groups, and modules; each compose changes some of it.

use std::fmt::Write as _;
use xtask_common::packages::Generation;

/// How many entries each file has at first.
const ENTRIES: usize = 40;

/// The files of compose `number`, by name.
pub(crate) fn all(generation: &Generation, number: usize) -> [(&'static str, String); 3] {
    [
        ("updateinfo.xml", updateinfo(generation, ENTRIES + number)),
        ("comps.xml", comps(number)),
        ("modules.yaml", modules(number)),
    ]
}

/// The compose that changed an entry last.
fn changed(entry: usize, number: usize) -> usize {
    (0..=number).rev().find(|n| (n * 7 + entry).is_multiple_of(13)).unwrap_or(0)
}

/// Text that does not compress well, the same for the same numbers.
fn text(entry: usize, version: usize) -> String {
    let mut state = (entry * 1000 + version + 1) as u64;
    let mut text = String::new();
    for _ in 0..12 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let _ = write!(text, "{:x} ", state >> 24);
    }
    text
}

/// So many updates.
pub(crate) fn updateinfo(generation: &Generation, entries: usize) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\n".to_owned();
    for at in 0..entries {
        let text = text(at, 0);
        let _ = write!(
            xml,
            "  <update from=\"repository@example.org\" status=\"stable\" type=\"bugfix\" version=\"1\">\n    \
             <id>DEMO-{at}</id>\n    <title>Update {at}</title>\n    <issued date=\"2026-10-01\"/>\n    \
             <description>{text}</description>\n    <pkglist/>\n  </update>\n"
        );
    }
    xml + &format!("</updates>\n<!-- {} -->\n", generation.what)
}

fn comps(number: usize) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<comps>\n".to_owned();
    for at in 0..ENTRIES {
        let text = text(at, changed(at, number));
        let _ = write!(
            xml,
            "  <group>\n    <id>group-{at}</id>\n    <name>Group {at}</name>\n    <description>{text}</description>\n    \
             <default>false</default>\n    <uservisible>true</uservisible>\n    <packagelist>\n      \
             <packagereq type=\"mandatory\">package-{at}</packagereq>\n    </packagelist>\n  </group>\n"
        );
    }
    xml + "  <environment>\n    <id>all</id>\n    <name>All</name>\n    <description>Everything</description>\n    \
           <display_order>1</display_order>\n    <grouplist>\n      <groupid>group-1</groupid>\n    </grouplist>\n  \
           </environment>\n</comps>\n"
}

fn modules(number: usize) -> String {
    let mut yaml = String::new();
    for at in 0..ENTRIES {
        let version = changed(at, number);
        let text = text(at, version);
        let _ = write!(
            yaml,
            "---\ndocument: modulemd\nversion: 2\ndata:\n  name: module-{at}\n  stream: stable\n  version: {}\n  \
             context: deadbeef\n  arch: noarch\n  summary: Module {at}\n  description: >-\n    {text}\n  license:\n    \
             module:\n    - MIT\n...\n",
            version + 1
        );
    }
    yaml
}
