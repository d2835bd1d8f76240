//! What a server is shown: user names and passwords, and what a URL carries.

use delta_client::transport::Transport as _;
use delta_client::transport::http::{Credentials, HttpTransport, Netrc};

use super::{PATH, fetch, impatient, served};

#[test]
fn the_query_of_a_base_url_goes_with_each_file() {
    let (_dir, server, content) = served();
    let transport = HttpTransport::new(&format!("{}?token=a%20b", server.url()), &impatient()).unwrap();
    assert_eq!(fetch(&transport, PATH).unwrap(), content);
    assert_eq!(server.take_paths(), [format!("{PATH}?token=a%20b")]);
    let error = fetch(&transport, "repodata/b.xml").unwrap_err().to_string();
    assert!(error.contains("/repodata/b.xml?…`") && !error.contains("token"), "{error}");
}

#[test]
fn sources_that_have_one_name_are_told_apart() {
    let transport = |url: &str| HttpTransport::new(url, &impatient()).unwrap();
    let base = transport("http://host/a");
    assert_eq!(base.identity(), base.name());
    let urls = ["http://host/a?view=a", "http://host/a?view=b", "http://user:secret@host/a?view=a"];
    let identities = urls.map(|url| transport(url).identity());
    for (at, identity) in identities.iter().enumerate() {
        assert!(!identities[..at].contains(identity) && *identity != base.identity(), "{identity}");
        assert!(!["view", "user", "secret"].iter().any(|secret| identity.contains(secret)), "{identity}");
    }
    // A password may be renewed.
    assert_eq!(transport("http://user:new@host/a/?view=a").identity(), identities[2]);
}

#[test]
fn a_url_says_who_asks_before_options_and_files_do() {
    let (_dir, server, _) = served();
    let sent = |url: &str, credentials: Option<Credentials>| {
        let options = impatient()
            .with_netrc(Netrc::parse("machine 127.0.0.1 login file password x").unwrap())
            .with_credentials(credentials);
        fetch(&HttpTransport::new(url, &options).unwrap(), PATH).unwrap();
        server.log().last().unwrap().headers["authorization"].clone()
    };
    let by_url = server.url().replace("http://", "http://url:x@");
    let basic = |pair: &str| format!("Basic {pair}");
    assert_eq!(sent(&by_url, Some(Credentials::new("options", "x"))), basic("dXJsOng="));
    assert_eq!(sent(&server.url(), Some(Credentials::new("options", "x"))), basic("b3B0aW9uczp4"));
    assert_eq!(sent(&server.url(), None), basic("ZmlsZTp4"));
}
