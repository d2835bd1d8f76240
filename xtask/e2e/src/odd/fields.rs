//! Records with odd fields, and types given twice.

use anyhow::{Context as _, Result};

/// The record that is changed: one that dnf reads and does not need.
const KIND: &str = "other";

/// What a number is not, but for white space; `@` stands for the right one.
const MALFORMED: [&str; 8] = ["", "-1", "0x10", "soon", "1e9", " @ ", "+@", "9999999999999999999999"];

/// `base`, changed in one field of one record each, under a name for messages.
pub(super) fn all(base: &str) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for kind in [KIND, "filelists"] {
        let record = Record::of(base, kind)?;
        // Other numbers than the right ones are no malformed ones.
        let times = ["@.25", "@759368123"].map(|value| ("timestamp", value));
        let fields = ["timestamp", "size", "open-size"];
        let malformed = fields.iter().flat_map(|field| MALFORMED.map(|value| (*field, value)));
        for (field, value) in malformed.chain(times) {
            all.push(record.with(field, "", value)?);
        }
        for field in fields {
            all.push(record.twice(field)?);
        }
    }
    let record = Record::of(base, KIND)?;
    for field in ["checksum", "open-checksum"] {
        let kind = " type=\"sha256\"";
        for (attribute, value) in [
            (kind, ""),
            (kind, "00"),
            (kind, "@0"),
            (kind, "sha256:@"),
            (" type=\"md5\"", "00112233445566778899aabbccddeeff"),
            (" type=\"blake3\"", "@"),
            (" type=\"sha-256\"", "@"),
            (" type=\"\"", "@"),
            ("", "@"),
        ] {
            all.push(record.with(field, attribute, value)?);
        }
        all.push(record.twice(field)?);
    }
    let license = "<data type=\"license\"><location href=\"repodata/license.tar.gz\"/></data>";
    for (name, more) in [
        ("an unknown record twice", license.repeat(2)),
        ("the same record twice", record.whole()),
        ("a record with timestamp -1", license.replace("</data>", "<timestamp>-1</timestamp></data>")),
        ("a record without a type", "<data><location href=\"repodata/x\"/></data>".to_owned()),
    ] {
        all.push((name.to_owned(), base.replacen("</repomd>", &format!("{more}</repomd>"), 1)));
    }
    Ok(all)
}

/// A record in a document.
struct Record<'a> {
    before: &'a str,
    kind: &'a str,
    content: &'a str,
    after: &'a str,
}

impl<'a> Record<'a> {
    fn of(base: &'a str, kind: &'a str) -> Result<Self> {
        let start = format!("<data type=\"{kind}\">");
        let at = base.find(&start).with_context(|| format!("there is no {kind}"))? + start.len();
        let (before, rest) = base.split_at(at);
        let end = rest.find("</data>").context("a record has no end")?;
        let (content, after) = rest.split_at(end);
        Ok(Self { before, kind, content, after })
    }

    /// The element `field`: before its name ends, its attributes and content, and
    /// after it.
    fn field(&self, field: &str) -> Result<(&'a str, &'a str, &'a str)> {
        let (start, end) = (format!("<{field}"), format!("</{field}>"));
        let at = self.content.find(&start).with_context(|| format!("there is no {field}"))?;
        let (before, rest) = self.content.split_at(at);
        let length = rest.find(&end).with_context(|| format!("{field} has no end"))? + end.len();
        let (element, after) = rest.split_at(length);
        Ok((before, element, after))
    }

    /// With this value of a field, in which `@` stands for the old one.
    fn with(&self, field: &str, attribute: &str, value: &str) -> Result<(String, String)> {
        let (before, element, after) = self.field(field)?;
        let old =
            element.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map_or("", |(old, _)| old);
        let value_now = value.replace('@', old);
        let content = format!("{before}<{field}{attribute}>{value_now}</{field}>{after}");
        Ok((format!("{} of {}{attribute}: `{value}`", field, self.kind), self.document(&content)))
    }

    /// With a field given twice.
    fn twice(&self, field: &str) -> Result<(String, String)> {
        let (before, element, after) = self.field(field)?;
        let content = format!("{before}{element}{element}{after}");
        Ok((format!("{field} of {} twice", self.kind), self.document(&content)))
    }

    fn document(&self, content: &str) -> String {
        format!("{}{content}{}", self.before, self.after)
    }

    /// The record alone.
    fn whole(&self) -> String {
        format!("<data type=\"{}\">{}</data>", self.kind, self.content)
    }
}
