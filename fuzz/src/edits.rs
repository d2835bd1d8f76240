//! Changes to bytes, as a fuzzer's input describes them.

/// Bytes of a script that describe one change.
const STEP: usize = 4;
/// Bytes are not made longer than this.
const MAX_LEN: usize = 1 << 16;

/// Changes `bytes` as `script` says, four bytes for each change: what, where
/// (two bytes, modulo the length) and with which value.
pub fn apply(bytes: &mut Vec<u8>, script: &[u8]) {
    for step in script.chunks_exact(STEP) {
        let value = step[3];
        let at = usize::from(u16::from_be_bytes([step[1], step[2]])) % (bytes.len() + 1);
        let end = (at + usize::from(value)).min(bytes.len());
        match step[0] % 7 {
            0 if at < bytes.len() => bytes[at] = value,
            1 if bytes.len() < MAX_LEN => bytes.insert(at, value),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => drop(bytes.drain(at..end)),
            4 if bytes.len() + (end - at) <= MAX_LEN => {
                let run = bytes[at..end].to_vec();
                bytes.splice(at..at, run);
            }
            5 if at < bytes.len() => bytes[at] ^= value,
            6 => bytes.truncate(at),
            _ => {}
        }
    }
}
