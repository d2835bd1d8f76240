//! Which records of a repository get deltas, and which of them share them: twins
//! of one family with the same open content, such as `group` and `group_gz`. The
//! files of twins are looked at as far as that takes; nothing is recorded.

use std::collections::BTreeMap;

use codec::{Algorithm, Digest};
use delta_core::Rule;
use history::{History, Track};
use repomd::{Record, Repomd, Timestamp};

use crate::Error;
use crate::naming::Naming;
use crate::repository::Repository;

/// A record that is to get deltas.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'r> {
    pub(crate) record: &'r Record,
    /// Its file in repodata/.
    pub(crate) name: &'r str,
    pub(crate) rule: Rule,
}

/// Records that share a track and deltas, because they have the same open content.
pub(crate) struct Group<'r> {
    pub(crate) lead: Candidate<'r>,
    /// The others, in document order.
    pub(crate) twins: Vec<Candidate<'r>>,
    /// The name of their track: the family's; or the lead's own type where another
    /// content of the family has that already.
    pub(crate) track: String,
    pub(crate) naming: Naming,
}

impl<'r> Group<'r> {
    pub(crate) fn members(&self) -> impl Iterator<Item = Candidate<'r>> {
        std::iter::once(self.lead).chain(self.twins.iter().copied())
    }

    /// The timestamp under which all of them are published, or later.
    pub(crate) fn timestamp(&self) -> Option<u64> {
        self.members().filter_map(|w| seconds(w.record)).min()
    }
}

/// The rule of a metadata type that deltas are asked for.
pub(crate) fn rule_of(data_type: &str) -> Result<Rule, Error> {
    Rule::for_type(data_type).ok_or_else(|| Error::Database { data_type: data_type.to_owned() })
}

/// `<timestamp>`.
pub(crate) fn seconds(record: &Record) -> Option<u64> {
    record.timestamp.as_ref().map(Timestamp::seconds)
}

/// The records of the types asked for, or of all types that the table of rules
/// has; `skip` is told of those that are left alone, and why.
pub(crate) fn candidates<'r>(
    repository: &'r Repository,
    types: Option<&[String]>,
    mut skip: impl FnMut(&str, String),
) -> Result<Vec<Candidate<'r>>, Error> {
    let mut all = Vec::new();
    let known = || repository.model.records.iter().map(|r| &*r.kind).filter(|k| Rule::is_known(k));
    let kinds: Vec<&str> = match types {
        Some(types) => types.iter().map(String::as_str).collect(),
        None => known().collect(),
    };
    for (nth, kind) in kinds.iter().enumerate() {
        if kinds[..nth].contains(kind) {
            continue;
        }
        let rule = rule_of(kind)?;
        match repository.model.record(kind) {
            None => skip(kind, "the repository has no such record".into()),
            Some(record) => match Repository::file_of(record) {
                Ok(name) if repository.is_symlink(name)? => {
                    skip(kind, format!("its file `{name}` is a symbolic link, which is not followed"));
                }
                Ok(name) => all.push(Candidate { record, name, rule }),
                Err(why) => {
                    repository.expect_file(record)?;
                    skip(kind, why);
                }
            },
        }
    }
    Ok(all)
}

/// Puts records with the same open content together; the groups are in the order
/// of their first records in `candidates`.
pub(crate) fn groups<'r>(repository: &Repository, candidates: &[Candidate<'r>]) -> Vec<Group<'r>> {
    let mut families: BTreeMap<&str, Vec<Candidate<'r>>> = BTreeMap::new();
    for one in candidates {
        families.entry(Rule::family(&one.record.kind)).or_default().push(*one);
    }
    let mut groups: Vec<Group<'r>> = Vec::new();
    for (family, mut members) in families {
        let place = |w: &Candidate<'_>| {
            let at = repository.model.records.iter().position(|r| r.kind == w.record.kind);
            (w.record.kind != family, at)
        };
        members.sort_by_key(place);
        let contents = if members.len() > 1 { contents(repository, &members) } else { vec![None] };
        let mut first: Vec<Option<Digest>> = Vec::new();
        let from = groups.len();
        for (member, content) in members.into_iter().zip(contents) {
            let same = first.iter().position(|c| c.is_some() && *c == content);
            if let Some(same) = same {
                groups[from + same].twins.push(member);
                continue;
            }
            let track = if first.is_empty() { family } else { &member.record.kind };
            first.push(content);
            let (track, naming) = (track.to_owned(), Naming::from_file_name(member.name));
            groups.push(Group { lead: member, twins: Vec::new(), track, naming });
        }
    }
    let place = |g: &Group<'_>| {
        g.members().filter_map(|m| candidates.iter().position(|w| w.record.kind == m.record.kind)).min()
    };
    groups.sort_by_key(place);
    groups
}

/// What tells the open contents of the members of a family apart: their
/// open-checksums where those can be compared, else digests of what they open to.
/// Nothing for a member that cannot be read.
fn contents(repository: &Repository, members: &[Candidate<'_>]) -> Vec<Option<Digest>> {
    let declared = |w: &Candidate<'_>| -> Option<Digest> {
        let expect = repository.expect(w.record).ok()?;
        let found = repository.file_len(w.record, w.name).ok()?;
        expect.open_checksum.filter(|_| expect.size.is_none_or(|size| size == found))
    };
    let all: Vec<Option<Digest>> = members.iter().map(declared).collect();
    let algorithm = all.first().and_then(|d| d.map(|d| d.algorithm()));
    if algorithm.is_some() && all.iter().all(|d| d.map(|d| d.algorithm()) == algorithm) {
        return all;
    }
    let opened = |w: &Candidate<'_>| -> Option<Digest> {
        let mut expect = repository.expect(w.record).ok()?;
        expect.open_digests = vec![Algorithm::Sha256];
        let reader = repository.open_file(w.record, w.name, expect).ok()?;
        reader.finish().ok()?.open_digest(Algorithm::Sha256)
    };
    members.iter().map(opened).collect()
}

/// The track of a history that has the content of a record: `has` says whether
/// one does. Where none does, the one in which it is looked for first; nothing
/// where there is neither.
pub(crate) fn track_with(
    history: &History,
    kind: &str,
    has: impl Fn(&Track) -> bool,
) -> Result<Option<(String, Track)>, Error> {
    let mut other = None;
    for name in [Rule::family(kind), kind] {
        let track = match history.track(name) {
            Err(history::Error::Missing { .. } | history::Error::TypeName { .. }) => continue,
            track => track.map_err(Error::History)?,
        };
        if has(&track) {
            return Ok(Some((name.to_owned(), track)));
        }
        other.get_or_insert((name.to_owned(), track));
    }
    Ok(other)
}

/// The timestamp under which a record and its twins are published, or later:
/// `same` says which records of its family are twins.
pub(crate) fn timestamp_of(model: &Repomd, record: &Record, same: impl Fn(&Record) -> bool) -> Option<u64> {
    let own = seconds(record)?;
    let family = Rule::family(&record.kind);
    let twins = model.records.iter().filter(|r| Rule::family(&r.kind) == family && same(r));
    Some(twins.filter_map(seconds).fold(own, u64::min))
}
