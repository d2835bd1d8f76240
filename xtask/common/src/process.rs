//! Running other programs: captured output, a time limit, and errors that show
//! the whole command and what it printed.
//!
//! Nothing here is quoted for a shell: commands are argument lists throughout.

use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// No single program of a run may take longer than this.
const LIMIT: Duration = Duration::from_secs(300);
/// One that fetches and installs many packages may.
const LONG_LIMIT: Duration = Duration::from_secs(3600);

/// Runs `command` and returns what it printed, whatever its exit status.
pub fn attempt(command: &mut Command) -> Result<Output> {
    attempt_within(command, LIMIT)
}

fn attempt_within(command: &mut Command, limit: Duration) -> Result<Output> {
    let shown = describe(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let status = wait(&mut child, limit).with_context(|| format!("while running `{shown}`"))?;
    Ok(Output {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Runs `command` and fails unless it exits with status 0.
pub fn run(command: &mut Command) -> Result<Output> {
    succeeded(command, LIMIT)
}

/// Like [`run`], for what fetches and installs many packages.
pub fn run_long(command: &mut Command) -> Result<Output> {
    succeeded(command, LONG_LIMIT)
}

fn succeeded(command: &mut Command, limit: Duration) -> Result<Output> {
    let output = attempt_within(command, limit)?;
    if !output.status.success() {
        bail!(failure(command, &output));
    }
    Ok(output)
}

/// Runs `command` and fails unless it exits with `status`.
pub fn expect(command: &mut Command, status: i32) -> Result<Output> {
    let output = attempt(command)?;
    if output.status.code() != Some(status) {
        bail!("expected exit status {status}\n{}", failure(command, &output));
    }
    Ok(output)
}

/// Runs `command` with the terminal's own output streams, for long build steps.
pub fn stream(command: &mut Command) -> Result<()> {
    let shown = describe(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// Like [`stream`], but returns the status and what was printed on standard
/// output, too.
pub fn tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    let shown = describe(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let mut text = String::new();
    if let Some(pipe) = child.stdout.take() {
        for line in BufReader::new(pipe).split(b'\n') {
            let line = line.with_context(|| format!("cannot read from `{shown}`"))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            text.push_str(&line);
            text.push('\n');
        }
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{shown}`"))?;
    Ok((status, text))
}

/// The command with its arguments, for people.
pub fn describe(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A failed command, its status and everything that it printed.
pub fn failure(command: &Command, output: &Output) -> String {
    format!(
        "`{}` failed: {}\n--- stdout\n{}--- stderr\n{}---",
        describe(command),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    )
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // A broken pipe ends the capture; the exit status tells the rest.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for the program")? {
            return Ok(status);
        }
        if start.elapsed() > limit {
            child.kill().context("cannot stop the program")?;
            child.wait().context("cannot wait for the program")?;
            bail!("it was stopped after {} seconds", limit.as_secs());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}
