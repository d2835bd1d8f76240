//! Whether a repomd.xml may be believed: its signature, and that it is not one
//! of the past.
//!
//! Without a keyring the trust is in TLS or in the operator's network; that is
//! the caller's decision.

mod rollback;
mod signature;

pub(crate) use rollback::{Age, Basis, is_rollback};
pub(crate) use signature::{read_keys, verify};
