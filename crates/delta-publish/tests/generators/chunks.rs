//! Which rule the chunks of zchunk files follow.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;

use codec::Expect;
use codec::recipe::Recipe;
use codec::recipe::zchunk::{ChunkRule, PrimaryReader, ZchunkCuts, ZchunkFile};
use delta_publish::Options;

use crate::compose::{File, Site, Style, zchunk};

/// Packages, each with its source package.
fn open(kind: &str, sources: &[&str], n: u64) -> Vec<u8> {
    let mut text = format!("<{kind}>\n");
    for (number, source) in sources.iter().enumerate() {
        write!(text, "<package name=\"{number}\">{kind} {n} ").unwrap();
        if kind == "primary" {
            write!(text, "<rpm:sourcerpm>{source}</rpm:sourcerpm>").unwrap();
        }
        text.push_str("</package>\n");
    }
    (text + &format!("</{kind}>\n")).into_bytes()
}

fn file(kind: &str, sources: &[&str], n: u64) -> File {
    File { open: open(kind, sources, n), ..File::new(kind, 0) }
}

/// A zchunk file with the chunks of a primary of these packages.
fn follower(kind: &str, sources: &[&str], n: u64) -> File {
    let open = open(kind, sources, n);
    let mut primary = PrimaryReader::new();
    primary.write_all(&self::open("primary", sources, n)).unwrap();
    let primary = Arc::new(primary.finish().unwrap());
    let cuts = ZchunkCuts::ByPrimary(ChunkRule::from_number(3).unwrap(), primary);
    let old = ZchunkFile::read(Cursor::new(zchunk(b"<x/>")), Path::new("old"), Expect::default()).unwrap();
    let recipe = Recipe::all().find(|recipe| recipe.name() == "zck-10").unwrap();
    let mut rebuilder =
        recipe.zchunk_rebuilder(Vec::new(), old, cuts, None, Cursor::new(Vec::new())).unwrap();
    rebuilder.write_all(&open).unwrap();
    let stored = Some(rebuilder.finish().unwrap().out);
    File { kind: format!("{kind}_zck"), open, stored, ..File::new(kind, 0).compressed("zck") }
}

fn options() -> Options {
    let mut options = Options::default();
    options.journal.as_mut().unwrap().min_full = 0;
    options
}

/// The rules that are published with the recipes of these types.
fn rules(site: &Site, kinds: &[&str]) -> Vec<Option<u8>> {
    let model = repomd::Repomd::parse(&site.repomd()).unwrap();
    let recipes = model.journal.unwrap().recipes;
    kinds.iter().map(|kind| recipes.get(*kind)?.chunks).collect()
}

const PAIRS: [&str; 6] = ["a", "a", "b", "b", "b", "c"];
const FOLLOWERS: [&str; 2] = ["filelists_zck", "other_zck"];

#[test]
fn filelists_and_other_have_the_chunks_of_primary() {
    let mut site = Site::new();
    for n in 0..3 {
        let primary = file("primary", &PAIRS, n);
        let others = FOLLOWERS.map(|kind| follower(kind.trim_end_matches("_zck"), &PAIRS, n));
        site.compose(n, &[&others[..], &[primary]].concat(), &Style::default());
        site.publish(&options());
        if n > 0 {
            assert_eq!(rules(&site, &FOLLOWERS), [Some(3); 2]);
        }
    }
}

#[test]
fn the_rule_of_a_file_that_did_not_change_is_that_of_its_primary() {
    let mut site = Site::new();
    let one = |n| follower("filelists", &PAIRS, n);
    site.compose(0, &[file("primary", &PAIRS, 0), one(0)], &Style::default());
    site.publish(&options());
    let moved = ["a", "b", "b", "b", "b", "c"];
    for (n, sources, rule) in [
        (1, &PAIRS, Some(3)),
        (2, &moved, None),
        (3, &PAIRS, Some(3)),
        (4, &["x"; 6], None),
        (5, &PAIRS, Some(3)),
    ] {
        site.compose(n, &[file("primary", sources, n), one(1)], &Style::default());
        site.publish(&options());
        assert_eq!(rules(&site, &FOLLOWERS[..1]), [rule], "{n}");
    }
}

#[test]
fn without_a_primary_there_is_no_rule() {
    for (kind, expected) in [("filelists", Some(3)), ("updateinfo", None)] {
        let mut site = Site::new();
        for n in 0..2 {
            // That of the zchunk file is as good.
            let files = [follower(kind, &PAIRS, n), follower("primary", &PAIRS, n)];
            site.compose(n, &files, &Style::default());
            site.publish(&options());
        }
        let kind = format!("{kind}_zck");
        assert_eq!(rules(&site, &[&kind, "primary_zck"]), [expected, Some(0)]);
        site.compose(2, &[follower(kind.trim_end_matches("_zck"), &PAIRS, 2)], &Style::default());
        site.publish(&options());
        assert_eq!(rules(&site, &[&kind]), [None]);
    }
}
