//! Malformed fields of records: each is absent and told, the rest of the document
//! stays, and what can be served all the same is served.

use std::collections::BTreeMap;

use repomd::edit::{Additions, EditError};
use repomd::model::RecordProblem;
use repomd::{Checksum, Delta, Location, Repomd, Timestamp, strip, with_deltas};

/// What the numbers of a record may be and are not.
const NO_NUMBERS: [&str; 9] =
    ["", "-1", "+1", "1e9", "0x10", "soon", "1 2", "99999999999999999999999", "1<x/>.5.5"];
/// What a number is, whatever it is written like.
const NUMBERS: [&str; 6] = ["5", " 5\n", "<![CDATA[5]]>", "&#53;", "<!-- 6 -->5", "5<x>6</x>"];

/// The model of a document with one record of this content.
fn read(content: &str) -> Result<Repomd, repomd::ReadError> {
    let location = "<location href='repodata/a'/>";
    let location = if content.contains("<location") { "" } else { location };
    Repomd::parse(format!("<repomd><data type='primary'>{content}{location}</data></repomd>").as_bytes())
}

/// Reads a record of this content; gives the elements that are malformed, and
/// whether it can be served.
fn verdict(content: &str) -> Result<(Vec<&'static str>, bool), Box<dyn std::error::Error>> {
    let model = read(content)?;
    let record = model.record("primary").ok_or("no record")?;
    for fault in &record.faults {
        assert!(fault.why.offset() >= "<repomd>".len() && !fault.why.is_unsupported(), "{}", fault.why);
    }
    Ok((record.faults.iter().map(|fault| fault.element).collect(), record.servable().is_ok()))
}

#[test]
fn malformed_numbers_are_absent_and_the_record_is_served() {
    for field in ["timestamp", "size", "open-size", "header-size", "database_version"] {
        let element = |text: &str| format!("<{field}>{text}</{field}>");
        for text in NUMBERS {
            assert_eq!(verdict(&element(text)).unwrap(), (vec![], true), "{field} {text}");
        }
        let twice = element("5").repeat(2);
        for content in NO_NUMBERS.map(element).into_iter().chain([twice, format!("<{field}/>")]) {
            assert_eq!(verdict(&content).unwrap(), (vec![field], true), "{content}");
            let record = read(&content).unwrap().records.remove(0);
            let numbers = [record.size, record.open_size, record.header_size, record.database_version];
            assert_eq!((numbers, record.timestamp), ([None; 4], None), "{content}");
        }
    }
}

#[test]
fn nanoseconds_and_fractions_are_timestamps() {
    for (text, seconds) in [
        ("1791095124759368123", 1_791_095_124_759_368_123),
        ("9223372036854775807", (1 << 63) - 1),
        ("1791095124.25", 1_791_095_124),
    ] {
        let content = format!("<timestamp>{text}</timestamp>");
        let record = read(&content).unwrap().records.remove(0);
        assert_eq!(record.timestamp.as_ref().map(Timestamp::seconds), Some(seconds));
        assert_eq!(record.faults, []);
    }
}

#[test]
fn records_with_malformed_checksums_are_left_alone() {
    for (field, served) in [("checksum", false), ("open-checksum", false), ("header-checksum", true)] {
        let element = |attributes: &str, text: &str| format!("<{field}{attributes}>{text}</{field}>");
        let kind = " type='sha256'";
        for good in [element(kind, "00ff"), element(kind, " 00FF\n"), element(" type='other'", "00")] {
            assert_eq!(verdict(&good).unwrap(), (vec![], true), "{good}");
        }
        for bad in [
            element(kind, ""),
            format!("<{field}/>"),
            element(kind, "0"),
            element(kind, "0g"),
            element(kind, "sha256:00"),
            element("", "00"),
            element(" type=''", "00"),
            element(" type='sha-256'", "00"),
            element(" type=' sha256 '", "00"),
            element(kind, "00").repeat(2),
        ] {
            assert_eq!(verdict(&bad).unwrap(), (vec![field], served), "{bad}");
            let record = read(&bad).unwrap().records.remove(0);
            assert_eq!((record.checksum, record.open_checksum, record.header_checksum), (None, None, None));
        }
    }
}

#[test]
fn records_with_malformed_locations_are_left_alone() {
    for bad in ["<location/>", "<location>repodata/a</location>", "<location href='a'/><location href='a'/>"]
    {
        assert_eq!(verdict(bad).unwrap(), (vec!["location"], false), "{bad}");
        assert_eq!(read(bad).unwrap().records[0].location, None);
    }
}

#[test]
fn faults_are_told_in_the_order_of_the_document() {
    let content = "<size>x</size><timestamp/><checksum/><size>1</size>";
    let (faults, served) = verdict(content).unwrap();
    assert_eq!((faults, served), (vec!["timestamp", "checksum", "size"], false));
    let model = read(content).unwrap();
    let problem = model.records[0].servable().unwrap_err();
    assert_eq!(problem.to_string(), "expected attribute `type` in `<checksum>` at byte 55, found none");
    assert!(matches!(problem, RecordProblem::Malformed { .. }));
}

#[test]
fn of_several_records_of_one_type_the_last_counts_and_all_are_left_alone() {
    let record = |name: &str| format!("<data type='license'><location href='repodata/{name}'/></data>");
    let document = format!(
        "<repomd>{}<data type='primary'><location href='repodata/p'/></data>{}{}</repomd>",
        record("a"),
        record("b"),
        record("c")
    );
    let model = Repomd::parse(document.as_bytes()).unwrap();
    assert_eq!(model.records.len(), 4);
    let last = model.record("license").unwrap();
    assert_eq!(last.local_location().unwrap().as_str(), "repodata/c");
    let starts: Vec<usize> = document.match_indices("<data type='license'").map(|(at, _)| at).collect();
    let told = |found: usize| {
        let (first, found) = (starts[0], starts[found]);
        format!(
            "expected one record of type `license`, found another at byte {found}; the first is at byte {first}"
        )
    };
    let problems: Vec<_> =
        model.records.iter().map(|record| record.servable().map(Location::as_str)).collect();
    let problems: Vec<_> = problems.into_iter().map(|found| found.map_err(|why| why.to_string())).collect();
    assert_eq!(problems, [Err(told(1)), Ok("repodata/p"), Err(told(1)), Err(told(2))]);
}

#[test]
fn what_is_outside_records_is_a_fault_of_the_document() {
    let document = "<repomd><revision>1</revision><data/><data type=''><delta/></data>\
                    <data type='a&#10;b'/><revision>2</revision><repoid>3</repoid></repomd>";
    let model = Repomd::parse(document.as_bytes()).unwrap();
    let faults: Vec<_> = model.faults.iter().map(|fault| fault.element).collect();
    assert_eq!(faults, ["data", "data", "data", "revision"]);
    assert_eq!((model.revision, model.records.len()), (None, 0));
    assert!(model.repoid.is_some());
    assert_eq!(strip(document.as_bytes()).unwrap(), document.as_bytes());
}

fn additions(kind: &str) -> Result<Additions, Box<dyn std::error::Error>> {
    let delta = Delta {
        checksum: Checksum::new("sha256", "00")?,
        location: Location::new("repodata/d")?,
        timestamp: Timestamp::from_seconds(1)?,
        size: 1,
    };
    Ok(BTreeMap::from([(kind.to_owned(), vec![delta])]).into())
}

#[test]
fn odd_records_do_not_keep_others_from_being_edited() {
    let document = "<repomd>
  <data type='license'><timestamp>-1</timestamp><checksum/></data>
  <data type='primary'>
    <timestamp>now</timestamp>
    <location href='repodata/p'/>
  </data>
  <data type='license'/>
  <data/>
</repomd>";
    let edited = with_deltas(document.as_bytes(), &additions("primary").unwrap()).unwrap();
    let model = Repomd::parse(&edited).unwrap();
    assert_eq!(model.record("primary").unwrap().usable_deltas().count(), 1);
    assert_eq!(strip(&edited).unwrap(), document.as_bytes());

    let refused = with_deltas(document.as_bytes(), &additions("license").unwrap()).unwrap_err();
    assert!(matches!(refused, EditError::Unfit { .. }), "{refused}");
}
