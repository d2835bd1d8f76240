//! URLs in configuration files: what of them can be used, and passwords in them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in user information as it is.
const USER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a URL of a repository cannot be used, if so: only http, https and files
/// can, and no query, because files are looked for below it.
pub(crate) fn obstacle(url: &str) -> Option<String> {
    let scheme = scheme(url);
    if !matches!(&*scheme, "http" | "https" | "file" | "dir" | "") {
        return Some(format!("its URL has the scheme `{scheme}`"));
    }
    if scheme.starts_with("http") && url.contains(['?', '#']) {
        return Some("its URL has a query".to_owned());
    }
    None
}

/// Whether files can be fetched below this URL, of a list of mirrors.
#[must_use]
pub fn is_usable(url: &str) -> bool {
    obstacle(url).is_none()
}

/// The scheme in lower case; empty for a path.
pub(crate) fn scheme(url: &str) -> String {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let valid = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if valid { scheme.to_ascii_lowercase() } else { String::new() }
}

/// The directory that a `file:` or `dir:` URL, or a path, stands for.
#[must_use]
pub fn local_path(url: &str) -> Option<String> {
    let path = match &*scheme(url) {
        "file" | "dir" => url.split_once(':')?.1,
        "" => return url.starts_with('/').then(|| url.to_owned()),
        _ => return None,
    };
    let path = match path.strip_prefix("//localhost/") {
        Some(rest) => format!("/{rest}"),
        None => path.strip_prefix("//").unwrap_or(path).to_owned(),
    };
    path.starts_with('/')
        .then(|| percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned())
}

/// The URL with user name and password in it, if it has none of its own.
pub(crate) fn with_user(url: &str, user: &str, password: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if user.is_empty() || host.contains('@') {
        return url.to_owned();
    }
    let (user, password) = (utf8_percent_encode(user, USER), utf8_percent_encode(password, USER));
    format!("{scheme}://{user}:{password}@{rest}")
}

/// The URL without user name and password, for messages.
#[must_use]
pub fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_used() {
        for good in ["http://a/b", "HTTPS://a", "file:///a", "dir:/a", "/a?b"] {
            assert_eq!(obstacle(good), None, "{good}");
        }
        for bad in ["ftp://a/", "http://a/?x=y", "https://a#b", "iso:/x", "hd:/?device=/dev/sda1"] {
            assert!(obstacle(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn passwords_go_in_and_come_out() {
        let with = with_user("https://host/x@y", "me", "a:b@/é");
        assert_eq!(with, "https://me:a%3Ab%40%2F%C3%A9@host/x@y");
        assert_eq!(without_user(&with), "https://host/x@y");
        assert_eq!(with_user("https://u@host/", "me", "x"), "https://u@host/");
        assert_eq!(with_user("/path", "me", "x"), "/path");
        assert_eq!(without_user("http://a:b@c"), "http://c");
        assert_eq!(without_user("/a@b"), "/a@b");
    }

    #[test]
    fn local_paths() {
        for (url, path) in [
            ("file:///a%20b", Some("/a b")),
            ("dir:/a", Some("/a")),
            ("file://localhost/a", Some("/a")),
            ("dir:///a", Some("/a")),
            ("/a%20b", Some("/a%20b")),
            ("file://host/a", None),
            ("http://a/", None),
            ("a", None),
        ] {
            assert_eq!(local_path(url).as_deref(), path, "{url}");
        }
    }
}
