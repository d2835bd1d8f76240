//! The `<tags>` of a repository.
//!
//! Several `<tags>` elements add up; what a tag means is not judged.

use super::Budget;
use crate::model::{Distro, Tags};
use crate::read::ReadError;
use crate::xml::{Cursor, trim};

/// Reads the children of the `<tags>` whose start tag was just read.
pub(super) fn read(cursor: &mut Cursor<'_>, tags: &mut Tags, budget: &mut Budget) -> Result<(), ReadError> {
    while let Some(tag) = cursor.child()? {
        if !tag.known || !["content", "repo", "distro"].contains(&tag.name) {
            cursor.skip()?;
            continue;
        }
        if !budget.allows(cursor, "tags", tag.start) {
            cursor.skip()?;
            continue;
        }
        let text = trim(&cursor.text()?).to_owned();
        match tag.name {
            "content" => tags.content.push(text),
            "repo" => tags.repo.push(text),
            _ => tags.distro.push(Distro { cpeid: tag.attribute("cpeid").map(str::to_owned), name: text }),
        }
    }
    Ok(())
}
