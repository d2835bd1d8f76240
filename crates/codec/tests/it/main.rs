//! Tests of the crate from outside, by the property they hold.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may")]

mod damage;
mod digests;
mod encoding;
mod expectations;
mod formats;
mod limits;
mod random;
mod recipes;
mod samples;
mod threads;
mod zchunk;
mod zchunk_primary;
mod zchunk_recipes;
