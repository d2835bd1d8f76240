//! Algorithms by their names, digests as text.

use codec::{Algorithm, Digest, DigestError, Hasher};

const ALL: [(Algorithm, &str); 5] = [
    (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (Algorithm::Sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
    (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        Algorithm::Sha384,
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    ),
    (
        Algorithm::Sha512,
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
         2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
];

#[test]
fn the_published_vectors_come_out() {
    for (algorithm, hex) in ALL {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(b"a");
        hasher.update(b"");
        hasher.update(b"bc");
        assert_eq!(hasher.algorithm(), algorithm);
        let digest = hasher.finish();
        assert_eq!(digest.to_hex(), hex);
        assert_eq!(digest.as_bytes().len(), algorithm.digest_len());
        assert_eq!(digest, algorithm.digest(b"abc"));
        assert_eq!(Digest::from_bytes(algorithm, digest.as_bytes()), Some(digest));
        assert_eq!(Digest::from_bytes(algorithm, &digest.as_bytes()[1..]), None);
    }
}

#[test]
fn text_and_back() {
    for (algorithm, hex) in ALL {
        let digest = Digest::parse(algorithm.name(), hex).unwrap();
        assert_eq!(digest, algorithm.digest(b"abc"));
        assert_eq!(Digest::parse(algorithm.name(), &hex.to_uppercase()), Ok(digest));
        let text = digest.to_string();
        assert_eq!(text, format!("{}:{hex}", algorithm.name()));
        assert_eq!(text.parse(), Ok(digest));
    }
}

#[test]
fn old_names_are_known_and_unknown_ones_refused() {
    assert_eq!(Algorithm::from_name("sha"), Some(Algorithm::Sha1));
    assert_eq!(Algorithm::from_name("SHA256"), Some(Algorithm::Sha256));
    for name in ["", "md5", "sha3", "sha 256", "sha256 "] {
        assert_eq!(Algorithm::from_name(name), None);
        let unknown = DigestError::to_string(&Digest::parse(name, "00").unwrap_err());
        assert_eq!(unknown, format!("unknown checksum type `{name}`"));
    }
}

#[test]
fn malformed_digests_are_refused() {
    let message = |kind, hex: &str| Digest::parse(kind, hex).unwrap_err().to_string();
    assert_eq!(message("sha", ""), "a sha1 digest has 40 hex digits, not 0");
    assert_eq!(message("sha1", &"0".repeat(41)), "a sha1 digest has 40 hex digits, not 41");
    assert_eq!(message("sha1", &"é".repeat(20)), "no hex digit at offset 0");
    assert_eq!(message("sha1", &format!("{}g", "0".repeat(39))), "no hex digit at offset 39");
    assert_eq!("sha1".parse::<Digest>(), Err(DigestError::NoColon));
}

#[test]
fn a_digest_differs_by_its_algorithm() {
    let zeros = [0; 64];
    let short = Digest::from_bytes(Algorithm::Sha1, &zeros[..20]).unwrap();
    let long = Digest::from_bytes(Algorithm::Sha512, &zeros).unwrap();
    assert_ne!(short, long);
    assert!(short < long);
}
