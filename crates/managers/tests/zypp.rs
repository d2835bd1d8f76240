//! The configuration of zypper, as a tree of files.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use managers::network::Proxy;
use managers::{SetupOptions, zypp};
use support::{System, by_id};

impl System {
    /// Its own zypp.conf is named, because otherwise that of `/` is read.
    fn options(&self) -> SetupOptions {
        let mut options = SetupOptions::new(self.root.path(), "x86_64");
        let conf = self.path("etc/zypp/zypp.conf").into_os_string().into_string().unwrap();
        options = options.with_environment([("ZYPP_CONF".to_owned(), conf)]);
        options
    }
}

/// The file and the values were compared with those of zypper 1.14.42.
#[test]
fn repositories_of_a_system() {
    let system = System::new(&[
        ("etc/zypp/vars.d/foo", "foov\nline2\n"),
        (
            "etc/zypp/repos.d/a.repo",
            "[a/b c]\nname=x\nbaseurl=http://127.0.0.1/${foo:-d}\n   http://127.0.0.1/$releasever/${foo:+alt}/$basearch\n\
             enabled = YES\nEnabled=0\ntype=rpm-md\ngpgcheck=off\n\
             [b]\nbaseurl=http://127.0.0.1/repo/\nbaseurl=http://u:p@127.0.0.1/b?credentials=zz\n\
             proxy=p.example:3128\n[c]\nmirrorlist=http://127.0.0.1/list\nenabled=0\n# c\n\
             gpgkey=http://x/y http://x/z\n http://x/w\n[main]\nbaseurl=dir:/m\nrepo_gpgcheck=1\n\
             [b]\nname=second\nbaseurl=http://127.0.0.1/again\n",
        ),
        (
            "etc/zypp/repos.d/b.repo",
            "[b]\nbaseurl=http://127.0.0.1/other\n[d]\nbaseurl=http://x/\npath=/sub\ntype=yast2\n",
        ),
        ("etc/zypp/repos.d/c.conf", "[no]\nbaseurl=http://127.0.0.1/no\n"),
    ]);
    let mut options = system.options();
    options = options.with_releasever("9.2".to_owned());
    let setup = zypp::setup(&options).unwrap();
    let ids: Vec<&str> = setup.repositories.iter().map(|repository| &*repository.id).collect();
    assert_eq!(ids, ["a/b c", "b", "c", "main", "d"]);
    assert_eq!(setup.problems.len(), 1, "{:?}", setup.problems);

    let a = by_id(&setup, "a/b c");
    assert_eq!(a.sources.urls, ["http://127.0.0.1/foov", "http://127.0.0.1/9.2/alt/x86_64"]);
    assert_eq!(a.cache, system.path("var/cache/zypp/raw/a_b c"));
    assert!(a.enabled && !a.gpgcheck && !a.repo_gpgcheck);
    let b = by_id(&setup, "b");
    assert_eq!(b.sources.urls.len(), 3);
    assert!(b.obstacles.is_empty());
    assert_eq!(b.sources.urls[1], "http://u:p@127.0.0.1/b");
    assert_eq!(b.network.proxy, Proxy::Url("http://p.example:3128".to_owned()));
    assert!(b.enabled && b.gpgcheck);
    let c = by_id(&setup, "c");
    assert_eq!(c.sources.mirrorlist.as_deref(), Some("http://127.0.0.1/list"));
    assert!(!c.enabled);
    assert!(by_id(&setup, "main").repo_gpgcheck);
    let d: Vec<&str> = by_id(&setup, "d").obstacles.iter().map(|obstacle| &*obstacle.text).collect();
    assert_eq!(d, ["it is of type `yast2`", "its `path` is `/sub`"]);
}

#[test]
fn directories_can_be_configured() {
    let system = System::new(&[
        (
            "etc/zypp/zypp.conf",
            "[main]\ncachedir=/c\nconfigdir = /conf\nvarsdir=/v\ngpgcheck=off\narch=i586\n",
        ),
        ("conf/repos.d/a.repo", "[a]\nbaseurl=http://$x/$arch/$basearch/$releasever/\n"),
        ("v/x", "value"),
    ]);
    let setup = zypp::setup(&system.options()).unwrap();
    let a = by_id(&setup, "a");
    assert_eq!(a.cache, system.path("c/raw/a"));
    assert_eq!(a.sources.urls, ["http://value/i586/i386"]);
    assert!(!a.gpgcheck);
    assert_eq!(setup.locks.as_deref().unwrap(), Path::new("/run"));

    fs::write(system.path("etc/zypp/zypp.conf"), "[main]\nmetadatadir=/m\nreposdir=/conf/repos.d\n").unwrap();
    let mut options = system.options();
    options = options.with_environment([("ZYPP_LOCKFILE_ROOT".to_owned(), "/locks".to_owned())]);
    let setup = zypp::setup(&options).unwrap();
    assert_eq!(by_id(&setup, "a").cache, system.path("m/a"));
    assert_eq!(setup.locks.as_deref().unwrap(), Path::new("/locks/run"));
    options = options.with_cachedir(PathBuf::from("/given"));
    assert_eq!(by_id(&zypp::setup(&options).unwrap(), "a").cache, Path::new("/given/raw/a"));
}

#[test]
fn broken_files_and_aliases_are_problems() {
    let system = System::new(&[
        ("etc/zypp/repos.d/1.repo", "[a]\nname\n"),
        (
            "etc/zypp/repos.d/2.repo",
            "[.b]\nbaseurl=http://x/\n[]\nbaseurl=http://x/\n[c]\nbaseurl=http://x/\n",
        ),
    ]);
    let setup = zypp::setup(&system.options()).unwrap();
    assert_eq!(setup.repositories.len(), 1);
    assert_eq!(setup.problems.len(), 3, "{:?}", setup.problems);
}

#[test]
fn the_base_product_says_its_version() {
    let system = System::new(&[("etc/products.d/demo.prod", "<product><version>15.6</version></product>")]);
    assert_eq!(zypp::product_release(system.root.path()).unwrap(), None);
    std::os::unix::fs::symlink("demo.prod", system.path("etc/products.d/baseproduct")).unwrap();
    assert_eq!(zypp::product_release(system.root.path()).unwrap().unwrap().version, "15.6");
}

/// Compared with what zypper 1.14.42 sends.
#[test]
fn passwords_come_from_files() {
    let system = System::new(&[
        ("etc/zypp/credentials.d/NAME", "username = cu%40x\npassword=c p\n"),
        (
            "etc/zypp/credentials.cat",
            "[http://h/re]\nusername=gu\npassword=gp\n[http://h/repo?x]\nusername=u2\npassword=p2\n",
        ),
        ("home/me/.zypp/credentials.cat", "[http://own/]\nusername=mine\npassword=m\n"),
        (
            "etc/zypp/repos.d/x.repo",
            "[a]\nbaseurl=http://h/repo?a=b&credentials=NAME\n[b]\nbaseurl=http://h/repo\n\
             [c]\nbaseurl=http://u2@h/repo\n[d]\nbaseurl=http://u:p@h/repo?credentials=NAME\n\
             [e]\nmirrorlist=http://own/list\n[f]\nbaseurl=http://elsewhere/?credentials=NONE\nusername=x\npassword=y\n",
        ),
    ]);
    let mut options = system.options();
    options = options.with_environment([("HOME".to_owned(), "/home/me".to_owned())]);
    let setup = zypp::setup(&options).unwrap();
    assert!(setup.problems.is_empty(), "{:?}", setup.problems);
    for (id, url) in [
        ("a", "http://cu%2540x:c%20p@h/repo?a=b"),
        ("b", "http://gu:gp@h/repo"),
        ("c", "http://u2:p2@h/repo"),
        ("d", "http://u:p@h/repo"),
        ("f", "http://elsewhere/"),
    ] {
        assert_eq!(by_id(&setup, id).sources.urls, [url], "{id}");
    }
    let e = by_id(&setup, "e");
    assert_eq!(e.sources.mirrorlist.as_deref(), Some("http://mine:m@own/list"));
    assert_eq!(e.network.credentials.apply("http://h/repo/x"), "http://gu:gp@h/repo/x");
    assert!(!format!("{:?}", e.network).contains("gp"));
}

#[test]
fn the_system_has_a_proxy() {
    let system = System::new(&[
        ("proxy", "PROXY_ENABLED=\"yes\"\nHTTP_PROXY=\"http://system:3128\"\nNO_PROXY=\"localhost, .x\"\n"),
        ("etc/zypp/zypp.conf", "[main]\ndownload.transfer_timeout = 90\ndownload.min_download_speed=5\n"),
        (
            "etc/zypp/repos.d/x.repo",
            "[a]\nbaseurl=http://h/\n[b]\nbaseurl=http://h/\nproxy=_none_\n\
             [c]\nbaseurl=http://h/?proxy=_none_&timeout=5\n[d]\nmirrorlist=http://h/\nproxy=http://unused\n\
             [e]\nbaseurl=http://h/?proxy=p\n http://h/\n",
        ),
    ]);
    let mut options = system.options();
    options = options.with_system_proxy(system.path("proxy"));
    let setup = zypp::setup(&options).unwrap();
    let a = &by_id(&setup, "a").network;
    let none = |_: &str| None;
    assert_eq!(a.proxy.variable("http_proxy", none).as_deref(), Some("http://system:3128"));
    assert_eq!(a.proxy.variable("no_proxy", none).as_deref(), Some("localhost,.x"));
    assert_eq!((a.timeout, a.min_rate), (Some(Duration::from_secs(90)), Some(5)));
    assert_eq!(by_id(&setup, "b").network.proxy, Proxy::None);
    let c = by_id(&setup, "c");
    assert_eq!((&c.network.proxy, c.network.timeout), (&Proxy::None, Some(Duration::from_secs(5))));
    assert_eq!(c.sources.urls, ["http://h/"]);
    assert_eq!(by_id(&setup, "d").network.proxy, a.proxy);
    let [obstacle] = &*by_id(&setup, "e").obstacles else { panic!("not one obstacle") };
    assert_eq!(obstacle.code, "mixed_settings");
}
