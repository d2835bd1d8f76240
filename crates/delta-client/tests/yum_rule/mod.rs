//! Which delta yum's merged code takes, from the bytes of repomd.xml alone: the
//! first `<delta>` in document order whose timestamp is not newer than that of
//! the client's copy. Nothing of this workspace is used, so that it can be
//! compared with what is.

/// A delta as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed<'a> {
    pub(crate) href: &'a str,
    pub(crate) timestamp: u64,
    pub(crate) size: u64,
}

/// The deltas of the record of this type, in document order.
pub(crate) fn listed<'a>(repomd: &'a str, kind: &str) -> Vec<Listed<'a>> {
    let start = format!("<data type=\"{kind}\">");
    let data = repomd.split(&start).nth(1).and_then(|rest| rest.split("</data>").next()).unwrap_or("");
    let deltas = data.split("<delta>").skip(1).filter_map(|rest| rest.split("</delta>").next());
    let between = |text: &'a str, before: &str, after: &str| {
        text.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap_or("")
    };
    let number = |delta: &'a str, name: &str| {
        between(delta, &format!("<{name}>"), &format!("</{name}>")).parse().unwrap_or(0)
    };
    let read = |delta: &'a str| Listed {
        href: between(delta, "<location href=\"", "\""),
        timestamp: number(delta, "timestamp"),
        size: number(delta, "size"),
    };
    deltas.map(read).collect()
}

/// What yum takes for a copy of this timestamp.
pub(crate) fn yum<'a>(repomd: &'a str, kind: &str, copy: u64) -> Option<Listed<'a>> {
    listed(repomd, kind).into_iter().find(|delta| delta.timestamp <= copy)
}
