//! Caches of programs that use libdnf, as they were found after a run of libdnf 0.74.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use std::fs;
use std::path::Path;

use managers::{Dnf5Options, Manager, MetadataTypes, dnf5_setup, libdnf_caches};

#[test]
fn caches_are_recognized_by_their_names() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("etc/yum.repos.d/x.repo", "[demo]\nbaseurl=http://127.0.0.1:18099/repo\n[other]\nbaseurl=/x\n");
    for cache in [
        "PackageKit/9/metadata/demo-9-x86_64",
        "PackageKit/9/metadata/demo-8d3fb2ee7b34bc36",
        "PackageKit/8/metadata/demo-8-x86_64",
        "PackageKit/9/metadata/demo-9-x86_64.tmp",
        "PackageKit/9/metadata/gone-9-x86_64",
        "yum/metadata/demo-9-x86_64",
        "rpm-ostree/repomd/demo-9-x86_64",
        "elsewhere/demo-9-x86_64",
    ] {
        write(&format!("var/cache/{cache}/repodata/repomd.xml"), "");
    }
    fs::create_dir_all(root.path().join("var/cache/yum/metadata/other-9-x86_64/repodata")).unwrap();
    let mut options = Dnf5Options::new(root.path(), "x86_64");
    options.releasever = Some("9".to_owned());
    let setup = dnf5_setup(&options).unwrap();
    let found = libdnf_caches(&setup, root.path());
    let caches = root.path().join("var/cache");
    let places: Vec<&Path> = found.iter().map(|one| one.cache.strip_prefix(&caches).unwrap()).collect();
    let expected = [
        "yum/metadata/demo-9-x86_64",
        "rpm-ostree/repomd/demo-9-x86_64",
        "PackageKit/9/metadata/demo-9-x86_64",
        "PackageKit/9/metadata/demo-8d3fb2ee7b34bc36",
    ];
    assert_eq!(places, expected.map(Path::new));
    assert!(found.iter().all(|one| one.manager == Manager::Libdnf && one.id == "demo"));
    assert_eq!(found[0].types, MetadataTypes::libdnf());
    assert_ne!(found[3].types, MetadataTypes::libdnf());
    options.releasever = None;
    let names = libdnf_caches(&dnf5_setup(&options).unwrap(), root.path());
    assert_eq!(names.len(), 1);
}
