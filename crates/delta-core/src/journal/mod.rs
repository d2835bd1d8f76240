//! Format 2, the journal: one file per metadata type that serves every retained
//! generation, of which a client reads one range.
//!
//! A *step* leads from one exact generation to another: an edit script on chunk
//! sequences, and the inserted text, compressed with the text that goes as its
//! dictionary ([`encode_step`]). A *journal* is a head and *runs* of steps
//! ([`write_journal`]). Who holds a generation finds its bytes in the head
//! ([`Head::ways`]), reads and verifies its steps ([`read_steps`]), and applies
//! them ([`apply_steps`]).
//!
//! The byte-level description is `docs/format-2.md`; items here name the section
//! that they implement.
//!
//! What is deliberately not here: where a journal is published, how its bytes are
//! fetched, and which generations there are.

mod apply;
mod compose;
mod cut;
mod encode;
mod error;
mod file;
mod frame;
mod head;
mod payload;
mod script;
mod texts;

pub use apply::{StepsApplied, apply_steps};
pub use encode::{Step, StepOptions, encode_step, prove_step};
pub use error::JournalError;
pub use file::{Journal, StepPayload, read_steps, write_journal};
pub use head::{GenerationId, Head, MAX_HEAD, Way};
