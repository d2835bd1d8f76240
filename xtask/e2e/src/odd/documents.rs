//! Documents that differ from what createrepo_c writes in more than a field.

/// `base`, changed in one way each, under a name for messages.
pub(super) fn all(base: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("as it is", base.as_bytes().to_vec())];
    let texts = [doctypes(base), declarations(base), names(base), contents(base), broken(base)].concat();
    all.extend(texts.into_iter().map(|(name, text)| (name, text.into_bytes())));
    all.extend(encodings(base));
    all
}

type Texts = Vec<(&'static str, String)>;

/// The declaration of what createrepo_c writes.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

fn doctypes(base: &str) -> Texts {
    let with = |doctype: &str| base.replacen("?>", &format!("?>\n{doctype}"), 1);
    let revision = |text: String| text.replacen("<revision>", "<revision>&a;", 1);
    vec![
        ("a document type", with("<!DOCTYPE repomd>")),
        ("a document type of another name", with("<!DOCTYPE html>")),
        ("a system identifier", with("<!DOCTYPE repomd SYSTEM \"repomd.dtd\">")),
        ("a public identifier", with("<!DOCTYPE repomd PUBLIC \"-//a//b//EN\" 'repomd.dtd'>")),
        ("an empty subset", with("<!DOCTYPE repomd []>")),
        ("an entity", with("<!DOCTYPE repomd [<!ENTITY a 'b'> <!-- c -->]>")),
        (
            "declared elements",
            with("<!DOCTYPE repomd [<!ELEMENT repomd ANY><!ATTLIST data type CDATA 'x'>]>"),
        ),
        ("an entity that is used", revision(with("<!DOCTYPE repomd [<!ENTITY a '1'>]>"))),
        (
            "an external entity that is used",
            revision(with("<!DOCTYPE repomd [<!ENTITY a SYSTEM '/etc/fstab'>]>")),
        ),
        ("a public identifier alone", with("<!DOCTYPE repomd PUBLIC 'a'>")),
        ("a document type without a name", with("<!DOCTYPE>")),
        ("a subset that is none", with("<!DOCTYPE repomd [a]>")),
        ("two document types", with("<!DOCTYPE repomd><!DOCTYPE repomd>")),
        ("a document type in the root", base.replacen("<revision>", "<!DOCTYPE repomd><revision>", 1)),
        ("a document type and another root", "<!DOCTYPE html><html/>".to_owned()),
    ]
}

fn declarations(base: &str) -> Texts {
    let with = |declaration: &str| base.replacen(DECLARATION, declaration, 1);
    let text = base.trim_start_matches(DECLARATION).trim_start();
    vec![
        ("no declaration", text.to_owned()),
        ("no encoding", with("<?xml version='1.0'?>")),
        ("standalone", with("<?xml version='1.0' encoding='utf-8' standalone='no' ?>")),
        ("US-ASCII", with("<?xml version='1.0' encoding='US-ASCII'?>")),
        ("XML 1.1", with("<?xml version='1.1' encoding='UTF-8'?>")),
        ("XML 1.2", with("<?xml version='1.2'?>")),
        ("XML 2.0", with("<?xml version='2.0'?>")),
        ("no version", with("<?xml encoding='UTF-8'?>")),
        ("another order", with("<?xml version='1.0' standalone='yes' encoding='UTF-8'?>")),
        ("standalone maybe", with("<?xml version='1.0' standalone='maybe'?>")),
        ("another attribute", with("<?xml version='1.0' colour='red'?>")),
        ("two declarations", with(&DECLARATION.repeat(2))),
        ("a line before the declaration", format!("\n{base}")),
        ("ISO-8859-1", with("<?xml version='1.0' encoding='ISO-8859-1'?>")),
        ("ISO-8859-15", with("<?xml version='1.0' encoding='iso-8859-15'?>")),
        ("Windows-1252", with("<?xml version='1.0' encoding='Windows-1252'?>")),
        ("KOI8-R", with("<?xml version='1.0' encoding='KOI8-R'?>")),
        ("Shift_JIS", with("<?xml version='1.0' encoding='Shift_JIS'?>")),
        ("GB18030", with("<?xml version='1.0' encoding='GB18030'?>")),
        ("UTF-16 that is none", with("<?xml version='1.0' encoding='UTF-16'?>")),
        ("an unknown encoding", with("<?xml version='1.0' encoding='nonsense'?>")),
        ("an empty encoding", with("<?xml version='1.0' encoding=''?>")),
    ]
}

fn names(base: &str) -> Texts {
    let namespace = " xmlns=\"http://linux.duke.edu/metadata/repo\"";
    vec![
        ("no namespace", base.replacen(namespace, "", 1)),
        ("another namespace", base.replacen("metadata/repo\"", "metadata/common\"", 1)),
        ("an element of another namespace", base.replacen("<revision>", "<x xmlns='urn:x'/><revision>", 1)),
        ("an undeclared prefix", base.replacen("<revision>", "<x:y/><revision>", 1)),
        ("an undeclared prefix of an attribute", base.replacen("<data ", "<data x:y='' ", 1)),
        ("a root of another name", base.replace("repomd>", "metadata>").replace("<repomd", "<metadata")),
        ("a root in capitals", base.replace("repomd>", "REPOMD>").replace("<repomd", "<REPOMD")),
        (
            "an undeclared prefix of the root",
            base.replace("<repomd", "<x:repomd").replace("</repomd", "</x:repomd"),
        ),
        ("a root in another", format!("<x>{}</x>", base.trim_start_matches(DECLARATION))),
    ]
}

fn contents(base: &str) -> Texts {
    let before = |text: &str| base.replacen("<revision>", &format!("{text}<revision>"), 1);
    let attributes = (0..300).map(|nth| format!(" a{nth}=''")).collect::<Vec<_>>().concat();
    let records = (0..10_001).map(|nth| format!("<data type='t{nth}'/>")).collect::<Vec<_>>().concat();
    vec![
        ("unknown elements and text", before("<a b='c'>d<e/></a>f")),
        ("comments and instructions", before("<!-- a --><?b c?>") + "<!-- d --><?e?>\n\n"),
        ("a byte-order mark", format!("\u{feff}{base}")),
        ("other characters", before("<tags><content>caf\u{e9}</content></tags>")),
        ("carriage returns", base.replace('\n', "\r\n")),
        ("records without a type", before("<data/><data type=''/><data type='a&#10;b'/>")),
        ("two revisions", before("<revision>1</revision>")),
        ("31 levels", before(&format!("{}{}", "<a>".repeat(30), "</a>".repeat(30)))),
        ("300 levels", before(&format!("{}{}", "<a>".repeat(300), "</a>".repeat(300)))),
        ("300 attributes", base.replacen("<data", &format!("<data{attributes}"), 1)),
        ("10,000 records", base.replacen("</repomd>", &format!("{records}</repomd>"), 1)),
    ]
}

fn broken(base: &str) -> Texts {
    let revision = |text: &str| base.replacen("<revision>", &format!("<revision>{text}"), 1);
    vec![
        ("nothing", String::new()),
        ("white space", " \n".to_owned()),
        ("half", base.get(..base.len() / 2).unwrap_or_default().to_owned()),
        ("no end", base.replacen("</repomd>", "", 1)),
        ("a page", "<html><body>404</body></html>".to_owned()),
        ("text behind", format!("{base}text\n")),
        ("another root behind", format!("{base}<repomd/>")),
        ("a signature behind", format!("{base}-----BEGIN PGP SIGNATURE-----\n")),
        ("an undefined entity", revision("&nbsp;")),
        ("an ampersand", revision("a & b")),
        ("a control character", revision("\u{1}")),
        ("a zero reference", revision("&#0;")),
        ("an end of a section", revision("]]>")),
        ("two hyphens in a comment", revision("<!-- a -- b -->")),
        ("an attribute twice", base.replacen("<data type=\"", "<data type='' type=\"", 1)),
        ("two marks", format!("\u{feff}\u{feff}{base}")),
    ]
}

/// As bytes that are not UTF-8.
fn encodings(base: &str) -> Vec<(&'static str, Vec<u8>)> {
    let accented = |name: &str| {
        let text = base.replacen("UTF-8", name, 1);
        let text = text.replacen("<revision>", "<tags><content>caf@</content></tags><revision>", 1);
        text.bytes().map(|byte| if byte == b'@' { 0xe9 } else { byte }).collect::<Vec<u8>>()
    };
    let sixteen = base.replacen("UTF-8", "UTF-16", 1);
    let little: Vec<u8> = sixteen.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = sixteen.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let cut = little.get(..little.len() / 4 * 2).unwrap_or_default();
    vec![
        ("ISO-8859-1 with other characters", accented("ISO-8859-1")),
        ("UTF-8 with other bytes", accented("UTF-8")),
        ("US-ASCII with other bytes", accented("US-ASCII")),
        ("UTF-16", [&b"\xff\xfe"[..], &little].concat()),
        ("UTF-16, big end first", [&b"\xfe\xff"[..], &big].concat()),
        ("UTF-16 without a mark", little.clone()),
        ("UTF-16 cut short", [&b"\xff\xfe"[..], cut].concat()),
        ("UTF-16 and half a character", [&b"\xff\xfe"[..], &little, b"x"].concat()),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec()),
    ]
}
