//! The configuration of dnf, as a tree of files.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use managers::network::Proxy;
use managers::rpm::InstalledRelease;
use managers::{Obstacle, Repository, Setup, SetupOptions, dnf};
use support::{System, by_id};

impl System {
    fn options(&self) -> SetupOptions {
        let mut options = SetupOptions::new(self.root.path(), "x86_64");
        options = options.with_installed_release(InstalledRelease::new("9.4", "", ""));
        options
    }

    fn read(&self) -> Setup {
        dnf::setup(&self.options()).unwrap()
    }
}

fn cache_name(repository: &Repository) -> &str {
    repository.cache.file_name().unwrap().to_str().unwrap()
}

#[test]
fn repositories_of_a_system() {
    let system = System::new(&[
        (
            "etc/dnf/dnf.conf",
            "[main]\ngpgcheck=1\nproxy=http://proxy:3128\n[inline]\nbaseurl=/srv/$basearch\n",
        ),
        ("etc/dnf/vars/stream", "9-stream\nnext line\n"),
        ("etc/yum/vars/stream", "8-stream\n"),
        (
            "etc/yum.repos.d/b.repo",
            "[b]\nbaseurl=http://host/$stream/$releasever/\n  http://other/\nusername=me\npassword=p w\nproxy=_none_\n",
        ),
        (
            "etc/yum.repos.d/a.repo",
            "[a]\nenabled=0\nmetalink=https://m/metalink?repo=a-$releasever_major&arch=$basearch\nrepo_gpgcheck=yes\n\
             [l]\nmirrorlist=http://m/list\nbaseurl=http://b/\n[lm]\nmirrorlist=http://m/metalink\n",
        ),
        ("etc/yum.repos.d/.hidden.repo", "[hidden]\nbaseurl=/x\n"),
        ("etc/yum.repos.d/other.conf", "[other]\nbaseurl=/x\n"),
    ]);
    let setup = system.read();
    let ids: Vec<&str> = setup.repositories.iter().map(|repository| &*repository.id).collect();
    assert_eq!(ids, ["inline", "a", "l", "lm", "b"]);
    assert!(setup.problems.is_empty(), "{:?}", setup.problems);
    assert_eq!(setup.caches, system.path("var/cache/dnf"));

    let inline = by_id(&setup, "inline");
    assert_eq!(inline.sources.urls, ["file:///srv/x86_64"]);
    assert_eq!(inline.network.proxy, Proxy::Url("http://proxy:3128".to_owned()));
    assert!(inline.gpgcheck && !inline.repo_gpgcheck && inline.enabled);

    let a = by_id(&setup, "a");
    assert!(!a.enabled && a.repo_gpgcheck);
    assert_eq!(a.sources.metalink.as_deref(), Some("https://m/metalink?repo=a-9&arch=x86_64"));

    let b = by_id(&setup, "b");
    assert_eq!(b.sources.urls, ["http://me:p%20w@host/9-stream/9.4/", "http://me:p%20w@other/"]);
    assert_eq!(b.network.proxy, Proxy::Environment);
    assert!(b.obstacles.is_empty());

    // With that word in its URL a list is a metalink, but a name is a name.
    let (l, lm) = (by_id(&setup, "l"), by_id(&setup, "lm"));
    assert_eq!(l.sources.mirrorlist.as_deref(), Some("http://m/list"));
    assert_eq!((lm.sources.metalink.as_deref(), &lm.sources.mirrorlist), (Some("http://m/metalink"), &None));
}

/// The digits are those that dnf 4.14 made.
#[test]
fn names_of_cache_directories() {
    let system = System::new(&[(
        "etc/yum.repos.d/x.repo",
        "[demo]\nbaseurl=http://127.0.0.1:18099/repo\n\
         [second]\nbaseurl=http://127.0.0.1:18099/repo http://elsewhere/\n\
         [meta]\nmetalink=http://127.0.0.1:18099/metalink?repo=demo-9&arch=x86_64\nbaseurl=http://x/\n\
         [list]\nmirrorlist=http://127.0.0.1:18099/metalink\nbaseurl=http://x/\n\
         [own]\nbaseurl=http://127.0.0.1:18099/repo\ncachedir=/elsewhere\n",
    )]);
    let setup = system.read();
    assert_eq!(cache_name(by_id(&setup, "demo")), "demo-8d3fb2ee7b34bc36");
    assert_eq!(cache_name(by_id(&setup, "second")), "second-8d3fb2ee7b34bc36");
    assert_eq!(cache_name(by_id(&setup, "meta")), "meta-fd9ba58971153482");
    assert_eq!(cache_name(by_id(&setup, "list")), "list-39b879c729354830");
    assert_eq!(by_id(&setup, "own").cache, Path::new("/elsewhere/own-8d3fb2ee7b34bc36"));
}

#[test]
fn a_repository_without_a_first_url_is_named_by_its_id() {
    let system = System::new(&[(
        "etc/yum.repos.d/x.repo",
        "[a]\nbaseurl=\n  http://x/\n[b]\nname=b\n[a.b]\nmetalink=None\n",
    )]);
    let setup = system.read();
    // sha256 of `a`, `b` and `a.b`.
    assert_eq!(cache_name(by_id(&setup, "a")), "a-ca978112ca1bbdca");
    assert_eq!(by_id(&setup, "a").sources.urls, ["http://x/"]);
    assert_eq!(cache_name(by_id(&setup, "b")), "b-3e23e8160039594a");
    assert_eq!(texts(by_id(&setup, "b")), ["it has no URL"]);
    assert_eq!(texts(by_id(&setup, "a.b")), ["it has no URL"]);
}

#[test]
fn releasever_is_looked_for_in_this_order() {
    let system = System::new(&[
        ("etc/yum.repos.d/x.repo", "[x]\nbaseurl=/$releasever/$releasever_minor/$DNF1/$more\n"),
        ("etc/dnf/dnf.conf", "[main]\ncachedir=/cache/$releasever\n"),
    ]);
    let url = |options: &SetupOptions| by_id(&dnf::setup(options).unwrap(), "x").sources.urls[0].clone();
    let mut options = system.options();
    options = options.with_environment(
        [("DNF1", "one"), ("DNF_VAR_more", "m"), ("DNF12", "x")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    assert_eq!(url(&options), "file:///9.4/4/one/m");
    assert_eq!(dnf::setup(&options).unwrap().caches, system.path("cache/9.4"));
    fs::create_dir_all(system.path("etc/dnf/vars")).unwrap();
    fs::write(system.path("etc/dnf/vars/releasever"), "8.1\n").unwrap();
    assert_eq!(url(&options), "file:///8.1/1/one/m");
    options = options.with_releasever("7".to_owned());
    assert_eq!(url(&options), "file:///7//one/m");
    options = options.with_cachedir(PathBuf::from("/given"));
    assert_eq!(dnf::setup(&options).unwrap().caches, Path::new("/given"));
}

#[test]
fn what_dnf_goes_on_without_is_a_problem_and_no_error() {
    let system = System::new(&[
        ("etc/yum.repos.d/1.repo", "[a]\nbaseurl=/1\n"),
        ("etc/yum.repos.d/2.repo", "[a]\nbaseurl=/2\n[b b]\nbaseurl=/b\n[c]\nbaseurl=/c\nenabled=maybe\n"),
        ("etc/yum.repos.d/3.repo", "[d]\nbaseurl\n"),
    ]);
    fs::write(system.path("etc/yum.repos.d/4.repo"), b"[e]\nbaseurl=/\xff\n").unwrap();
    let setup = system.read();
    let ids: Vec<&str> = setup.repositories.iter().map(|repository| &*repository.id).collect();
    assert_eq!(ids, ["a", "c"]);
    assert_eq!(by_id(&setup, "a").sources.urls, ["file:///1"]);
    let parts = [
        "configured more than once",
        "`b b` is no repository id",
        "found `maybe`",
        "line 2: expected `=`",
        "UTF-8",
    ];
    assert_eq!(setup.problems.len(), parts.len(), "{:?}", setup.problems);
    for part in parts {
        assert!(setup.problems.iter().any(|problem| problem.contains(part)), "{part}: {:?}", setup.problems);
    }
}

fn texts(repository: &Repository) -> Vec<&str> {
    repository.obstacles.iter().map(|obstacle| &*obstacle.text).collect()
}

fn codes(repository: &Repository) -> Vec<&str> {
    repository.obstacles.iter().map(|obstacle| obstacle.code).collect()
}

#[test]
fn settings_that_cannot_be_followed_are_named() {
    let system = System::new(&[(
        "etc/yum.repos.d/x.repo",
        "[a]\nbaseurl=ftp://x/\nsslverify=0\nproxy_sslclientcert=/x\nsslverifystatus=0\n\
         [b]\nbaseurl=http://x/#y\nproxy=http://p/\nproxy_auth_method=ntlm\nproxy_username=u\nproxy_password=p\n",
    )]);
    let setup = system.read();
    let a = by_id(&setup, "a");
    let expected = ["its URL has the scheme `ftp`", "`sslverify` is off", "`proxy_sslclientcert` is set"];
    assert_eq!(texts(a), expected);
    assert_eq!(codes(a), ["unsupported_url", "no_tls_verification", "unsupported_tls_setting"]);
    let b = by_id(&setup, "b");
    assert_eq!(texts(b), ["its URL has a fragment", "`proxy_auth_method` is `ntlm`"]);
    assert_eq!(codes(b), ["unsupported_url", "unsupported_authentication"]);
    assert_eq!(b.network.proxy, Proxy::Url("http://u:p@p/".to_owned()));
    assert!(!format!("{b:?}").contains("u:p@"));
}

#[test]
fn a_repository_whose_metadata_never_expire_is_pinned() {
    let system = System::new(&[
        ("etc/dnf/dnf.conf", "[main]\nmetadata_expire=-1\n"),
        (
            "etc/yum.repos.d/x.repo",
            "[a]\nbaseurl=/a\n[b]\nbaseurl=/b\nmetadata_expire=never\n[c]\nbaseurl=/c\nmetadata_expire=6h\n\
             [d]\nbaseurl=/d\nmetadata_expire=Never\n",
        ),
    ]);
    let setup = system.read();
    for (id, pinned) in [("a", true), ("b", true), ("c", false), ("d", true)] {
        assert_eq!(codes(by_id(&setup, id)) == [Obstacle::PINNED], pinned, "{id}");
    }
    let [problem] = &*setup.problems else { panic!("{:?}", setup.problems) };
    assert!(problem.ends_with("expected a time for `metadata_expire` of `d`, found `Never`"), "{problem}");
}

/// The order of user names was compared with dnf 4.14 and libcurl 7.88.
#[test]
fn how_servers_are_reached() {
    let system = System::new(&[
        (
            "etc/dnf/dnf.conf",
            "[main]\nminrate=10k\ntimeout=1m\nsslcacert=/ca\nproxy=http://p\n\
             proxy_username=pu\nproxy_password=p@%41\n",
        ),
        ("etc/dnf/vars/where", "repo\r\nmore\r\n"),
        (
            "etc/yum.repos.d/x.repo",
            "[a]\r\nbaseurl=http://u:p@bücher/$where?x=y&z\r\nusername=re po\r\npassword=p@%41\r\n\
             mirrorlist=http://m/\r\n\
             [b]\nbaseurl=http://u:p@h/ file:///x\nsslclientcert=/c\nsslclientkey=/k\nsslcacert=\nproxy=\n\
             minrate=0\ntimeout=0\nretries=2\n",
        ),
    ]);
    let setup = system.read();
    let a = by_id(&setup, "a");
    assert!(a.obstacles.is_empty());
    assert_eq!(a.sources.urls, ["http://re%20po:p%40%2541@bücher/repo?x=y&z"]);
    assert_eq!(a.sources.mirrorlist.as_deref(), Some("http://re%20po:p%40%2541@m/"));
    assert_eq!(a.network.credentials.apply("http://mirror/"), "http://re%20po:p%40%2541@mirror/");
    assert_eq!(a.network.timeout, Some(Duration::from_secs(60)));
    assert_eq!((a.network.min_rate, a.network.retries), (Some(10 << 10), None));
    assert_eq!(a.network.ca.as_deref(), Some(Path::new("/ca")));
    assert_eq!(a.network.proxy, Proxy::Url("http://pu:p%40A@p".to_owned()));
    let b = by_id(&setup, "b");
    assert_eq!(b.sources.urls, ["http://u:p@h/", "file:///x"]);
    assert_eq!(b.network.timeout, Some(Duration::from_secs(120)));
    assert_eq!((b.network.min_rate, b.network.retries), (Some(0), Some(2)));
    assert_eq!(b.network.ca, None);
    assert_eq!(b.network.client_certificate.as_deref(), Some(Path::new("/c")));
    assert_eq!(b.network.client_key.as_deref(), Some(Path::new("/k")));
    assert_eq!(b.network.proxy, Proxy::Environment);
}

#[test]
fn a_system_without_repositories_uses_those_of_this_one() {
    let system = System::new(&[("etc/dnf/dnf.conf", "[main]\nreposdir=/nowhere/at/all\n")]);
    assert!(system.read().repositories.is_empty());
    let given = System::new(&[("x.repo", "[x]\nbaseurl=/x\n")]);
    let mut options = system.options();
    options = options.with_reposdir(vec![given.path("")]);
    assert_eq!(dnf::setup(&options).unwrap().repositories.len(), 1);
}

#[test]
fn a_main_configuration_that_is_broken_is_an_error() {
    let system = System::new(&[("etc/dnf/dnf.conf", "main\n")]);
    let error = dnf::setup(&system.options()).unwrap_err().to_string();
    assert!(error.ends_with("line 1: expected a section, found `main`"), "{error}");
}
