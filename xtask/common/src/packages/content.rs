//! What is in a package: its files, dependencies, description and changes,
//! all derived from its name and version.

use super::catalogue::{CATALOGUE, Entry, Kind};
use crate::random::Random;

const WORDS: &[&str] = &[
    "alder", "anchor", "basin", "beacon", "birch", "bracken", "bridge", "canopy", "cavern", "cedar", "cliff",
    "clover", "coast", "coral", "creek", "delta", "dune", "echo", "ember", "falcon", "fathom", "ferry",
    "field", "fjord", "gable", "garnet", "glacier", "granite", "grove", "harvest", "heath", "heron", "inlet",
    "island", "jasper", "kestrel", "lagoon", "ledge", "lichen", "linden", "marble", "meadow", "mesa",
    "mirror", "mortar", "needle", "oasis", "ochre", "onyx", "orbit", "osprey", "pasture", "pillar", "plover",
    "prairie", "quarry", "rapids", "raven", "ridge", "river", "sable", "sedge", "shale", "shore", "slate",
    "spire", "spruce", "stone", "summit", "tallow", "tern", "thicket", "timber", "tundra", "valley",
    "vapour", "velvet", "warren", "willow", "wren", "yarrow", "zephyr",
];

const LOCALES: &[&str] = &[
    "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "gl", "hu", "it", "ja", "ko", "lt", "lv", "nb",
    "nl", "pl", "pt_BR", "ro", "ru", "sk", "sl", "sv", "tr", "uk", "zh_CN",
];

/// The name without what marks its kind: shared by a library and its bindings.
pub(crate) fn stem(entry: &Entry) -> &'static str {
    let name = entry.name;
    let name = name.strip_prefix("python3-").unwrap_or(name);
    ["-devel", "-doc", "-themes", "-brushes", "-maps", "-fonts"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

/// The paths in the package, sorted, without repetition.
pub(crate) fn files(entry: &Entry, version: &str, bumps: usize) -> Vec<String> {
    let stem = stem(entry);
    let name = entry.name;
    let mut random = Random::from_text(name);
    let mut paths =
        vec![format!("/usr/share/doc/{name}/README.md"), format!("/usr/share/licenses/{name}/COPYING")];
    match entry.kind {
        Kind::Tool => paths.extend([
            format!("/usr/bin/{name}"),
            format!("/usr/share/man/man1/{name}.1.gz"),
            format!("/usr/share/bash-completion/completions/{name}"),
        ]),
        Kind::Daemon => paths.extend([
            format!("/etc/{name}/{name}.conf"),
            format!("/usr/lib/systemd/system/{name}.service"),
            format!("/usr/sbin/{name}d"),
            format!("/usr/share/man/man8/{name}d.8.gz"),
        ]),
        Kind::Library => paths.extend([
            format!("/usr/lib64/{stem}.so.{}", major(version)),
            format!("/usr/lib64/{stem}.so.{version}"),
        ]),
        Kind::Devel => {
            paths.extend([format!("/usr/lib64/{stem}.so"), format!("/usr/lib64/pkgconfig/{stem}.pc")]);
        }
        Kind::Python => paths.extend(
            ["METADATA", "RECORD", "WHEEL"]
                .map(|file| format!("/usr/lib/python3.11/site-packages/{stem}-{version}.dist-info/{file}")),
        ),
        Kind::Docs | Kind::Data => {}
    }
    // Every update brings one more file, so that file lists change too.
    let wanted = entry.files + bumps;
    while paths.len() < wanted {
        let (one, two) = (random.pick(WORDS), random.pick(WORDS));
        paths.push(bulk_path(entry.kind, name, stem, one, two, &mut random));
    }
    paths.sort();
    paths.dedup();
    paths
}

fn bulk_path(kind: Kind, name: &str, stem: &str, one: &str, two: &str, random: &mut Random) -> String {
    match kind {
        Kind::Tool => match random.remainder(3) {
            0 => format!("/usr/share/{name}/{one}/{two}.conf"),
            1 => format!("/usr/libexec/{name}/{one}-{two}"),
            _ => {
                let locale = random.pick(LOCALES);
                format!("/usr/share/locale/{locale}/LC_MESSAGES/{name}.mo")
            }
        },
        Kind::Daemon => match random.remainder(2) {
            0 => format!("/etc/{name}/conf.d/{one}.conf"),
            _ => format!("/usr/lib/{name}/plugins/{one}_{two}.so"),
        },
        Kind::Library => format!("/usr/share/{stem}/{one}-{two}.tab"),
        Kind::Devel => format!("/usr/include/{stem}/{one}_{two}.h"),
        Kind::Docs => format!("/usr/share/doc/{stem}/html/{one}/{two}.html"),
        Kind::Python => {
            format!("/usr/lib/python3.11/site-packages/{stem}/{one}/{two}.py")
        }
        Kind::Data => {
            let size = random.pick(&["16x16", "32x32", "48x48", "scalable"]);
            format!("/usr/share/{name}/{size}/{one}/{one}-{two}.svg")
        }
    }
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// Names of other packages of the catalogue that this one requires.
pub(crate) fn requires(entry: &Entry) -> Vec<&'static str> {
    let mut random = Random::from_text(&format!("requires {}", entry.name));
    let own = stem(entry);
    let mut names: Vec<&'static str> = CATALOGUE
        .iter()
        .filter(|other| match entry.kind {
            Kind::Python | Kind::Tool | Kind::Daemon => {
                other.kind == Kind::Library && (stem(other).ends_with(own) || random.remainder(4) == 0)
            }
            Kind::Devel | Kind::Data => other.name == own,
            Kind::Library | Kind::Docs => false,
        })
        .map(|other| other.name)
        .collect();
    names.retain(|name| *name != entry.name);
    names
}

/// What the package provides beside its own name.
pub(crate) fn provides(entry: &Entry) -> Vec<String> {
    let mut random = Random::from_text(&format!("provides {}", entry.name));
    let (space, count) = match entry.kind {
        Kind::Tool => ("command", 4),
        Kind::Daemon => ("plugin", 18),
        Kind::Library => ("symbol", 40),
        Kind::Devel => ("pkgconfig", 6),
        Kind::Python => ("python3dist", 16),
        Kind::Docs | Kind::Data => ("topic", 12),
    };
    let mut names: Vec<String> = (0..count)
        .map(|_| format!("{space}({}-{})", random.pick(WORDS), random.pick(WORDS)))
        .chain([format!("demo({})", entry.name)])
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The description, a paragraph of some lines.
pub(crate) fn description(entry: &Entry) -> String {
    let mut random = Random::from_text(&format!("description {}", entry.name));
    let mut sentences = vec![format!(
        "{}.
",
        entry.summary
    )];
    for _ in 0..=random.remainder(3) {
        let verb = random.pick(&["reads", "writes", "watches", "joins", "sorts", "checks"]);
        let (one, two, three) = (random.pick(WORDS), random.pick(WORDS), random.pick(WORDS));
        let manner = random.pick(&["one after the other", "in the background", "on request"]);
        sentences.push(format!(
            "It {verb} {one} and {two} tables {manner},
and keeps an index of {three} beside them.
"
        ));
    }
    sentences.concat()
}

/// What changed in one update, as lines of a changelog entry.
pub(crate) fn changes(name: &str, version: &str) -> Vec<String> {
    let mut random = Random::from_text(&format!("changes {name} {version}"));
    let mut lines = vec![format!("Update to {version}")];
    for _ in 0..=random.remainder(3) {
        let verb = random.pick(&["Fix", "Speed up", "Document", "Do not crash on", "Restore"]);
        let (one, two) = (random.pick(WORDS), random.pick(WORDS));
        let number = 1000 + random.remainder(9000);
        lines.push(format!("{verb} {one} {two} handling (demo#{number})"));
    }
    lines
}
