//! Lines at the end of a terminal: what is to be written there so that others take their place. Only what changed is
//! written, over what was there, so that nothing flickers.

/// Lines to leave to what is above.
const ABOVE: usize = 1;

/// The lines that are drawn; the cursor is below the last one.
#[derive(Default)]
pub(super) struct Screen(Vec<String>);

impl Screen {
    /// Draws lines on a terminal of so many rows: those that have room.
    pub(super) fn show(&mut self, mut lines: Vec<String>, rows: usize) -> String {
        // The cursor has a row, too.
        let room = rows.saturating_sub(ABOVE + 1).max(1);
        if lines.len() > room {
            let more = lines.len() - room + 1;
            lines.truncate(room - 1);
            lines.push(format!("and {more} more"));
        }
        if lines == self.0 {
            return String::new();
        }
        let mut text = up(self.0.len());
        for (nth, line) in lines.iter().enumerate() {
            if self.0.get(nth) != Some(line) {
                text.extend([line, "\x1b[K"]);
            }
            text.push('\n');
        }
        if self.0.len() > lines.len() {
            text += "\x1b[J";
        }
        self.0 = lines;
        text
    }

    /// Removes all lines.
    pub(super) fn clear(&mut self) -> String {
        let drawn = std::mem::take(&mut self.0);
        if drawn.is_empty() { String::new() } else { up(drawn.len()) + "\x1b[J" }
    }
}

/// To the beginning of the line so many rows above.
fn up(rows: usize) -> String {
    if rows == 0 { String::new() } else { format!("\r\x1b[{rows}A") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn only_lines_that_changed_are_written() {
        let mut screen = Screen::default();
        assert_eq!(screen.show(lines(&["a 1", "b 1"]), 24), "a 1\x1b[K\nb 1\x1b[K\n");
        assert_eq!(screen.show(lines(&["a 1", "b 1"]), 24), "");
        assert_eq!(screen.show(lines(&["a 1", "b 2"]), 24), "\r\x1b[2A\nb 2\x1b[K\n");
        assert_eq!(screen.show(lines(&["b 2"]), 24), "\r\x1b[2Ab 2\x1b[K\n\x1b[J");
        assert_eq!(screen.clear(), "\r\x1b[1A\x1b[J");
        assert_eq!(screen.clear(), "");
    }

    #[test]
    fn lines_without_room_are_counted() {
        let mut screen = Screen::default();
        let text = screen.show(lines(&["a", "b", "c", "d"]), 4);
        assert_eq!(text, "a\x1b[K\nand 3 more\x1b[K\n");
    }
}
