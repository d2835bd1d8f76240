//! A list of mirrors: one URL to a line.

use crate::expand::{Variables, expand};

/// Nobody tries more.
const MAX_MIRRORS: usize = 1000;

/// The URLs in a list, in order, variables replaced. Comments start with `#`;
/// what is neither a URL nor an absolute path is left out, as librepo does it.
#[must_use]
pub fn parse_list(text: &str, variables: &Variables) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let urls = lines.filter(|line| line.contains("://") || line.starts_with('/'));
    urls.take(MAX_MIRRORS).map(|url| expand(url, variables)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_urls() {
        let text = "# comment http://x/\n\n  http://a/$x \r\nnone\n/local/path\n<html>\nrsync://b/\n";
        let variables = Variables::from([("x".to_owned(), "9".to_owned())]);
        assert_eq!(parse_list(text, &variables), ["http://a/9", "/local/path", "rsync://b/"]);
    }
}
