//! Caches of PackageKit.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use std::fs;

use managers::cache::MetadataTypes;
use managers::{Manager, SetupOptions, dnf5, packagekit};

#[test]
fn caches_are_recognized_by_their_names() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("etc/yum.repos.d/x.repo", "[demo]\nbaseurl=http://127.0.0.1:18099/repo\n[other]\nbaseurl=/x\n");
    write("etc/dnf/dnf.conf", "[main]\noptional_metadata_types=filelists\n");
    for cache in [
        "PackageKit/9/metadata/demo-8d3fb2ee7b34bc36",
        "PackageKit/9/metadata/demo-9-x86_64",
        "PackageKit/9/metadata/demo-8d3fb2ee7b34bc37",
        "PackageKit/9/hawkey/demo-8d3fb2ee7b34bc36",
        "elsewhere/demo-8d3fb2ee7b34bc36",
    ] {
        write(&format!("var/cache/{cache}/repodata/repomd.xml"), "");
    }
    let setup = dnf5::setup(&SetupOptions::new(root.path(), "x86_64")).unwrap();
    let [found] = &*packagekit::caches(&setup, root.path()) else { panic!("not one") };
    let expected = root.path().join("var/cache/PackageKit/9/metadata/demo-8d3fb2ee7b34bc36");
    assert_eq!((found.manager, &*found.id, &found.cache), (Manager::PackageKit, "demo", &expected));
    let types = ["comps", "updateinfo", "filelists", "appstream"].map(str::to_owned).into();
    assert_eq!(found.types, MetadataTypes::dnf5(&types));
}
