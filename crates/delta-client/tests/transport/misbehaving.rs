//! A server that does everything wrong: each case ends soon, with an error of
//! the right kind.

use std::io::Read;
use std::time::{Duration, Instant};

use delta_client::transport::TransportErrorKind as Kind;
use delta_client::transport::http::HttpTransport;
use delta_client::transport::{Request, Response, Transport, TransportError, Validators};

use super::support::server::{Reply, gzip};
use super::{PATH, body, failure, fetch, impatient, location, put, read, served, told, transport};

fn raw(text: &str) -> Reply {
    Reply::Raw(text.as_bytes().to_vec())
}

fn headers(lines: &[&str], bytes: &[u8]) -> Reply {
    Reply::Headers(lines.iter().map(|&line| line.to_owned()).collect(), bytes.to_vec())
}

#[test]
fn statuses_have_their_kinds() {
    for (status, kind, transient) in [
        (404, Kind::NotFound, false),
        (410, Kind::NotFound, false),
        (401, Kind::Denied, false),
        (403, Kind::Denied, false),
        (400, Kind::Status(400), false),
        (429, Kind::Status(429), true),
        (500, Kind::Status(500), true),
        (503, Kind::Status(503), true),
        (201, Kind::Status(201), false),
        (206, Kind::Status(206), false),
        (300, Kind::Status(300), false),
        (999, Kind::Status(999), false),
    ] {
        let error = told(Reply::Status(status)).unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (kind, transient), "{status}");
    }
    assert_eq!(failure(Reply::Status(404)).1, "expected status 200, found 404 Not Found");
    assert_eq!(failure(Reply::Status(999)).1, "expected status 200, found 999");
}

#[test]
fn not_modified_without_a_condition_is_no_answer() {
    assert_eq!(failure(raw("HTTP/1.1 304 Not Modified\r\n\r\n")).0, Kind::Status(304));
    let (_dir, server, _) = served();
    server.script(PATH, [raw("HTTP/1.1 304 Not Modified\r\n\r\n")]);
    let (location, none) = (location(PATH), Validators::default());
    let request = Request::new(&location).with_validators(&none);
    assert_eq!(transport(&server.url()).get(&request).unwrap_err().kind(), Kind::Status(304));
}

#[test]
fn a_body_that_ends_early_is_an_interruption() {
    for bytes in [0, 1, 25_999] {
        let (kind, why) = failure(Reply::Truncated(bytes));
        assert_eq!(kind, Kind::Interrupted);
        assert_eq!(why, format!("expected 26000 bytes, found an end after {bytes}"));
    }
    let (kind, why) = failure(Reply::Chunked { whole: false });
    assert_eq!((kind, why.as_str()), (Kind::Interrupted, "the connection ended before the file did"));
}

#[test]
fn a_body_longer_than_announced_is_cut_there() {
    // The rest could be anything; that the file is not whole is for its size
    // and checksum to say.
    assert_eq!(told(Reply::Announced(100)).unwrap().len(), 100);
}

#[test]
fn no_answer_and_a_closed_connection_are_told_apart() {
    let (kind, why) = failure(Reply::Silent);
    assert_eq!(kind, Kind::Timeout);
    assert!(why.contains("within 0.6 s"), "{why}");
    let (kind, why) = failure(Reply::HangUp);
    assert_eq!(kind, Kind::Interrupted);
    assert_eq!(why, "the server closed the connection without an answer");
}

#[test]
fn silence_in_the_middle_or_before_the_announced_end_ends() {
    for reply in [Reply::Stall(1000), Reply::Announced(26_001)] {
        let started = Instant::now();
        let (kind, why) = failure(reply);
        assert_eq!(kind, Kind::Timeout);
        assert_eq!(why, "expected data within 0.6 s, found none");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_slow_server_is_waited_for_and_a_drip_is_not() {
    let (dir, server, _) = served();
    put(dir.path(), PATH, &[b'x'; 60]);
    server.script(PATH, [Reply::Drip(Duration::from_millis(20))]);
    // 50 bytes per second, for twice as long as a stall may be.
    let mut options = impatient().with_stall(Duration::from_secs(1)).with_min_rate(10);
    let patient = HttpTransport::new(&server.url(), &options).unwrap();
    assert_eq!(fetch(&patient, PATH).unwrap().len(), 60);
    options.min_rate = 200;
    let error = fetch(&HttpTransport::new(&server.url(), &options).unwrap(), PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.to_string().contains("expected at least 200 bytes per second"), "{error}");
}

#[test]
fn an_endless_body_ends_at_the_limit() {
    let (_dir, server, _) = served();
    server.script(PATH, [Reply::Endless]);
    let location = location(PATH);
    let request = Request::new(&location).with_max_bytes(100_000);
    let body = body(transport(&server.url()).get(&request).unwrap());
    assert_eq!(body.length, None);
    let mut bytes = Vec::new();
    let mut reader = body.reader;
    let error = reader.read_to_end(&mut bytes).map_err(TransportError::from_io).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert!(error.to_string().ends_with("`: expected at most 100000 bytes, found more"), "{error}");
    assert!(bytes.len() <= 100_000, "{}", bytes.len());
}

#[test]
fn what_is_announced_too_large_is_not_read() {
    let (_dir, server, _) = served();
    let location = location(PATH);
    let transport = transport(&server.url());
    let error = transport.get(&Request::new(&location).with_max_bytes(25_999)).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert!(error.to_string().ends_with("expected at most 25999 bytes, found a file of 26000"), "{error}");
    assert!(read(transport.get(&Request::new(&location).with_max_bytes(26_000)).unwrap()).is_ok());
}

#[test]
fn an_endless_head_ends() {
    let head = format!("HTTP/1.1 200 OK\r\n{}", "X-Filler: and so on and so on\r\n".repeat(10_000));
    assert_eq!(failure(raw(&head)).0, Kind::Other);
    let line = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(200_000));
    assert_eq!(failure(raw(&line)).0, Kind::Other);
}

#[test]
fn interim_answers_are_passed_over() {
    let hint = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    let end = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    assert_eq!(told(raw(&format!("{hint}{end}"))).unwrap(), b"x");
}

#[test]
fn what_is_not_http_is_an_error() {
    for junk in [
        "\0\0\0\0\0\0\0\0",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nx",
    ] {
        let (kind, _) = failure(raw(junk));
        assert!(matches!(kind, Kind::Other | Kind::Interrupted), "{junk:?}: {kind:?}");
    }
}

#[test]
fn the_bytes_of_a_file_arrive_as_they_are_whatever_they_are_called() {
    let packed = gzip(b"<repomd/>");
    for coding in ["aws-chunked", "UTF-8", "none", "binary", "gzip", "br", "zstd", "identity, gzip", ""] {
        let line = format!("Content-Encoding: {coding}");
        for bytes in [&packed[..], b"<repomd/>"] {
            assert_eq!(told(headers(&[&line], bytes)).unwrap(), bytes, "{coding}");
        }
    }
}

#[test]
fn odd_heads_that_say_one_thing_are_taken() {
    for answer in [
        "HTTP/1.0 200 OK\r\n\r\nx",
        "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
        "\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\n\tthree\r\nContent-Length:\r\n 1\r\n\r\nx",
        "HTTP/1.1 103 Early Hints\r\nX : y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length\t: 1\r\n\r\nx",
    ] {
        assert_eq!(told(raw(answer)).unwrap(), b"x", "{answer:?}");
    }
}

#[test]
fn what_the_library_cannot_read_is_an_error_and_soon() {
    for line in ["A B: value", "no colon", ": value", " folded"] {
        let head = format!("HTTP/1.1 200 OK\r\n{line}\r\nContent-Length: 1\r\n\r\nx");
        let (kind, why) = failure(raw(&head));
        assert_eq!(kind, Kind::Other, "{line}");
        assert!(why.starts_with("expected an answer by HTTP/1.1, found something else: "), "{why}");
    }
}

#[test]
fn an_answer_without_a_body_may_have_a_length() {
    let (_dir, server, content) = served();
    let location = location(PATH);
    let validators = Validators::new(Some("\"x\"".to_owned()), None);
    let unmodified = "HTTP/1.1 304 Not Modified\r\nContent-Length: 26000\r\n\r\n";
    server.script(PATH, [raw(unmodified), Reply::Serve]);
    let transport = transport(&server.url());
    let response = transport.get(&Request::new(&location).with_validators(&validators)).unwrap();
    assert!(matches!(response, Response::NotModified));
    assert_eq!(fetch(&transport, PATH).unwrap(), content);
}

#[test]
fn not_modified_is_believed_of_the_file_that_was_asked_for() {
    let (_dir, server, content) = served();
    let location = location(PATH);
    let transport = transport(&server.url());
    let both = Validators::new(Some("W/\"x\"".to_owned()), Some("Mon, 02 Nov 2026 10:00:00 GMT".to_owned()));
    let dated = Validators::new(None, both.last_modified.clone());
    for (asked, lines, is_believed) in [
        (&both, "ETag: \"x\"\r\n", true),
        (&both, "ETag: W/\"x\"\r\nLast-Modified: Tue, 03 Nov 2026 10:00:00 GMT\r\n", true),
        (&both, "ETag: \"y\"\r\n", false),
        (&dated, "ETag: \"y\"\r\n", true),
        (&dated, "Last-Modified: Sun, 01 Nov 2026 10:00:00 GMT\r\n", true),
        (&dated, "Last-Modified: Mon, 02 Nov 2026 10:00:01 GMT\r\n", false),
        (&both, "Last-Modified: Mon, 02 Nov 2026 10:00:01 GMT\r\n", false),
    ] {
        let unmodified = format!("HTTP/1.1 304 Not Modified\r\n{lines}\r\n");
        server.script(PATH, [raw(&unmodified), Reply::Serve]);
        let before = server.log().len();
        let response = transport.get(&Request::new(&location).with_validators(asked)).unwrap();
        match response {
            Response::NotModified => assert!(is_believed, "{lines}"),
            response => {
                assert!(!is_believed, "{lines}");
                assert_eq!(read(response).unwrap(), content);
                let log = server.log();
                let [_, again] = &log[before..] else { panic!("{lines}: expected two requests") };
                for absent in ["if-none-match", "if-modified-since"] {
                    assert!(!again.headers.contains_key(absent), "{absent}");
                }
            }
        }
    }
}

#[test]
fn a_connection_that_was_kept_and_is_closed_is_replaced_at_once() {
    let (_dir, server, content) = served();
    server.script(PATH, [Reply::Serve, Reply::HangUp, Reply::Serve]);
    let transport = transport(&server.url());
    for _ in 0..2 {
        assert_eq!(fetch(&transport, PATH).unwrap(), content);
    }
    assert_eq!(server.log().len(), 3);
}

#[test]
fn a_transfer_encoding_that_compresses_is_refused() {
    let packed = gzip(b"<repomd/>");
    let chunk = [format!("{:x}\r\n", packed.len()).as_bytes(), &packed, b"\r\n0\r\n\r\n"].concat();
    for coding in ["gzip, chunked", "gzip\r\nTransfer-Encoding: chunked"] {
        let head = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n");
        let (kind, why) = failure(Reply::Raw([head.as_bytes(), &chunk].concat()));
        assert_eq!(kind, Kind::Other);
        assert!(why.contains("found transfer encoding `gzip`"), "{why}");
    }
}

#[test]
fn validators_too_long_to_be_any_are_not_kept() {
    let (_dir, server, _) = served();
    let line = format!("ETag: \"{}\"", "x".repeat(5000));
    server.script(PATH, [headers(&[&line, "Last-Modified: now"], b"x")]);
    let body = body(transport(&server.url()).get(&Request::new(&location(PATH))).unwrap());
    assert_eq!(body.validators, Validators::new(None, Some("now".to_owned())));
}
