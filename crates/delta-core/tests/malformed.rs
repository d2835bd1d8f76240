//! What broken deltas are refused with: the texts that people will see.

#![allow(clippy::unwrap_used, reason = "tests")]

use delta_core::{Limits, Rule, apply};

fn refusal(old: &str, delta: &str, limits: &Limits) -> String {
    let rule = Rule::for_type("primary").unwrap();
    let error = apply(rule, old.as_bytes(), delta.as_bytes(), std::io::sink(), limits).unwrap_err();
    error.to_string()
}

#[test]
fn each_is_refused_with_its_offset() {
    let old = "<m>\n<package a/>\n</m>";
    let cases = [
        ("\n0", "malformed token at byte 1 of the delta: expected a line end after the token, found `0`"),
        (
            "\nXY\n",
            "malformed token at byte 1 of the delta: expected lower-case hexadecimal digits or `+` and a size, found `XY`",
        ),
        (
            "AB\n",
            "malformed token at byte 0 of the delta: expected lower-case hexadecimal digits or `+` and a size, found `AB`",
        ),
        (
            "+\n",
            "malformed token at byte 0 of the delta: expected `+` and a decimal size of 1 to 19 digits, found `+`",
        ),
        (
            "+-1\n",
            "malformed token at byte 0 of the delta: expected `+` and a decimal size of 1 to 19 digits, found `+-1`",
        ),
        (
            "+99999999999999999999\nx",
            "malformed token at byte 0 of the delta: expected `+` and a decimal size of 1 to 19 digits, found `+99999999999999999999`",
        ),
        ("+10\nabc", "the literal at byte 0 of the delta is cut short: expected 10 bytes, found 3"),
        (
            "00000000000000000000000000000000000000000\n",
            "malformed token at byte 0 of the delta: expected at most 40 digits, found `0000000000000000000000000000000000000000`",
        ),
        (
            "\n\n\n\n",
            "the token at byte 3 of the delta asks for a chunk `…` that the old file does not have from byte 21 on",
        ),
        (
            "\nffff\n",
            "the token at byte 1 of the delta asks for a chunk `ffff…` that the old file does not have from byte 4 on",
        ),
    ];
    for (delta, expected) in cases {
        assert_eq!(refusal(old, delta, &Limits::default()), expected, "{delta:?}");
    }
}

#[test]
fn a_result_over_the_cap_is_refused_before_it_is_written() {
    let limits = Limits::default().with_max_output(8);
    assert_eq!(
        refusal("<m>\n", "\n+5\nabcde", &limits),
        "the token at byte 1 of the delta makes the result larger than the expected 8 bytes"
    );
    assert_eq!(
        refusal("<m>\n<package a/>", "\n\n", &limits),
        "the token at byte 1 of the delta makes the result larger than the expected 8 bytes"
    );
}
