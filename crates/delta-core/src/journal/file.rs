//! A journal as a whole: writing it from payloads, and reading the steps of one
//! way, verified before anybody opens them (`docs/format-2.md`, "The file" and
//! "Verification").

use std::io::Read;

use sha2::{Digest, Sha256};

use super::head::{Entry, GenerationId, Head, LINK, Run, Way};
use super::{JournalError, head};

/// A step as it goes into a journal.
#[derive(Clone, Copy, Debug)]
pub struct StepPayload<'a> {
    /// The generation that it leads from.
    pub from: GenerationId,
    /// Its payload.
    pub payload: &'a [u8],
}

/// A journal in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Journal {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many of its bytes are the head.
    pub head_len: usize,
}

/// Writes a journal of these runs: in each the first step leads to the target,
/// each further one to where the one before it leads from.
///
/// # Errors
/// [`JournalError::Unfit`] when there are more runs, steps or bytes than a head
/// can tell, or a run without steps.
pub fn write_journal(runs: &[Vec<StepPayload<'_>>]) -> Result<Journal, JournalError> {
    let mut bodies = Vec::new();
    let mut told = Vec::new();
    for run in runs {
        let (digest, body) = chained(run);
        bodies.push(body);
        let entry = |step: &StepPayload<'_>| Entry { id: step.from, len: step.payload.len() as u64 };
        told.push(Run { digest, entries: run.iter().map(entry).collect() });
    }
    let head = Head::new(told);
    let mut bytes = head.write();
    let head_len = bytes.len();
    let unfit = |what: String| JournalError::Unfit { what };
    if head_len > head::MAX_HEAD || Head::read(&bytes).map_err(|error| unfit(error.to_string()))? != head {
        return Err(unfit(format!("expected runs that a head can tell, found {} of them", runs.len())));
    }
    for body in bodies {
        bytes.extend_from_slice(&body);
    }
    Ok(Journal { bytes, head_len })
}

/// The steps of a run as they are in the file, each but the last with the digest
/// of the next; and the digest of the first.
fn chained(run: &[StepPayload<'_>]) -> ([u8; LINK], Vec<u8>) {
    let mut links = Vec::with_capacity(run.len());
    let mut next: Option<[u8; LINK]> = None;
    for step in run.iter().rev() {
        links.push(next);
        next = Some(digest(step.payload, next.as_ref()));
    }
    let mut body = Vec::new();
    for (step, link) in run.iter().zip(links.iter().rev()) {
        body.extend_from_slice(step.payload);
        body.extend_from_slice(link.as_ref().map(<[u8; LINK]>::as_slice).unwrap_or_default());
    }
    (next.unwrap_or_default(), body)
}

fn digest(payload: &[u8], link: Option<&[u8; LINK]>) -> [u8; LINK] {
    let mut hash = Sha256::new_with_prefix(payload);
    hash.update(link.map(<[u8; LINK]>::as_slice).unwrap_or_default());
    let mut digest = [0; LINK];
    digest.copy_from_slice(&hash.finalize()[..LINK]);
    digest
}

/// Reads the steps of `way` from `source`, which begins where its
/// [`range`](Way::range) does, and verifies each before the next one is read.
/// Returns their payloads in the order of the file, newest first; together they
/// may have `max` bytes.
///
/// # Errors
/// [`JournalError::Range`] when the source fails or ends early,
/// [`JournalError::Digest`] when a step is not the one that the head means,
/// [`JournalError::TooLarge`] when they have more than `max` bytes, which bounds the
/// memory that they take.
pub fn read_steps(
    head: &Head,
    way: &Way,
    mut source: impl Read,
    max: u64,
) -> Result<Vec<Vec<u8>>, JournalError> {
    let range = way.range();
    if range.end - range.start > max {
        let (found, what) = (range.end - range.start, "steps");
        return Err(JournalError::TooLarge { what, found, max });
    }
    let run = head.runs.get(way.run).filter(|run| run.entries.len() >= way.steps);
    let run = run.ok_or(JournalError::Unfit { what: "the way is of another journal".into() })?;
    let mut expected = run.digest;
    let mut offset = range.start;
    let mut payloads = Vec::with_capacity(way.steps);
    for (at, entry) in run.entries.iter().enumerate().take(way.steps) {
        let start = offset;
        let mut read = |len: u64| {
            let mut bytes = Vec::new();
            let got = source.by_ref().take(len).read_to_end(&mut bytes);
            offset += bytes.len() as u64;
            let failed = |source| JournalError::Range { offset, source };
            got.map_err(failed)?;
            if (bytes.len() as u64) < len {
                return Err(failed(std::io::ErrorKind::UnexpectedEof.into()));
            }
            Ok(bytes)
        };
        let payload = read(entry.len)?;
        let mut link = None;
        if at + 1 < run.entries.len() {
            let mut bytes = [0; LINK];
            bytes.copy_from_slice(&read(LINK as u64)?);
            link = Some(bytes);
        }
        if digest(&payload, link.as_ref()) != expected {
            return Err(JournalError::Digest { step: at, offset: start });
        }
        expected = link.unwrap_or_default();
        payloads.push(payload);
    }
    Ok(payloads)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> GenerationId {
        GenerationId::from_sha256(&[n; 32])
    }

    fn sample() -> (Journal, Head) {
        let step = |n: u8, payload: &'static [u8]| StepPayload { from: id(n), payload };
        let runs = [
            vec![step(1, b"one"), step(2, b"second"), step(3, b"")],
            vec![step(1, b"one"), step(9, b"an anchor")],
        ];
        let journal = write_journal(&runs).unwrap();
        let head = Head::read(&journal.bytes[..journal.head_len]).unwrap();
        (journal, head)
    }

    #[test]
    fn every_way_reads_its_own_steps() {
        let (journal, head) = sample();
        assert_eq!(head.file_len(), journal.bytes.len() as u64);
        let read = |n: u8| {
            let way = &head.ways(id(n))[0];
            let range = way.range();
            let bytes = &journal.bytes[usize::try_from(range.start).unwrap()..];
            read_steps(&head, way, &bytes[..usize::try_from(range.end - range.start).unwrap()], 1000).unwrap()
        };
        assert_eq!(read(1), [b"one".to_vec()]);
        assert_eq!(read(3), [b"one".to_vec(), b"second".to_vec(), b"".to_vec()]);
        assert_eq!(read(9), [b"one".to_vec(), b"an anchor".to_vec()]);
    }

    #[test]
    fn every_flipped_byte_is_noticed_by_those_who_read_it() {
        let (journal, head) = sample();
        for (_, way) in head.all() {
            let range = way.range();
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            for at in range.clone() {
                let mut bytes = journal.bytes[range.clone()].to_vec();
                bytes[at - range.start] ^= 1;
                assert!(read_steps(&head, &way, &bytes[..], 1000).is_err(), "{at}");
                assert!(read_steps(&head, &way, &bytes[..at - range.start], 1000).is_err(), "{at}");
            }
        }
    }

    #[test]
    fn nothing_over_the_cap_is_read() {
        let (journal, head) = sample();
        let way = &head.ways(id(3))[0];
        assert!(matches!(
            read_steps(&head, way, &journal.bytes[..], 10),
            Err(JournalError::TooLarge { found: 41, max: 10, .. })
        ));
    }
}
