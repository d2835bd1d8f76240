#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! - [`check_armored`] and [`find_armored`] look at the armor only: the former lets nothing else be in the file.
//! - [`is_of_other`] finds signatures that seem to be of something else, without a key.
//! - [`Keyring::verify`] has `gpgv` tell whether a signature is by one of the keys.
//! - [`run`] runs a program and always comes back: after a time limit, and whatever processes the program
//!   leaves behind.

mod armor;
mod document;
mod gpgv;
mod keyring;
mod run;

pub use durable::Error as FileError;

pub use armor::{ArmorError, check_armored, find_armored};
pub use document::is_of_other;
pub use gpgv::{PROGRAM, VerifyError};
pub use keyring::{Keyring, KeyringError};
pub use run::{ProgramOutput, RunError, run};
