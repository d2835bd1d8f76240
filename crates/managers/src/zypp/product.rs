//! `$releasever` as zypper finds it: the version of the base product.

use std::path::Path;

use repomd::ReadError;
use repomd::xml::Cursor;

use crate::SetupError;
use crate::files::{below, text};
use crate::rpm::InstalledRelease;

const PRODUCT: &str = "/etc/products.d/baseproduct";

/// The version of the product that is installed in the system at `root`, without its parts;
/// `None` where there is none, or it says no version.
pub fn product_release(root: &Path) -> Result<Option<InstalledRelease>, SetupError> {
    let path = below(root, Path::new(PRODUCT));
    let Some(text) = text(&path)? else {
        return Ok(None);
    };
    let version = version(&text).map_err(|why| SetupError::Parse { path, why: why.to_string() })?;
    Ok(version.map(|version| InstalledRelease::new(&version, "", "")))
}

fn version(text: &str) -> Result<Option<String>, ReadError> {
    let mut cursor = Cursor::new(text.as_bytes())?;
    let is_product = cursor.root()?.is("product");
    let mut found = None;
    cursor.children(|cursor, tag| {
        if is_product && tag.is("version") && found.is_none() {
            found = Some(cursor.text()?.trim().to_owned());
            return Ok(());
        }
        cursor.skip()
    })?;
    cursor.finish()?;
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
