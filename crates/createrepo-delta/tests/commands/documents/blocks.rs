//! Blocks of code in documents, and who runs them.

use super::{document, guides};

/// A block of code.
pub(super) struct Block {
    /// Where it begins, for messages.
    pub(super) place: String,
    pub(super) language: String,
    /// The line before it, if that is a comment: who runs it.
    pub(super) mark: Option<String>,
    pub(super) lines: Vec<String>,
}

impl Block {
    /// It is shown to be read, and its page says so.
    pub(super) fn is_read_only(&self) -> bool {
        self.mark.as_deref() == Some("read only")
    }

    /// The commands of a console block; continued lines are one.
    pub(super) fn commands(&self) -> Vec<String> {
        let mut commands: Vec<String> = Vec::new();
        let mut continued = false;
        for line in &self.lines {
            let (start, more) = line.strip_suffix('\\').map_or((line.as_str(), false), |start| (start, true));
            if continued {
                commands.last_mut().unwrap().push_str(start);
            } else {
                let command = start.strip_prefix("$ ").or_else(|| start.strip_prefix("# "));
                let command = command.unwrap_or_else(|| panic!("{}: no prompt: {line}", self.place));
                commands.push(command.to_owned());
            }
            continued = more;
        }
        commands
    }
}

/// All blocks of a document, wherever they are indented.
pub(super) fn of(name: &str) -> Vec<Block> {
    let text = document(name);
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = text.lines().map(str::trim).enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let mark = before.strip_prefix("<!-- ").and_then(|mark| mark.strip_suffix(" -->"));
            blocks.push(Block {
                place: format!("{name}:{}", at + 1),
                language: language.to_owned(),
                mark: mark.map(str::to_owned),
                lines: lines
                    .by_ref()
                    .map(|(_, line)| line.to_owned())
                    .take_while(|line| line != "```")
                    .collect(),
            });
        }
        before = line;
    }
    blocks
}

/// Blocks of scripts in guides are run by the end-to-end tests or, in the quick start,
/// by these; blocks of single commands by these. What is only read says so.
#[test]
fn every_block_of_a_guide_is_run_or_said_to_be_read() {
    let mut count = 0;
    for name in guides() {
        for block in of(&name) {
            count += 1;
            let (place, mark) = (&block.place, block.mark.as_deref().unwrap_or_default());
            if block.is_read_only() {
                assert!(
                    document(&name).contains("not run"),
                    "{place}: the page does not say that it is not run"
                );
                continue;
            }
            match block.language.as_str() {
                "console" => {}
                "sh" if name == super::quick_start::PAGE => {}
                "sh" | "perl" | "toml" => assert!(mark.starts_with("compose: "), "{place}: nobody runs this"),
                "text" | "ini" => {
                    let is_command =
                        |line: &String| line.starts_with("createrepo-delta ") || line.starts_with("$ ");
                    assert!(!block.lines.iter().any(is_command), "{place}: nobody runs this");
                }
                other => panic!("{place}: nobody runs `{other}`"),
            }
        }
    }
    assert!(count >= 30, "{count}");
}
