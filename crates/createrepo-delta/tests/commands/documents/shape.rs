//! The size of pages.

use super::{document, guides};

/// Lines of a page of a guide.
const LINES: usize = 200;
/// Lines of README.md.
const README: usize = 70;
/// Columns of a line, but for rows of tables.
const COLUMNS: usize = 120;
/// Items of the checklist.
const ITEMS: usize = 12;
/// Words of the glossary, and of these what a publisher must know.
const WORDS: (usize, usize) = (25, 10);

#[test]
fn guides_have_pages_that_can_be_read() {
    for name in guides() {
        let text = document(&name);
        let most = if name == "README.md" { README } else { LINES };
        let lines = text.lines().count();
        assert!(lines <= most, "{name} has {lines} lines, more than {most}");
        for (at, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            let is_fine = columns <= COLUMNS || line.starts_with('|');
            assert!(is_fine, "{name}:{}: {columns} columns, more than {COLUMNS}", at + 1);
        }
    }
}

#[test]
fn the_checklist_and_the_glossary_are_short() {
    let list = document("docs/before-you-switch-it-on.md");
    let items = list.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count();
    assert!(items <= ITEMS, "{items}");
    let concepts = document("docs/concepts.md");
    let words = |text: &str| text.lines().filter(|line| line.starts_with("| **")).count();
    assert!(words(&concepts) <= WORDS.0, "{}", words(&concepts));
    let (must, _) = concepts.split_once("## What else").unwrap();
    assert!((1..=WORDS.1).contains(&words(must)), "{}", words(must));
}
