//! Documents of random style, each made twice: with elements of ours in it,
//! and without, so that the two can be compared.

use proptest::prelude::*;
use repomd::Repomd;

/// The record types that documents may have.
pub(crate) const KINDS: &[&str] = &["primary", "filelists", "odd & <named"];

/// A document with and without elements of ours.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) edited: String,
    pub(crate) bare: String,
}

/// A model without the places of its faults, which an edit moves.
pub(crate) fn unplaced(mut model: Repomd) -> (Repomd, Vec<&'static str>) {
    let records = model.records.iter_mut().map(|record| &mut record.faults);
    let faults = records.chain([&mut model.faults]).flat_map(std::mem::take);
    let elements = faults.map(|fault| fault.element).collect();
    (model, elements)
}

/// How a document is written.
#[derive(Debug, Clone)]
struct Style {
    mark: bool,
    declaration: &'static str,
    line: &'static str,
    step: &'static str,
    /// Prefix, and declarations in the root tag.
    names: (&'static str, &'static str),
    quote: char,
    revision: Option<&'static str>,
    tail: &'static str,
}

/// A piece of a record: the text, with `@` for the prefix, `^` for the quote
/// and `|` for a line of its own, and whether it is ours.
type Piece = (&'static str, bool);

const PIECES: &[Piece] = &[
    ("<@checksum type=^sha256^>00AA</@checksum>", false),
    ("<@open-checksum type=^sha^>bb</@open-checksum>", false),
    ("<@timestamp>12.5</@timestamp>", false),
    ("<@size> 7 </@size>", false),
    ("<@open-size><![CDATA[8]]></@open-size>", false),
    ("<@timestamp>-1</@timestamp>", false),
    ("<@open-size>-1</@open-size>", false),
    ("<@size/>", false),
    ("<@header-checksum>00</@header-checksum>", false),
    ("<@database_version>ten</@database_version>", false),
    ("<!-- a <delta/> -->", false),
    ("<?note a <delta/>?>", false),
    ("<![CDATA[<delta></delta>]]>", false),
    ("text &amp; more", false),
    ("<o:delta xmlns:o=^http://example.com/^><@size>1</@size></o:delta>", false),
    ("<@unknown a=^>^><@delta/><@location href=^../x^/></@unknown>", false),
    ("<@delta/>", true),
    ("<@delta-base/>", true),
    ("<@delta-base ><@location href=^repodata/x^ /></@delta-base>", true),
    (
        "<@delta-base><@checksum type=^sha256^>00</@checksum><@location href=^repodata/x^/></@delta-base>",
        true,
    ),
    ("<@delta-base>|<@location href=^../y^ xml:base=^z^/>|<@location/><@size>9</@size></@delta-base >", true),
    ("<@delta >|<@checksum type=^sha256^>00</@checksum>|</@delta >", true),
    (
        "<@delta><@checksum type=^sha256^>cc</@checksum><@location href=^repodata/d^/>\
         <@timestamp>5</@timestamp><@size>6</@size></@delta>",
        true,
    ),
    ("<?delta-journal format=^2^?>", false),
    ("<@delta-journal format=^2^ size=^1^><@size>1</@size></@delta-journal>", false),
    ("<@delta a=^--> /^><!-- </@delta> --><@delta></@delta></@delta>", true),
];

/// What may be directly below the root.
const BELOW_ROOT: &[Piece] = &[
    ("<?delta-journal?>", true),
    ("<?delta-journal format=\"3\" > <delta/> ?>", true),
    ("<?delta-journal |format='2' href=\"../x\"|?>", true),
    (
        "<?delta-journal format=\"2\" href=\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-x\" \
         size=\"9\" head=\"5 0123456789abcdef0123456789abcdef\" id=\"00000000\" sequence=\"1\" types=\"a:00000000\"?>",
        true,
    ),
    ("<?delta-journals format=\"2\"?>", false),
    ("<@revision>2</@revision>", false),
    ("<@delta-journal/>", false),
    ("<@tags><?delta-journal?></@tags>", false),
    ("<o:data xmlns:o=^http://example.com/^><?delta-journal?></o:data>", false),
    ("<!-- <?delta-journal?> -->", false),
    ("<![CDATA[<?delta-journal?>]]>", false),
    ("text", false),
];

/// What of that is before each record and after the last.
type Rest = Vec<(prop::sample::Index, Piece)>;

fn style() -> impl Strategy<Value = Style> {
    use prop::sample::select;
    let repo = "xmlns=^http://linux.duke.edu/metadata/repo^";
    let declarations = &["", "<?xml version=^1.0^?>", "<?xml version='1.0' encoding='utf-8'?>"];
    (
        any::<bool>(),
        select(declarations),
        select(&["\n", "\r\n", "\r", "\n\n", "", " "]),
        select(&["", " ", "  ", "    ", "\t"]),
        select(vec![
            ("", repo),
            ("", ""),
            ("md:", "xmlns:md=^http://linux.duke.edu/metadata/repo^"),
            ("md:", "xmlns:md=^http://linux.duke.edu/metadata/repo^ xmlns=^http://example.com/^"),
        ]),
        select(&['"', '\'']),
        select(&[Some("<@revision>1</@revision>"), Some("<@revision></@revision>"), None]),
        select(&["", "\n", "\r\n<!-- end -->\r\n", "<?end?>"]),
    )
        .prop_map(|(mark, declaration, line, step, names, quote, revision, tail)| Style {
            mark,
            declaration,
            line,
            step,
            names,
            quote,
            revision,
            tail,
        })
}

/// Pieces that may stand together in one record, in any order.
fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    prop::collection::vec(prop::sample::select(PIECES), 0..8).prop_map(|mut pieces| {
        let mut seen: Vec<Piece> = Vec::new();
        pieces.retain(|piece| {
            let first = piece.1 || !seen.contains(piece);
            seen.push(*piece);
            first
        });
        pieces
    })
}

/// A document whose records are of different types and can take deltas.
pub(crate) fn document() -> impl Strategy<Value = Document> {
    let count = 0..=KINDS.len();
    let records =
        count.prop_flat_map(|count| prop::collection::vec((pieces(), any::<prop::sample::Index>()), count));
    let rest = prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(BELOW_ROOT)), 0..4);
    (style(), records, rest).prop_map(|(style, records, rest)| Document {
        edited: style.write(&records, &rest, true),
        bare: style.write(&records, &rest, false),
    })
}

impl Style {
    fn write(&self, records: &[(Vec<Piece>, prop::sample::Index)], rest: &Rest, ours: bool) -> String {
        let indent = |depth: usize| format!("{}{}", self.line, self.step.repeat(depth));
        let below_root = |nth: usize| {
            let here = rest
                .iter()
                .filter(|(place, piece)| place.index(records.len() + 2) == nth && (ours || !piece.1));
            here.map(|(_, piece)| indent(1) + &piece.0.replace('|', &indent(2))).collect::<String>()
        };
        let mut parts = vec![
            self.declaration.to_owned(),
            format!("<@repomd {} >", self.names.1),
            below_root(records.len() + 1),
            self.revision.map_or_else(String::new, |revision| indent(1) + revision),
        ];
        for (nth, ((pieces, place), kind)) in records.iter().zip(KINDS).enumerate() {
            parts.push(below_root(nth));
            let kind = kind.replace('&', "&amp;").replace('<', "&#60;");
            parts.push(format!("{}<@data type=^{kind}^>", indent(1)));
            let location = ("<@location href=^repodata/x^ />", false);
            let mut pieces = pieces.clone();
            pieces.insert(place.index(pieces.len() + 1), location);
            for (text, _) in pieces.into_iter().filter(|(_, is_ours)| ours || !is_ours) {
                parts.push(indent(2));
                parts.push(text.replace('|', &indent(3)));
            }
            parts.push(format!("{}</@data>", indent(1)));
        }
        parts.push(below_root(records.len()));
        parts.push(format!("{}</@repomd>{}", self.line, self.tail));
        let text = parts.concat().replace('@', self.names.0);
        let text = text.replace('^', &self.quote.to_string());
        format!("{}{text}", if self.mark { "\u{feff}" } else { "" })
    }
}
