//! Parts of files: from servers that give them, from servers that do not, and
//! from servers that say one thing and send another.

use std::io::Read as _;
use std::time::{Duration, Instant};

use delta_client::transport::TransportErrorKind as Kind;
use delta_client::transport::http::{HttpOptions, HttpTransport};
use delta_client::transport::{
    ByteRange, DirectoryTransport, Extent, Request, Response, Transport, TransportError,
};

use super::support::server::{Reply, gzip};
use super::{PATH, body, fetch, location, put, read, served, transport};

/// What is asked for in most tests.
const FIRST: u64 = 1000;
const BYTES: u64 = 100;

fn range() -> ByteRange {
    ByteRange::new(FIRST, BYTES).unwrap()
}

/// Asks for a part of the file, and reads what comes.
fn part(transport: &dyn Transport, range: ByteRange) -> Result<(Extent, Vec<u8>), TransportError> {
    let location = location(PATH);
    let body = body(transport.get(&Request::new(&location).with_range(range))?);
    let extent = body.extent;
    Ok((extent, read(Response::Body(body))?))
}

/// What asking for bytes 1000-1099 gives when the server answers like this.
fn told(reply: Reply) -> Result<(Extent, Vec<u8>), TransportError> {
    let (_dir, server, _) = served();
    server.script(PATH, [reply]);
    part(&transport(&server.url()), range())
}

/// As [`told`]; the error, which has to name the file.
#[track_caller]
fn failure(reply: Reply) -> (Kind, String) {
    let error = told(reply).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("cannot fetch `http://127.0.0.1:"), "{message}");
    (error.kind(), message.split_once("/repodata/a.xml`: ").unwrap().1.to_owned())
}

/// Status 206 with these lines and so many bytes; then nothing more, but no end.
fn partial(lines: &[&str], bytes: usize) -> Reply {
    let lines = lines.iter().map(|&line| line.to_owned()).collect();
    Reply::Open("206 Partial Content", lines, vec![b'x'; bytes])
}

#[test]
fn a_part_arrives_alone_and_says_what_it_is() {
    let (_dir, server, content) = served();
    let transport = transport(&server.url());
    for (first, bytes) in [(0, 1), (0, 26_000), (1000, 100), (25_999, 1)] {
        let range = ByteRange::new(first, bytes).unwrap();
        let (extent, found) = part(&transport, range).unwrap();
        assert_eq!(found, content[usize::try_from(first).unwrap()..usize::try_from(range.end()).unwrap()]);
        let Extent::Part { range: sent, total, .. } = extent else { panic!("{extent:?}") };
        assert_eq!((sent, total), (range, Some(26_000)));
    }
    let log = server.log();
    assert_eq!((log[2].sent, &*log[2].headers["range"]), (100, "bytes=1000-1099"));
    assert!(log.iter().all(|seen| seen.headers["accept-encoding"] == "identity"));
}

#[test]
fn a_part_has_its_length_and_the_validators_of_the_file() {
    let (_dir, server, _) = served();
    let location = location(PATH);
    let body = body(transport(&server.url()).get(&Request::new(&location).with_range(range())).unwrap());
    assert_eq!(body.length, Some(BYTES));
    assert!(body.validators.etag.is_some());
}

#[test]
fn the_end_of_the_file_may_come_first() {
    let (dir, server, content) = served();
    let directory = DirectoryTransport::open(dir.path()).unwrap();
    let web = transport(&server.url());
    let range = ByteRange::new(25_990, 1000).unwrap();
    for transport in [&directory as &dyn Transport, &web] {
        let (extent, found) = part(transport, range).unwrap();
        assert_eq!(found, content[25_990..]);
        let Extent::Part { range: sent, total, .. } = extent else { panic!("{extent:?}") };
        assert_eq!((sent.to_string(), total), ("25990-25999".to_owned(), Some(26_000)));
    }
}

#[test]
fn a_file_that_ends_before_the_part_is_an_error_of_its_own() {
    let (dir, server, _) = served();
    let range = ByteRange::new(26_000, 10).unwrap();
    let error = part(&transport(&server.url()), range).unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (Kind::OutOfRange, false));
    let end = "expected bytes 26000-26009, found 416 Range Not Satisfiable: the file has 26000 bytes";
    assert!(error.to_string().ends_with(end), "{error}");
    let error = part(&DirectoryTransport::open(dir.path()).unwrap(), range).unwrap_err();
    assert_eq!(error.kind(), Kind::OutOfRange);
    assert!(
        error.to_string().ends_with("expected bytes 26000-26009, found a file of 26000 bytes"),
        "{error}"
    );

    let (kind, why) = failure(Reply::Status(416));
    assert_eq!(
        (kind, &*why),
        (Kind::OutOfRange, "expected bytes 1000-1099, found 416 Range Not Satisfiable")
    );
    let error = super::told(Reply::Status(416)).unwrap_err();
    assert_eq!(error.kind(), Kind::Status(416));
}

#[test]
fn a_server_without_ranges_gives_the_whole_file_and_says_so() {
    for reply in [Reply::Serve, Reply::Chunked { whole: true }, Reply::UntilClosed] {
        let (extent, found) = told(Reply::Unranged(Box::new(reply))).unwrap();
        assert_eq!((extent, found.len()), (Extent::Whole, 26_000));
    }
}

#[test]
fn a_part_nobody_asked_for_is_no_answer() {
    let lines = ["Content-Range: bytes 0-99/26000", "Content-Length: 100"];
    let error = super::told(partial(&lines, 100)).unwrap_err();
    assert_eq!(error.kind(), Kind::Status(206));
}

/// That the whole file is asked for after such an answer, and given out.
#[track_caller]
fn whole_after(reply: Reply) {
    let (_dir, server, content) = served();
    server.script(PATH, [reply, Reply::Serve]);
    let (extent, found) = part(&transport(&server.url()), range()).unwrap();
    assert!(extent == Extent::Whole && found == content, "{extent:?}");
    let ranges: Vec<bool> = server.log().iter().map(|seen| seen.headers.contains_key("range")).collect();
    assert_eq!(ranges, [true, false]);
}

/// What an answer must say is tested in all its forms beside the rule.
#[test]
fn after_another_part_than_the_one_asked_for_the_whole_file_is() {
    for (lines, bytes) in [
        (&["Content-Range: bytes 0-99/26000", "Content-Length: 100"][..], 100),
        (&["Content-Range: bytes 1000-25999/26000", "Content-Length: 25000"], 25_000),
        (&["Content-Range: bytes 1000-1099/26000", "Content-Length: 101"], 101),
        (&["Content-Range: nonsense", "Content-Length: 100"], 100),
        (&["Content-Length: 100"], 100),
        (&["Content-Type: multipart/byteranges; boundary=x", "Content-Length: 300"], 300),
    ] {
        whole_after(partial(lines, bytes));
    }
}

#[test]
fn the_length_of_the_file_need_not_be_known() {
    let lines = ["Content-Range: bytes 1000-1099/*", "Content-Length: 100"];
    let (extent, found) = told(partial(&lines, 100)).unwrap();
    assert_eq!(found, [b'x'; 100]);
    let Extent::Part { range: sent, total, .. } = extent else { panic!("{extent:?}") };
    assert_eq!((sent, total), (range(), None));
}

#[test]
fn a_part_that_ends_early_is_an_interruption() {
    for bytes in [0, 1, 99] {
        let (kind, why) = failure(Reply::Truncated(bytes));
        assert_eq!(kind, Kind::Interrupted);
        assert_eq!(why, format!("expected 100 bytes, found an end after {bytes}"));
    }
    // Also where the end of the connection is the only end there is.
    let head = "HTTP/1.0 206 Partial Content\r\nContent-Range: bytes 1000-1099/26000\r\n\r\nshort";
    let (kind, why) = failure(Reply::Raw(head.as_bytes().to_vec()));
    assert_eq!((kind, &*why), (Kind::Interrupted, "expected 100 bytes, found an end after 5"));
}

#[test]
fn a_part_that_goes_on_is_cut_where_it_should_end() {
    for reply in [Reply::Endless, partial(&["Content-Range: bytes 1000-1099/26000"], 5000)] {
        let started = Instant::now();
        let (extent, found) = told(reply).unwrap();
        assert!(matches!(extent, Extent::Part { .. }));
        assert_eq!(found.len(), 100);
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_part_that_stalls_or_drips_ends() {
    assert_eq!(failure(Reply::Stall(50)).0, Kind::Timeout);
    // Slowly, but steadily.
    assert_eq!(told(Reply::Drip(Duration::from_millis(2))).unwrap().1.len(), 100);
}

#[test]
fn labels_of_parts_say_nothing() {
    let packed = gzip(b"<metadata/>");
    for path in [PATH, "repodata/a.xml.gz"] {
        let (_dir, server, _) = served();
        let location = location(path);
        let range = ByteRange::new(0, packed.len() as u64).unwrap();
        let content_range = format!("Content-Range: bytes 0-{}/{}", range.last(), packed.len());
        let encoding = "Content-Encoding: gzip".to_owned();
        let lines = vec![content_range, encoding.clone(), format!("Content-Length: {}", packed.len())];
        for reply in [
            Reply::Open("206 Partial Content", lines, packed.clone()),
            Reply::Headers(vec![encoding], packed.clone()),
        ] {
            server.script(path, [reply]);
            let response = transport(&server.url()).get(&Request::new(&location).with_range(range));
            assert_eq!(read(response.unwrap()).unwrap(), packed);
        }
    }
}

#[test]
fn failures_have_the_kinds_that_they_have_for_whole_files() {
    for (status, kind) in [(404, Kind::NotFound), (403, Kind::Denied), (503, Kind::Status(503))] {
        let (found, why) = failure(Reply::Status(status));
        assert_eq!(found, kind);
        assert!(why.starts_with(&format!("expected status 206 or 200, found {status}")), "{why}");
    }
    assert_eq!(failure(Reply::HangUp).0, Kind::Interrupted);
    assert_eq!(failure(Reply::Silent).0, Kind::Timeout);
}

#[test]
fn redirects_keep_the_part() {
    let (dir, server, content) = served();
    put(dir.path(), "elsewhere/b.xml", &content);
    server.script(PATH, [Reply::Redirect(302, "/elsewhere/b.xml".to_owned())]);
    let (extent, found) = part(&transport(&server.url()), range()).unwrap();
    assert!(matches!(extent, Extent::Part { .. }));
    assert_eq!(found, content[1000..1100]);
    assert_eq!(server.log()[1].headers["range"], "bytes=1000-1099");
}

#[test]
fn a_file_that_is_too_large_is_refused_by_what_is_said_of_it() {
    let (dir, server, _) = served();
    let directory = DirectoryTransport::open(dir.path()).unwrap();
    let web = transport(&server.url());
    let location = location(PATH);
    let request = Request::new(&location).with_range(range());
    for transport in [&directory as &dyn Transport, &web] {
        assert!(transport.get(&request.with_max_bytes(26_000)).is_ok());
        let error = transport.get(&request.with_max_bytes(25_999)).unwrap_err();
        assert_eq!(error.kind(), Kind::TooLarge);
        assert!(
            error.to_string().ends_with("expected at most 25999 bytes, found a file of 26000"),
            "{error}"
        );
    }
}

#[test]
fn a_directory_gives_the_part_of_its_files() {
    let (dir, _server, content) = served();
    let directory = DirectoryTransport::open(dir.path()).unwrap();
    let (extent, found) = part(&directory, range()).unwrap();
    assert_eq!(found, content[1000..1100]);
    let Extent::Part { range: sent, total, .. } = extent else { panic!("{extent:?}") };
    assert_eq!((sent, total), (range(), Some(26_000)));

    let location = location(PATH);
    let opened = directory.get(&Request::new(&location).with_range(range())).unwrap();
    std::fs::File::options().write(true).open(dir.path().join(PATH)).unwrap().set_len(1050).unwrap();
    let error = read(opened).unwrap_err();
    assert_eq!(error.kind(), Kind::Interrupted);
    assert!(error.to_string().ends_with("expected 100 bytes, found an end after 50"), "{error}");
}

#[test]
fn parts_that_were_read_leave_their_connection_for_the_next() {
    let (_dir, server, content) = served();
    let transport = transport(&server.url());
    let location = location(PATH);
    for first in [0_u64, 1000, 2000] {
        let range = ByteRange::new(first, 1000).unwrap();
        let mut body = body(transport.get(&Request::new(&location).with_range(range)).unwrap());
        let mut bytes = [0; 1000];
        // Nobody asks for more than that.
        body.reader.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes[..], content[usize::try_from(first).unwrap()..][..1000]);
    }
    assert!(server.log().iter().all(|seen| seen.connection == 0));
}

#[test]
fn what_goes_over_the_wire_for_a_part_is_the_part_and_two_heads() {
    let (_dir, server, _) = served();
    part(&transport(&server.url()), range()).unwrap();
    let wire = server.wire();
    assert!((BYTES..BYTES + 400).contains(&wire.sent), "{wire:?}");
    assert!((100..400).contains(&wire.received), "{wire:?}");
}

#[test]
fn a_body_that_is_dropped_stops_its_download_and_is_not_mixed_up_with_the_next() {
    let (dir, server, content) = served();
    let size = 24 << 20;
    put(dir.path(), "big", &vec![b'y'; size]);
    let big = location("big");
    // Such a file takes the test server a while.
    let transport = HttpTransport::new(&server.url(), &HttpOptions::default()).unwrap();
    let range = ByteRange::new(0, 1000).unwrap();
    for reply in [Reply::Unranged(Box::new(Reply::Serve)), Reply::Endless] {
        server.script("big", [reply]);
        let before = server.wire().sent;
        let mut body = body(transport.get(&Request::new(&big).with_range(range)).unwrap());
        let mut bytes = [0; 1000];
        body.reader.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes, [b'y'; 1000]);
        drop(body);
        // The server comes to know, and has written what the system takes before
        // anybody reads it, but not the file.
        server.wait_until_left();
        let sent = server.wire().sent - before;
        assert!(sent < size as u64 * 2 / 3, "{sent}");
        assert_eq!(fetch(&transport, PATH).unwrap(), content);
    }
    let connections: Vec<usize> = server.log().iter().map(|seen| seen.connection).collect();
    assert_ne!(connections[0], connections[1]);
    assert_ne!(connections[2], connections[3]);
}
