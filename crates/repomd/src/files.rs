//! What the files of a repository are called, by every tool; and our temporary ones beside them.

/// The directory of all metadata, in the repository's.
pub const REPODATA: &str = "repodata";
/// The index, in that directory.
pub const REPOMD: &str = "repomd.xml";
/// The armored, detached signature of the index, beside it.
pub const SIGNATURE: &str = "repomd.xml.asc";
/// The public keys of those who sign it, beside it.
pub const KEY: &str = "repomd.xml.key";
/// How the types of zchunk files end.
pub const ZCHUNK: &str = "_zck";
/// How the names of temporary files begin that this program writes, here and elsewhere.
pub const TEMP_PREFIX: &str = ".createrepo-delta.new.";
