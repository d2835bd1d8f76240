//! zchunk files: those of the usual tools, and every way in which one can be
//! wrong though all that is around it holds.

use std::io::Cursor;

use codec::{Algorithm, Compression, Error, Expect, OpenReader};

use crate::samples::{NAME, noise, open, read_all, small};

/// A zchunk file in parts, so that each can be spoilt before the checksums are
/// put in.
pub(crate) struct File {
    /// Its own checksum type and that of the index.
    pub(crate) kinds: (u64, u64),
    pub(crate) flags: u64,
    pub(crate) compression: u64,
    pub(crate) optional: Vec<u8>,
    /// The dictionary, then the chunks: what the file has, and the open size.
    pub(crate) chunks: Vec<(Vec<u8>, u64)>,
    pub(crate) opens: Vec<Vec<u8>>,
    after_index: Vec<u8>,
}

impl File {
    pub(crate) fn of(open: &[u8]) -> Self {
        Self::with_dictionary(open, b"")
    }

    pub(crate) fn with_dictionary(open: &[u8], dictionary: &[u8]) -> Self {
        let mut file = Self::plain(open);
        file.compression = 2;
        let mut plain = zstd::bulk::Compressor::new(3).unwrap();
        let mut with = zstd::bulk::Compressor::with_dictionary(3, dictionary).unwrap();
        file.opens[0] = dictionary.to_vec();
        file.chunks.clear();
        for (nth, open) in file.opens.iter().enumerate() {
            let bytes = match (nth, open.len()) {
                (_, 0) => Vec::new(),
                (0, _) => plain.compress(open).unwrap(),
                _ => with.compress(open).unwrap(),
            };
            file.chunks.push((bytes, open.len() as u64));
        }
        file
    }

    pub(crate) fn plain(open: &[u8]) -> Self {
        let opens: Vec<Vec<u8>> = std::iter::once(Vec::new())
            .chain(open.chunks(100_000.min(open.len() / 3 + 1)).map(<[u8]>::to_vec))
            .collect();
        let chunks = opens.iter().map(|open| (open.clone(), open.len() as u64)).collect();
        let (flags, compression) = (0, 0);
        Self {
            kinds: (1, 3),
            flags,
            compression,
            optional: Vec::new(),
            chunks,
            opens,
            after_index: Vec::new(),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut index = integer(self.kinds.1);
        index.extend(integer(self.chunks.len() as u64));
        for (number, ((bytes, open_len), open)) in self.chunks.iter().zip(&self.opens).enumerate() {
            index.extend(self.sum_or_zeros(bytes));
            if self.flags & 4 != 0 {
                index.extend(self.open_sum(number, open));
            }
            index.extend(integer(bytes.len() as u64));
            index.extend(integer(*open_len));
        }
        index.extend(&self.after_index);
        let data: Vec<u8> = self.chunks.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        let mut header = sum(self.kinds.0, &data);
        if self.flags & 4 != 0 {
            header.fill(0);
        }
        header.extend(integer(self.flags));
        header.extend(integer(self.compression));
        header.extend(&self.optional);
        header.extend(integer(index.len() as u64));
        header.extend(index);
        header.extend(integer(0));
        seal(self.kinds.0, &header, &data)
    }

    /// The usual tools give the dictionary that of nothing.
    fn open_sum(&self, number: usize, open: &[u8]) -> Vec<u8> {
        if number > 0 || open.is_empty() { self.sum_or_zeros(open) } else { sum(self.kinds.1, b"") }
    }

    fn sum_or_zeros(&self, bytes: &[u8]) -> Vec<u8> {
        let sum = sum(self.kinds.1, bytes);
        if bytes.is_empty() { vec![0; sum.len()] } else { sum }
    }
}

/// A file with this header, whatever is in it.
pub(crate) fn seal(kind: u64, header: &[u8], data: &[u8]) -> Vec<u8> {
    let mut file = b"\0ZCK1".to_vec();
    file.extend(integer(kind));
    file.extend(integer(header.len() as u64));
    let sum = sum(kind, &[&file, header].concat());
    [file, sum, header.to_vec(), data.to_vec()].concat()
}

fn sum(kind: u64, bytes: &[u8]) -> Vec<u8> {
    let algorithm = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512, Algorithm::Sha512];
    let Some(algorithm) = algorithm.get(usize::try_from(kind).unwrap()) else { return Vec::new() };
    let mut sum = algorithm.digest(bytes).as_bytes().to_vec();
    if kind == 3 {
        sum.truncate(16);
    }
    sum
}

fn integer(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            bytes.push(low | 0x80);
            return bytes;
        }
        bytes.push(low);
    }
}

/// Made by `zck` 1.2.3 from `OPEN`, one chunk for each package; the dictionary is
/// the first 3,000 bytes.
pub(crate) const OF_ZCK: &[u8] = include_bytes!("../zchunk/zck.zck");
pub(crate) const OF_ZCK_WITH_DICTIONARY: &[u8] = include_bytes!("../zchunk/zck-dictionary.zck");
/// The same with checksums of open chunks (`zck -u`).
pub(crate) const OF_ZCK_WITH_OPEN_CHECKSUMS: &[u8] = include_bytes!("../zchunk/zck-open-checksums.zck");
pub(crate) const OPEN: &[u8] = include_bytes!("../zchunk/open.xml");

#[test]
fn files_of_the_usual_tools_are_opened() {
    for file in [OF_ZCK, OF_ZCK_WITH_DICTIONARY, OF_ZCK_WITH_OPEN_CHECKSUMS] {
        let (bytes, summary) = open(file, Expect::default()).unwrap();
        assert!(bytes == OPEN);
        assert_eq!((summary.compression, summary.size), (Compression::Zchunk, file.len() as u64));
    }
}

#[test]
fn every_kind_of_checksum_and_header_is_read() {
    let content = noise(250_000);
    for kinds in [(0, 0), (1, 1), (2, 2), (1, 3), (3, 0)] {
        for dictionary in [&b""[..], &noise(5000)] {
            for flags in [0, 4] {
                let mut file = File::with_dictionary(&content, dictionary);
                (file.kinds, file.flags) = (kinds, flags);
                assert!(open(&file.to_bytes(), Expect::default()).unwrap().0 == content, "{kinds:?} {flags}");
            }
        }
    }
    let mut file = File::plain(&content);
    assert!(open(&file.to_bytes(), Expect::default()).unwrap().0 == content);
    file.flags = 2;
    file.optional = [integer(2), integer(7), integer(3), b"abc".to_vec(), integer(8), integer(0)].concat();
    assert!(open(&file.to_bytes(), Expect::default()).unwrap().0 == content);
    assert!(open(&File::of(b"").to_bytes(), Expect::default()).unwrap().0.is_empty());
}

fn refusal(file: &[u8]) -> String {
    let error = open(file, Expect::default()).unwrap_err();
    let inline = OpenReader::inline(Cursor::new(file.to_vec()), NAME, Expect::default());
    assert_eq!(inline.and_then(read_all).unwrap_err().to_string(), error.to_string());
    match error {
        Error::Decode { compression: Compression::Zchunk, reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_valid_header_says_wrongly_is_refused() {
    let content = small();
    let spoilt = |spoil: &dyn Fn(&mut File)| {
        let mut file = File::with_dictionary(&content, &noise(200));
        spoil(&mut file);
        refusal(&file.to_bytes())
    };
    let large = (64 << 20) + 1;
    assert_eq!(spoilt(&|f| f.flags = 1), "its flags 0x1 say something that is not supported");
    assert_eq!(spoilt(&|f| f.flags = 8), "its flags 0x8 say something that is not supported");
    assert_eq!(spoilt(&|f| f.compression = 1), "expected compression type 0 or 2, found 1");
    assert_eq!(spoilt(&|f| f.kinds.1 = 4), "expected a checksum type of 0 to 3, found 4");
    assert_eq!(spoilt(&|f| f.chunks.clear()), "expected a place for a dictionary in its index, found none");
    assert_eq!(spoilt(&|f| f.after_index.push(1)), "1 bytes follow the last chunk of its index");
    assert_eq!(
        spoilt(&|f| f.chunks[1].1 = large),
        "a chunk of its index has 67108865 bytes, more than the limit of 67108864"
    );
    assert_eq!(
        spoilt(&|f| f.chunks[0].1 = (16 << 20) + 1),
        "its dictionary has 16777217 bytes, more than the limit of 16777216"
    );
    assert_eq!(
        spoilt(&|f| f.chunks[1].1 += 1),
        "expected 373 bytes in its chunk 1 when decompressed, found 372"
    );
    assert!(spoilt(&|f| f.chunks[2].1 -= 1).contains("Destination buffer is too small"));
    assert!(spoilt(&|f| f.chunks[1].1 = 0).starts_with("a chunk of "));
    assert!(spoilt(&|f| f.compression = 0).starts_with("a chunk of "));
    assert_eq!(
        spoilt(&|f| (f.flags, f.opens[3]) = (4, b"other".to_vec())),
        "its chunk 3 does not open to the checksum of its index"
    );
    assert!(spoilt(&|f| (f.flags, f.optional) = (2, integer(5))).contains("in its header"));
}

#[test]
fn nothing_is_believed_before_it_is_verified() {
    let content = small();
    let file = File::of(&content);
    let good = file.to_bytes();
    let body: usize = file.chunks.iter().map(|(bytes, _)| bytes.len()).sum();
    let flipped = |at: usize| {
        let mut file = good.clone();
        file[at] ^= 1;
        refusal(&file)
    };
    assert_eq!(flipped(40), "its header does not have the checksum that it says");
    assert_eq!(flipped(good.len() - body - 1), "its header does not have the checksum that it says");
    assert_eq!(flipped(good.len() - body), "its chunk 1 does not have the checksum of its index");
    // A header that is in order, but of other chunks than the index says.
    let data_sum = sum(1, &good[good.len() - body..]);
    let start = good.windows(32).position(|window| window == data_sum).unwrap();
    let mut header = good[start..good.len() - body].to_vec();
    header[0] ^= 1;
    let of_others = seal(1, &header, &good[good.len() - body..]);
    assert_eq!(refusal(&of_others), "its chunks together do not have the checksum that its header says");
}

#[test]
fn sizes_are_capped_before_anything_is_read() {
    let head = |size: Vec<u8>| [b"\0ZCK1".to_vec(), integer(1), size, vec![0; 100]].concat();
    assert_eq!(
        refusal(&head(integer(1 << 40))),
        "its header has 1099511627776 bytes, more than the limit of 41943040"
    );
    assert_eq!(refusal(&head(vec![0x7f; 10])), "a number in its header has more than 64 bits");
    let many = [vec![0; 32], integer(0), integer(2), integer(11), integer(1), integer(u64::MAX)].concat();
    let file = seal(1, &many, b"");
    assert_eq!(refusal(&file), "it has 18446744073709551614 chunks, more than the limit of 262144");
    let few = [vec![0; 32], integer(0), integer(2), integer(2), integer(1), integer(1)].concat();
    assert_eq!(refusal(&seal(1, &few, b"")), "expected 32 more bytes in its header, found 0");
}
