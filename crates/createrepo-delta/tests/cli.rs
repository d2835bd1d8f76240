//! Help texts, usage errors and messages, word for word: `tests/cli/*.trycmd`.
//! `TRYCMD=overwrite cargo test --test cli` writes them anew.

#[test]
fn texts() {
    trycmd::TestCases::new().env("COLUMNS", "100").env("NO_COLOR", "1").case("tests/cli/*.trycmd");
}
