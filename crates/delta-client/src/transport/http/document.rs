//! A small document at a URL of its own, which may have a query: lists of
//! mirrors. It is no file of a repository, and nothing is known of its content.

use std::io::Read as _;

use repomd::Location;

use super::url::Url;
use super::{HttpOptions, HttpTransport, agents};
use crate::transport::{Request, Response, TransportError, TransportErrorKind};

impl HttpTransport {
    /// Gets the document at `url`, of at most `max_bytes`. It is asked for anew,
    /// whatever caches on the way have.
    ///
    /// The rules are those of files: redirects, time-outs, proxies, and
    /// credentials for their own server only.
    ///
    /// # Errors
    /// When `url` is not an http or https URL, the server does not give it, or it
    /// is larger.
    pub fn document(url: &str, options: &HttpOptions, max_bytes: u64) -> Result<Vec<u8>, TransportError> {
        let other = |why: String| TransportError::new(TransportErrorKind::Other, why);
        let given = url.trim();
        let (url, credentials) =
            Url::absolute(given).map_err(|why| other(format!("cannot use the URL given: {why}")))?;
        let base = Url::base(&url.origin()).map_err(other)?.0;
        let mut transport = Self::new(&base.to_text(), options)?;
        transport.authorization = options.credentials_for(given, credentials).as_ref().map(agents::basic);
        // Its name is nowhere seen.
        let location = Location::new("document").map_err(|error| other(error.to_string()))?;
        let request = Request::new(&location).with_max_bytes(max_bytes).with_revalidation();
        let name = url.to_string();
        let Response::Body(body) = transport.get_url(url, &request)? else {
            return Err(other(format!("cannot fetch `{name}`: expected a file, found not modified")));
        };
        let mut bytes = Vec::new();
        let read = body.reader.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(TransportError::from_io)?;
        if bytes.len() as u64 > max_bytes {
            return Err(TransportError::new(
                TransportErrorKind::TooLarge,
                format!("`{name}` is too large: expected at most {max_bytes} bytes"),
            ));
        }
        Ok(bytes)
    }
}
