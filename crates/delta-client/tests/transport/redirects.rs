//! Redirects: followed within limits, and never to where they must not lead.
//! (That https is never left for http is tested beside the rule itself.)

use delta_client::transport::TransportErrorKind as Kind;
use delta_client::transport::http::HttpTransport;
use delta_client::transport::{Request, Response, Transport, Validators};

use super::support::server::Reply;
use super::{PATH, body, fetch, impatient, location, put, served, transport};

fn to(place: &str) -> Reply {
    Reply::Redirect(302, place.to_owned())
}

#[test]
fn redirects_lead_to_the_file() {
    let (dir, server, content) = served();
    put(dir.path(), "elsewhere/b.xml", &content);
    let transport = transport(&server.url());
    for status in [301, 302, 303, 307, 308] {
        for place in ["/elsewhere/b.xml", "../elsewhere/b.xml", &format!("{}elsewhere/b.xml", server.url())] {
            server.script(PATH, [Reply::Redirect(status, place.to_owned())]);
            assert_eq!(fetch(&transport, PATH).unwrap(), content, "{status} {place}");
        }
    }
}

#[test]
fn a_loop_ends_after_a_few_requests() {
    let (_dir, server, _) = served();
    server.script(PATH, [to("/b")]);
    server.script("b", [to(&format!("/{PATH}"))]);
    let error = fetch(&transport(&server.url()), PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::Redirect);
    assert!(error.to_string().ends_with("expected at most 5 redirects"), "{error}");
    assert_eq!(server.log().len(), 6);

    let options = impatient().with_max_redirects(0);
    let error = fetch(&HttpTransport::new(&server.url(), &options).unwrap(), PATH).unwrap_err();
    assert_eq!(error.kind(), Kind::Redirect);
    assert_eq!(server.log().len(), 7);
}

#[test]
fn other_schemes_are_not_followed() {
    let (dir, server, _) = served();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "x").unwrap();
    for place in [
        &format!("file://{}", secret.display()),
        "ftp://127.0.0.1/x",
        "gopher://x/",
        "data:,x",
        "javascript:1",
    ] {
        server.script(PATH, [to(place)]);
        let error = fetch(&transport(&server.url()), PATH).unwrap_err();
        assert_eq!(error.kind(), Kind::Redirect);
        assert!(error.to_string().contains("expected scheme http or https, found `"), "{error}");
    }
    assert_eq!(server.log().len(), 5);
}

#[test]
fn redirects_without_a_usable_target_are_errors() {
    for head in [
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://me:pw@127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
    ] {
        let (kind, why) = super::failure(Reply::Raw(head.as_bytes().to_vec()));
        assert_eq!(kind, Kind::Redirect);
        assert!(!why.contains("pw"), "{why}");
    }
}

#[test]
fn the_body_of_a_redirect_is_not_waited_for() {
    let (dir, server, content) = served();
    put(dir.path(), "b.xml", &content);
    let head = "HTTP/1.1 302 Found\r\nLocation: /b.xml\r\nContent-Length: 1000000000\r\n\r\nx";
    server.script(PATH, [Reply::Raw(head.as_bytes().to_vec())]);
    assert_eq!(fetch(&transport(&server.url()), PATH).unwrap(), content);
}

#[test]
fn credentials_stay_with_their_server() {
    let (_dir, first, content) = served();
    let (_other_dir, second, _) = served();
    let url = format!("http://me:pw@{}/", first.authority());
    first.script(PATH, [to(&format!("{}{PATH}", second.url())), to("/again.xml")]);
    first.script("again.xml", [Reply::Bytes(b"again".to_vec())]);
    let transport = HttpTransport::new(&url, &impatient()).unwrap();
    assert_eq!(fetch(&transport, PATH).unwrap(), content);
    assert!(!second.log()[0].headers.contains_key("authorization"));
    assert_eq!(fetch(&transport, PATH).unwrap(), b"again");
    assert!(first.log().iter().all(|seen| seen.headers.contains_key("authorization")));
}

#[test]
fn errors_name_both_places_and_no_query() {
    let (_dir, server, _) = served();
    server.script(PATH, [to("/absent.xml?token=secret")]);
    let transport = transport(&server.url());
    let message = fetch(&transport, PATH).unwrap_err().to_string();
    let base = transport.name();
    assert_eq!(
        message,
        format!(
            "cannot fetch `{base}{PATH}`: redirected to `{base}absent.xml?…`: expected status 200, found 404 Not Found"
        )
    );
    assert_eq!(server.log()[1].path, "absent.xml?token=secret");
}

#[test]
fn validators_are_no_others_than_those_of_the_server_that_is_asked() {
    let (_dir, redirector, _) = served();
    let (dir, mirror, _) = served();
    put(dir.path(), PATH, b"newer");
    let there = to(&format!("{}{PATH}", mirror.url()));
    let transport = transport(&redirector.url());
    let get = |validators: &Validators| {
        transport.get(&Request::new(&location(PATH)).with_validators(validators)).unwrap()
    };
    // First it serves itself, then it leads to a mirror that would say "not modified".
    redirector.script(PATH, [Reply::Serve, there.clone()]);
    let given = body(get(&Validators::default())).validators;
    assert!(given.etag.is_some() && given.last_modified.is_some());
    mirror.script(PATH, [Reply::Serve, Reply::Serve, Reply::Status(304)]);
    let Response::Body(redirected) = get(&given) else { panic!("expected the file, found not modified") };
    assert_eq!(redirected.validators, Validators::default());
    assert_eq!(std::io::read_to_string(redirected.reader).unwrap(), "newer");
    let asked = mirror.log();
    assert!(!asked[0].headers.contains_key("if-none-match"), "{asked:?}");
    assert!(!asked[0].headers.contains_key("if-modified-since"), "{asked:?}");
    assert!(redirector.log()[1].headers.contains_key("if-none-match"));
    // Nor is it believed that says so without having been asked.
    get(&given);
    let error = transport.get(&Request::new(&location(PATH)).with_validators(&given)).unwrap_err();
    assert!(error.to_string().contains("304"), "{error}");
}
