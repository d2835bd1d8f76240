//! How long is waited, and for whom: hosts that cannot be reached, servers that
//! ask to be left alone, and time that is over.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use delta_client::transport::TransportErrorKind as Kind;
use delta_client::transport::http::HttpTransport;
use delta_client::transport::{Request, Transport, TransportError};

use super::support::server::Reply;
use super::{PATH, fetch, impatient, location, read, served, told, transport};

#[test]
fn a_host_that_cannot_be_reached_is_given_up_for_the_run() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/r", listener.local_addr().unwrap());
    let address = listener.local_addr().unwrap();
    drop(listener);
    let options = impatient().with_connect_retries(1);
    let first = HttpTransport::new(&url, &options).unwrap();
    let error = fetch(&first, PATH).unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (Kind::Connect, true));
    // Several at the same time are one attempt.
    for _ in 0..3 {
        let _ = fetch(&HttpTransport::new(&url, &options).unwrap(), PATH);
    }
    assert!(fetch(&first, PATH).unwrap_err().is_transient());
    std::thread::sleep(Duration::from_millis(200));
    let error = fetch(&first, PATH).unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (Kind::Connect, false), "{error}");

    // It is not even asked any more, by nobody who has the same options.
    let _back = TcpListener::bind(address).unwrap();
    let other = HttpTransport::new(&url, &options.clone()).unwrap();
    let again = fetch(&other, PATH).unwrap_err();
    assert_eq!((again.to_string(), again.is_transient()), (error.to_string(), false));
    // Other options know nothing of it.
    let error = fetch(&transport(&url), PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
}

#[test]
fn hosts_that_answer_are_not_given_up() {
    let (_dir, server, _) = served();
    server.script(PATH, [Reply::Status(503)]);
    let options = impatient().with_connect_retries(0);
    let transport = HttpTransport::new(&server.url(), &options).unwrap();
    for _ in 0..3 {
        let error = fetch(&transport, PATH).unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (Kind::Status(503), true));
    }
}

#[test]
fn servers_that_ask_to_be_left_alone_say_for_how_long() {
    let answer = |status: &str, lines: &str| {
        let text = format!("HTTP/1.1 {status}\r\n{lines}Content-Length: 0\r\n\r\n");
        told(Reply::Raw(text.into_bytes())).unwrap_err().retry_after()
    };
    let date = "Date: Mon, 02 Nov 2026 10:00:00 GMT\r\nRetry-After: Mon, 02 Nov 2026 10:02:00 GMT\r\n";
    for (status, lines, seconds) in [
        ("503 Busy", "Retry-After: 3600\r\n", Some(3600)),
        ("429 Busy", "Retry-After: 5\r\n", Some(5)),
        ("503 Busy", date, Some(120)),
        ("503 Busy", "Retry-After: soon\r\n", None),
        ("503 Busy", "", None),
        ("404 Not Found", "Retry-After: 5\r\n", None),
    ] {
        assert_eq!(answer(status, lines), seconds.map(Duration::from_secs), "{status} {lines}");
    }
}

#[test]
fn bytes_that_are_no_content_do_not_make_a_server_quick() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5");
        // A chunk that never begins.
        while stream.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let error = fetch(&transport(&url), PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
    assert!(error.to_string().contains("expected at least 1000 bytes per second, found "), "{error}");
}

#[test]
fn a_deadline_ends_the_wait_for_the_answer_and_for_the_body() {
    for reply in [Reply::Silent, Reply::Stall(100), Reply::Drip(Duration::from_millis(20))] {
        let (_dir, server, _) = served();
        server.script(PATH, [reply]);
        let options = impatient().with_answer(Duration::from_secs(60)).with_stall(Duration::from_secs(60));
        let transport = HttpTransport::new(&server.url(), &options).unwrap();
        let location = location(PATH);
        let deadline = Instant::now() + Duration::from_millis(300);
        let request = Request::new(&location).with_deadline(deadline);
        let error = transport.get(&request).and_then(read).unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (Kind::OutOfTime, false), "{error}");
        assert!(error.to_string().ends_with("no time is left for it"), "{error}");
        // Then nothing is asked at all.
        let asked = server.log().len();
        let error: TransportError = transport.get(&request).unwrap_err();
        assert_eq!((error.kind(), server.log().len()), (Kind::OutOfTime, asked));
    }
}
