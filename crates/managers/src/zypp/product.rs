//! `$releasever` as zypper finds it: the version of the base product.

use std::path::Path;

use crate::SetupError;
use crate::files::{below, text};
use crate::rpm::InstalledRelease;
use crate::xml::{Reader, Step};

const PRODUCT: &str = "/etc/products.d/baseproduct";

/// The version of the product that is installed in the system at `root`, without its parts;
/// `None` where there is none, or it says no version.
pub fn product_release(root: &Path) -> Result<Option<InstalledRelease>, SetupError> {
    let path = below(root, Path::new(PRODUCT));
    let Some(text) = text(&path)? else {
        return Ok(None);
    };
    let version = version(&text).map_err(|why| SetupError::Parse { path, why })?;
    Ok(version.map(|version| InstalledRelease::new(&version, "", "")))
}

fn version(text: &str) -> Result<Option<String>, String> {
    let mut reader = Reader::new(text)?;
    let mut found = None;
    while let Some(step) = reader.step()? {
        if let Step::Text(text) = step
            && reader.path() == ["product", "version"]
            && found.is_none()
        {
            found = Some(text.trim().to_owned());
        }
    }
    Ok(found.filter(|version| !version.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_product_itself() {
        let text = "<?xml version=\"1.0\"?>\n<product schemeversion=\"0\"><vendor>x</vendor>\
            <upgrade><version>1</version></upgrade><version> 15.6 </version><release>1</release></product>";
        assert_eq!(version(text), Ok(Some("15.6".to_owned())));
        assert_eq!(version("<product/>"), Ok(None));
        assert!(version("<product>").is_err());
    }
}
