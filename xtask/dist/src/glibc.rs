//! The versions of glibc that a program asks for.

use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::Command;
use xtask_common::process;

/// The oldest glibc that the program runs with, that of RHEL 8.
pub(crate) const OLDEST: [u32; 2] = [2, 28];

/// Fails if the program needs a symbol of a newer glibc; the newest version that it asks for.
pub(crate) fn check(program: &Path) -> Result<String> {
    let output = process::run(Command::new("objdump").arg("-T").arg(program))?;
    let newest = newest(&String::from_utf8_lossy(&output.stdout))
        .with_context(|| format!("`{}` asks for no glibc", program.display()))?;
    let shown = newest.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    ensure!(newest.as_slice() <= OLDEST.as_slice(), "the program needs glibc {shown}");
    Ok(shown)
}

fn newest(symbols: &str) -> Option<Vec<u32>> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let version = rest.split(|c: char| c != '.' && !c.is_ascii_digit()).next()?;
        version.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u32>>>()
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_the_greatest_number() {
        let symbols = "0000 DF *UND* 0000 (GLIBC_2.2.5) read\n0000 (GLIBC_2.17) x\n0000 (GLIBC_2.9) y\n";
        assert_eq!(newest(symbols), Some(vec![2, 17]));
        assert_eq!(newest("0000 DF *UND*\n"), None);
        assert!([2, 28, 1].as_slice() > OLDEST.as_slice());
    }
}
