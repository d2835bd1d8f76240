//! A reader over sources that follow a script.

use std::io::{Cursor, Read};
use std::sync::Mutex;
use std::time::Duration;

use repomd::Location;

use super::{RangeOrder, RangeReader, fetch_range};
use crate::fetch::{FetchError, Refused};
use crate::progress::{Meter, Silent};
use crate::retry::Patience;
use crate::transport::{
    Body, ByteRange, Extent, Request, Response, Transport, TransportError, TransportErrorKind, Validators,
};

/// How a request is answered.
#[derive(Clone, Copy)]
enum Act {
    /// With the part.
    Part,
    /// With the whole file, its length announced or not.
    Whole {
        announced: bool,
    },
    /// With the part, cut to so many bytes without a word.
    Cut(usize),
    /// With all of the file, cut likewise.
    CutWhole(usize),
    /// With so many bytes of the part, and a broken connection.
    Break(usize),
    /// With the part of a file that has other bytes and another entity tag.
    Changed,
    /// With a part of a file that has one byte more.
    Grown,
    /// With a part that begins one byte later.
    Shifted,
    Fail(TransportErrorKind),
    NotModified,
}

struct Source {
    name: &'static str,
    file: Vec<u8>,
    /// The last one is for all that follow.
    acts: Vec<Act>,
    asked: Mutex<Vec<String>>,
}

impl Source {
    fn new(acts: &[Act]) -> Self {
        Self::named("http://h", acts)
    }

    fn named(name: &'static str, acts: &[Act]) -> Self {
        Self { name, file: file(), acts: acts.to_vec(), asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// 50,000 bytes.
fn file() -> Vec<u8> {
    (0..50_000_u32).map(|i| u8::try_from((i ^ (i >> 8)) & 0xff).unwrap()).collect()
}

impl Transport for Source {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let range = request.range.unwrap();
        let mut asked = self.asked.lock().unwrap();
        let act = *self.acts.get(asked.len()).or(self.acts.last()).unwrap();
        asked.push(range.to_string());
        let slice = |range: ByteRange| {
            self.file[usize::try_from(range.first()).unwrap()..usize::try_from(range.end()).unwrap()].to_vec()
        };
        let total = Some(self.file.len() as u64);
        let body = |bytes: Vec<u8>| Body::new(Box::new(Cursor::new(bytes)));
        let tagged =
            |body: Body, tag: &str| body.with_validators(Validators::new(Some(tag.to_owned()), None));
        Ok(Response::Body(match act {
            Act::Part => tagged(body(slice(range)).with_part(range, total), "a"),
            Act::Whole { announced: true } => body(self.file.clone()).with_length(self.file.len() as u64),
            Act::Whole { announced: false } => body(self.file.clone()),
            Act::Cut(bytes) => body(slice(range)[..bytes].to_vec()).with_part(range, total),
            Act::CutWhole(bytes) => body(self.file[..bytes].to_vec()),
            Act::Break(bytes) => {
                let error = TransportError::new(TransportErrorKind::Interrupted, "it broke");
                let reader = Cursor::new(slice(range)[..bytes].to_vec()).chain(BrokenReader(error));
                Body::new(Box::new(reader)).with_part(range, total)
            }
            Act::Changed => {
                let bytes = slice(range).iter().map(|byte| byte ^ 1).collect();
                tagged(body(bytes).with_part(range, None), "b")
            }
            Act::Grown => body(slice(range)).with_part(range, total.map(|total| total + 1)),
            Act::Shifted => {
                let range = ByteRange::new(range.first() + 1, range.bytes() - 1).unwrap();
                body(slice(range)).with_part(range, total)
            }
            Act::Fail(kind) => return Err(TransportError::new(kind, "no")),
            Act::NotModified => return Ok(Response::NotModified),
        }))
    }
}

struct BrokenReader(TransportError);

impl Read for BrokenReader {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(self.0.clone().into())
    }
}

fn range(first: u64, end: u64) -> ByteRange {
    ByteRange::between(first, end).unwrap()
}

/// Reads up to the end that is set.
fn rest(reader: &mut RangeReader<'_, '_>) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(TransportError::from_io)?;
    Ok(bytes)
}

/// Asks for `first`; the result, and the bytes that were received.
fn read_from<T>(
    sources: &[&dyn Transport],
    first: ByteRange,
    retries: u32,
    take: impl FnMut(&mut RangeReader<'_, '_>) -> Result<T, Refused>,
) -> (Result<T, FetchError>, u64) {
    let location = Location::new("repodata/j").unwrap();
    let order = RangeOrder { location: &location, size: 50_000, range: first, max_skipped: 30_000 };
    let mut meter = Meter::new(&Silent, "primary");
    let patience =
        Patience { retries, pause: Duration::ZERO, deadline: None, per_file: None, longest_wait: None };
    let result = fetch_range(sources, &order, patience, &mut meter, |_| {}, take);
    (result, meter.downloaded())
}

/// The error of the only source; asked once for bytes 100-199.
#[track_caller]
fn failure(act: Act) -> String {
    let source = Source::new(&[act]);
    let error = read_from(&[&source], range(100, 200), 0, rest).0.unwrap_err();
    assert!(source.asked().len() <= 2);
    error.to_string()
}

#[test]
fn what_is_needed_is_read_from_one_answer_if_it_has_it() {
    let source = Source::new(&[Act::Part]);
    let (result, received) = read_from(&[&source], range(0, 20_000), 0, |reader| {
        let mut head = [0; 100];
        reader.read_exact(&mut head).map_err(TransportError::from_io)?;
        assert_eq!(head[..], file()[..100]);
        reader.move_to(range(5000, 6000))?;
        assert_eq!(rest(reader)?, file()[5000..6000]);
        Ok(reader.requests())
    });
    assert_eq!(result.unwrap(), 1);
    assert_eq!(source.asked(), ["0-19999"]);
    // The rest came too, so that the connection can be used again.
    assert_eq!(received, 20_000);
}

#[test]
fn what_an_answer_does_not_have_is_asked_for_and_nothing_twice() {
    let source = Source::new(&[Act::Part]);
    let (result, received) = read_from(&[&source], range(0, 1000), 0, |reader| {
        // The middle of it, and on.
        reader.move_to(range(500, 3000))?;
        assert_eq!(rest(reader)?, file()[500..3000]);
        // And what is further away.
        reader.move_to(range(9000, 9100))?;
        assert_eq!(rest(reader)?, file()[9000..9100]);
        Ok(reader.requests())
    });
    assert_eq!(result.unwrap(), 3);
    assert_eq!(source.asked(), ["0-999", "1000-2999", "9000-9099"]);
    assert_eq!(received, 3100);
}

#[test]
fn a_long_rest_is_left_unread() {
    let source = Source::new(&[Act::Part]);
    let (result, received) = read_from(&[&source], range(0, 40_000), 0, |reader| {
        reader.move_to(range(0, 100))?;
        rest(reader)
    });
    assert_eq!(result.unwrap().len(), 100);
    assert_eq!(received, 100);
}

#[test]
fn a_whole_file_is_read_from_its_start_and_left_early() {
    for announced in [true, false] {
        let source = Source::new(&[Act::Whole { announced }]);
        let (result, received) = read_from(&[&source], range(100, 200), 0, |reader| {
            assert_eq!(rest(reader)?, file()[100..200]);
            reader.move_to(range(20_000, 20_010))?;
            assert_eq!(rest(reader)?, file()[20_000..20_010]);
            Ok(reader.requests())
        });
        assert_eq!(result.unwrap(), 1);
        assert_eq!(source.asked(), ["100-199"]);
        assert_eq!(received, 20_010);
    }
}

#[test]
fn a_whole_file_is_not_read_further_than_allowed() {
    let source = Source::new(&[Act::Whole { announced: true }]);
    let (result, received) = read_from(&[&source], range(0, 10), 0, |reader| {
        rest(reader)?;
        reader.move_to(range(30_011, 40_000))?;
        rest(reader)
    });
    let why = result.unwrap_err().to_string();
    let expected = "cannot fetch `repodata/j` from `http://h`: \
                    expected bytes from 30011 on, found the whole file, with 30001 bytes before them";
    assert_eq!(why, expected);
    assert_eq!(received, 10);

    // Nor where ranges come at first, and later do not.
    let source = Source::new(&[Act::Part, Act::Whole { announced: true }]);
    let (result, received) = read_from(&[&source], range(0, 10), 0, |reader| {
        rest(reader)?;
        reader.move_to(range(30_001, 40_000))?;
        rest(reader)
    });
    assert!(result.unwrap_err().to_string().ends_with("with 30001 bytes before them"));
    assert_eq!(received, 10);
}

#[test]
fn ranges_that_end_within_their_second_request_fall_back_to_the_whole_file() {
    let source = Source::new(&[Act::Part, Act::Whole { announced: true }]);
    let (result, received) = read_from(&[&source], range(0, 1000), 0, |reader| {
        reader.move_to(range(0, 1500))?;
        rest(reader)
    });
    assert_eq!(result.unwrap(), file()[..1500]);
    assert_eq!(received, 2500);
}

#[test]
fn a_range_beyond_the_file_ends_with_it_and_one_behind_it_is_not_asked_for() {
    let source = Source::new(&[Act::Part]);
    let result = read_from(&[&source], range(49_000, 99_000), 0, rest).0;
    assert_eq!(result.unwrap(), file()[49_000..]);
    assert_eq!(source.asked(), ["49000-49999"]);
    let why = read_from(&[&source], range(50_000, 50_001), 0, rest).0.unwrap_err().to_string();
    assert!(why.ends_with("expected bytes 50000-50000, found that it has 50000 bytes"), "{why}");
    assert_eq!(source.asked().len(), 1);
}

#[test]
fn answers_that_are_none_are_refused() {
    for (act, why) in [
        (Act::Cut(0), "expected 100 bytes, found an end after 0"),
        (Act::Cut(99), "expected 100 bytes, found an end after 99"),
        (Act::CutWhole(0), "expected 50000 bytes, found an end after 0"),
        (Act::CutWhole(199), "expected 50000 bytes, found an end after 199"),
        (Act::Grown, "expected a file of 50000 bytes, found one of 50001"),
        (Act::Shifted, "expected bytes 100-199, found bytes 101-199"),
        (Act::NotModified, "expected bytes 100-199, found not modified"),
    ] {
        assert_eq!(failure(act), format!("cannot fetch `repodata/j` from `http://h`: {why}"));
    }
    assert_eq!(failure(Act::Fail(TransportErrorKind::OutOfRange)), "no");
    assert_eq!(failure(Act::Break(50)), "it broke");
}

#[test]
fn a_file_that_changes_between_two_requests_is_told_as_such() {
    let second = |act| {
        let source = Source::new(&[Act::Part, act, Act::Part, act]);
        let result = read_from(&[&source], range(0, 100), 0, |reader| {
            reader.move_to(range(0, 200))?;
            let bytes = rest(reader)?;
            // Whoever reads it knows what it should be.
            if bytes == file()[..200] { Ok(()) } else { Err(reader.wrong("sha256:1", "sha256:2")) }
        });
        // And once more past caches.
        assert_eq!(source.asked()[..3], ["0-99", "100-199", "0-99"]);
        result.0.unwrap_err().to_string()
    };
    assert_eq!(
        second(Act::Changed),
        "`repodata/j` of `http://h` is not what repomd.xml says: expected sha256:1, found sha256:2 \
         (it may have changed between two requests: entity tag first `a`, then `b`)"
    );
    let why = second(Act::Grown);
    assert!(why.ends_with("expected a file of 50000 bytes, found one of 50001"), "{why}");
    assert_eq!(second(Act::Fail(TransportErrorKind::OutOfRange)), "no");
}

#[test]
fn transient_failures_are_tried_again_and_others_are_not() {
    for (acts, requests) in [
        (vec![Act::Fail(TransportErrorKind::Timeout), Act::Part], 2),
        (vec![Act::Break(30), Act::Cut(99), Act::Part], 3),
        (vec![Act::Part], 1),
    ] {
        let source = Source::new(&acts);
        assert_eq!(read_from(&[&source], range(100, 200), 3, rest).0.unwrap(), file()[100..200]);
        assert_eq!(source.asked().len(), requests);
    }
    for (act, requests) in [(Act::Fail(TransportErrorKind::NotFound), 1), (Act::Shifted, 1), (Act::Grown, 2)]
    {
        let source = Source::new(&[act]);
        assert!(read_from(&[&source], range(100, 200), 3, rest).0.is_err());
        assert_eq!(source.asked().len(), requests);
    }
    let source = Source::new(&[Act::Break(30)]);
    assert!(read_from(&[&source], range(100, 200), 2, rest).0.is_err());
    assert_eq!(source.asked().len(), 3);
}

#[test]
fn mirrors_step_in_and_begin_afresh() {
    let source = Source::new(&[Act::Part, Act::Break(30)]);
    let mirror = Source::named("mirror", &[Act::Whole { announced: true }]);
    let mut begun = Vec::new();
    let result = read_from(&[&source, &mirror], range(0, 100), 0, |reader| {
        begun.push(reader.position);
        reader.move_to(range(0, 200))?;
        rest(reader)
    });
    assert_eq!(result.0.unwrap(), file()[..200]);
    assert_eq!(begun, [0, 0]);
    assert_eq!((source.asked().len(), mirror.asked().len()), (2, 1));
}

#[test]
fn bodies_without_the_extent_that_is_a_part_are_whole() {
    let body = Body::new(Box::new(std::io::empty()));
    assert_eq!(body.extent, Extent::Whole);
}
