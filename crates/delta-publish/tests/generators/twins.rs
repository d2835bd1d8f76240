//! Records with the same open content.

use delta_client::report::PathTaken;
use delta_publish::Options;
use delta_publish::report::{Reduction, ReductionKind};

use crate::compose::{File, Site, Style, compress, open_file};

/// comps as createrepo_c writes them: the compressed ones a second later.
fn comps(n: u64) -> [File; 4] {
    let twin = |kind: &str, compression, later| File {
        kind: kind.to_owned(),
        later,
        ..File::new("group", n).compressed(compression)
    };
    [twin("group_gz", "gz", 1), twin("group", "", 0), twin("group_zck", "zck", 2), twin("group_xz", "xz", 0)]
}

#[test]
fn twins_share_one_history_and_one_delta() {
    for style in [
        Style::default(),
        Style { open_checksums: false, ..Style::default() },
        Style { unique_names: false, ..Style::default() },
    ] {
        let mut site = Site::new();
        for n in 0..4 {
            site.compose(n, &comps(n), &style);
            let outcome = site.publish(&Options::default());
            let shared: Vec<_> = outcome.types.iter().map(|one| one.shared_with.as_deref()).collect();
            assert_eq!(shared, [Some("group"), None, Some("group"), Some("group")]);
            assert_eq!(site.tracks(), ["group"]);
            let listed = site.listed();
            assert_eq!(listed["group"].is_empty(), n == 0);
            assert!(listed.values().all(|deltas| *deltas == listed["group"]), "{listed:?}");
            let delta = style.open_checksums && n > 0;
            let expected = if delta { PathTaken::Delta } else { PathTaken::Full };
            assert!(site.update().values().all(|path| *path == expected));
        }
    }
}

#[test]
fn a_twin_with_another_content_has_its_own_history_until_it_agrees_again() {
    for unique_names in [true, false] {
        let style = Style { unique_names, ..Style::default() };
        let mut site = Site::new();
        for n in 0..6 {
            let mut files = comps(n);
            if n == 2 || n == 3 {
                files[0].open = open_file("group", n + 20);
            }
            site.compose(n, &files, &style);
            let outcome = site.publish(&Options::default());
            let listed = site.listed();
            let apart = n == 2 || n == 3;
            let is_lost = |reduced: &Reduction| reduced.reason_code == ReductionKind::HistoryDamaged;
            assert!(!outcome.reduced.iter().any(is_lost), "{:?}", outcome.reduced);
            assert_eq!(outcome.types[0].shared_with.is_none(), apart);
            assert_eq!(listed["group"], listed["group_zck"]);
            if n == 3 {
                assert_ne!(listed["group"], listed["group_gz"]);
                assert_eq!(listed["group_gz"].len(), 1);
            }
            // Nobody gets anything else than what is published; the history of the
            // family does not know what the one apart had.
            let (_, warnings) = site.update_in_vain();
            let in_vain = warnings.iter().filter(|w| w.starts_with("taking the full file of `group_gz`"));
            assert_eq!(
                (in_vain.count(), warnings.len()),
                if n == 4 { (1, 1) } else { (0, 0) },
                "{warnings:?}"
            );
        }
        assert_eq!(site.tracks(), ["group", "group_gz"]);
        assert!(site.update().values().all(|path| *path == PathTaken::Current));
    }
}

#[test]
fn a_zchunk_file_with_the_open_checksum_of_another_file_is_left_alone_in_silence() {
    let mut site = Site::new();
    for n in 0..2 {
        let files = comps(n);
        site.compose(n, &files, &Style::default());
        // createrepo_c 0.17 takes what it made the zchunk file from for the open file.
        let path = site.root().join("repodata/repomd.xml");
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, zck) = text.split_once("type=\"group_zck\"").unwrap();
        let (open, gz) = (&files[0].open, compress(&files[0].open, "gz"));
        let sum = |bytes: &[u8]| codec::Algorithm::Sha256.digest(bytes).to_hex();
        let sizes = (format!("<open-size>{}<", open.len()), format!("<open-size>{}<", gz.len()));
        let wrong = zck.replacen(&sum(open), &sum(&gz), 1).replacen(&sizes.0, &sizes.1, 1);
        assert_ne!(wrong, zck);
        std::fs::write(&path, format!("{before}type=\"group_zck\"{wrong}")).unwrap();
        let outcome = site.publish(&Options::default());
        assert_eq!(outcome.warnings, [""; 0]);
        let skipped: Vec<bool> = outcome.types.iter().map(|one| one.skipped.is_some()).collect();
        assert_eq!(skipped, [false, false, true, false]);
        site.update();
    }
    assert_eq!(site.listed()["group"].len(), 1);
}

#[test]
fn a_twin_with_timestamps_of_another_clock_lists_no_deltas() {
    let mut site = Site::new();
    for n in 0..3 {
        let mut files = comps(n);
        files[2].later = 1_000_000;
        site.compose(n, &files, &Style::default());
        site.publish(&Options::default());
        let listed = site.listed();
        assert_eq!((listed["group_zck"].len(), listed["group"].is_empty()), (0, n == 0));
        // Nothing is downloaded in vain.
        site.update();
    }
}

#[test]
fn a_twin_named_alone_continues_the_familys_history() {
    let mut site = Site::new();
    let mut options = Options::default();
    options.types = Some(vec!["group_gz".to_owned()]);
    for n in 0..2 {
        site.compose(n, &comps(n), &Style::default());
        site.publish(&options);
    }
    assert_eq!(site.tracks(), ["group"]);
    let listed = site.listed();
    assert_eq!((listed["group_gz"].len(), listed["group"].len()), (1, 0));
    site.update();
    site.compose(2, &comps(2), &Style::default());
    site.publish(&Options::default());
    assert_eq!(site.update()["group"], PathTaken::Delta);
}

#[test]
fn twins_have_one_part_and_each_its_recipe() {
    let mut options = Options::default();
    options.journal.get_or_insert_default().min_full = 0;
    options.deltas = false;
    let mut site = Site::new();
    for n in 0..3 {
        site.compose(n, &comps(n), &Style::default());
        site.publish(&options);
        let expected = if n == 0 { PathTaken::Full } else { PathTaken::Journal };
        assert!(site.update().values().all(|path| *path == expected));
    }
    let journal = repomd::Repomd::parse(&site.repomd()).unwrap().journal.unwrap();
    assert_eq!(journal.types.iter().map(|of| &*of.name).collect::<Vec<_>>(), ["group"]);
    // The other encoders of these tests are not in the list.
    assert_eq!(journal.recipes.keys().collect::<Vec<_>>(), ["group", "group_xz"]);
}
