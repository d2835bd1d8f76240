//! What was done: plain data for the caller to show or to print as JSON, whose
//! field names are those of the fields, but `type` for `data_type`.

use std::io;

use serde::Serialize;

/// What [`generate`](crate::generate) did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Generated {
    /// Whether repomd.xml was replaced (in a dry run: would be).
    pub changed: bool,
    /// One entry for each metadata type asked for, in that order, or in that of
    /// repomd.xml.
    pub types: Vec<TypeGenerated>,
    /// The journal; nothing where there is to be none.
    pub journal: Option<JournalGenerated>,
    /// Whether the history was made by this run.
    pub history_created: bool,
    /// What was served before and is served by nothing any more, though nobody asked
    /// for that.
    pub withdrawn: Vec<Withdrawn>,
    /// Delta files that no client can need any more, now deleted.
    pub collected: Vec<String>,
    /// What became of the signature.
    pub signature: SignatureFate,
    /// Why the repository, which is complete, serves fewer deltas than asked for;
    /// empty where it does not.
    pub reduced: Vec<Reduction>,
    /// What the operator should know at once.
    pub warnings: Vec<String>,
    /// That the metadata is older than what was published last, where it is: clients stay with the newer state.
    pub older: Option<String>,
    /// What is worth knowing, and is the same in every run: types without timestamps,
    /// files that cannot have deltas.
    pub notes: Vec<String>,
    /// Where the time went, in the order of the phases.
    pub phases: Vec<Phase>,
}

/// Generations of a type that are served no more, or deltas of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Withdrawn {
    /// The metadata type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// How many generations; nothing where the files that served them do not tell.
    pub generations: Option<usize>,
}

/// One reason why a repository serves fewer deltas than asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reduction {
    /// Which kind of reason, for programs.
    pub reason_code: ReductionKind,
    /// The reason, for people.
    pub message: String,
    /// What the system said when it refused to read or write the history.
    #[serde(skip)]
    pub answer: Option<io::ErrorKind>,
}

impl Reduction {
    /// One for which the system has nothing to say.
    pub(crate) fn new(reason_code: ReductionKind, message: impl Into<String>) -> Self {
        Self { reason_code, message: message.into(), answer: None }
    }
}

/// The kinds of reasons why a repository serves fewer deltas than asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReductionKind {
    /// A delta or journal could not be made, or did not pass its proof.
    DeltasNotMade,
    /// A part of the history is lost; the rest was used.
    HistoryDamaged,
    /// The history is that of another repository.
    HistoryForeign,
    /// A newer version wrote the history.
    HistoryNewer,
    /// The history cannot be written: no room, no permission, read-only.
    HistoryNotWritable,
    /// Two repositories take turns in the history; it was used.
    HistoryShared,
    /// The history cannot be read, or is something else.
    HistoryUnreadable,
    /// Package managers read repomd.xml, and this program does not edit it.
    NotEdited,
    /// repomd.xml does not list what the history published last.
    NotListed,
    /// repomd.xml is signed, and was to stay so.
    Signed,
    /// A type that was served cannot be used any more; its file is left alone.
    TypeLeftAlone,
    /// A type that was served and asked for is not in the repository any more.
    TypeMissing,
    /// Generations that were served are served no more.
    Withdrawn,
}

/// One phase of a run, and what it took, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Phase {
    /// `intake`: the files are decompressed, verified, cut and recorded;
    /// `commit`: the history is written; `journal`: steps are encoded and
    /// proven, and put together; `windows`: they are chosen; `deltas`:
    /// deltas are made and proven; `publish`: files are written and deleted.
    pub name: &'static str,
    /// Wall time.
    pub wall_us: u64,
    /// Processor time of all threads.
    pub cpu_us: u64,
    /// Processor time of it that went to bzip2 compression.
    pub bzip2_us: u64,
    /// Processor time of it that went to bzip2 decompression, for proving.
    pub unbzip2_us: u64,
}

/// What was done for one metadata type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypeGenerated {
    /// The metadata type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Why it has no deltas and is not recorded, where that is so.
    pub skipped: Option<String>,
    /// The type whose deltas these are, this one having the same open content.
    pub shared_with: Option<String>,
    /// Whether its content was not in the history as the newest generation.
    pub recorded: bool,
    /// Generations in the history, the current one included.
    pub generations: usize,
    /// Whether a past publish that is remembered had other content of it, or none: its clients download something.
    #[serde(skip)]
    pub is_other: bool,
    /// Past generations in the history that a delta or the journal serves.
    pub served: usize,
    /// Why none is served, where that is so.
    pub unserved: Option<Unserved>,
    /// Bytes of the full compressed file.
    pub full_size: u64,
    /// Bytes of the open file.
    pub open_size: u64,
    /// The deltas, newest first.
    pub deltas: Vec<DeltaGenerated>,
    /// Estimated bytes of the smallest delta from a past generation, where none is served.
    pub smallest_delta: Option<u64>,
    /// What the journal serves of it; nothing where it has no such type.
    pub journal: Option<TypeInJournal>,
}

/// Why no past generation of a type is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unserved {
    /// The options ask for neither a journal nor deltas.
    NotAskedFor,
    /// The history has no past generation of it.
    FirstPublish,
    /// There are deltas of format 1 alone, which clients select by timestamps, and no past generation
    /// has an older one.
    NotSelectable,
    /// What clients would download is more than [`Options::max_size`](crate::Options::max_size).
    TooLarge,
    /// Listing it in repomd.xml would cost all clients more than it saves some.
    NotWorthListing,
    /// This publish changes more than [`Options::budget`](crate::Options::budget).
    BeyondBudget,
}

/// What a journal serves of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypeInJournal {
    /// Generations that it serves.
    pub generations: usize,
    /// Its share of what a client of all types reads of it, in bytes, by generation served, the youngest first.
    pub reads: Vec<u64>,
    /// The number of the recipe that is published with it; nothing where none is wanted, or none gives the
    /// full file.
    pub recipe: Option<u8>,
}

/// The journal of a repository, and what making it took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JournalGenerated {
    /// The file in repodata/; nothing where it would serve nobody.
    pub file: Option<String>,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of its head.
    pub head_size: u64,
    /// Bytes that a client reads of it who wants every type, by publish served, the youngest first; with the head
    /// where it needs that.
    pub reads: Vec<u64>,
    /// Runs in the file.
    pub runs: usize,
    /// Steps that were encoded in this run, those for the history included.
    pub steps_encoded: usize,
    /// Steps in the file that were copied from the history.
    pub steps_reused: usize,
    /// Anchors among the steps that were encoded.
    pub anchors_encoded: usize,
    /// Bytes of text that the encoded steps insert.
    pub text_bytes: u64,
    /// About how many bytes of text this publish changes, where that is more than the budget and nobody is
    /// served for that reason.
    pub beyond_budget: Option<u64>,
    /// Whether it was made in this run rather than found in place.
    pub written: bool,
}

/// One window, and the delta that serves it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeltaGenerated {
    /// The timestamp of the oldest generation that it serves, in seconds.
    pub timestamp: u64,
    /// Generations that it serves.
    pub generations: usize,
    /// Bytes of its literals before compression.
    pub literal_bytes: u64,
    /// Bytes of the delta file; an estimate where it is not published.
    pub size: u64,
    /// The file in repodata/; nothing where it is not published, being too large.
    pub file: Option<String>,
    /// Whether it was made in this run rather than found in place.
    pub written: bool,
}

/// What became of `repomd.xml.asc`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SignatureFate {
    /// There was none, and none was made.
    #[default]
    None,
    /// It was left alone, because repomd.xml did not change.
    Kept,
    /// It was removed: repomd.xml must be signed again.
    Removed,
    /// The signing command made a new one.
    Signed,
    /// It was left alone, and does not seem to be of this repomd.xml.
    Stale,
    /// There is none, since a run before removed it: repomd.xml must be signed again.
    Missing,
}

/// What is known of `repomd.xml.asc`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SignatureFound {
    /// There is none.
    #[default]
    None,
    /// There is one, which may be of this repomd.xml; by whom was not looked at.
    Unverified,
    /// It does not seem to be of this repomd.xml: it has the digest of other data.
    Stale,
    /// It is of this repomd.xml, by a key of the keyring.
    Good,
}

/// What [`verify`](crate::verify) found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// What is wrong with the repository: files that are not what repomd.xml says,
    /// deltas that do not hold. Empty when all is well.
    pub problems: Vec<String>,
    /// What these problems are of.
    #[serde(skip)]
    pub problems_of: ProblemsOf,
    /// What is wrong with the history alone.
    pub history_problems: Vec<String>,
    /// Why the repository, which may be whole, serves fewer deltas than the history published; looked for where a
    /// history is given.
    pub reduced: Vec<Reduction>,
    /// That the metadata is older than that of a state which was published before, where it is; looked for where a
    /// history is given.
    pub older: Option<String>,
    /// The signature.
    pub signature: SignatureFound,
    /// The fingerprint of the key that made it, where a keyring was given and has it.
    pub signed_by: Option<String>,
    /// Delta files and journals in repodata/ that no state names any more; looked for
    /// where a history is given. The next [`generate`](crate::generate()) deletes them.
    pub unnamed: Vec<String>,
    /// One entry for each record that has a file of this repository.
    pub types: Vec<TypeVerified>,
    /// Records of which nothing was verified, and why: their file is elsewhere, or
    /// something is malformed in them.
    pub left_alone: Vec<String>,
}

/// What the problems are of that [`verify`](crate::verify) found in a repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProblemsOf {
    /// The signature.
    pub signature: Option<SignatureProblem>,
    /// The files of records.
    pub metadata: bool,
    /// Deltas or the journal.
    pub deltas: bool,
}

/// Why a signature is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureProblem {
    /// There is none, or none of this repomd.xml.
    NotSigned,
    /// There is one, which is not good by the keyring.
    NotGood,
}

/// What was verified for one metadata type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypeVerified {
    /// The metadata type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// The deltas listed for it.
    pub deltas: usize,
    /// How many times a delta was played against a generation of the history
    /// that it claims to serve, and gave the current file.
    pub proven: usize,
    /// Generations of the history from which every part of the journal to the
    /// current one was played.
    pub journal_proven: usize,
    /// How many times a client of a generation of the history would select a
    /// delta that is known not to serve it, because none of allowed size does.
    pub unserved: usize,
}

/// What [`strip`](crate::strip) did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stripped {
    /// Whether repomd.xml was replaced.
    pub changed: bool,
    /// Delta files deleted.
    pub removed: Vec<String>,
    /// What became of the signature.
    pub signature: SignatureFate,
    /// Delta files that could not be deleted.
    pub left: Vec<String>,
    /// Why the history does not know of it; empty where it does, or none was given.
    pub reduced: Vec<Reduction>,
    /// What the operator should know: why files could not be deleted.
    pub warnings: Vec<String>,
}

/// What [`forget`](crate::forget()) did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Forgotten {
    /// One entry for each metadata type that was looked at.
    pub types: Vec<ForgottenOfType>,
    /// What the operator should know: damage in the history.
    pub warnings: Vec<String>,
    /// Generations that were kept, and why.
    pub notes: Vec<String>,
}

/// What was forgotten of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ForgottenOfType {
    /// The metadata type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// SHA-256 of the open content of those that were forgotten, newest first, as
    /// hexadecimal digits.
    pub dropped: Vec<String>,
    /// Generations left.
    pub generations: usize,
}

/// What a repository holds, from [`inspect::repository`](crate::inspect::repository).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RepositoryInspected {
    /// `<revision>`.
    pub revision: Option<String>,
    /// The signature, compared with the bytes of repomd.xml.
    pub signature: SignatureFound,
    /// The journal listed.
    pub journal: Option<JournalListed>,
    /// The records in document order.
    pub records: Vec<RecordInspected>,
}

/// One record of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordInspected {
    /// The metadata type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Where its file is, as given.
    pub location: Option<String>,
    /// `<timestamp>` in seconds.
    pub timestamp: Option<u64>,
    /// Bytes of the full compressed file.
    pub size: Option<u64>,
    /// Bytes of the open file.
    pub open_size: Option<u64>,
    /// Why this record can have no deltas, where that is so.
    pub left_alone: Option<String>,
    /// What the journal serves of it; nothing where it has no such type, or cannot be read.
    pub journal: Option<TypeListed>,
    /// The deltas listed, in document order.
    pub deltas: Vec<DeltaListed>,
    /// What clients download, where a history was given that has the record's
    /// content as its newest generation.
    pub expected: Option<Expected>,
}

/// What the clients of the generations in the history download for a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Expected {
    /// Bytes on average, for a distribution of ages: deltas, full files where
    /// none serves, and `listing_bytes`.
    pub bytes: u64,
    /// Bytes of that which the listed deltas add to repomd.xml.
    pub listing_bytes: u64,
    /// Bytes on average if each age had a delta of its own, as estimated, and
    /// listing them were free: the least that deltas of whole chunks can reach.
    pub alone_bytes: u64,
    /// Bytes on average of clients that know journals, too, and take the cheapest
    /// way, without what is listed; nothing where there is no journal.
    pub journal_bytes: Option<u64>,
    /// By publication, newest first.
    pub ages: Vec<AgeExpected>,
}

/// What clients of one age download.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AgeExpected {
    /// The timestamp that they hold, in seconds.
    pub timestamp: u64,
    /// The delta that they select, as an index into those of the record.
    pub delta: Option<usize>,
    /// Bytes that they download, repomd.xml not counted.
    pub bytes: u64,
    /// The share of the type in what a client of all types reads of the journal, in bytes; the most, where
    /// several generations have this timestamp. Nothing where it does not serve
    /// all of them.
    pub journal: Option<u64>,
    /// Estimated bytes of a delta for this age alone.
    pub alone_bytes: u64,
}

/// One delta listed in repomd.xml.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeltaListed {
    /// Where its file is.
    pub location: String,
    /// The oldest timestamp that it serves.
    pub timestamp: u64,
    /// Bytes of the delta file.
    pub size: u64,
    /// Whether a file of that size is in place.
    pub present: bool,
}

/// The journal listed in repomd.xml.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JournalListed {
    /// Where its file is.
    pub location: String,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of its head.
    pub head_size: u64,
    /// Which row of publishes it serves, as hexadecimal digits.
    pub id: String,
    /// The number of the publish that it leads to.
    pub sequence: u64,
    /// Whether a file of that size is in place.
    pub present: bool,
    /// Publishes that it serves, as its head says; nothing where that cannot be read.
    pub publishes: Option<usize>,
    /// Bytes that a client reads of it who wants every type: fewest and most.
    pub reads: Option<(u64, u64)>,
}

/// What the journal listed in repomd.xml serves of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypeListed {
    /// Generations that it serves.
    pub generations: usize,
    /// Its share of what a client of all types reads, in bytes: fewest and most.
    pub reads: Option<(u64, u64)>,
    /// The number of the recipe that makes the record's file of the open content, where one is published.
    pub recipe: Option<u8>,
}

/// What a delta file holds, from [`inspect::delta`](crate::inspect::delta).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeltaInspected {
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file, as hexadecimal digits.
    pub sha256: String,
    /// Bytes of the token stream.
    pub open_size: u64,
    /// References to chunks of the old file.
    pub references: u64,
    /// References of them that have an empty prefix.
    pub empty_references: u64,
    /// The longest prefix, in digits.
    pub longest_prefix: u64,
    /// Literal tokens.
    pub literals: u64,
    /// Bytes of literals.
    pub literal_bytes: u64,
}

/// What a journal file holds, from [`inspect::journal`](crate::inspect::journal()).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JournalInspected {
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file, as hexadecimal digits.
    pub sha256: String,
    /// Bytes of the head.
    pub head_size: u64,
    /// Runs of steps.
    pub runs: u64,
    /// The number of the publish that they lead to.
    pub sequence: u64,
    /// What the holders of the generations that it serves read, run by run and type by type; one that is in
    /// several runs is here as often.
    pub ways: Vec<WayInspected>,
}

/// What a holder of one generation reads of a journal for one type, besides the head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WayInspected {
    /// The first four bytes of the SHA-256 of the generation's open content, as
    /// hexadecimal digits.
    pub generation: String,
    /// The metadata type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// The number of the run, from 0.
    pub run: usize,
    /// Parts to apply.
    pub parts: usize,
    /// How many bytes are read.
    pub bytes: u64,
}

/// What [`import`](crate::import) took into the history, per repodata directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Imported {
    /// Directory and metadata types recorded from it, in order.
    pub directories: Vec<DirectoryImported>,
}

/// One directory that was imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DirectoryImported {
    /// The directory as given.
    pub directory: String,
    /// Types recorded.
    pub types: Vec<String>,
    /// Types that were left out, and why.
    pub skipped: Vec<String>,
    /// What was found damaged in the history meanwhile.
    pub warnings: Vec<String>,
}

/// What [`diff_files`](crate::diff_files) wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FilesDiffed {
    /// Chunks of the new file.
    pub chunks: u64,
    /// Chunks of them that are references.
    pub references: u64,
    /// Bytes of literals before compression.
    pub literal_bytes: u64,
    /// Bytes of the delta file.
    pub size: u64,
}
