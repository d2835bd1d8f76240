//! zchunk files as the usual tools write them.

use std::io::{Cursor, Write as _};
use std::path::Path;

use codec::recipe::Recipe;
use codec::recipe::zchunk::{ChunkRule, ZchunkCuts, ZchunkFile};
use codec::{Algorithm, Expect};

/// One without chunks and dictionary.
pub(crate) fn empty() -> Vec<u8> {
    let integer = |number: u8| number | 0x80;
    let index = [vec![integer(3), integer(1)], vec![0; 16], vec![integer(0), integer(0)]].concat();
    let data = Algorithm::Sha256.digest(b"");
    let length = integer(u8::try_from(index.len()).unwrap());
    let header = [data.as_bytes(), &[integer(0), integer(2), length], &index, &[integer(0)]].concat();
    let lead = [b"\0ZCK1", &[integer(1), integer(u8::try_from(header.len()).unwrap())][..]].concat();
    let sum = Algorithm::Sha256.digest(&[&lead[..], &header].concat());
    [&lead[..], sum.as_bytes(), &header].concat()
}

/// The open content with a chunk for each package.
pub(crate) fn zchunk(open: &[u8]) -> Vec<u8> {
    let old = ZchunkFile::read(Cursor::new(empty()), Path::new("empty"), Expect::default()).unwrap();
    let recipe = Recipe::all().find(|recipe| recipe.name() == "zck-10").unwrap();
    let cuts = ZchunkCuts::Rule(ChunkRule::from_number(1).unwrap());
    let mut rebuilder =
        recipe.zchunk_rebuilder(Vec::new(), old, cuts, None, Cursor::new(Vec::new())).unwrap();
    rebuilder.write_all(open).unwrap();
    rebuilder.finish().unwrap().out
}
