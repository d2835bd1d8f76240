//! One man page: sections, paragraphs, lists and commands, in the language that `man` and
//! `mandoc` read. What a page says is not known here.

/// Lines of the source are at most about so long.
const COLUMNS: usize = 72;
/// Lines that are not filled have at most so many characters: they fit a terminal of 60
/// columns beside the margin.
pub(super) const VERBATIM: usize = 53;

/// Blanks between two parts of a footer.
const GAP: usize = 2;
/// The width of a page where nothing else is said.
const USUAL: usize = 78;

/// A page that is written from top to bottom.
pub(super) struct Page(String);

impl Page {
    /// A page with its header and footer.
    ///
    /// Its name is on both sides of the header, and in the footer beside the date. `man` puts one over the other where
    /// there is no room: there the page has its `short` name, or no date. `LL` is the width that `man` asks for, if
    /// that is not 78; other programs do not know it.
    pub(super) fn new(name: &str, short: &str, section: u8, date: &str) -> Self {
        let source = escaped(concat!("createrepo-delta ", env!("CARGO_PKG_VERSION")));
        let width = |name: &str| 2 * (name.len() + "(1)".len() + GAP) + date.len();
        let title = |name: &str| format!(".ds title {}", escaped(&name.to_uppercase()));
        let mut page = Self(String::new());
        page.line(&title(if width(name) > USUAL { short } else { name }));
        page.line(&format!(".ds date {date}"));
        page.line(".nr width 0");
        page.line(".if r LL .nr width \\n[LL]");
        page.line(".if \\n[width]>0 \\{\\");
        page.line(&format!(".if \\n[width]<{}n {}", width(name), title(short)));
        page.line(&format!(".if \\n[width]>={}n {}", width(name), title(name)));
        page.line(&format!(".if \\n[width]<{}n .ds date", width(short)));
        page.line(".\\}");
        page.line(&format!(".TH \"\\*[title]\" \"{section}\" \"\\*[date]\" \"{source}\" \"\""));
        // Names are not broken at line ends, nor are lines stretched.
        page.line(".nh");
        page.line(".ad l");
        page
    }

    pub(super) fn section(&mut self, heading: &str) {
        self.line(&format!(".SH \"{}\"", escaped(&heading.to_uppercase())));
    }

    pub(super) fn subsection(&mut self, heading: &str) {
        self.line(&format!(".SS \"{}\"", escaped(heading)));
    }

    /// NAME, as `whatis` reads it.
    pub(super) fn name(&mut self, name: &str, about: &str) {
        self.section("Name");
        self.source(&format!("{} \\- {}", escaped(name), marked(about)));
    }

    /// Paragraphs with an empty line between them.
    pub(super) fn paragraphs(&mut self, text: &str) {
        for (nth, paragraph) in text.split("\n\n").enumerate() {
            if nth > 0 {
                self.line(".PP");
            }
            self.source(&marked(paragraph));
        }
    }

    /// One item of a list: the term as it is in the source of the page, and paragraphs of text.
    pub(super) fn item(&mut self, term: &str, text: &str) {
        self.line(".TP");
        self.line(term);
        for (nth, paragraph) in text.split("\n\n").enumerate() {
            if nth > 0 {
                self.line(".IP");
            }
            self.source(&marked(paragraph));
        }
    }

    /// Lines as they are.
    pub(super) fn verbatim(&mut self, text: &str) {
        self.line(".nf");
        for line in text.lines() {
            self.line(&format!("\\&{}", escaped(line)));
        }
        self.line(".fi");
    }

    /// Usage lines of a command.
    pub(super) fn usage(&mut self, name: &str, lines: &[&str]) {
        for (nth, line) in lines.iter().enumerate() {
            if nth > 0 {
                self.line(".br");
            }
            let rest = line.strip_prefix(name).unwrap_or_default();
            self.source(&format!("{}{}", bold(name), escaped(rest)));
        }
    }

    /// The bytes of the page's file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// Text whose lines `man` fills.
    pub(super) fn source(&mut self, source: &str) {
        let mut line = String::new();
        for word in source.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > COLUMNS {
                self.text_line(&line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.text_line(&line);
    }

    /// A line of text; a dot or a quote in front would make it a command.
    fn text_line(&mut self, line: &str) {
        let guard = if line.starts_with(['.', '\'']) { "\\&" } else { "" };
        self.line(&format!("{guard}{line}"));
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}

/// Text of which nothing is a command of the language.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('"', "\\(dq").replace('…', "...")
}

pub(super) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

pub(super) fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", escaped(text))
}

/// Text in which backticks enclose what is typed or shown as it stands.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(nth, part)| if nth % 2 == 1 { bold(part) } else { escaped(part) }).collect()
}

/// A command line, continued on further lines where it is too long for one.
pub(super) fn continued(command: &str) -> String {
    let mut lines = vec![String::new()];
    for word in words(command) {
        let line = lines.last().map_or("", String::as_str);
        // Room for a blank, the word, and what continues the line.
        if line.trim().is_empty() || line.len() + 1 + word.len() + 2 <= VERBATIM {
            let blank = if line.trim().is_empty() { "" } else { " " };
            let line = format!("{line}{blank}{word}");
            lines.pop();
            lines.push(line);
        } else {
            lines.push(format!("    {word}"));
        }
    }
    lines.join(" \\\n")
}

/// The words of a command line, quoted ones as they are.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in command.chars() {
        is_quoted ^= c == '\'';
        match words.last_mut() {
            Some(word) if c != ' ' || is_quoted => word.push(c),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    with_values(words)
}

/// Options together with the word that follows, which is likely their value, where both fit a line.
fn with_values(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        match joined.last_mut() {
            Some(last)
                if last.starts_with('-')
                    && !last.contains(' ')
                    && !word.starts_with('-')
                    && last.len() + word.len() + 7 <= VERBATIM =>
            {
                *last = format!("{last} {word}");
            }
            _ => joined.push(word),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_commands_are_continued_between_words() {
        assert_eq!(continued("createrepo-delta refresh"), "createrepo-delta refresh");
        let command =
            "createrepo-delta generate --history HIST --sign-command 'gpg --batch --yes' REPO --json";
        let continued = continued(command);
        assert_eq!(
            continued,
            "createrepo-delta generate --history HIST \\\n    --sign-command 'gpg --batch --yes' REPO --json"
        );
        assert!(continued.lines().all(|line| line.len() <= VERBATIM));
    }

    #[test]
    fn no_text_is_a_command() {
        let mut page = Page::new("x", "x", 1, "2026-01-01");
        page.paragraphs(".TH\n\n'quoted' \\n `--keep`");
        let page = String::from_utf8(page.into_bytes()).unwrap();
        assert!(page.ends_with("\\&.TH\n.PP\n\\&'quoted' \\en \\fB\\-\\-keep\\fR\n"), "{page}");
    }
}
