//! What kind of machine this is.

/// As `uname -m` says: dnf and zypper begin with it, too.
#[must_use]
pub fn machine() -> String {
    rustix::system::uname().machine().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_what_uname_says() {
        let output = std::process::Command::new("uname").arg("-m").output().unwrap();
        assert_eq!(super::machine(), String::from_utf8(output.stdout).unwrap().trim());
    }
}
