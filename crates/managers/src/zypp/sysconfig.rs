//! `/etc/sysconfig/proxy` of SUSE.

use crate::network::SystemProxy;

/// What the file says; `None` where its proxies are not enabled.
pub(super) fn parse(text: &str) -> Option<SystemProxy> {
    let get = |key: &str| {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let found = lines.filter_map(|line| line.split_once('=')).filter(|(name, _)| name.trim() == key);
        found.map(|(_, value)| bare(value.trim())).next_back()
    };
    get("PROXY_ENABLED").filter(|enabled| *enabled != "no")?;
    // zypper takes what is no URL for no proxy.
    let url = |key| get(key).filter(|url| url.contains("://")).map(str::to_owned);
    let hosts = get("NO_PROXY").unwrap_or_default().split([',', ' ', '\t']);
    Some(SystemProxy {
        http: url("HTTP_PROXY"),
        https: url("HTTPS_PROXY"),
        no_proxy: hosts.filter(|host| !host.is_empty()).map(str::to_owned).collect(),
    })
}

/// Without the quotes round it.
fn bare(value: &str) -> &str {
    let inside = |value: &'_ str, quote| {
        value.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote)).map(str::len)
    };
    match inside(value, '"').or_else(|| inside(value, '\'')) {
        Some(length) => value.get(1..=length).unwrap_or_default(),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_enabled_counts() {
        let text = "# PROXY_ENABLED=\"no\"\nPROXY_ENABLED=\"yes\"\r\nHTTP_PROXY=\"http://p:3128/\"\nHTTPS_PROXY='https://s'\n\
                    FTP_PROXY=\"\"\nNO_PROXY=\"localhost, 127.0.0.1\t.x\"\n";
        let found = parse(text).unwrap();
        assert_eq!(found.http.as_deref(), Some("http://p:3128/"));
        assert_eq!(found.https.as_deref(), Some("https://s"));
        assert_eq!(found.no_proxy, ["localhost", "127.0.0.1", ".x"]);
        assert_eq!(parse(&text.replace("\"yes\"", "\"no\"")), None);
        assert_eq!(parse("HTTP_PROXY=\"http://p/\"\n"), None);
        assert_eq!(parse("PROXY_ENABLED=yes\nHTTP_PROXY=p:3128\n").unwrap().http, None);
    }
}
