//! Proxies. The test server plays one: what it is asked for shows how it was
//! spoken to.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use delta_client::transport::TransportErrorKind as Kind;
use delta_client::transport::http::{HttpTransport, Proxies};

use super::support::server::Reply;
use super::{PATH, fetch, impatient, served};

fn through(url: &str, variables: &[(&str, &str)]) -> HttpTransport {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|&(_, value)| value.to_owned());
    let options = impatient().with_proxies(Proxies::from_variables(variable).unwrap());
    HttpTransport::new(url, &options).unwrap()
}

#[test]
fn an_http_proxy_is_asked_for_the_whole_url() {
    let (_dir, proxy, _) = served();
    let asked = "http://repo.invalid:81/r/repodata/a.xml";
    proxy.script(asked, [Reply::Bytes(b"by proxy".to_vec())]);
    let address = format!("http://me:p%40w@{}", proxy.authority());
    let transport = through("http://repo.invalid:81/r", &[("http_proxy", &address)]);
    for _ in 0..2 {
        assert_eq!(fetch(&transport, PATH).unwrap(), b"by proxy");
    }
    let log = proxy.log();
    assert_eq!(log[1].path, asked);
    assert_eq!(log[1].headers["host"], "repo.invalid:81");
    // me:p@w
    assert_eq!(log[1].headers["proxy-authorization"], "Basic bWU6cEB3");
    assert!(!log[1].headers.contains_key("authorization"));
    assert_eq!(log[0].connection, log[1].connection);
}

#[test]
fn exempt_hosts_and_other_schemes_are_reached_directly() {
    let (_dir, server, content) = served();
    let dead = "http://127.0.0.1:1";
    let transport = through(&server.url(), &[("http_proxy", dead), ("no_proxy", "127.0.0.0/8")]);
    assert_eq!(fetch(&transport, PATH).unwrap(), content);
    let transport = through(&server.url(), &[("https_proxy", dead)]);
    assert_eq!(fetch(&transport, PATH).unwrap(), content);
    assert!(!server.log()[0].headers.contains_key("proxy-authorization"));
    let transport = through(&server.url(), &[("all_proxy", dead)]);
    assert_eq!(fetch(&transport, PATH).unwrap_err().kind(), Kind::Proxy);
}

#[test]
fn redirects_choose_their_route_anew() {
    let (_dir, server, content) = served();
    let (_proxy_dir, proxy, _) = served();
    let to = format!("{}{PATH}", server.url());
    proxy.script("http://repo.invalid/repodata/a.xml", [Reply::Redirect(302, to)]);
    let address = proxy.url();
    let transport = through("http://repo.invalid/", &[("http_proxy", &address), ("no_proxy", "127.0.0.1")]);
    assert_eq!(fetch(&transport, PATH).unwrap(), content);
    assert_eq!((proxy.log().len(), server.log().len()), (1, 1));
}

#[test]
fn a_proxy_that_wants_a_password_is_named() {
    let (_dir, proxy, _) = served();
    proxy.script("http://repo.invalid/repodata/a.xml", [Reply::Status(407)]);
    let transport = through("http://repo.invalid/", &[("http_proxy", &proxy.url())]);
    let error = fetch(&transport, PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::ProxyDenied);
    let why = format!("the proxy `http://{}` refuses: 407 Proxy Authentication Required", proxy.authority());
    assert!(error.to_string().ends_with(&why), "{error}");
}

/// Accepts one connection, answers the first request head and tells what it was.
fn listen(answer: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read(&mut byte).unwrap() == 0 {
                break;
            }
            head.push(byte[0]);
        }
        tell.send(String::from_utf8(head).unwrap()).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    });
    (address, told)
}

#[test]
fn https_goes_through_a_tunnel() {
    let (address, told) = listen("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    let transport = through("https://user:pw@repo.invalid/r", &[("https_proxy", &address)]);
    let error = fetch(&transport, PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::ProxyDenied, "{error}");
    assert!(error.to_string().contains(&format!("the proxy `http://{address}` refuses: ")), "{error}");
    let head = told.recv().unwrap();
    assert!(head.starts_with("CONNECT repo.invalid:443 HTTP/1.1\r\n"), "{head}");
    assert!(!head.to_lowercase().contains("\r\nauthorization"), "{head}");
}

#[test]
fn a_server_without_tls_is_told_as_that() {
    let (address, _told) = listen_raw("HTTP/1.1 400 Bad Request\r\n\r\n");
    let error = fetch(&through(&format!("https://{address}/"), &[]), PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::Other, "{error}");
    assert!(error.to_string().ends_with("expected TLS, found something else"), "{error}");
    assert!(!error.is_transient());
}

#[test]
fn a_server_that_is_silent_from_the_first_byte_of_tls_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let started = std::time::Instant::now();
    let error = fetch(&through(&format!("https://{address}/"), &[]), PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}

/// As [`listen`], but answers whatever comes first.
fn listen_raw(answer: &'static str) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    });
    (address, thread)
}

#[test]
fn a_dead_proxy_is_blamed_and_not_the_server() {
    let dead = "127.0.0.1:1";
    for (url, variable) in [("http://repo.invalid/", "http_proxy"), ("https://repo.invalid/", "https_proxy")]
    {
        let transport = through(url, &[(variable, &format!("http://me:secret@{dead}"))]);
        let error = fetch(&transport, PATH).unwrap_err();
        assert_eq!(error.kind(), Kind::Proxy, "{error}");
        let text = error.to_string();
        assert!(text.contains("the proxy `http://127.0.0.1:1` cannot be reached: no connection"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
