//! What to tell about the signature of a repomd.xml that changed.

use std::path::Path;

use delta_publish::report::SignatureFate;
use repomd::files::{REPODATA, REPOMD};

use crate::hints::sign_again;
use crate::messages;

/// Says what became of the signature; a removed one is a warning, because the
/// repository must be signed again before it is published, unless that is what the
/// caller does `later`.
pub(super) fn report(fate: SignatureFate, repo: &Path, dry_run: bool, quiet: bool, later: bool) {
    let path = repo.join(REPODATA).join(REPOMD);
    let repomd = path.display();
    match fate {
        SignatureFate::Removed | SignatureFate::Missing | SignatureFate::Stale if later => {}
        SignatureFate::Removed => {
            let removed = if dry_run { "would remove" } else { "removed" };
            messages::warning(format_args!(
                "{removed} the signature `{repomd}.asc`, because repomd.xml {}",
                if dry_run { "would change" } else { "changed" }
            ));
            if !dry_run {
                messages::hint(sign_again(&path));
            }
        }
        SignatureFate::Missing => {
            messages::warning(format_args!("`{repomd}` is not signed: an earlier run removed its signature"));
            messages::hint(sign_again(&path));
        }
        SignatureFate::Stale => {
            messages::warning(format_args!(
                "the signature `{repomd}.asc` does not seem to be of this repomd.xml"
            ));
            messages::hint(sign_again(&path));
        }
        SignatureFate::Signed if !quiet => {
            let signed = if dry_run { "would sign" } else { "signed" };
            messages::say(format_args!("{signed} `{repomd}`"));
        }
        _ => {}
    }
}
