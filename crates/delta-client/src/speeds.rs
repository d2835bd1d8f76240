//! How fast this machine rebuilds files, and how fast hosts sent some: plain data, kept by the
//! caller, from which it is estimated what a way takes. Nothing is measured here.

use std::collections::BTreeMap;
use std::time::Duration;

use codec::Compression;
use codec::recipe::Recipe;
use serde::{Deserialize, Deserializer, Serialize};

/// Less tells more of what a thread or a connection takes to begin.
const LEAST_REBUILT: u64 = 1 << 20;
const LEAST_DOWNLOADED: u64 = 256 << 10;
/// Hosts that are remembered.
const MOST_HOSTS: usize = 64;

/// Speeds in bytes a second, as they were measured by earlier runs.
///
/// What cannot be read of them is as good as not measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Speeds {
    /// By the number of the recipe: open bytes in a second of processor time.
    rebuilding: BTreeMap<u8, u64>,
    /// By host: bytes of one connection.
    downloading: BTreeMap<String, u64>,
}

/// A speed, and where it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Speed {
    /// At least 1.
    pub(crate) bytes_per_second: u64,
    /// Whether it was measured here.
    pub(crate) is_measured: bool,
}

impl Speeds {
    /// How fast files are rebuilt by `recipe`; before that was measured a cautious guess.
    pub(crate) fn rebuilding(&self, recipe: Recipe) -> Speed {
        let measured = self.rebuilding.get(&recipe.number()).copied().filter(|speed| *speed > 0);
        let bytes_per_second = measured.unwrap_or(recipe.usual_speed() / 4 * 3);
        Speed { bytes_per_second, is_measured: measured.is_some() }
    }

    /// How fast a source sends files, if that was measured.
    pub(crate) fn downloading(&self, source: &str) -> Option<u64> {
        self.downloading.get(host(source)?).copied().filter(|speed| *speed > 0)
    }

    /// So much open content was compressed in so much processor time.
    pub(crate) fn note_rebuilt(&mut self, recipe: Recipe, open_size: u64, spent: Duration) {
        if open_size >= LEAST_REBUILT && recipe.compression() != Compression::None {
            mix(self.rebuilding.entry(recipe.number()).or_default(), open_size, spent);
        }
    }

    /// A source sent so much in so much time.
    pub(crate) fn note_downloaded(&mut self, source: &str, bytes: u64, spent: Duration) {
        let Some(host) = host(source).filter(|_| bytes >= LEAST_DOWNLOADED) else { return };
        if self.downloading.len() >= MOST_HOSTS && !self.downloading.contains_key(host) {
            self.downloading.pop_first();
        }
        mix(self.downloading.entry(host.to_owned()).or_default(), bytes, spent);
    }

    /// Takes over what `found` knows otherwise than `before`, from which it began.
    pub fn take_over(&mut self, found: &Self, before: &Self) {
        let news = found.rebuilding.iter().filter(|(key, speed)| before.rebuilding.get(key) != Some(speed));
        self.rebuilding.extend(news.map(|(key, speed)| (*key, *speed)));
        let news =
            found.downloading.iter().filter(|(key, speed)| before.downloading.get(*key) != Some(speed));
        self.downloading.extend(news.map(|(key, speed)| (key.clone(), *speed)));
        while self.downloading.len() > MOST_HOSTS {
            self.downloading.pop_first();
        }
    }
}

/// The mean of what was known and what was measured now.
fn mix(speed: &mut u64, bytes: u64, spent: Duration) {
    let nanoseconds = spent.as_nanos().max(1);
    let now = u128::from(bytes) * 1_000_000_000 / nanoseconds;
    let now = u64::try_from(now).unwrap_or(u64::MAX).max(1);
    *speed = if *speed == 0 { now } else { (*speed).midpoint(now) };
}

/// The host in the name of a source, without the port; nothing for directories.
fn host(source: &str) -> Option<&str> {
    let (_, rest) = source.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let end = host.rfind(']').map_or_else(|| host.find(':'), |end| Some(end + 1));
    Some(&host[..end.unwrap_or(host.len())]).filter(|host| !host.is_empty())
}

/// As they are written.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Written {
    rebuilding: BTreeMap<u8, u64>,
    downloading: BTreeMap<String, u64>,
}

impl<'de> Deserialize<'de> for Speeds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = serde_json::Value::deserialize(deserializer)?;
        let Written { rebuilding, downloading } = serde_json::from_value(written).unwrap_or_default();
        Ok(Self { rebuilding, downloading })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xz() -> Recipe {
        Recipe::from_number(6).unwrap()
    }

    #[test]
    fn what_was_measured_counts_more_than_a_guess() {
        let mut speeds = Speeds::default();
        let guess = speeds.rebuilding(xz());
        assert!(!guess.is_measured && guess.bytes_per_second < xz().usual_speed());
        speeds.note_rebuilt(xz(), LEAST_REBUILT - 1, Duration::from_secs(1));
        assert_eq!(speeds, Speeds::default());
        speeds.note_rebuilt(xz(), 20_000_000, Duration::from_secs(10));
        assert_eq!(speeds.rebuilding(xz()), Speed { bytes_per_second: 2_000_000, is_measured: true });
        speeds.note_rebuilt(xz(), 40_000_000, Duration::from_secs(10));
        assert_eq!(speeds.rebuilding(xz()).bytes_per_second, 3_000_000);
        speeds.note_rebuilt(xz(), 1 << 40, Duration::ZERO);
        assert!(speeds.rebuilding(xz()).bytes_per_second > 1 << 40);
        let copied = Recipe::from_number(0).unwrap();
        speeds.note_rebuilt(copied, 1 << 30, Duration::from_secs(100));
        assert!(!speeds.rebuilding(copied).is_measured);
    }

    #[test]
    fn downloads_are_noted_by_host() {
        let mut speeds = Speeds::default();
        speeds.note_downloaded("https://example.org:8443/a", 1_000_000, Duration::from_secs(2));
        speeds.note_downloaded("https://example.org/b", 1000, Duration::from_secs(2));
        speeds.note_downloaded("/srv/repo", 1_000_000, Duration::from_secs(2));
        assert_eq!(speeds.downloading("http://example.org/b/c"), Some(500_000));
        assert_eq!(speeds.downloading.len(), 1);
        assert_eq!(speeds.downloading("http://example.com/"), None);
        for number in 0..100 {
            speeds.note_downloaded(&format!("http://{number}.example/"), 1_000_000, Duration::from_secs(1));
        }
        assert_eq!(speeds.downloading.len(), MOST_HOSTS);
        for (source, expected) in [
            ("http://[::1]:80/x", Some("[::1]")),
            ("http://user@h:1?x", Some("h")),
            ("http://", None),
            ("/a", None),
            ("http://]:", Some("]")),
        ] {
            assert_eq!(host(source), expected, "{source}");
        }
    }

    #[test]
    fn they_are_plain_data_and_what_is_damaged_is_not_measured() {
        let mut speeds = Speeds::default();
        speeds.note_rebuilt(xz(), 20_000_000, Duration::from_secs(10));
        speeds.note_downloaded("http://h/", 1_000_000, Duration::from_secs(2));
        let text = serde_json::to_string(&speeds).unwrap();
        assert_eq!(text, r#"{"rebuilding":{"6":2000000},"downloading":{"h":500000}}"#);
        assert_eq!(serde_json::from_str::<Speeds>(&text).unwrap(), speeds);
        for damaged in ["3", "[]", r#"{"rebuilding":{"6":"fast"}}"#, r#"{"rebuilding":{"x":-1}}"#, "null"] {
            assert_eq!(serde_json::from_str::<Speeds>(damaged).unwrap(), Speeds::default(), "{damaged}");
        }
        let zero: Speeds = serde_json::from_str(r#"{"rebuilding":{"6":0}, "later": 1}"#).unwrap();
        assert!(!zero.rebuilding(xz()).is_measured);
    }

    #[test]
    fn of_several_runs_at_once_each_tells_what_it_measured() {
        let before: Speeds = serde_json::from_str(r#"{"rebuilding":{"5":1,"6":2}}"#).unwrap();
        let found: Speeds =
            serde_json::from_str(r#"{"rebuilding":{"5":1,"6":3},"downloading":{"h":4}}"#).unwrap();
        let mut speeds: Speeds = serde_json::from_str(r#"{"rebuilding":{"5":9,"6":9}}"#).unwrap();
        speeds.take_over(&found, &before);
        let both: Speeds =
            serde_json::from_str(r#"{"rebuilding":{"5":9,"6":3},"downloading":{"h":4}}"#).unwrap();
        assert_eq!(speeds, both);
    }
}
