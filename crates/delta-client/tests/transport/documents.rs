//! Documents at URLs of their own: a query is sent, the rest is as with files.

use delta_client::transport::TransportErrorKind;
use delta_client::transport::http::HttpTransport;

use super::support::server::Reply;
use super::{PATH, impatient, put, served};

#[test]
fn sizes_are_capped_and_redirects_followed() {
    let (_dir, server, content) = served();
    let url = format!("{}{PATH}", server.url());
    let size = content.len() as u64;
    assert_eq!(HttpTransport::document(&url, &impatient(), size).unwrap(), content);
    let error = HttpTransport::document(&url, &impatient(), size - 1).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::TooLarge);
    server.script("moved", [Reply::Redirect(302, format!("/{PATH}"))]);
    let moved = format!("{}moved", server.url());
    assert_eq!(HttpTransport::document(&moved, &impatient(), size).unwrap(), content);
}

#[test]
fn a_query_is_sent_and_not_shown() {
    let (dir, server, _) = served();
    put(dir.path(), "list", b"http://a/\n");
    let url = format!("{}list?repo=a&key=secret", server.url());
    assert_eq!(HttpTransport::document(&url, &impatient(), 100).unwrap(), b"http://a/\n");
    assert_eq!(server.take_paths(), ["list?repo=a&key=secret"]);
    let error = HttpTransport::document(&url, &impatient(), 3).unwrap_err();
    assert!(error.to_string().contains("list?…") && !error.to_string().contains("secret"), "{error}");
}
