//! The invented packages.

/// What a package is made of; decides which files it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A command with manual page, completion and translations.
    Tool,
    /// A shared library.
    Library,
    /// Headers of a library.
    Devel,
    /// Manuals as HTML.
    Docs,
    /// A Python module.
    Python,
    /// Icons, maps and other bulk.
    Data,
    /// A service with configuration.
    Daemon,
}

/// One package of the demonstration repository.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The package name.
    pub name: &'static str,
    /// What it is made of.
    pub kind: Kind,
    /// About how many files it has.
    pub files: usize,
    /// The one-line summary.
    pub summary: &'static str,
}

const fn entry(name: &'static str, kind: Kind, files: usize, summary: &'static str) -> Entry {
    Entry { name, kind, files, summary }
}

/// The entry called `name`, if there is one.
pub(crate) fn find(name: &str) -> Option<Entry> {
    CATALOGUE.iter().copied().find(|entry| entry.name == name)
}

/// All packages, sorted by name.
pub(crate) const CATALOGUE: &[Entry] = &[
    entry("amberfold", Kind::Tool, 24, "Fold long records into columns"),
    entry("amberfold-doc", Kind::Docs, 160, "Manual of amberfold"),
    entry("anchorline", Kind::Daemon, 30, "Keep remote shells alive over bad links"),
    entry("barleycache", Kind::Daemon, 36, "Cache of package metadata for slow links"),
    entry("brambleshell", Kind::Tool, 58, "Command interpreter with typed pipelines"),
    entry("candlewick", Kind::Daemon, 22, "Wake up machines on a schedule"),
    entry("cinderblock", Kind::Tool, 18, "Fill, wipe and check block devices"),
    entry("coppermine-fonts", Kind::Data, 48, "Condensed typeface for terminals"),
    entry("dappleview", Kind::Tool, 66, "Picture viewer for the frame buffer"),
    entry("dappleview-themes", Kind::Data, 420, "Icon themes for dappleview"),
    entry("driftwood", Kind::Tool, 20, "Compare directory trees by content"),
    entry("emberlog", Kind::Daemon, 34, "Structured log collector"),
    entry("emberlog-doc", Kind::Docs, 230, "Administrator's guide to emberlog"),
    entry("fernpath", Kind::Tool, 26, "Find files by what they contain"),
    entry("flintlock", Kind::Tool, 14, "Start programs in small namespaces"),
    entry("gravelpit", Kind::Data, 310, "Sample recordings for audio tests"),
    entry("harborctl", Kind::Tool, 40, "Administer groups of container hosts"),
    entry("hazelnut", Kind::Tool, 16, "Tiny unit test runner for shell scripts"),
    entry("ironweed", Kind::Daemon, 28, "Mirror network for static files"),
    entry("juniperdb", Kind::Daemon, 54, "Embedded table store with a query server"),
    entry("juniperdb-doc", Kind::Docs, 340, "Reference manual of juniperdb"),
    entry("kelpforest", Kind::Data, 120, "Colour maps for scientific plots"),
    entry("lanternfish", Kind::Tool, 32, "Watch directories and run commands"),
    entry("libamberfold", Kind::Library, 9, "Column layout library"),
    entry("libamberfold-devel", Kind::Devel, 28, "Headers of the column layout library"),
    entry("libjuniper", Kind::Library, 11, "Client library of juniperdb"),
    entry("libjuniper-devel", Kind::Devel, 74, "Headers of the juniperdb client library"),
    entry("libmossgraph", Kind::Library, 12, "Graph algorithms on compressed rows"),
    entry("libmossgraph-devel", Kind::Devel, 190, "Headers of the graph library"),
    entry("libquartz", Kind::Library, 8, "Monotonic clocks and timer wheels"),
    entry("libquartz-devel", Kind::Devel, 22, "Headers of the timer library"),
    entry("libtinrelay", Kind::Library, 10, "Message relay protocol"),
    entry("libtinrelay-devel", Kind::Devel, 46, "Headers of the message relay library"),
    entry("marshlight", Kind::Tool, 44, "Terminal dashboard for sensors"),
    entry("meadowlark-maps", Kind::Data, 560, "Outline maps of invented islands"),
    entry("nettlework", Kind::Tool, 38, "Knit build graphs from makefiles"),
    entry("orchardkeeper", Kind::Daemon, 26, "Prune old snapshots of file systems"),
    entry("pebblesync", Kind::Tool, 30, "Synchronise small files over slow links"),
    entry("python3-amberfold", Kind::Python, 32, "Python bindings of amberfold"),
    entry("python3-fernpath", Kind::Python, 58, "Search library behind fernpath"),
    entry("python3-juniper", Kind::Python, 96, "Python client of juniperdb"),
    entry("python3-mossgraph", Kind::Python, 140, "Python interface to the graph library"),
    entry("python3-thimble", Kind::Python, 24, "Minimal argument parser"),
    entry("quartzctl", Kind::Tool, 19, "Set and compare system timers"),
    entry("quillfeather", Kind::Tool, 52, "Outline editor for plain text"),
    entry("rookery", Kind::Daemon, 41, "Mailing list manager for small groups"),
    entry("saltmarsh", Kind::Tool, 27, "Simulate tides and river levels"),
    entry("sparrowhawk", Kind::Daemon, 33, "Notice changed files on servers"),
    entry("thimble", Kind::Tool, 15, "Generate command lines from descriptions"),
    entry("tinrelay", Kind::Daemon, 29, "Message relay for unreliable networks"),
    entry("umberpaint", Kind::Tool, 88, "Paint program for low resolutions"),
    entry("umberpaint-brushes", Kind::Data, 270, "Brushes and palettes for umberpaint"),
    entry("vellumpress", Kind::Tool, 62, "Typeset plain text as booklets"),
    entry("weathervane", Kind::Daemon, 25, "Announce the state of services"),
    entry("willowbark", Kind::Tool, 21, "Explain core dumps in plain words"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_unique() {
        assert!(CATALOGUE.is_sorted_by(|one, two| one.name < two.name));
    }
}
