//! Which publishes there were: what the steps of the journal lead from and to. Only those are remembered
//! of which the history has a generation.

use std::collections::{BTreeMap, BTreeSet};

use codec::Algorithm;
use history::Hex;
use serde::{Deserialize, Serialize};

/// Most publishes that are remembered.
const MOST: usize = 1 << 12;

/// One state of the repository's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publish {
    /// Its number; it grows by one with each publish of other content.
    pub(crate) sequence: u64,
    /// The greatest timestamp of the repomd.xml, in seconds.
    pub(crate) timestamp: Option<u64>,
    /// Per track of the history the open SHA-256.
    pub(crate) contents: BTreeMap<String, String>,
    /// Whether its repomd.xml told its number in this row, with a journal: who holds it can count from there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_numbered: bool,
}

impl Publish {
    /// The SHA-256 over what it consists of.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let lines: String =
            self.contents.iter().flat_map(|(kind, sha256)| [kind, " ", sha256, "\n"]).collect();
        let mut digest = [0; 32];
        digest.copy_from_slice(Algorithm::Sha256.digest(lines.as_bytes()).as_bytes());
        digest
    }
}

/// The publishes of a repository, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publishes {
    /// Four bytes in hexadecimal digits that name this row of numbers; another row has others.
    pub(crate) id: String,
    /// The number that was given last.
    pub(crate) last: u64,
    pub(crate) newest_first: Vec<Publish>,
}

/// A publish as far as the history can still give it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// Where the history has not its own content of a type, that of the publish before stands in for it.
    pub(crate) publish: Publish,
    /// Whether nothing stands in for anything: who has this publish has these contents.
    pub(crate) is_exact: bool,
}

impl Publishes {
    /// Remembers what is published now; one that is the same as the newest is that one. An older publish of
    /// the same content is not told of any more: whoever holds it has the newest.
    pub(crate) fn record(&mut self, contents: BTreeMap<String, String>, timestamp: Option<u64>) {
        if contents.is_empty() || self.newest_first.first().is_some_and(|newest| newest.contents == contents)
        {
            return;
        }
        self.newest_first.retain(|publish| publish.contents != contents);
        self.last += 1;
        let publish = Publish { sequence: self.last, timestamp, contents, is_numbered: false };
        if self.id.is_empty() {
            self.begin_row(&format!("{timestamp:?} {}", Hex(&publish.digest())));
        }
        self.newest_first.insert(0, publish);
        self.newest_first.truncate(MOST);
    }

    /// Names the row anew, because numbers were given that are not known here, or now mean something else.
    /// `why` tells this occasion from others.
    pub(crate) fn begin_row(&mut self, why: &str) {
        let digest = Algorithm::Sha256.digest(format!("{} {why}", self.id).as_bytes());
        self.id = Hex(&digest.as_bytes()[..4]).to_string();
        self.newest_first.iter_mut().for_each(|publish| publish.is_numbered = false);
    }

    /// Remembers whether the newest publish is public with a journal, which tells its number.
    pub(crate) fn number_newest(&mut self, has_journal: bool) {
        if let Some(newest) = self.newest_first.first_mut() {
            newest.is_numbered = has_journal;
        }
    }

    /// Remembers what was published at a time of its own, between those that are known. The numbers begin
    /// anew, and so does the row.
    pub(crate) fn import(&mut self, contents: BTreeMap<String, String>, timestamp: Option<u64>) {
        let has_all = |publish: &Publish| {
            contents.iter().all(|(kind, sha256)| publish.contents.get(kind) == Some(sha256))
        };
        if contents.is_empty() || self.newest_first.iter().any(has_all) {
            return;
        }
        let Self { id, newest_first: mut all, .. } = std::mem::take(self);
        all.insert(0, Publish { sequence: 0, timestamp, contents, is_numbered: false });
        all.reverse();
        all.sort_by_key(|publish| publish.timestamp);
        for publish in all {
            self.record(publish.contents, publish.timestamp);
        }
        self.begin_row(&id);
    }

    /// Remembers what was published by what is known of single types: when, which type, which content, the
    /// oldest first. For a ledger that was lost.
    pub(crate) fn restore(&mut self, mut events: Vec<(Option<u64>, String, String)>) {
        events.sort_by_key(|(timestamp, ..)| *timestamp);
        let mut contents = BTreeMap::new();
        let mut since: BTreeSet<String> = BTreeSet::new();
        let mut at = None;
        for (timestamp, kind, sha256) in events {
            if timestamp != at || since.contains(&kind) {
                self.record(contents.clone(), at);
                since.clear();
            }
            at = timestamp;
            since.insert(kind.clone());
            contents.insert(kind, sha256);
        }
        self.record(contents, at);
        if let Some(newest) = self.newest_first.first() {
            self.begin_row(&format!("restored up to {} {}", self.last, Hex(&newest.digest())));
        }
    }

    /// Forgets those that are not [remembered](Self::remembered).
    pub(crate) fn retain(&mut self, is_there: impl Fn(&str, &str) -> bool) {
        loop {
            let remembered = self.remembered(&is_there);
            let kept: BTreeSet<u64> = remembered.iter().map(|one| one.publish.sequence).collect();
            if kept.len() == self.newest_first.len() {
                return;
            }
            self.newest_first.retain(|publish| kept.contains(&publish.sequence));
        }
    }

    /// What steps can lead from and to, newest first: without publishes that are the same as others as far
    /// as generations are there, and without the oldest ones if newer ones have all that they have.
    pub(crate) fn remembered(&self, is_there: impl Fn(&str, &str) -> bool) -> Vec<Remembered> {
        let current = self.newest_first.first().map(|newest| &newest.contents);
        let mut oldest_first: Vec<Remembered> = Vec::new();
        for (age, publish) in self.newest_first.iter().enumerate().rev() {
            let mut contents = oldest_first.last().map(|last| last.publish.contents.clone());
            let contents = contents.get_or_insert_default();
            let own = publish.contents.iter().filter(|(kind, sha256)| is_there(kind, sha256));
            contents.extend(own.map(|(kind, sha256)| (kind.clone(), sha256.clone())));
            if oldest_first.last().is_some_and(|last| last.publish.contents == *contents) {
                if age > 0 {
                    continue;
                }
                oldest_first.pop();
            }
            // Types that are gone are in nobody's way.
            let is_own = |(kind, sha256): (&String, &String)| {
                publish.contents.get(kind) == Some(sha256)
                    || !current.is_some_and(|now| now.contains_key(kind))
            };
            let is_exact = contents.iter().all(is_own);
            let publish = Publish { contents: std::mem::take(contents), ..*publish };
            oldest_first.push(Remembered { publish, is_exact });
        }
        oldest_first.reverse();
        let mut newest_first = oldest_first;
        let mut seen = BTreeSet::new();
        let mut needed = 0;
        for (age, one) in newest_first.iter().enumerate() {
            for content in one.publish.contents.iter().filter(|(kind, sha256)| is_there(kind, sha256)) {
                if seen.insert(content) {
                    needed = age + 1;
                }
            }
        }
        newest_first.truncate(needed);
        newest_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(primary: &str) -> BTreeMap<String, String> {
        [("primary".to_owned(), primary.to_owned())].into()
    }

    /// Contents of primary and other, a character each.
    fn both(text: &str) -> BTreeMap<String, String> {
        let kinds = ["primary", "other"].map(str::to_owned);
        let given = kinds.into_iter().zip(text.chars().map(String::from));
        given.filter(|(_, content)| content != "-").collect()
    }

    fn told(publishes: &Publishes) -> Vec<(u64, &str)> {
        publishes.newest_first.iter().map(|p| (p.sequence, &*p.contents["primary"])).collect()
    }

    /// What is remembered of publishes of both types, if these contents are lost: number, contents, and
    /// whether they are its own.
    fn remembered(texts: &[&str], lost: &str) -> Vec<(u64, String, bool)> {
        let mut publishes = Publishes::default();
        for text in texts {
            publishes.record(both(text), None);
        }
        let tell = |one: Remembered| {
            let content = |kind| one.publish.contents.get(kind).map_or("-", |content| content.as_str());
            (one.publish.sequence, ["primary", "other"].map(content).concat(), one.is_exact)
        };
        publishes.remembered(|_, sha256| !lost.contains(sha256)).into_iter().map(tell).collect()
    }

    fn one(sequence: u64, contents: &str, is_exact: bool) -> (u64, String, bool) {
        (sequence, contents.to_owned(), is_exact)
    }

    #[test]
    fn each_other_content_has_the_next_number() {
        let mut publishes = Publishes::default();
        for content in ["a", "a", "b", "c", "b"] {
            publishes.record(contents(content), None);
        }
        assert_eq!(told(&publishes), [(4, "b"), (3, "c"), (1, "a")]);
        let id = publishes.id.clone();
        publishes.retain(|_, sha256| sha256 != "a");
        publishes.record(contents("d"), None);
        assert_eq!((told(&publishes), &publishes.id), (vec![(5, "d"), (4, "b"), (3, "c")], &id));
    }

    #[test]
    fn imported_ones_are_in_the_order_of_time_under_another_name() {
        // Whether the oldest one is another then or not.
        for first in [30, 5] {
            let mut publishes = Publishes::default();
            publishes.record(contents("first"), Some(first));
            publishes.record(contents("last"), Some(40));
            let mut ids = BTreeSet::from([publishes.id.clone()]);
            for (content, time) in [("old", 10), ("middle", 20), ("last", 40)] {
                publishes.import(contents(content), Some(time));
                ids.insert(publishes.id.clone());
            }
            let expected = match first {
                5 => [(4, "last"), (3, "middle"), (2, "old"), (1, "first")],
                _ => [(4, "last"), (3, "first"), (2, "middle"), (1, "old")],
            };
            assert_eq!(told(&publishes), expected);
            assert_eq!(ids.len(), 3, "one for each order of the numbers");
        }
    }

    #[test]
    fn rows_that_begin_with_the_same_content_at_another_time_have_other_names() {
        let id = |timestamp| {
            let mut publishes = Publishes::default();
            publishes.record(contents("a"), Some(timestamp));
            publishes.id
        };
        assert_eq!(id(1), id(1));
        assert_ne!(id(1), id(2));
    }

    #[test]
    fn what_is_lost_of_a_publish_is_that_of_the_one_before() {
        let published = ["a1", "b1", "c2", "d3"];
        assert_eq!(
            remembered(&published, ""),
            [one(4, "d3", true), one(3, "c2", true), one(2, "b1", true), one(1, "a1", true)]
        );
        assert_eq!(
            remembered(&published, "c"),
            [one(4, "d3", true), one(3, "b2", false), one(2, "b1", true), one(1, "a1", true)]
        );
        // A publish of which nothing is left is passed over.
        assert_eq!(
            remembered(&published, "c2"),
            [one(4, "d3", true), one(2, "b1", true), one(1, "a1", true)]
        );
        assert_eq!(
            remembered(&published, "bc"),
            [one(4, "d3", true), one(3, "a2", false), one(1, "a1", true)]
        );
    }

    #[test]
    fn the_oldest_ones_go_that_serve_nobody_else() {
        let published = ["a1", "b1", "c1", "d2"];
        assert_eq!(remembered(&published, "ab"), [one(4, "d2", true), one(3, "c1", true)]);
        // But for one whose content of one type nobody else has.
        let expected = [one(4, "d2", true), one(3, "c2", true), one(2, "-2", true), one(1, "-1", true)];
        assert_eq!(remembered(&["a1", "b2", "c2", "d2"], "ab"), expected);
        assert_eq!(remembered(&["a1"], ""), [one(1, "a1", true)]);
    }

    #[test]
    fn a_type_that_never_changes_keeps_no_publish() {
        let mut publishes = Publishes::default();
        for n in 0..100 {
            let contents = [("primary".to_owned(), n.to_string()), ("group".to_owned(), "same".to_owned())];
            publishes.record(contents.into(), Some(n));
            publishes.retain(|kind, sha256| kind == "group" || sha256.parse::<u64>().unwrap() + 3 > n);
        }
        let sequences: Vec<u64> = publishes.newest_first.iter().map(|publish| publish.sequence).collect();
        assert_eq!(sequences, [100, 99, 98]);
    }

    #[test]
    fn a_type_that_is_left_alone_once_goes_on_afterwards() {
        let published = ["a1", "b-", "c2"];
        assert_eq!(remembered(&published, ""), [one(3, "c2", true), one(2, "b1", false), one(1, "a1", true)]);
        // What the newest publish does not have is in nobody's way.
        assert_eq!(remembered(&["a1", "b-"], ""), [one(2, "b1", true), one(1, "a1", true)]);
        assert_eq!(remembered(&["a-", "b1"], ""), [one(2, "b1", true), one(1, "a-", true)]);
        assert_eq!(remembered(&["a1", "a-"], ""), [one(2, "a1", true)]);
        assert_eq!(remembered(&["a1", "b-", "c-"], "").iter().filter(|(.., exact)| *exact).count(), 3);
    }

    #[test]
    fn publishes_are_restored_by_their_types() {
        let mut publishes = Publishes::default();
        let event = |time, kind: &str, content: &str| (time, kind.to_owned(), content.to_owned());
        publishes.restore(vec![
            event(Some(10), "primary", "a"),
            event(Some(20), "primary", "b"),
            event(Some(20), "primary", "c"),
            event(Some(30), "primary", "d"),
            event(Some(10), "other", "1"),
            event(Some(30), "other", "2"),
        ]);
        let found: Vec<_> =
            publishes.newest_first.iter().map(|p| (p.timestamp, p.contents.clone())).collect();
        let expected = [(30, "d2"), (20, "c1"), (20, "b1"), (10, "a1")];
        assert_eq!(found, expected.map(|(time, text)| (Some(time), both(text))));
    }
}
