//! A server that does nothing wrong.

use std::sync::Arc;
use std::thread;

use delta_client::transport::http::HttpTransport;
use delta_client::transport::{Request, Response, Transport, TransportErrorKind, Validators};

use super::support::server::{Reply, etag};
use super::{PATH, body, fetch, impatient, location, put, read, served, told, transport};

#[test]
fn the_bytes_of_a_file_arrive_with_length_and_validators() {
    let (_dir, server, content) = served();
    let transport = transport(&server.url());
    let body = body(transport.get(&Request::new(&location(PATH))).unwrap());
    assert_eq!(body.length, Some(26_000));
    assert_eq!(body.validators.etag, Some(etag(&content)));
    assert_eq!(body.validators.last_modified.as_deref(), Some("Mon, 02 Nov 2026 10:00:00 GMT"));
    assert_eq!(read(Response::Body(body)).unwrap(), content);
    assert_eq!(server.take_paths(), [PATH]);
}

#[test]
fn an_empty_file_is_a_file() {
    let (dir, server, _) = served();
    put(dir.path(), PATH, b"");
    let body = body(transport(&server.url()).get(&Request::new(&location(PATH))).unwrap());
    assert_eq!(body.length, Some(0));
    assert_eq!(read(Response::Body(body)).unwrap(), b"");
}

#[test]
fn requests_say_who_asks_and_that_nothing_is_to_be_encoded() {
    let (_dir, server, _) = served();
    fetch(&transport(&server.url()), PATH).unwrap();
    let headers = &server.log()[0].headers;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(headers["user-agent"], format!("createrepo-delta/{version}"));
    assert_eq!(headers["accept-encoding"], "identity");
    assert_eq!(headers["host"], server.authority());
    for absent in ["authorization", "if-none-match", "range", "cookie", "cache-control"] {
        assert!(!headers.contains_key(absent), "{absent}");
    }
}

#[test]
fn what_is_known_is_not_sent_again() {
    let (dir, server, content) = served();
    let transport = transport(&server.url());
    let location = location(PATH);
    let validators = Validators::new(Some(etag(&content)), Some("Mon, 02 Nov 2026 10:00:00 GMT".into()));
    let request = Request::new(&location).with_validators(&validators);
    assert!(matches!(transport.get(&request).unwrap(), Response::NotModified));
    let seen = &server.log()[0];
    assert_eq!(seen.headers["if-modified-since"], "Mon, 02 Nov 2026 10:00:00 GMT");
    assert_eq!(seen.sent, 0);

    put(dir.path(), PATH, b"changed");
    assert_eq!(read(transport.get(&request).unwrap()).unwrap(), b"changed");
}

#[test]
fn validators_that_are_no_header_values_are_not_sent() {
    let (_dir, server, content) = served();
    let validators = Validators::new(Some("a\r\nX-Evil: b".into()), None);
    let location = location(PATH);
    let request = Request::new(&location).with_validators(&validators);
    assert_eq!(read(transport(&server.url()).get(&request).unwrap()).unwrap(), content);
    assert!(!server.log()[0].headers.contains_key("x-evil"));
}

#[test]
fn validators_of_a_file_that_may_change_within_the_second_are_not_kept() {
    let (_dir, server, _) = served();
    let validators = |sent: &str| {
        let lines =
            ["ETag: \"x\"".into(), "Last-Modified: Mon, 02 Nov 2026 10:00:00 GMT".into(), sent.into()];
        server.script(PATH, [Reply::Headers(lines.to_vec(), b"x".to_vec())]);
        body(transport(&server.url()).get(&Request::new(&location(PATH))).unwrap()).validators
    };
    assert!(validators("Date: Mon, 02 Nov 2026 10:00:00 GMT").is_empty());
    assert!(validators("Date: Mon, 02 Nov 2026 10:00:01 GMT").is_empty());
    assert!(!validators("Date: Mon, 02 Nov 2026 10:00:02 GMT").is_empty());
    assert!(!validators("Date: once").is_empty());
}

#[test]
fn caches_are_asked_to_look_again() {
    let (_dir, server, _) = served();
    let location = location(PATH);
    transport(&server.url()).get(&Request::new(&location).with_revalidation()).unwrap();
    assert_eq!(server.log()[0].headers["cache-control"], "no-cache");
}

#[test]
fn credentials_are_sent_and_never_shown() {
    let (_dir, server, _) = served();
    let url = format!("http://me:s%3acret@{}/", server.authority());
    let transport = HttpTransport::new(&url, &impatient()).unwrap();
    fetch(&transport, PATH).unwrap();
    // me:s:cret
    assert_eq!(server.log()[0].headers["authorization"], "Basic bWU6czpjcmV0");
    let error = fetch(&transport, "repodata/absent.xml").unwrap_err();
    for shown in [transport.name(), format!("{transport:?}"), error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains("cret") && !shown.contains("me:"), "{shown}");
    }
}

#[test]
fn names_are_escaped_once() {
    let (dir, server, _) = served();
    put(dir.path(), "repodata/a%20b%C3%BC.xml", b"escaped");
    let transport = transport(&server.url());
    assert_eq!(fetch(&transport, "repodata/a bü.xml").unwrap(), b"escaped");
    assert_eq!(fetch(&transport, "repodata/a%20b%C3%BC.xml").unwrap(), b"escaped");
}

#[test]
fn chunks_and_a_closed_connection_are_ends() {
    let (_, _, content) = served();
    assert_eq!(told(Reply::Chunked { whole: true }).unwrap(), content);
    assert_eq!(told(Reply::UntilClosed).unwrap(), content);
}

#[test]
fn several_threads_share_a_transport_and_connections_are_used_again() {
    let (_dir, server, content) = served();
    let transport = Arc::new(transport(&server.url()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(fetch(&*transport, PATH).unwrap(), content);
                }
            });
        }
    });
    let log = server.log();
    assert_eq!(log.len(), 20);
    let connections = log.iter().map(|seen| seen.connection).max().unwrap() + 1;
    assert!(connections < 20, "{connections}");
}

#[test]
fn a_connection_that_was_closed_meanwhile_is_replaced() {
    let (_dir, server, content) = served();
    let transport = transport(&server.url());
    server.script(PATH, [Reply::Serve, Reply::UntilClosed, Reply::Serve]);
    for _ in 0..3 {
        assert_eq!(fetch(&transport, PATH).unwrap(), content);
        thread::sleep(std::time::Duration::from_millis(30));
    }
}

#[test]
fn nobody_there_is_a_failed_connection() {
    let (_dir, server, _) = served();
    let url = server.url();
    drop(server);
    // Until the listening thread is gone.
    thread::sleep(std::time::Duration::from_millis(100));
    let error = fetch(&transport(&url), PATH).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert!(error.is_transient());
    // A resolver that is out of reach itself takes its time.
    let error = fetch(&transport("http://no-such-host.invalid/"), PATH).unwrap_err();
    assert!(matches!(error.kind(), TransportErrorKind::Connect | TransportErrorKind::Timeout), "{error}");
}

#[test]
fn what_is_no_base_url_is_refused() {
    for bad in ["repo", "/srv/repo", "ftp://h/", "http://h/#x", "http://me:secret@h:x/"] {
        let error = HttpTransport::new(bad, &impatient()).unwrap_err();
        assert!(error.to_string().starts_with("cannot use the URL given: expected "), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert!(HttpTransport::is_url("HTTPS://h") && !HttpTransport::is_url("/srv/http://h"));
}
