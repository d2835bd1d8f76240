//! `refresh`, on a cache as dnf keeps it. What dnf and zypper themselves make of
//! the result is tried by the end-to-end tests.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::server::{Seen, Server};
use crate::support::{Bench, System, fill, flip, program, run};

/// With generations 1 to 3 published.
fn system(settings: &str) -> System {
    system_of(&["--dnf"], settings)
}

fn system_of(managers: &'static [&'static str], settings: &str) -> System {
    let system = System::new(managers, settings);
    (1..=3).for_each(|generation| system.bench.publish_demo(generation));
    system
}

impl System {
    /// Fills the cache, as dnf would.
    fn fill(&self) -> PathBuf {
        let repodata = self.cache().join("repodata");
        fill(&repodata, &self.expected_of_dnf());
        repodata
    }

    fn assert_current(&self) {
        let repodata = self.cache().join("repodata");
        for path in self.expected_of_dnf() {
            let ours = repodata.join(path.file_name().unwrap());
            assert!(fs::read(&ours).unwrap() == fs::read(&path).unwrap(), "{}", ours.display());
        }
    }
}

#[test]
fn a_cache_is_brought_up_to_date_in_place() {
    let system = system("");
    let empty = system.report(&[]);
    assert_eq!(
        (&empty["outcome"], &empty["reason"]),
        (&"left".into(), &"there is no cache of it yet".into())
    );
    system.fill();
    assert_eq!(system.report(&[])["outcome"], "current");
    // What its recipes are has to be found out here.
    system.bench.compose_demo(5);
    system.bench.generate(&["--no-recipe"]).expect(0);
    let dry = system.report(&["--dry-run"]);
    assert_eq!(dry["outcome"], "refreshed");
    let report = system.report(&[]);
    assert_eq!(report["outcome"], "refreshed");
    let types = report["types"].as_array().unwrap();
    assert!(
        types.len() == 2 && types.iter().all(|one| one["path"] == "delta" || one["path"] == "journal"),
        "{report:#}"
    );
    assert!(report["bytes_downloaded"].as_u64() < report["bytes_full"].as_u64(), "{report:#}");
    system.assert_current();
    let notes = fs::read_to_string(system.root().join("var/cache/createrepo-delta/refresh.json")).unwrap();
    assert!(notes.contains(&*system.cache().to_string_lossy()), "{notes}");
    system.refresh(&[]).expect(0).says(&["1 cache is current (checked with "]);
}

/// A server that tells by what it can be asked is not made to send repomd.xml again; in what it is asked, and in
/// bytes.
#[test]
fn a_server_is_asked_whether_repomd_xml_changed() {
    let bench = Bench::new();
    let server = Server::start(&bench.repo());
    let url = server.url();
    let system = System::at(bench, url, &["--dnf"], "");
    (1..=3).for_each(|generation| system.bench.publish_demo(generation));
    system.fill();
    let repomd = || fs::metadata(system.bench.repomd()).unwrap().len();
    let conditions = || {
        let log = server.log();
        server.take_paths();
        let of_repomd = |seen: &&Seen| seen.path == "repodata/repomd.xml";
        let seen: Vec<_> = log.iter().filter(of_repomd).collect();
        seen.iter().map(|seen| (seen.headers.contains_key("if-none-match"), seen.sent)).collect::<Vec<_>>()
    };
    conditions();
    let first = system.refresh(&[]).expect(0).stderr;
    assert!(first.starts_with("1 cache is current (checked with ") && first.ends_with(" KiB)\n"), "{first}");
    assert_eq!(conditions(), [(false, repomd())]);
    for option in [&["--dry-run"][..], &[]] {
        let ran = system.refresh(option).expect(0);
        assert!(ran.stderr.ends_with("1 cache is current (nothing downloaded)\n"), "{}", ran.stderr);
        assert_eq!(conditions(), [(true, 0)]);
    }
    // Once a day it is asked for the file, whatever it says.
    let notes = system.root().join("var/cache/createrepo-delta/refresh.json");
    let mut content: serde_json::Value = serde_json::from_str(&fs::read_to_string(&notes).unwrap()).unwrap();
    for told in content["repomds"].as_object_mut().unwrap().values_mut() {
        told["since"] = (told["since"].as_u64().unwrap() - 24 * 60 * 60).into();
    }
    fs::write(&notes, content.to_string()).unwrap();
    assert_eq!(system.report(&[])["outcome"], "current");
    assert_eq!(conditions(), [(false, repomd())]);
    assert_eq!(system.report(&[])["bytes_downloaded"], 0);
    assert_eq!(conditions(), [(true, 0)]);
    server.has_one_date();
    system.bench.publish_demo(4);
    let (dry, done) = (system.report(&["--dry-run"]), system.report(&[]));
    assert_eq!(dry["bytes_downloaded"], done["bytes_downloaded"]);
    assert_eq!(conditions(), [(true, repomd()), (true, repomd())]);
    system.assert_current();
    conditions();
    // The server gives another file the same date: neither that nor the tag beside it is believed.
    assert_eq!(system.report(&[])["outcome"], "current");
    assert_eq!(conditions(), [(false, repomd())]);
    // A cache with another repomd.xml is not what the server was asked of.
    system.bench.publish_demo(5);
    let held = system.cache().join("repodata/repomd.xml");
    let text = fs::read_to_string(&held).unwrap();
    fs::write(&held, text.replace("</revision>", " </revision>")).unwrap();
    conditions();
    assert_eq!(system.report(&[])["outcome"], "refreshed");
    assert_eq!(conditions(), [(false, repomd())]);
    system.assert_current();
}

/// The time at which primary was last found current, as dnf 4 and dnf5 read it.
fn age(repodata: &Path) -> SystemTime {
    let is_current = |path: &PathBuf| {
        let repomd = fs::read_to_string(repodata.join("repomd.xml")).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        name.contains("-primary.") && repomd.contains(&name)
    };
    let mut paths = fs::read_dir(repodata).unwrap().map(|entry| entry.unwrap().path());
    paths.find(is_current).unwrap().metadata().unwrap().modified().unwrap()
}

#[test]
fn what_is_current_or_was_made_so_is_as_old_as_the_look_at_the_server() {
    for manager in [&["--dnf"][..], &["--dnf5"]] {
        let system = system_of(manager, "");
        let repodata = system.fill();
        let attrs = repodata.with_file_name("attrs");
        let before = SystemTime::now();
        for outcome in ["current", "refreshed"] {
            fs::create_dir_all(&attrs).unwrap();
            fs::write(attrs.join("expired"), "").unwrap();
            for entry in fs::read_dir(&repodata).unwrap() {
                let file = fs::File::open(entry.unwrap().path()).unwrap();
                file.set_modified(UNIX_EPOCH + Duration::from_secs(1)).unwrap();
            }
            assert_eq!(system.report(&["--dry-run"])["outcome"], outcome);
            assert!(age(&repodata) < before && attrs.join("expired").exists());
            assert_eq!(system.report(&[])["outcome"], outcome);
            assert!(age(&repodata) >= before && age(&repodata) <= SystemTime::now());
            assert!(!attrs.join("expired").exists());
            system.bench.publish_demo(5);
        }
    }
}

#[test]
fn a_cache_of_dnf5_gets_the_types_that_it_holds_or_wants() {
    let system = system_of(&["--dnf5"], "");
    let repodata = system.fill();
    assert!(repodata.starts_with(system.root().join("var/cache/libdnf5")), "{}", repodata.display());
    system.bench.publish_demo(4);
    assert_eq!(system.report(&[])["outcome"], "refreshed");
    system.assert_current();

    // Nobody wants filelists.
    let filelists = system.bench.files("-filelists.xml.gz").remove(0);
    fs::remove_file(repodata.join(filelists.file_name().unwrap())).unwrap();
    system.bench.publish_demo(5);
    let report = system.report(&[]);
    assert_eq!((&report["manager"], &report["outcome"]), (&"dnf5".into(), &"refreshed".into()));
    assert_eq!(report["types"].as_array().unwrap().len(), 1, "{report:#}");

    // Now dnf5 would miss them.
    fs::write(system.root().join("etc/dnf/dnf.conf"), "[main]\noptional_metadata_types=filelists\n").unwrap();
    system.bench.publish_demo(6);
    assert_eq!(system.report(&[])["reason"], "its cache lacks the file of type `filelists`");
}

#[test]
fn without_a_name_it_is_for_the_package_managers_that_are_there() {
    let mut system = system_of(&[], "");
    let outcomes = |system: &System| {
        let json = system.refresh(&["--json"]).expect(0).json();
        let name = |entry: &Value| format!("{} {}", entry["manager"], entry["outcome"]).replace('"', "");
        json["repositories"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    // Nobody has a cache, so everybody is asked.
    assert_eq!(outcomes(&system), ["dnf left", "dnf5 left"]);
    let unknown = system.refresh(&["other"]).expect(2);
    assert!(unknown.stderr.ends_with("hint: the repositories are demo\n"), "{}", unknown.stderr);
    fs::create_dir_all(system.root().join("var/cache/dnf")).unwrap();
    system.managers = &["--dnf5"];
    system.fill();
    system.managers = &[];
    assert_eq!(outcomes(&system), ["dnf5 current"]);
    system.managers = &["--dnf"];
    system.fill();
    system.managers = &[];
    assert_eq!(outcomes(&system), ["dnf current", "dnf5 current"]);
}

#[test]
fn several_caches_of_a_repository_are_filled_by_one_download() {
    let mut system = system_of(&["--dnf"], "");
    system.fill();
    system.managers = &["--dnf5"];
    let dnf5 = system.fill();
    system.managers = &[];
    let name = dnf5.parent().unwrap().file_name().unwrap();
    let packagekit = system.root().join("var/cache/PackageKit/1/metadata").join(name).join("repodata");
    let mut files = system.expected_of_dnf();
    files.retain(|path| !path.to_string_lossy().contains("filelists"));
    fill(&packagekit, &files);
    let entries = |options: &[&str]| system.reports(options);
    let texts = |entries: &[Value], key: &str| -> Vec<String> {
        entries.iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
    };
    system.bench.publish_demo(5);
    let dry = entries(&["--dry-run"]);
    assert_eq!(texts(&dry, "outcome"), ["refreshed", "refreshed", "refreshed"]);
    let done = entries(&[]);
    assert_eq!(texts(&done, "manager"), ["dnf", "packagekit", "dnf5"]);
    assert_eq!(texts(&done, "outcome"), ["refreshed", "refreshed", "refreshed"]);
    assert_eq!(
        texts(&done, "reason")[1..],
        ["the cache of dnf has its files", "the cache of dnf has its files"]
    );
    let bytes: Vec<u64> = done.iter().map(|one| one["bytes_downloaded"].as_u64().unwrap()).collect();
    assert!(bytes[0] > 0 && bytes[1..] == [0, 0], "{bytes:?}");
    assert!(system.bench.files("-primary.xml.gz").iter().all(|path| {
        let ours = packagekit.join(path.file_name().unwrap());
        fs::read(ours).unwrap() == fs::read(path).unwrap()
    }));
    assert!(age(&packagekit) > UNIX_EPOCH + Duration::from_secs(1));
    let again = texts(&entries(&[]), "outcome");
    assert_eq!(again, ["current", "current", "current"]);

    // What the first one does not have comes from the server.
    fs::remove_dir_all(system.root().join("var/cache/dnf")).unwrap();
    let filelists = system.bench.files("-filelists.xml.gz").remove(0);
    fs::remove_file(dnf5.join(filelists.file_name().unwrap())).unwrap();
    fs::copy(&filelists, packagekit.join(filelists.file_name().unwrap())).unwrap();
    system.bench.publish_demo(8);
    let done = entries(&[]);
    assert_eq!(texts(&done, "manager"), ["dnf5", "packagekit"]);
    assert_eq!(texts(&done, "reason"), ["the cache of packagekit has its files", "deltas serve its cache"]);
}

#[test]
fn a_cache_that_dnf5_replaces_by_a_copy_of_roots_is_left() {
    let system = system_of(&["--dnf5"], "cachedir=/");
    let cache = system.cache();
    let roots = system.root().join("var/cache/libdnf5").join(cache.file_name().unwrap());
    fs::create_dir_all(roots.join("repodata")).unwrap();
    fs::copy(system.bench.repomd(), roots.join("repodata/repomd.xml")).unwrap();
    fs::write(
        system.repo_file(),
        format!(
            "[demo]\nbaseurl=file://{}\ncachedir={}\n",
            system.bench.repo().display(),
            system.root().join("mine").display()
        ),
    )
    .unwrap();
    system.fill();
    let report = system.report(&[]);
    let reason = format!("dnf5 copies root's cache of it, `{}`", roots.display());
    assert_eq!((&report["reason_code"], &report["reason"]), (&"system_cache".into(), &reason.into()));
}

#[test]
fn who_is_at_work_is_named_and_nothing_is_changed() {
    let system = system("");
    let repodata = system.fill();
    system.bench.publish_demo(4);
    let mut other = Command::new("sleep").arg("60").spawn().unwrap();
    let lock = system.root().join("var/cache/dnf/metadata_lock.pid");
    fs::write(&lock, other.id().to_string()).unwrap();
    let before = fs::read(repodata.join("repomd.xml")).unwrap();
    let ran = system.refresh(&["--lock-timeout", "0.2"]).expect(75);
    let ran = ran.says(&["hint: ", "--lock-timeout", &format!("process {}", other.id())]);
    assert!(ran.stdout.contains("busy"), "{}", ran.stdout);
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(fs::read(repodata.join("repomd.xml")).unwrap(), before);
    assert_eq!(system.report(&[])["outcome"], "refreshed");
    system.assert_current();
}

#[test]
fn what_cannot_be_followed_or_believed_is_left_to_dnf() {
    for (setting, reason) in
        [("sslverify=0", "`sslverify` is off"), ("repo_gpgcheck=1", "dnf has not accepted a key of it yet")]
    {
        let system = system(setting);
        let repodata = system.fill();
        system.bench.publish_demo(4);
        let before = fs::read(repodata.join("repomd.xml")).unwrap();
        let report = system.report(&[]);
        assert_eq!((&report["outcome"], &report["reason"]), (&"left".into(), &reason.into()));
        assert_eq!(fs::read(repodata.join("repomd.xml")).unwrap(), before);
    }
    let system = system("");
    let repodata = system.fill();
    fs::remove_file(
        fs::read_dir(&repodata)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_string_lossy().contains("-primary."))
            .unwrap(),
    )
    .unwrap();
    system.bench.publish_demo(4);
    assert_eq!(system.report(&[])["reason"], "its cache lacks the file of type `primary`");
}

#[test]
fn a_damaged_file_that_did_not_change_does_not_get_in() {
    let system = system("");
    system.bench.publish_demo(8);
    let repodata = system.fill();
    let filelists = system.bench.files("-filelists.xml.gz").remove(0);
    let held = repodata.join(filelists.file_name().unwrap());
    flip(&held);
    system.bench.publish_demo(9);
    assert!(filelists.is_file(), "filelists changed, too");
    let before = fs::read(repodata.join("repomd.xml")).unwrap();
    let report = system.report(&[]);
    assert_eq!(report["outcome"], "left", "{report:#}");
    assert_eq!(report["reason"], "its cache has a damaged file of type `filelists`");
    assert_eq!(fs::read(repodata.join("repomd.xml")).unwrap(), before);
}

#[test]
fn a_repository_that_is_broken_is_left_and_its_cache_stays() {
    let system = system("");
    let repodata = system.fill();
    fs::write(system.bench.repomd(), "<html>").unwrap();
    let before = fs::read(repodata.join("repomd.xml")).unwrap();
    system.refresh(&[]).expect(0).says(&["warning: dnf `demo`: ", "no usable repomd.xml"]);
    assert_eq!(system.refresh(&["--quiet"]).expect(0).stderr, "");
    let report = system.report(&[]);
    assert_eq!((&report["outcome"], &report["reason_code"]), (&"left".into(), &"bad_repomd".into()));
    assert_eq!(report["bytes_downloaded"], 6);
    assert_eq!(fs::read(repodata.join("repomd.xml")).unwrap(), before);
    assert!(!repodata.with_file_name(".createrepo-delta.new.repodata").exists());
}

#[test]
fn a_cache_that_zypper_found_signed_takes_nothing_unsigned() {
    let system = system("");
    let repos = system.root().join("etc/zypp/repos.d");
    fs::create_dir_all(&repos).unwrap();
    let url = format!("file://{}", system.bench.repo().display());
    fs::write(repos.join("demo.repo"), format!("[demo]\nenabled=1\ngpgcheck=0\nbaseurl={url}\n")).unwrap();
    let cache = system.root().join("var/cache/zypp/raw/demo");
    fill(&cache.join("repodata"), &system.expected_of_dnf());
    fs::write(cache.join("repodata/repomd.xml.asc"), "of this one").unwrap();
    // zypper's note that the signature was good.
    std::os::unix::fs::symlink("./true", cache.join(".repo_gpgcheck")).unwrap();
    system.bench.publish_demo(4);
    let before = fs::read(cache.join("repodata/repomd.xml")).unwrap();
    let refresh = || {
        let mut command = program("refresh");
        command.args(["--zypper", "--json", "--root"]).arg(system.root());
        run(&mut command).expect(0).json()["repositories"][0].clone()
    };
    let report = refresh();
    assert_eq!(report["outcome"], "left", "{report:#}");
    assert_eq!(report["reason"], "the rpm database has no key");
    assert_eq!(fs::read(cache.join("repodata/repomd.xml")).unwrap(), before);
    fs::remove_file(cache.join(".repo_gpgcheck")).unwrap();
    std::os::unix::fs::symlink("./false", cache.join(".repo_gpgcheck")).unwrap();
    assert_eq!(refresh()["outcome"], "refreshed");
}

/// Two views of a server are two sources, though messages show no queries: what one said of its
/// repomd.xml is not shown to the other.
#[test]
fn what_a_url_was_told_is_not_shown_to_one_with_another_query() {
    let bench = Bench::new();
    let server = Server::start(&bench.repo());
    let system = System::at(bench, server.url(), &["--zypper"], "");
    (1..=3).for_each(|generation| system.bench.publish_demo(generation));
    let repos = system.root().join("etc/zypp/repos.d");
    fs::create_dir_all(&repos).unwrap();
    fill(&system.root().join("var/cache/zypp/raw/demo/repodata"), &system.expected_of_dnf());
    for (view, is_conditional) in [("a", false), ("a", true), ("b", false), ("b", true), ("a", false)] {
        let url = format!("{}?view={view}", server.url());
        fs::write(repos.join("demo.repo"), format!("[demo]\ngpgcheck=0\nbaseurl={url}\n")).unwrap();
        let before = server.log().len();
        system.refresh(&[]).expect(0).says(&["1 cache is current"]);
        let of_repomd = |seen: &&Seen| seen.path.starts_with("repodata/repomd.xml?");
        let log = server.log();
        let asked: Vec<_> = log[before..].iter().filter(of_repomd).collect();
        let asked: Vec<_> = asked.iter().map(|seen| seen.headers.contains_key("if-none-match")).collect();
        assert_eq!(asked, [is_conditional], "{view}");
    }
    let notes = fs::read_to_string(system.root().join("var/cache/createrepo-delta/refresh.json")).unwrap();
    assert!(!notes.contains("view="), "{notes}");
}

#[test]
fn a_symlink_in_place_of_the_notes_stays() {
    let system = system("");
    system.fill();
    let notes = system.root().join("var/cache/createrepo-delta/refresh.json");
    let target = system.bench.path("elsewhere");
    fs::create_dir_all(notes.parent().unwrap()).unwrap();
    fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, &notes).unwrap();
    system.bench.publish_demo(4);
    system.refresh(&[]).expect(0).says(&[
        "warning: nothing is remembered: `",
        "is a symlink",
        "1 cache refreshed",
    ]);
    assert_eq!(fs::read_link(&notes).unwrap(), target);
    assert_eq!(fs::read(&target).unwrap(), b"");
}

/// Where a message told it, the table says so.
#[test]
fn a_reason_is_told_once() {
    let system = system("");
    system.fill();
    fs::write(system.bench.repomd(), "<repomd").unwrap();
    let ran = system.refresh(&[]).expect(0);
    assert_eq!(ran.stderr.matches("gave no usable repomd.xml").count(), 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("see the warning") && !ran.stdout.contains("usable"), "{}", ran.stdout);
    let report = system.report(&[]);
    assert!(report["reason"].as_str().unwrap().contains("gave no usable repomd.xml"), "{report:#}");
    assert!(report.get("told").is_none(), "{report:#}");
}

#[test]
fn repositories_are_chosen_by_id() {
    let system = system("enabled=0");
    let none = system.refresh(&[]).expect(0);
    none.says(&["warning: dnf has no repository here that is enabled"]);
    assert_eq!(system.report(&["demo"])["repository"], "demo");
    system
        .refresh(&["other"])
        .expect(2)
        .says(&["there is no repository `other`", "hint: the repositories are demo"]);
}

/// The texts in double quotes behind `start` in a source.
fn quoted_after<'s>(source: &'s str, start: &str) -> Vec<&'s str> {
    let ends = source.split(start).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
    ends.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_code_is_documented_and_every_documented_one_exists() {
    let document = include_str!("../../../../docs/reference-json.md");
    let table = document.split("<!-- codes of refresh -->\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let first_cells = table.lines().skip(2).map(|line| line.split('|').nth(1).unwrap());
    let documented: BTreeSet<&str> =
        first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let verdict =
        include_str!("../../src/commands/refresh/verdict.rs").split("/// Whether people").next().unwrap();
    let others = [
        include_str!("../../src/commands/refresh/one.rs"),
        include_str!("../../src/commands/refresh/report.rs"),
        include_str!("../../src/commands/refresh/share.rs"),
        include_str!("../../src/commands/refresh/sources.rs"),
        include_str!("../../src/commands/refresh/trust.rs"),
        include_str!("../../../managers/src/repository.rs"),
        include_str!("../../../managers/src/dnf/repos.rs"),
        include_str!("../../../managers/src/zypp/mod.rs"),
        include_str!("../../../managers/src/zypp/settings.rs"),
    ]
    .concat();
    for code in &documented {
        let literal = format!("\"{code}\"");
        assert!(verdict.contains(&literal) || others.contains(&literal), "`{code}` is nowhere");
    }
    let of = |source, starts: &[&str]| -> Vec<_> {
        starts.iter().flat_map(|start| quoted_after(source, start)).collect()
    };
    let elsewhere = of(&others, &["Left::new(", "Theirs(", "Odd::new(", "Obstacle::new("]);
    for code in of(verdict, &["Some(", "=>"]).into_iter().chain(elsewhere) {
        assert!(documented.contains(code), "`{code}` is not documented");
    }
}

/// What stands for gpgv: it finds every signature good, and notes in `TMPDIR` where it may
/// write and which privileges it has.
const CURIOUS: &str = "#!/bin/sh
for place in \"$OUTSIDE\" \"$CACHE\" \"$TMPDIR\"; do
    if echo x 2>/dev/null >\"$place/written\"; then echo \"$place\" >>\"$TMPDIR/may\"; fi
done
grep -E '^(CapPrm|CapEff|NoNewPrivs):' /proc/self/status >>\"$TMPDIR/may\"
printf '[GNUPG:] %s\\n' NEWSIG 'GOODSIG 1 demo' 'VALIDSIG 0123 2026-01-01'
";

#[test]
fn what_is_read_from_servers_is_read_without_rights_that_are_not_needed() {
    let system = system("repo_gpgcheck=1");
    let repodata = system.fill();
    let cache = repodata.parent().unwrap();
    fs::create_dir(cache.join("pubring")).unwrap();
    fs::write(cache.join("pubring/pubring.gpg"), [0x99, 0]).unwrap();
    fs::write(repodata.join("repomd.xml.asc"), "one").unwrap();
    system.bench.publish_demo(4);
    fs::write(system.bench.repodata().join("repomd.xml.asc"), "another").unwrap();
    let [bin, outside, temporary] = ["bin", "outside", "temporary"].map(|name| system.bench.path(name));
    for directory in [&bin, &outside, &temporary] {
        fs::create_dir(directory).unwrap();
    }
    let gpgv = bin.join("gpgv");
    fs::write(&gpgv, CURIOUS).unwrap();
    fs::set_permissions(&gpgv, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut command = system.command(&["--json"]);
    command.env("PATH", path).env("TMPDIR", &temporary).env("OUTSIDE", &outside).env("CACHE", cache);
    let report = run(&mut command).expect(0).json();
    assert_eq!(report["repositories"][0]["outcome"], "refreshed", "{report:#}");
    let may = fs::read_to_string(temporary.join("may")).unwrap();
    let lines: Vec<&str> = may.lines().collect();
    assert_eq!(lines[..2], [cache.to_str().unwrap(), temporary.to_str().unwrap()], "{may}");
    // Nothing but owners, modes, and files of others.
    let kept = 0b11011_u64;
    for name in ["CapPrm:", "CapEff:"] {
        let has = lines.iter().find_map(|line| line.strip_prefix(name)).unwrap().trim();
        assert_eq!(u64::from_str_radix(has, 16).unwrap() & !kept, 0, "{may}");
    }
    assert!(lines.contains(&"NoNewPrivs:\t1"), "{may}");
}
