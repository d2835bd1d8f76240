//! The configuration of dnf5, as a tree of files. What is expected was printed by dnf5
//! 5.4.6 (`--dump-main-config`, `--dump-repo-config`, `--dump-variables`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use managers::cache::MetadataTypes;
use managers::network::Proxy;
use managers::rpm::InstalledRelease;
use managers::{Manager, Obstacle, Repository, Setup, SetupOptions, dnf5};
use support::{System, by_id};

impl System {
    fn options(&self) -> SetupOptions {
        SetupOptions::new(self.root.path(), "x86_64")
    }

    fn read(&self) -> Setup {
        dnf5::setup(&self.options()).unwrap()
    }
}

fn ids(setup: &Setup) -> Vec<&str> {
    setup.repositories.iter().map(|repository| &*repository.id).collect()
}

fn codes(repository: &Repository) -> Vec<&str> {
    repository.obstacles.iter().map(|obstacle| obstacle.code).collect()
}

/// A system that has a file in each place.
fn layered() -> System {
    System::new(&[
        (
            "etc/dnf/dnf.conf",
            "[main]\ngpgcheck=1\nminrate=2k\noptional_metadata_types=filelists\n\
             [inline]\nbaseurl=http://127.0.0.1:9/inline\n",
        ),
        ("etc/dnf/vars/where", "where1\r\nnext\n"),
        ("usr/share/dnf5/vars.d/where", "other\n"),
        ("etc/dnf/libdnf5.conf.d/10.conf", "[main]\nminrate=3k\ntimeout=7\nproxy=http://a/\n"),
        ("usr/share/dnf5/libdnf.conf.d/10.conf", "[main]\ntimeout=9\noptional_metadata_types=,other\n"),
        (
            "usr/share/dnf5/libdnf.conf.d/20.conf",
            "[main]\ntimeout=11\nproxy=None\nmetadata_expire=5m\nenabled=0\noptional_metadata_types=, presto\n",
        ),
        (
            "etc/yum.repos.d/a.repo",
            "[a$where]\nbaseurl=http://127.0.0.1:9/$where/$releasever_minor/$releasever\n\
             [b]\nbaseurl=/srv/x\nenabled=maybe\nmetalink=None\ntimeout=bad\nproxy=_none_\n\
             [c]\nbaseurl=/never\n\
             [aa-bb]\nmirrorlist=http://m/metalink\ncachedir=/elsewhere/$basearch\nenabled=0\n",
        ),
        ("etc/yum.repos.d/.hid.repo", "[hid]\nbaseurl=/hid\n"),
        ("etc/yum.repos.d/a-b.repo", "[a-]\nbaseurl=/a-\n[c]\nbaseurl=\n http://x/,,http://y/ \n"),
        ("usr/share/dnf5/repos.d/z.repo", "[z]\nbaseurl=/z\n"),
        (
            "etc/dnf/repos.override.d/10.repo",
            "[a*]\ntimeout=44\nenabled=1\n[[bc]]\nmetadata_expire=bad\ntimeout=99\n",
        ),
        ("usr/share/dnf5/repos.override.d/10.repo", "[*]\nenabled=0\n"),
        ("usr/share/dnf5/repos.override.d/99.repo", "[z]\nmetadata_expire=-1\n[none]\nenabled=0\n"),
    ])
}

#[test]
fn drop_ins_come_before_the_configuration_and_overrides_after_the_repositories() {
    let system = layered();
    let setup = system.read();
    assert_eq!(ids(&setup), ["inline", "hid", "a-", "c", "awhere1", "b", "aa-bb", "z"]);
    assert!(setup.repositories.iter().all(|repository| repository.enabled));
    assert!(setup.repositories.iter().all(|repository| repository.manager == Manager::Dnf5));
    assert_eq!(setup.caches, system.path("var/cache/libdnf5"));
    assert_eq!(setup.locks, None);

    let timeouts = ["inline", "hid", "a-", "c", "awhere1", "b", "aa-bb"]
        .map(|id| by_id(&setup, id).network.timeout.unwrap().as_secs());
    assert_eq!(timeouts, [11, 11, 44, 99, 44, 99, 44]);
    assert_eq!(by_id(&setup, "inline").network.min_rate, Some(2048));
    assert_eq!(by_id(&setup, "inline").network.proxy, Proxy::Url("http://None".to_owned()));
    assert_eq!(by_id(&setup, "b").network.proxy, Proxy::Environment);
    assert_eq!(by_id(&setup, "b").sources.metalink.as_deref(), Some("None"));
    assert_eq!(by_id(&setup, "b").sources.urls, ["/srv/x"]);
    assert_eq!(by_id(&setup, "c").sources.urls, ["http://x/", "http://y/"]);
    let unknown = "http://127.0.0.1:9/where1/$releasever_minor/$releasever";
    assert_eq!(by_id(&setup, "awhere1").sources.urls, [unknown]);
    assert_eq!(by_id(&setup, "aa-bb").sources.metalink.as_deref(), Some("http://m/metalink"));
    assert_eq!(by_id(&setup, "aa-bb").cache.parent(), Some(Path::new("/elsewhere/x86_64")));
    assert_eq!(codes(by_id(&setup, "z")), [Obstacle::PINNED]);
    assert!(codes(by_id(&setup, "c")).is_empty());

    let types = ["filelists", "presto"].map(str::to_owned).into();
    assert_eq!(by_id(&setup, "c").types, MetadataTypes::dnf5(&types));
    let parts = [
        "`c` is configured more than once",
        "`enabled` of `b`, found `maybe`",
        "`timeout` of `b`, found `bad`",
    ];
    for part in parts {
        assert!(setup.problems.iter().any(|problem| problem.contains(part)), "{part}: {:?}", setup.problems);
    }
}

/// The digits are those that dnf5 made.
#[test]
fn names_of_cache_directories() {
    let system = System::new(&[(
        "etc/yum.repos.d/x.repo",
        "[a]\nbaseurl=\n  http://127.0.0.1:18099/repo\n[b]\nbaseurl=/srv/x\n",
    )]);
    let setup = system.read();
    let name = |id| by_id(&setup, id).cache.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(name("a"), "a-8d3fb2ee7b34bc36");
    assert_eq!(name("b"), "b-c0fdb79966bef2dd");
}

#[test]
fn root_and_users_have_caches_of_their_own() {
    let system = System::new(&[
        ("etc/dnf/dnf.conf", "[main]\ncachedir=/mine\nsystem_cachedir=/sys/$basearch/$releasever\n"),
        ("etc/yum.repos.d/x.repo", "[x]\nbaseurl=/x\n"),
    ]);
    let mut options = system.options();
    options = options.with_releasever("9".to_owned());
    let setup = dnf5::setup(&options).unwrap();
    // Variables are not known yet, but for what the command line says; `cachedir` is not for root.
    assert_eq!(setup.caches, system.path("sys/$basearch/9"));
    let x = by_id(&setup, "x");
    assert_eq!((x.cache.parent().unwrap(), &x.system_cache), (&*setup.caches, &None));

    options = options.with_user_cache(PathBuf::from("/home/joe/.cache/libdnf5"));
    let setup = dnf5::setup(&options).unwrap();
    let of_user = by_id(&setup, "x");
    assert_eq!(of_user.cache, system.path("mine").join(x.cache.file_name().unwrap()));
    assert_eq!(of_user.system_cache, Some(x.cache.clone()));

    options = options.with_cachedir(PathBuf::from("/given"));
    let setup = dnf5::setup(&options).unwrap();
    let given = by_id(&setup, "x");
    assert_eq!((given.cache.parent().unwrap(), &given.system_cache), (Path::new("/given"), &None));
}

#[test]
fn a_user_has_the_usual_cache_unless_another_one_is_configured() {
    let system = System::new(&[("etc/yum.repos.d/x.repo", "[x]\nbaseurl=/x\n")]);
    let mut options = system.options();
    options = options.with_user_cache(PathBuf::from("/home/joe/.cache/libdnf5"));
    assert_eq!(dnf5::setup(&options).unwrap().caches, system.path("home/joe/.cache/libdnf5"));
}

#[test]
fn variables_of_the_environment_count_more_than_files() {
    let system = System::new(&[
        ("etc/dnf/vars/one", "file\n"),
        ("etc/dnf/vars/two", "file\n"),
        ("etc/dnf/vars/arch", "aarch64\n"),
        (
            "etc/yum.repos.d/x.repo",
            "[x]\nbaseurl=/$one/$two/$basearch/$releasever/$releasever_major/$releasever_minor\n",
        ),
    ]);
    let mut options = system.options();
    options = options.with_environment([("DNF_VAR_one".to_owned(), "env".to_owned())]);
    let url = |options: &SetupOptions| by_id(&dnf5::setup(options).unwrap(), "x").sources.urls[0].clone();
    options = options.with_installed_release(InstalledRelease::new("9.4", "", ""));
    assert_eq!(url(&options), "/env/file/aarch64/9.4/");
    options = options.with_installed_release(InstalledRelease::new("10.1", "10", "1"));
    assert_eq!(url(&options), "/env/file/aarch64/10.1/10/1");
    // There is nothing behind the point, and so no variable.
    options = options.with_releasever("44".to_owned());
    assert_eq!(url(&options), "/env/file/aarch64/44/44/$releasever_minor");
    // One that does not count is not divided.
    let overruled = options.clone().with_environment([("DNF_VAR_releasever".to_owned(), "3.4".to_owned())]);
    assert_eq!(url(&overruled), "/env/file/aarch64/44/44/$releasever_minor");
    fs::write(system.path("etc/dnf/vars/releasever"), "8.1").unwrap();
    options = options.with_releasever(None);
    assert_eq!(url(&options), "/env/file/aarch64/8.1/8/1");
}

#[test]
fn signatures_are_wanted_where_the_policy_says_so() {
    let of = |policy: &str, main: &str, own: &str| {
        let config = format!("[main]\ngpgcheck_policy={policy}\n{main}\n");
        let system = System::new(&[
            ("etc/dnf/dnf.conf", &config),
            ("etc/yum.repos.d/x.repo", &format!("[x]\nbaseurl=/x\n{own}\n")),
        ]);
        by_id(&system.read(), "x").repo_gpgcheck
    };
    assert!(!of("legacy", "gpgcheck=1", "gpgcheck=1"));
    assert!(of("full", "gpgcheck=1", ""));
    assert!(of("all", "", "gpgcheck=1"));
    assert!(!of("full", "gpgcheck=1", "gpgcheck=0"));
    assert!(!of("full", "gpgcheck=1\nrepo_gpgcheck=0", ""));
    assert!(!of("full", "", "pkg_gpgcheck=1"));
    assert!(!of("full", "", "gpgcheck=1\npkg_gpgcheck=0"));
    assert!(of("legacy", "repo_gpgcheck=1", "gpgcheck=0"));
}

#[test]
fn what_is_encoded_for_a_proxy_is_sent_as_it_is() {
    let system = System::new(&[(
        "etc/yum.repos.d/x.repo",
        "[x]\nbaseurl=/x\nproxy=p/\nproxy_username=re po\nproxy_password=p@:%41\n",
    )]);
    let expected = Proxy::Url("http://re%20po:p%40%3A%2541@p/".to_owned());
    assert_eq!(by_id(&system.read(), "x").network.proxy, expected);
}

#[test]
fn a_broken_file_of_repositories_is_left_out_and_a_broken_configuration_is_an_error() {
    let system = System::new(&[
        ("etc/yum.repos.d/a.repo", "[a]\nbaseurl\n"),
        ("etc/yum.repos.d/b.repo", "[b]\nbaseurl=/b\ntype=arch\n"),
        ("etc/dnf/repos.override.d/c.repo", "[a**b]\nenabled=0\n"),
    ]);
    let setup = system.read();
    assert_eq!(ids(&setup), ["b"]);
    assert_eq!(codes(by_id(&setup, "b")), ["unsupported_repository"]);
    assert_eq!(setup.problems.len(), 2, "{:?}", setup.problems);
    assert_eq!(by_id(&setup, "b").network.timeout, None::<Duration>);
    fs::create_dir_all(system.path("usr/share/dnf5/libdnf.conf.d")).unwrap();
    fs::write(system.path("usr/share/dnf5/libdnf.conf.d/x.conf"), "main\n").unwrap();
    assert!(dnf5::setup(&system.options()).is_err());
}
