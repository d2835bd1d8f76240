//! Proving on chunk sequences that a written delta makes the new version of
//! every old version that it claims to serve.

use std::io::Read;

use sha1::{Digest, Sha1};

use crate::chunk::{ChunkId, ChunkTable, Symbol};
use crate::plan::CheckError;
use crate::token::{Token, TokenReader};

/// Plays the open `delta` against every one of `olds` at once, on chunk
/// sequences, and compares with `new` chunk by chunk.
///
/// This is as good as applying the delta to the files: [`apply`](crate::apply)
/// looks at nothing of an old file but the identifiers of its chunks, in order,
/// and copies a chunk whole. So where every reference selects, in every old
/// version, a chunk with the identifier that `new` has at that place, and every
/// literal hashes to the identifiers of the chunks of `new` at its place, the
/// output is the new file, as far as SHA-1 identifies a chunk; and should
/// somebody forge two chunks with one SHA-1, the client's digest of the whole
/// result still refuses it.
///
/// Literals must consist of whole chunks of `new`, as those of
/// [`Plan::write`](crate::plan::Plan::write) do.
///
/// # Errors
/// The first thing that is wrong, with its offset in the open delta.
pub fn check(
    delta: impl Read,
    table: &ChunkTable,
    olds: &[&[Symbol]],
    new: &[Symbol],
) -> Result<(), CheckError> {
    let mut tokens = TokenReader::new(delta);
    let mut positions = vec![0; olds.len()];
    let mut made = 0;
    while let Some(token) = tokens.next_token().map_err(CheckError::Delta)? {
        let offset = tokens.token_offset();
        match token {
            Token::Literal(size) => made = check_literal(&mut tokens, size, table, new, made)?,
            Token::Chunk(prefix) => {
                let Some(&wanted) = new.get(made) else {
                    return Err(CheckError::WrongLength { expected: new.len(), found: made + 1 });
                };
                for (version, (old, position)) in olds.iter().zip(&mut positions).enumerate() {
                    let rest = &old[*position..];
                    let skip = if prefix.is_empty() {
                        0
                    } else {
                        let selected = |s: &Symbol| table.id(*s).starts_with(prefix.digits());
                        rest.iter().position(selected).unwrap_or(rest.len())
                    };
                    if rest.get(skip) != Some(&wanted) {
                        return Err(CheckError::WrongReference { offset, version, position: made });
                    }
                    *position += skip + 1;
                }
                made += 1;
            }
        }
    }
    if made == new.len() { Ok(()) } else { Err(CheckError::WrongLength { expected: new.len(), found: made }) }
}

/// Checks one literal against the chunks of `new` from `made` on; returns the
/// position after them.
fn check_literal<R: Read>(
    tokens: &mut TokenReader<R>,
    size: u64,
    table: &ChunkTable,
    new: &[Symbol],
    mut made: usize,
) -> Result<usize, CheckError> {
    let offset = tokens.token_offset();
    let mut left = size;
    while left > 0 {
        let Some(&symbol) = new.get(made) else {
            return Err(CheckError::WrongLength { expected: new.len(), found: made + 1 });
        };
        let len = table.chunk_len(symbol);
        if len > left {
            return Err(CheckError::WrongLiteral { offset, position: made });
        }
        let mut hash = Sha1::new();
        let mut wanted = len;
        while let Some(block) = tokens.literal_upto(wanted).map_err(CheckError::Delta)? {
            hash.update(block);
            wanted -= block.len() as u64;
        }
        if ChunkId::from_bytes(hash.finalize().into()) != *table.id(symbol) {
            return Err(CheckError::WrongLiteral { offset, position: made });
        }
        left -= len;
        made += 1;
    }
    Ok(made)
}
