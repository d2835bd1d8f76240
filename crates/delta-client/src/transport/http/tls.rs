//! TLS: whom servers have to be certified by, and the certificate that is shown
//! to those that want one.
//!
//! A server that asks for a certificate is told apart from one that is not
//! trusted. Verification cannot be turned off here.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, RootCertStore, SignatureScheme, StreamOwned};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

use crate::transport::{TransportError, TransportErrorKind};

/// Certificate authorities that are believed in place of the system's.
#[derive(Clone)]
pub struct Authorities(Arc<RootCertStore>);

impl Authorities {
    /// Reads the certificates in a PEM file, or in all files of a directory.
    ///
    /// # Errors
    /// When it cannot be read, or has no certificate that can be used.
    pub fn read(path: &Path) -> Result<Self, TransportError> {
        let shown = path.display();
        let cannot = |why: &dyn fmt::Display| {
            let message = format!("cannot use the certificate authorities in `{shown}`: {why}");
            TransportError::new(TransportErrorKind::Other, message)
        };
        let certificates = if path.is_dir() {
            rustls_native_certs::load_certs_from_paths(None, Some(path)).certs
        } else {
            certificates(path).map_err(|why| cannot(&why))?
        };
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates);
        if store.is_empty() {
            return Err(cannot(&"expected certificates in PEM form, found none"));
        }
        Ok(Self(Arc::new(store)))
    }

    /// Those that the system trusts; read once.
    fn of_system() -> Result<Self, String> {
        static SYSTEM: OnceLock<Result<Authorities, String>> = OnceLock::new();
        let read = || {
            let found = rustls_native_certs::load_native_certs();
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(found.certs);
            match found.errors.first() {
                _ if !store.is_empty() => Ok(Self(Arc::new(store))),
                Some(error) => Err(format!("the system's certificates cannot be read: {error}")),
                None => Err("the system has no certificates of certificate authorities".to_owned()),
            }
        };
        SYSTEM.get_or_init(read).clone()
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

/// A certificate, with its key, for servers that ask for one.
#[derive(Clone)]
pub struct ClientCertificate(Arc<CertifiedKey>);

impl ClientCertificate {
    /// Reads a certificate, with those that certify it, and its private key, in
    /// PEM form; the key is in the same file where no other is given.
    ///
    /// # Errors
    /// When they cannot be read or used, and when they do not belong together. A
    /// key with a passphrase cannot be used.
    pub fn read(certificate: &Path, key: Option<&Path>) -> Result<Self, TransportError> {
        let key_path = key.unwrap_or(certificate);
        let cannot = |what: &str, path: &Path, why: &dyn fmt::Display| {
            let message = format!("cannot use the {what} in `{}`: {why}", path.display());
            TransportError::new(TransportErrorKind::Other, message)
        };
        let of_certificate = |why: &dyn fmt::Display| cannot("client certificate", certificate, why);
        let of_key = |why: &dyn fmt::Display| cannot("key of the client certificate", key_path, why);
        let chain = certificates(certificate).map_err(|why| of_certificate(&why))?;
        if chain.is_empty() {
            return Err(of_certificate(&"expected a certificate in PEM form, found none"));
        }
        let pem = std::fs::read(key_path).map_err(|why| of_key(&why))?;
        let key = PrivateKeyDer::from_pem_slice(&pem)
            .map_err(|_| of_key(&"expected a private key in PEM form without a passphrase, found none"))?;
        let key = CertifiedKey::from_der(chain, key, &provider()).map_err(|why| of_key(&why))?;
        Ok(Self(Arc::new(key)))
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate(…)")
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|error| error.to_string())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// How connections of a transport are secured.
#[derive(Clone)]
pub(super) struct Tls {
    config: Result<Arc<ClientConfig>, String>,
    certificate: Option<ClientCertificate>,
}

impl Tls {
    pub(super) fn new(authorities: Option<&Authorities>, certificate: Option<&ClientCertificate>) -> Self {
        let config = |authorities: Authorities| {
            let builder =
                ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
            let builder = builder.map_err(|error| error.to_string())?;
            Ok(Arc::new(builder.with_root_certificates(authorities.0).with_no_client_auth()))
        };
        let authorities = authorities.map_or_else(Authorities::of_system, |own| Ok(own.clone()));
        Self { config: authorities.and_then(config), certificate: certificate.cloned() }
    }

    /// Why no server can be trusted, if so.
    pub(super) fn no_trust(&self) -> Option<&str> {
        self.config.as_ref().err().map(String::as_str)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Box<dyn Transport>>, ureq::Error> {
        let Some(inner) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() || inner.is_tls() {
            return Ok(Some(Box::new(inner)));
        }
        let shared = self.config.as_ref().map_err(|why| io::Error::other(why.clone()))?;
        let host = details.uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        let own = Arc::new(Own { certificate: self.certificate.clone(), asked: AtomicBool::new(false) });
        let mut config = (**shared).clone();
        config.client_auth_cert_resolver = own.clone();
        let mut connection = ClientConnection::new(Arc::new(config), name)?;
        let mut socket = TransportAdapter::new(inner.boxed(), details.current_time.clone());
        socket.set_timeout(details.timeout);
        connection.complete_io(&mut socket).map_err(|error| own.explain(error))?;
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        let stream = StreamOwned { conn: connection, sock: socket };
        Ok(Some(Box::new(Secured { buffers, stream, own, heard: false })))
    }
}

/// What is shown to a server that asks for a certificate, and whether it did.
#[derive(Debug)]
struct Own {
    certificate: Option<ClientCertificate>,
    asked: AtomicBool,
}

impl ResolvesClientCert for Own {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.certificate.as_ref().map(|own| own.0.clone())
    }

    fn has_certs(&self) -> bool {
        // Otherwise it is not told when a server asks.
        true
    }
}

impl Own {
    /// What a failure means that comes before the first byte of an answer.
    fn explain(&self, error: io::Error) -> io::Error {
        let alerted = matches!(
            error.get_ref().and_then(|inner| inner.downcast_ref()),
            Some(rustls::Error::AlertReceived(_))
        );
        // The alert is lost where the server closes at once.
        let closed = matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
        );
        if self.asked.load(Ordering::Relaxed) && (alerted || closed && self.certificate.is_none()) {
            let is_given = self.certificate.is_some();
            return io::Error::other(CertificateRequired { is_given, why: error.to_string() });
        }
        error
    }
}

/// The server asked for a client certificate, and ended the connection.
#[derive(Debug)]
pub(super) struct CertificateRequired {
    /// Whether it was given one.
    is_given: bool,
    why: String,
}

impl std::error::Error for CertificateRequired {}

impl fmt::Display for CertificateRequired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_given {
            write!(f, "the server does not accept the client certificate: {}", self.why)
        } else {
            write!(f, "the server wants a client certificate: {}", self.why)
        }
    }
}

/// A connection with TLS.
struct Secured {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    own: Arc<Own>,
    /// Whether a byte of an answer came.
    heard: bool,
}

impl Secured {
    fn explain(&self, error: io::Error) -> io::Error {
        if self.heard { error } else { self.own.explain(error) }
    }
}

impl fmt::Debug for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secured")
    }
}

impl Transport for Secured {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let written = self.stream.write_all(self.buffers.output().get(..amount).unwrap_or_default());
        written.map_err(|error| self.explain(error).into())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let read = self.stream.read(self.buffers.input_append_buf());
        let read = match read {
            Err(error) => return Err(self.explain(error).into()),
            Ok(0) if !self.heard => {
                return Err(self.explain(io::ErrorKind::UnexpectedEof.into()).into());
            }
            Ok(read) => read,
        };
        self.heard = true;
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
