//! The names that files have in an exact copy: those of the publisher, where a
//! copy of `repodata/` can have them.

use codec::Digest;
use repomd::Location;
use repomd::files::{KEY, REPOMD, SIGNATURE, TEMP_PREFIX};

use crate::update::plan::Plan;

/// The name in `repodata/` of the file at `location`, or why it can have none.
pub(crate) fn exact_name(location: &Location) -> Result<&str, String> {
    let name = location
        .in_repodata()
        .ok_or_else(|| format!("its file `{location}` is not directly in repodata/"))?;
    if matches!(name, REPOMD | SIGNATURE | KEY) || name.starts_with(TEMP_PREFIX) {
        return Err(format!("its file cannot be called `{name}`"));
    }
    if name.contains('%') {
        return Err(format!("readers do not agree on what the name `{name}` stands for"));
    }
    Ok(name)
}

/// As [`exact_name`] for one of several plans: two of them have one name only
/// if they are of one file.
pub(super) fn among(plans: &[Plan<'_>], plan: &Plan<'_>) -> Result<(), String> {
    let name = exact_name(plan.location)?;
    let same = |other: &Digest| *other == plan.checksum;
    let others = plans.iter().filter(|other| other.location == plan.location);
    match others.map(|other| &other.checksum).find(|checksum| !same(checksum)) {
        Some(_) => Err(format!("another record says that `{name}` is another file")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_directly_in_repodata_are_exact() {
        let name = |text: &str| exact_name(&Location::new(text).unwrap()).map(str::to_owned);
        assert_eq!(name("repodata/ab-primary.xml.gz").unwrap(), "ab-primary.xml.gz");
        assert_eq!(name("repodata/primary.xml").unwrap(), "primary.xml");
        for (text, why) in [
            ("media/primary.xml", "not directly in repodata/"),
            ("repodata/sub/primary.xml", "not directly in repodata/"),
            ("repodata/repomd.xml", "cannot be called"),
            ("repodata/repomd.xml.asc", "cannot be called"),
            ("repodata/.createrepo-delta.new.x", "cannot be called"),
            ("repodata/a%20b.xml", "do not agree"),
        ] {
            assert!(name(text).unwrap_err().contains(why), "{text}");
        }
    }
}
