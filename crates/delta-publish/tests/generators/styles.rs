//! Generators: compressions, checksums, names, fields, and the text of repomd.xml,
//! each of which may change from one generation to the next.

use delta_client::report::PathTaken;
use delta_publish::Options;

use crate::compose::{File, Site, Style};

const KINDS: [&str; 2] = ["primary", "updateinfo"];

fn files(n: u64) -> Vec<File> {
    KINDS.iter().map(|kind| File::new(kind, n)).collect()
}

/// Follows the styles one after the other, with deltas of format 1 alone, and says how the last update came.
fn follow(styles: &[&Style]) -> Vec<PathTaken> {
    follow_by(styles, &Options::default().with_journal(None))
}

/// Follows the styles one after the other, and says how the last update came.
fn follow_by(styles: &[&Style], options: &Options) -> Vec<PathTaken> {
    let mut site = Site::new();
    let mut paths = Vec::new();
    for (n, style) in (0..).zip(styles) {
        site.compose(n, &files(n), style);
        site.publish(options);
        paths = site.update().into_values().collect();
    }
    paths
}

/// The same by the journal.
fn follow_journal(styles: &[&Style]) -> Vec<PathTaken> {
    follow_by(styles, &Options::default().with_deltas(false))
}

#[test]
fn any_compression_may_follow_any_other() {
    let all = ["", "gz", "bz2", "xz", "zst", "zck"];
    for old in all {
        for new in all {
            let mut site = Site::new();
            for (n, compression) in [(0, old), (1, new)] {
                let files = files(n).into_iter().map(|file| file.compressed(compression));
                site.compose(n, &files.collect::<Vec<_>>(), &Style::default());
                site.publish(&Options::default().with_journal(None));
                let expected = if n == 0 { PathTaken::Full } else { PathTaken::Delta };
                assert!(site.update().values().all(|path| *path == expected), "{old} to {new}");
            }
        }
    }
}

#[test]
fn any_checksum_and_naming_may_follow_any_other() {
    let mut styles = Vec::new();
    for checksum in ["sha", "sha1", "sha256", "sha512"] {
        for unique_names in [true, false] {
            styles.push(Style { checksum, unique_names, ..Style::default() });
        }
    }
    for old in &styles {
        for new in &styles {
            let names = format!("{} {}", old.checksum, new.checksum);
            assert_eq!(follow(&[old, new, old]), [PathTaken::Delta; 2], "{names}");
            assert_eq!(follow_journal(&[old, new]), [PathTaken::Journal; 2], "{names}");
        }
    }
}

#[test]
fn fractional_timestamps_are_followed() {
    let [whole, fraction] = ["", ".95"].map(|f| Style { timestamps: Some(f), ..Style::default() });
    for styles in [[&whole, &fraction], [&fraction, &whole], [&fraction, &fraction]] {
        assert_eq!(follow(&styles), [PathTaken::Delta; 2]);
    }
}

#[test]
fn records_without_sizes_are_followed() {
    let (with, without) = (Style::default(), Style { sizes: false, ..Style::default() });
    for styles in [[&with, &without], [&without, &with], [&without, &without]] {
        assert_eq!(follow(&styles), [PathTaken::Delta; 2]);
    }
}

#[test]
fn records_without_timestamp_or_open_checksum_are_fetched_whole_and_deltas_resume_after() {
    for without in
        [Style { timestamps: None, ..Style::default() }, Style { open_checksums: false, ..Style::default() }]
    {
        let with = Style::default();
        assert_eq!(follow(&[&with, &without]), [PathTaken::Full; 2]);
        assert_eq!(follow(&[&without, &without]), [PathTaken::Full; 2]);
        let resumed = if without.timestamps.is_some() { PathTaken::Delta } else { PathTaken::Full };
        assert_eq!(follow(&[&with, &without, &with]), [resumed; 2]);
        assert_eq!(follow(&[&with, &without, &with, &with]), [PathTaken::Delta; 2]);
    }
}

#[test]
fn a_journal_needs_no_timestamp_and_passes_over_records_without_open_checksum() {
    let with = Style::default();
    let undated = Style { timestamps: None, ..Style::default() };
    assert_eq!(follow_journal(&[&with, &undated]), [PathTaken::Journal; 2]);
    assert_eq!(follow_journal(&[&undated, &undated, &with]), [PathTaken::Journal; 2]);
    let bare = Style { open_checksums: false, ..Style::default() };
    assert_eq!(follow_journal(&[&with, &bare]), [PathTaken::Full; 2]);
    assert_eq!(follow_journal(&[&with, &bare, &with, &with]), [PathTaken::Journal; 2]);
}

/// Ways to write one repomd.xml.
const LAYOUTS: [(&str, fn(String) -> String); 8] = [
    ("prefixes", |text| {
        let text = text.replace("</", "</md:").replace("xmlns=", "xmlns:md=");
        let tag =
            |at: usize, c: char| c == '<' && text[at + 1..].starts_with(|c: char| c.is_ascii_lowercase());
        text.char_indices()
            .map(|(at, c)| if tag(at, c) { "<md:".to_owned() } else { c.to_string() })
            .collect()
    }),
    ("single quotes", |text| text.replace('"', "'")),
    ("comments", |text| {
        text.replace("<size>", "<!-- <delta> <size>1</size> & --><size>")
            .replace("</repomd>", "<!----></repomd>\n<!-- the end -->")
    }),
    ("processing instructions", |text| {
        text.replace("  <data", "<?keep <data type='x'> ?>\n  <data").replace("<location", "<?a?><location")
            + "<?b ?>\n"
    }),
    ("CRLF", |text| text.replace('\n', "\r\n")),
    ("no final newline", |text| text.trim_end().to_owned()),
    ("one line", |text| text.replace("\n    ", "").replace("\n  ", "").replace('\n', "")),
    ("tabs and foreign elements", |text| {
        text.replace("    ", "\t\t")
            .replace("<revision>", "<tags xmlns:o='urn:o'><o:delta a='>'/></tags>\n\t<revision>")
            .replace("</data>", "<suse:x xmlns:suse='urn:s'>\u{e9}&amp;</suse:x></data>")
    }),
];

#[test]
fn any_layout_of_repomd_xml_may_follow_any_other() {
    for (old, from) in LAYOUTS {
        for (new, to) in LAYOUTS {
            let style = |layout| Style { layout, ..Style::default() };
            assert_eq!(follow(&[&style(from), &style(to)]), [PathTaken::Delta; 2], "{old} to {new}");
            assert_eq!(
                follow_journal(&[&style(from), &style(to)]),
                [PathTaken::Journal; 2],
                "{old} to {new}"
            );
        }
    }
}

#[test]
fn a_record_with_a_base_elsewhere_is_left_alone_and_the_others_go_on() {
    let with_base = Style {
        layout: |text| {
            let (before, after) = text.split_once("<location ").unwrap();
            format!("{before}<location xml:base=\"http://example.org/elsewhere/\" {after}")
        },
        ..Style::default()
    };
    let mut site = Site::new();
    for n in 0..2 {
        site.compose(n, &files(n), &with_base);
        let outcome = site.publish(&Options::default());
        assert!(outcome.types[0].skipped.is_some());
        assert_eq!((outcome.types[1].skipped.as_ref(), outcome.types[1].deltas.len() as u64), (None, n));
        let listed = site.listed();
        assert_eq!((listed["primary"].len(), listed["updateinfo"].len() as u64), (0, n));
    }
}
