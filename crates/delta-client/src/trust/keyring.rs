//! Keyrings as gpgv takes them: the armor of exported keys is removed.
//!
//! Only the armor is understood here; what the packets are is for gpgv.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

/// The keyring as binary data: as it is, or its armored blocks one after the
/// other. `Err` says what is wrong, as part of a sentence.
pub(super) fn binary(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let is_binary = bytes.first().is_some_and(|byte| byte & 0x80 != 0) || bytes.get(8..12) == Some(b"KBXf");
    if is_binary {
        return Ok(bytes.to_vec());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is neither binary nor armored".to_owned())?;
    let mut keys = Vec::new();
    let mut lines = text.lines().map(str::trim_end);
    while lines.any(|line| line == BEGIN) {
        let mut data = String::new();
        let mut ended = false;
        // Headers, if any, end with an empty line.
        let mut lines_of_block = lines.by_ref().skip_while(|line| line.contains(": "));
        for line in lines_of_block.by_ref() {
            if line == END {
                ended = true;
                break;
            }
            // A line with `=` in front is the checksum of the block.
            if !line.starts_with('=') {
                data.push_str(line);
            }
        }
        if !ended {
            return Err(format!("expected `{END}`, found the end of the file"));
        }
        let block = STANDARD.decode(&data).map_err(|error| format!("its armor is damaged: {error}"))?;
        keys.extend(block);
    }
    if keys.is_empty() {
        return Err(format!("expected a binary keyring or `{BEGIN}`, found neither"));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armored_blocks_are_joined_and_binary_is_kept() {
        let text = format!(
            "a comment\n{BEGIN}\nVersion: x\nComment: y\n\nmQEN\nBFg=\n=abcd\n{END}\n\n{BEGIN}\n\nmQE=\r\n{END}\n"
        );
        assert_eq!(binary(text.as_bytes()).unwrap(), [0x99, 1, 13, 4, 0x58, 0x99, 1]);
        assert_eq!(binary(&[0x99, 1, 2]).unwrap(), [0x99, 1, 2]);
        assert_eq!(binary(b"\0\0\0\x20\x01\x01\0\x02KBXf").unwrap().len(), 12);
    }

    #[test]
    fn what_is_no_keyring_is_told() {
        let cases = [
            (String::new(), "found neither"),
            ("<html>".to_owned(), "found neither"),
            (format!("{BEGIN}\n\nmQEN\n"), "found the end of the file"),
            (format!("{BEGIN}\n\nm*EN\n{END}\n"), "its armor is damaged"),
        ];
        for (text, why) in cases {
            assert!(binary(text.as_bytes()).unwrap_err().contains(why), "{text}");
        }
        assert!(binary(b"a\xff").unwrap_err().contains("neither binary"));
    }
}
