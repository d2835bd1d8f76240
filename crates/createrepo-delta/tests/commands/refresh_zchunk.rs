//! `refresh`, on caches of package managers that are built with zchunk, as they leave them: the
//! zchunk file of each type takes the place of the plain one.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flate2::read::GzDecoder;
use repomd::Repomd;
use serde_json::Value;

use crate::support::{System, fill, sha256};

/// What dnf takes where all of it is published by zchunk.
const ALL: [&str; 2] = ["primary_zck", "filelists_zck"];
const PLAIN: [&str; 2] = ["primary", "filelists"];

/// A system, and a repository with three generations published, all of whose types have zchunk
/// files. Their primary, and that of generations 8 to 12, is large enough for a journal.
fn system() -> System {
    let system = System::new(&[], "");
    (1..=3).for_each(|generation| system.publish(generation, &PLAIN));
    system
}

impl System {
    /// Publishes a generation; these types have zchunk files, too.
    fn publish(&self, generation: u32, types: &[&str]) {
        self.bench.compose_demo(generation);
        let mut text = fs::read_to_string(self.bench.repomd()).unwrap();
        for kind in types {
            let mut open = Vec::new();
            let plain = File::open(self.bench.files(&format!("-{kind}.xml.gz")).remove(0)).unwrap();
            GzDecoder::new(plain).read_to_end(&mut open).unwrap();
            let file = crate::zchunk::zchunk(&open);
            let name = format!("repodata/{}-{kind}.xml.zck", sha256(&file));
            fs::write(self.bench.repo().join(&name), &file).unwrap();
            let timestamp = Repomd::parse(text.as_bytes()).unwrap().greatest_timestamp().unwrap();
            let record = format!(
                "<data type=\"{kind}_zck\"><checksum type=\"sha256\">{}</checksum><open-checksum \
                 type=\"sha256\">{}</open-checksum><location href=\"{name}\"/><timestamp>{timestamp}</timestamp>\
                 <size>{}</size><open-size>{}</open-size></data>\n</repomd>",
                sha256(&file),
                sha256(&open),
                file.len(),
                open.len()
            );
            text = text.replace("</repomd>", &record);
        }
        fs::write(self.bench.repomd(), text).unwrap();
        self.bench.generate(&[]).expect(0);
    }

    fn model(&self) -> Repomd {
        Repomd::parse(&fs::read(self.bench.repomd()).unwrap()).unwrap()
    }

    /// The files of these types, by their paths in the repository.
    fn files(&self, types: &[&str]) -> Vec<PathBuf> {
        let model = self.model();
        let path = |kind: &&str| {
            let record = model.record(kind).unwrap();
            self.bench.repodata().join(record.local_location().unwrap().in_repodata().unwrap())
        };
        types.iter().map(path).chain([self.bench.repomd()]).collect()
    }

    fn report_of(&self, manager: &str, options: &[&str]) -> Value {
        self.reports(&[&[manager], options].concat()).remove(0)
    }

    /// Fills the cache of a package manager, which it has for itself, with these types.
    fn fill_with(&self, manager: &str, types: &[&str]) -> PathBuf {
        let cache = self.report_of(manager, &["--dry-run"])["cache"].clone();
        let repodata = Path::new(cache.as_str().unwrap()).join("repodata");
        fill(&repodata, &self.files(types));
        repodata
    }

    /// Fails unless a cache has these types of the current state, and no other.
    #[track_caller]
    fn assert_has(&self, repodata: &Path, types: &[&str]) {
        let held = |path: &PathBuf| fs::read(repodata.join(path.file_name().unwrap())).ok();
        for path in self.files(types) {
            assert!(held(&path) == fs::read(&path).ok(), "{}", path.display());
        }
        let others = self.model().records.iter().map(|record| record.kind.clone()).collect::<Vec<_>>();
        for kind in others.iter().filter(|kind| !types.contains(&kind.as_str())) {
            assert!(held(&self.files(&[kind])[0]).is_none(), "{kind} is there");
        }
    }
}

/// The ways of a report, by type.
fn ways(report: &Value) -> Vec<String> {
    let types = report["types"].as_array().unwrap();
    types.iter().map(|one| format!("{} {}", one["type"], one["path"]).replace('"', "")).collect()
}

#[test]
fn zchunk_files_are_rebuilt_of_those_that_are_there() {
    for manager in ["--dnf", "--dnf5"] {
        let types = if manager == "--dnf" { &ALL[..] } else { &ALL[..1] };
        let system = system();
        let repodata = system.fill_with(manager, types);
        system.publish(8, &PLAIN);
        system.publish(10, &PLAIN);
        let before = system.bench.snapshot();
        assert_eq!(system.report_of(manager, &["--dry-run"])["outcome"], "refreshed");
        assert_eq!(system.bench.snapshot(), before);
        let report = system.report_of(manager, &[]);
        assert_eq!(report["outcome"], "refreshed", "{report:#}");
        let expected: Vec<String> = types.iter().map(|kind| format!("{kind} journal")).collect();
        assert_eq!(ways(&report), expected, "{report:#}");
        assert!(report["bytes_downloaded"].as_u64() < report["bytes_full"].as_u64(), "{report:#}");
        system.assert_has(&repodata, types);
        assert_eq!(system.report_of(manager, &[])["outcome"], "current");
    }
}

#[test]
fn the_age_is_that_of_the_zchunk_file_of_primary() {
    let set = |path: &Path, time| File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    for manager in ["--dnf", "--dnf5"] {
        let system = system();
        let hour = Duration::from_secs(3600);
        set(&system.repo_file(), UNIX_EPOCH);
        let repodata = system.fill_with(manager, &ALL);
        let name = system.files(&ALL)[0].file_name().unwrap().to_owned();
        system.publish(8, &PLAIN);
        let now = SystemTime::now();
        set(&repodata.join(&name), now - 47 * hour);
        assert_eq!(system.reports(&[manager, "--if-expired"]).len(), 0);
        // A plain one beside it is nothing to go by.
        let plain = repodata.join(system.bench.files("-primary.xml.gz")[0].file_name().unwrap());
        fs::write(&plain, "").unwrap();
        set(&plain, now);
        set(&repodata.join(&name), now - 49 * hour);
        assert_eq!(system.reports(&[manager, "--if-expired"]).len(), 1);
        system.assert_has(&repodata, &ALL);
        let name = system.files(&ALL)[0].file_name().unwrap().to_owned();
        assert!(repodata.join(name).metadata().unwrap().modified().unwrap() >= now);
        assert_eq!(system.reports(&[manager, "--if-expired"]).len(), 0);
    }
}

#[test]
fn what_cannot_be_rebuilt_is_fetched_beside_what_can() {
    let system = system();
    let repodata = system.fill_with("--dnf", &ALL);
    system.publish(8, &PLAIN);
    let text = fs::read_to_string(system.bench.repomd()).unwrap();
    // No recipe is published for it.
    let without = text.replacen(" filelists_zck:", " odd_zck:", 1);
    assert_ne!(without, text);
    fs::write(system.bench.repomd(), without).unwrap();
    let report = system.report_of("--dnf", &[]);
    assert_eq!(ways(&report), ["primary_zck journal", "filelists_zck full"], "{report:#}");
    assert_eq!(report["reason"], "deltas serve a part of its cache, and full files the rest");
    system.assert_has(&repodata, &ALL);
}

#[test]
fn each_type_is_taken_as_it_was_taken() {
    let system = system();
    let both = ["primary", "primary_zck", "filelists"];
    for (types, generation) in [(&both[..], 8), (&["primary_zck", "filelists"], 9), (&PLAIN, 10)] {
        let repodata = system.fill_with("--dnf", types);
        system.publish(generation, &PLAIN);
        assert_eq!(system.report_of("--dnf", &[])["outcome"], "refreshed", "{types:?}");
        system.assert_has(&repodata, types);
    }
}

#[test]
fn zchunk_files_come_and_go() {
    let system = system();
    let repodata = system.fill_with("--dnf", &ALL);
    system.publish(8, &["primary"]);
    let report = system.report_of("--dnf", &[]);
    assert_eq!(ways(&report), ["filelists full", "primary_zck journal"], "{report:#}");
    system.assert_has(&repodata, &["filelists", "primary_zck"]);
    system.publish(10, &PLAIN);
    let report = system.report_of("--dnf", &[]);
    assert_eq!(ways(&report), ["primary_zck journal", "filelists_zck full"], "{report:#}");
    system.assert_has(&repodata, &ALL);
    // All of them: there is nothing to begin with.
    system.publish(11, &[]);
    assert_eq!(system.report_of("--dnf", &[])["reason_code"], "nothing_to_save");

    // For the first time: who knows zchunk is not known.
    system.fill_with("--dnf", &PLAIN);
    system.publish(12, &PLAIN);
    assert_eq!(system.report_of("--dnf", &[])["reason_code"], "zchunk");
}

#[test]
fn caches_with_and_without_zchunk_files_share_what_they_can() {
    let system = system();
    let dnf = system.fill_with("--dnf", &ALL);
    let dnf5 = system.fill_with("--dnf5", &ALL[..1]);
    system.publish(8, &PLAIN);
    let reports = system.reports(&[]);
    assert_eq!(reports[1]["reason"], "the cache of dnf has its files");
    system.assert_has(&dnf, &ALL);
    system.assert_has(&dnf5, &ALL[..1]);

    let dnf5 = system.fill_with("--dnf5", &PLAIN[..1]);
    system.publish(9, &PLAIN);
    let reports = system.reports(&[]);
    assert_eq!(reports[1]["reason"], "deltas serve its cache");
    system.assert_has(&dnf, &ALL);
    system.assert_has(&dnf5, &PLAIN[..1]);
}
