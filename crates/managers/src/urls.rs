//! URLs in configuration files: what of them can be used, and passwords in them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Obstacle;

/// What may stand in user information as it is.
const USER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a URL of a repository cannot be used, if so: only http, https and files can.
pub(crate) fn obstacle(url: &str) -> Option<Obstacle> {
    let scheme = scheme(url);
    let text = match &*scheme {
        "http" | "https" if url.contains('#') => "its URL has a fragment".to_owned(),
        "http" | "https" | "file" | "dir" | "" => return None,
        _ => format!("its URL has the scheme `{scheme}`"),
    };
    Some(Obstacle::new("unsupported_url", text))
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

/// The URL with at most one slash at the end of its path: librepo sends no more, where
/// it appends the name of a file.
pub(crate) fn with_one_slash(url: &str) -> String {
    let end = url.find('?').unwrap_or(url.len());
    let (base, query) = url.split_at(end);
    let short = base.trim_end_matches('/');
    let slash = if short.len() < base.len() { "/" } else { "" };
    format!("{short}{slash}{query}")
}

/// The user name that a URL has, and whether it has a password.
pub(crate) fn user(url: &str) -> (Option<String>, bool) {
    let host = url.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let Some((user, _)) = host.and_then(|host| host.rsplit_once('@')) else {
        return (None, false);
    };
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
    (Some(name).filter(|name| !name.is_empty()), !password.is_empty())
}

/// Where a URL leads: without user and query, scheme and host in lower case.
pub(crate) fn place(url: &str) -> String {
    let url = without_user(url);
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (host, path) = rest.split_at(end);
            format!("{}://{}{path}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase())
        }
        None => url.to_owned(),
    }
}

/// The URL with user name and password in it, if it has none of its own.
pub(crate) fn with_user(url: &str, user: &str, password: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if user.is_empty() || host.is_empty() || host.contains('@') {
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
        for good in
            ["http://a/b", "HTTPS://a", "file:///a", "dir:/a", "/a?b", "http://a/?x=y", "https://bücher/"]
        {
            assert_eq!(obstacle(good), None, "{good}");
        }
        for bad in ["ftp://a/", "https://a#b", "iso:/x", "hd:/?device=/dev/sda1"] {
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
        assert_eq!(with_user("file:///path", "me", "x"), "file:///path");
        assert_eq!(without_user("http://a:b@c"), "http://c");
        assert_eq!(without_user("/a@b"), "/a@b");
    }

    #[test]
    fn slashes_at_the_end() {
        for (url, expected) in [
            ("http://h/a//?x=/y/", "http://h/a/?x=/y/"),
            ("http://h/a//b", "http://h/a//b"),
            ("http://h", "http://h"),
            ("file:///", "file:/"),
        ] {
            assert_eq!(with_one_slash(url), expected, "{url}");
        }
    }

    #[test]
    fn users_and_places() {
        let named = |name: &str| Some(name.to_owned());
        for (url, expected) in [
            ("http://u%40x:p@h/", (named("u@x"), true)),
            ("http://u@h", (named("u"), false)),
            ("http://u:@h?a@b", (named("u"), false)),
            ("http://h/a@b", (None, false)),
            ("/a@b", (None, false)),
        ] {
            assert_eq!(user(url), expected, "{url}");
        }
        assert_eq!(place("HTTP://u:p@Host:80/Path?q#f"), "http://host:80/Path");
        assert_eq!(place("dir:/a?b"), "dir:/a");
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
