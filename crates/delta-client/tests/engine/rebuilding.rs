//! Rebuilding files within a limit of processor time: what notes of earlier runs say decides.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::time::Duration;

use codec::recipe::{Facts, Recipe};
use delta_client::options::{CopyAs, KnownRecipes, MaxCpu, Options, Prefer};
use delta_client::progress::Silent;
use delta_client::report::{BesideOutcome, PathTaken, Updated};
use delta_client::update_beside;
use serde_json::{Value, json};

use crate::exact::{at, auto, number};
use crate::repo::{CLIENT_TYPES, EPOCH, Repo, options, paths, reason, record, sha256};
use crate::scripted::Scripted;

const NOTES: &str = ".createrepo-delta.json";

/// A cache that is one publish behind a publisher whose files are made by gzip-6, and whose notes
/// have these speeds.
fn behind(speeds: &Value) -> Repo {
    let repo = at(number("gzip-6"), 1);
    repo.update_with(&auto()).unwrap();
    let path = repo.cache().join(NOTES);
    let mut notes: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    notes["speeds"] = speeds.clone();
    fs::write(&path, notes.to_string()).unwrap();
    repo.publish(2);
    repo
}

/// gzip-6 at so many bytes a second.
fn gzip_at(speed: u64) -> Value {
    json!({ "rebuilding": { "1": speed }, "downloading": { "script.example": 1_000_000 } })
}

fn seconds(seconds: u64) -> MaxCpu {
    MaxCpu::Time(Duration::from_secs(seconds))
}

/// What a dry run says is what the run does.
#[track_caller]
fn dry_and_wet(repo: &Repo, options: &Options) -> Updated {
    let source = Scripted::new(repo.root());
    let dry = repo.update_from(&[&source], &options.clone().with_dry_run(true)).unwrap();
    let done = repo.update_from(&[&source], options).unwrap();
    assert_eq!(paths(&dry), paths(&done));
    for (dry, done) in dry.types.iter().zip(&done.types) {
        assert_eq!((&dry.reason, &dry.rebuilding), (&done.reason, &done.rebuilding));
    }
    assert_eq!(done.warnings, [""; 0]);
    assert!(done.exact && dry.exact);
    assert_eq!(repo.assert_cache_is_exact(), 2);
    done
}

/// How many types went this way.
fn count(updated: &Updated, path: PathTaken) -> usize {
    paths(updated).iter().filter(|(_, taken)| *taken == path).count()
}

#[test]
fn what_would_take_too_long_by_the_notes_is_downloaded_whole() {
    let done = dry_and_wet(&behind(&gzip_at(100)), &auto());
    assert_eq!(count(&done, PathTaken::Full), CLIENT_TYPES.len(), "{done:?}");
    let why = reason(&done, "primary");
    assert!(why.starts_with("rebuilding would take about "), "{why}");
    assert!(why.ends_with(", more than the 5 s of `--max-cpu`"), "{why}");
    let rebuilding = done.types[0].rebuilding.as_ref().unwrap();
    assert!(rebuilding.measured && rebuilding.bytes_per_second == 100 && rebuilding.milliseconds > 5000);
    assert_eq!((&*rebuilding.recipe, done.types[0].recipe.as_ref()), ("gzip-6", None));
}

#[test]
fn without_a_limit_it_is_rebuilt() {
    let done = dry_and_wet(&behind(&gzip_at(100)), &auto().with_max_cpu(MaxCpu::Unlimited));
    assert_eq!(count(&done, PathTaken::Full), 0, "{done:?}");
    assert_eq!(count(&done, PathTaken::Journal), CLIENT_TYPES.len(), "{done:?}");
}

#[test]
fn what_fits_is_rebuilt_and_the_rest_downloaded() {
    let all = repo_estimate(&behind(&gzip_at(1000)));
    let limit = MaxCpu::Time(Duration::from_millis(all - 1));
    let done = dry_and_wet(&behind(&gzip_at(1000)), &auto().with_max_cpu(limit));
    assert_eq!(count(&done, PathTaken::Full), 1, "{done:?}");
    assert_eq!(count(&done, PathTaken::Journal), CLIENT_TYPES.len() - 1, "{done:?}");
    let full = done.types.iter().find(|of_type| of_type.path == PathTaken::Full).unwrap();
    assert!(full.reason.contains("all types "), "{}", full.reason);
    let limit = MaxCpu::Time(Duration::from_millis(all + 10));
    let done = dry_and_wet(&behind(&gzip_at(1000)), &auto().with_max_cpu(limit));
    assert_eq!(count(&done, PathTaken::Full), 0, "{done:?}");
}

/// Milliseconds that all types are estimated to take.
fn repo_estimate(repo: &Repo) -> u64 {
    let dry = repo.update_with(&auto().with_dry_run(true)).unwrap();
    dry.types.iter().filter_map(|of_type| Some(of_type.rebuilding.as_ref()?.milliseconds)).sum()
}

#[test]
fn no_processor_time_means_no_rebuilding() {
    let done = dry_and_wet(&behind(&json!({})), &auto().with_max_cpu(seconds(0)));
    assert_eq!(count(&done, PathTaken::Full), CLIENT_TYPES.len(), "{done:?}");
    assert_eq!(reason(&done, "primary"), "`--max-cpu 0` leaves no processor time to rebuild it");
    // Files that are not compressed are copied.
    let repo = at(number("none"), 1);
    repo.update_with(&auto()).unwrap();
    repo.publish(2);
    let done = dry_and_wet(&repo, &auto().with_max_cpu(seconds(0)));
    assert_eq!(count(&done, PathTaken::Full), 0, "{done:?}");
    // And where the copy is described anew nothing is rebuilt.
    let repo = behind(&gzip_at(1));
    let done = repo.update_with(&options().with_copy(CopyAs::Open).with_max_cpu(seconds(0))).unwrap();
    assert_eq!(count(&done, PathTaken::Full), 0, "{done:?}");
}

#[test]
fn time_counts_where_it_is_preferred_and_the_host_is_known() {
    let by = |prefer| auto().with_max_cpu(MaxCpu::Unlimited).with_prefer(prefer);
    let done = dry_and_wet(&behind(&gzip_at(1000)), &by(Prefer::Time));
    assert_eq!(count(&done, PathTaken::Full), CLIENT_TYPES.len(), "{done:?}");
    assert!(reason(&done, "primary").contains("and downloading it about 0 s at 8 Mbit/s"), "{done:?}");
    let done = dry_and_wet(&behind(&gzip_at(1000)), &by(Prefer::Bytes));
    assert_eq!(count(&done, PathTaken::Full), 0, "{done:?}");
    let done = dry_and_wet(&behind(&gzip_at(100_000_000)), &by(Prefer::Time));
    assert_eq!(count(&done, PathTaken::Full), 0, "{done:?}");
    let unknown = json!({ "rebuilding": { "1": 1000 } });
    let done = dry_and_wet(&behind(&unknown), &by(Prefer::Time));
    assert_eq!(count(&done, PathTaken::Full), 0, "{done:?}");
}

#[test]
fn damaged_speeds_are_as_good_as_none() {
    for speeds in
        [json!("x"), json!(null), json!({ "rebuilding": { "1": -1 } }), json!({ "rebuilding": [1] })]
    {
        let done = dry_and_wet(&behind(&speeds), &auto());
        assert_eq!(count(&done, PathTaken::Full), 0, "{done:?}");
        assert!(!done.types[0].rebuilding.as_ref().unwrap().measured);
    }
}

/// primary of some megabytes.
fn compose_large(repo: &Repo, generation: u64) {
    let mut open = "<?xml version=\"1.0\"?>\n<metadata>\n".to_owned();
    for package in 0..30_000_u64 {
        let version = if package % 1000 == 0 { generation } else { 0 };
        writeln!(open, "<package name=\"p{package}\">{:x}-{version}</package>", package * 7_919_193).unwrap();
    }
    open.push_str("</metadata>");
    let recipe = Recipe::from_number(number("gzip-6")).unwrap();
    let mut rebuilder = recipe.rebuilder_with(Vec::new(), None, &Facts::default()).unwrap();
    rebuilder.write_all(open.as_bytes()).unwrap();
    let file = rebuilder.finish().unwrap();
    let name = format!("{}-primary.xml.gz", sha256(&file));
    let repodata = repo.root().join("repodata");
    fs::create_dir_all(&repodata).unwrap();
    fs::write(repodata.join(&name), &file).unwrap();
    let data = record(("primary", &name), (&file, open.as_bytes()), EPOCH + generation * 3600, "");
    let repomd = format!(
        "<?xml version=\"1.0\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n  \
         <revision>{generation}</revision>\n{data}</repomd>\n"
    );
    fs::write(repodata.join("repomd.xml"), repomd).unwrap();
    repo.generate(generation);
}

#[test]
fn what_was_measured_is_noted_and_used_by_the_next_run() {
    let repo = Repo { journals: true, ..Repo::new() };
    let source = Scripted::new(repo.root());
    let update = || repo.update_from(&[&source], &auto()).unwrap();
    (0..2).for_each(|generation| compose_large(&repo, generation));
    update();
    let notes = || serde_json::from_slice::<Value>(&fs::read(repo.cache().join(NOTES)).unwrap()).unwrap();
    assert!(notes()["speeds"]["downloading"]["script.example"].as_u64().is_some(), "{}", notes());
    compose_large(&repo, 2);
    let done = update();
    assert_eq!(paths(&done), [("primary", PathTaken::Journal)], "{done:?}");
    assert!(!done.types[0].rebuilding.as_ref().unwrap().measured);
    let measured = notes()["speeds"]["rebuilding"]["1"].as_u64().unwrap();
    compose_large(&repo, 3);
    let done = update();
    let rebuilding = done.types[0].rebuilding.as_ref().unwrap();
    assert!(rebuilding.measured && rebuilding.bytes_per_second == measured, "{rebuilding:?}");
}

#[test]
fn a_cache_of_others_is_left_to_them_where_rebuilding_takes_too_long() {
    let repo = at(number("gzip-6"), 1);
    let (old, staging) = (repo.path("old"), repo.path("staging"));
    let copy = |from: &std::path::Path| {
        fs::create_dir_all(&old).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), old.join(entry.file_name())).unwrap();
        }
    };
    copy(&repo.root().join("repodata"));
    fs::create_dir(&staging).unwrap();
    repo.publish(2);
    let source = Scripted::new(repo.root());
    let mut known = KnownRecipes::default();
    known.speeds = serde_json::from_value(gzip_at(100)).unwrap();
    let types = CLIENT_TYPES.map(str::to_owned).to_vec();
    let options = options().with_types(types);
    let mut update =
        |options: &Options| update_beside(&[&source], &old, &staging, options, &mut known, &Silent).unwrap();
    let done = update(&options);
    assert_eq!(done.outcome, BesideOutcome::NothingToSave);
    assert!(reason(&done.report.unwrap(), "other").contains("`--max-cpu`"));
    let done = update(&options.with_max_cpu(MaxCpu::Unlimited));
    assert_eq!(done.outcome, BesideOutcome::Staged);
}
