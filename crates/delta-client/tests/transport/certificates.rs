//! Servers with TLS: whom they have to be certified by, and those that want a
//! certificate themselves.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use delta_client::transport::TransportErrorKind as Kind;
use delta_client::transport::http::{Authorities, ClientCertificate, HttpOptions, HttpTransport, Proxies};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use super::{PATH, fetch, impatient};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transport/tls").join(name)
}

fn chain(name: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_file_iter(file(name)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The URL of a server that answers `x` to everybody whom it lets in.
fn serve(version: &'static SupportedProtocolVersion, wants_certificate: bool) -> String {
    let provider = Arc::new(default_provider());
    let mut authorities = RootCertStore::empty();
    authorities.add_parsable_certificates(chain("ca.pem"));
    let builder =
        ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[version]).unwrap();
    let builder = if wants_certificate {
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let config = Arc::new(builder.with_single_cert(chain("server.pem"), key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok() {
                let _ =
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
            }
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    url
}

/// The address of a proxy that lets everything through.
fn tunnel() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut client = stream.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                client.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap().to_owned();
            let mut server = TcpStream::connect(target).unwrap();
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let (mut to, mut from) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            thread::spawn(move || std::io::copy(&mut server, &mut client));
        }
    });
    address
}

fn trusting() -> HttpOptions {
    impatient().with_cacert(Authorities::read(&file("ca.pem")).unwrap())
}

#[test]
fn servers_are_certified_by_the_authorities_given() {
    for version in [&TLS12, &TLS13] {
        let url = serve(version, false);
        assert_eq!(fetch(&HttpTransport::new(&url, &trusting()).unwrap(), PATH).unwrap(), b"x");
        let error = fetch(&HttpTransport::new(&url, &impatient()).unwrap(), PATH).unwrap_err();
        assert_eq!(error.kind(), Kind::Tls, "{error}");
        assert!(error.to_string().contains("the server is not trusted: "), "{error}");
    }
    let whole_directory = Authorities::read(&file(""));
    assert!(whole_directory.is_ok(), "{whole_directory:?}");
}

#[test]
fn tls_goes_through_tunnels() {
    let tunnel = tunnel();
    let proxies = Proxies::from_variables(|name| (name == "https_proxy").then(|| tunnel.clone())).unwrap();
    let options = trusting().with_proxies(proxies).with_min_rate(1);
    for version in [&TLS12, &TLS13] {
        let transport = HttpTransport::new(&serve(version, false), &options).unwrap();
        for _ in 0..2 {
            assert_eq!(fetch(&transport, PATH).unwrap(), b"x");
        }
    }
}

#[test]
fn a_server_that_wants_a_certificate_says_so_and_gets_it() {
    for version in [&TLS12, &TLS13] {
        let url = serve(version, true);
        let error = fetch(&HttpTransport::new(&url, &trusting()).unwrap(), PATH).unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (Kind::ClientCertificate, false), "{error}");
        assert!(error.to_string().contains("the server wants a client certificate"), "{error}");

        let options = trusting().with_certificate(
            ClientCertificate::read(&file("client.pem"), Some(&file("client.key"))).unwrap(),
        );
        assert_eq!(fetch(&HttpTransport::new(&url, &options).unwrap(), PATH).unwrap(), b"x");
    }
}

#[test]
fn certificates_that_cannot_be_used_are_told_before_anything_is_fetched() {
    let error = Authorities::read(&file("client.key")).unwrap_err().to_string();
    assert!(error.ends_with("expected certificates in PEM form, found none"), "{error}");
    for (certificate, key, why) in [
        ("absent.pem", "client.key", "No such file"),
        ("client.key", "client.key", "expected a certificate in PEM form, found none"),
        ("client.pem", "client.pem", "expected a private key in PEM form without a passphrase, found none"),
        ("client.pem", "server.key", "KeyMismatch"),
    ] {
        let error = ClientCertificate::read(&file(certificate), Some(&file(key))).unwrap_err().to_string();
        assert!(error.starts_with("cannot use the ") && error.contains(why), "{error}");
    }
    // Both in one file.
    let both = tempfile::NamedTempFile::new().unwrap();
    let text = ["client.pem", "client.key"].map(|name| std::fs::read_to_string(file(name)).unwrap()).concat();
    std::fs::write(both.path(), text).unwrap();
    assert!(ClientCertificate::read(both.path(), None).is_ok());
}
