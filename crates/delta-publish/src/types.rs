//! Which metadata types get deltas, and which names of types are refused.

use std::path::Path;

use delta_core::Rule;
use history::History;

use crate::options::Options;
use crate::repository::Repository;
use crate::{Error, records};

/// The metadata types that get deltas without being named, in the order of the table
/// of format 1, section 1; not their twins.
pub fn known() -> impl Iterator<Item = &'static str> {
    Rule::types()
}

/// Why [`generate`](crate::generate()) would refuse types that `options` names, one by one, before
/// anything changes ([`Error::UnknownType`], [`Error::Database`]): for those who publish several
/// repositories, and want to know it of all of them before the first.
///
/// # Errors
/// When the repository cannot be read.
pub fn refused(repo: &Path, history: &Path, options: &Options) -> Result<Vec<Error>, Error> {
    Ok(refused_of(&Repository::open(repo)?, history, options))
}

/// [`refused`], of a repository that is open.
pub(crate) fn refused_of(repository: &Repository, history: &Path, options: &Options) -> Vec<Error> {
    let elsewhere = |name: &String| options.types_elsewhere.contains(name) && Rule::for_type(name).is_some();
    let types = options.types.iter().flatten().filter(|name| !elsewhere(name));
    unknown(repository, history, types)
}

/// An error for each of `types` that is a database, or of which nobody knows: neither the
/// table of rules, nor the repository, nor the history at `history`
/// ([`Error::Database`], [`Error::UnknownType`]).
pub(crate) fn unknown<'t>(
    repository: &Repository,
    history: &Path,
    types: impl Iterator<Item = &'t String>,
) -> Vec<Error> {
    let mut types = types.peekable();
    if types.peek().is_none() {
        return Vec::new();
    }
    let remembered = History::read(history).and_then(|history| history.types()).unwrap_or_default();
    let refusal = |data_type: &String| {
        let is_known = || {
            Rule::is_known(data_type)
                || repository.model.record(data_type).is_some()
                || remembered.contains(data_type)
        };
        let unknown = || Error::UnknownType {
            path: repository.root().to_owned(),
            data_type: data_type.clone(),
            present: repository.model.records.iter().map(|record| record.kind.clone()).collect(),
        };
        records::rule_of(data_type).err().or_else(|| (!is_known()).then(unknown))
    };
    types.filter_map(refusal).collect()
}
