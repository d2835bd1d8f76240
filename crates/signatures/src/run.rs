//! Running a program that may not end, and may leave processes behind.
//!
//! The program gets a process group of its own, so that all of it can be ended. Its
//! output goes to files: a process in the background that keeps them open is not
//! waited for, as it would be with a pipe.

use std::env;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use thiserror::Error;

/// Shortest and longest time between two looks at the program.
const NAPS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));
/// How long a program that is told to end has for that.
const GRACE: Duration = Duration::from_secs(1);

/// What a program that ended has left.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProgramOutput {
    /// Its status.
    pub status: ExitStatus,
    /// The beginning of its standard output.
    pub output: Vec<u8>,
    /// The beginning of its standard error.
    pub messages: Vec<u8>,
}

/// Why a program did not come to its end. The message is the end of a sentence.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// There is no such program.
    #[error("program not found")]
    NotFound,
    /// It could not be started, or not be watched.
    #[error("could not be run: {0}")]
    System(io::Error),
    /// It was ended, because it took too long.
    #[error("took longer than {} s and was ended", limit.as_secs_f64())]
    #[non_exhaustive]
    Overdue {
        /// How long it may take.
        limit: Duration,
    },
}

/// Runs `command` without input for at most `limit`, and gives at most `most` bytes
/// of each of its outputs.
///
/// When it takes longer, its process group is ended: by SIGTERM, and a second later
/// by SIGKILL. Processes that it leaves when it ends by itself are left alone.
///
/// # Errors
/// See [`RunError`]. That it fails is no error here: its status tells.
pub fn run(command: &mut Command, limit: Duration, most: usize) -> Result<ProgramOutput, RunError> {
    let started = Instant::now();
    let system = RunError::System;
    let (output, messages) = (tempfile::tempfile().map_err(system)?, tempfile::tempfile().map_err(system)?);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(system)?)
        .stderr(messages.try_clone().map_err(system)?)
        .process_group(0)
        .spawn()
        .map_err(|error| not_started(error, Path::new(command.get_program())))?;
    let status = match wait(&mut child, started, limit) {
        Ok(Some(status)) => status,
        Ok(None) => {
            end(&mut child);
            return Err(RunError::Overdue { limit });
        }
        Err(error) => {
            end(&mut child);
            return Err(RunError::System(error));
        }
    };
    let output = beginning(&output, most).map_err(system)?;
    Ok(ProgramOutput { status, output, messages: beginning(&messages, most).map_err(system)? })
}

/// A script whose interpreter is missing is told like a missing program, too.
fn not_started(error: io::Error, program: &Path) -> RunError {
    let is_there = if program.components().count() > 1 {
        program.exists()
    } else {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|dir| dir.join(program).exists())
    };
    match error.kind() {
        io::ErrorKind::NotFound if is_there => RunError::System(io::Error::new(
            io::ErrorKind::NotFound,
            format!("the interpreter that `{}` names is missing", program.display()),
        )),
        io::ErrorKind::NotFound => RunError::NotFound,
        _ => RunError::System(error),
    }
}

/// Waits until it ends; `None` when it does not in time.
fn wait(child: &mut Child, since: Instant, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let mut nap = NAPS.0;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = limit.saturating_sub(since.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        sleep(nap.min(left));
        nap = (nap * 2).min(NAPS.1);
    }
}

/// Ends its process group. It has not been waited for, so the number is still its.
fn end(child: &mut Child) {
    let group = Pid::from_child(child);
    // Whatever fails here, there is nothing better to be done.
    let _ = kill_process_group(group, Signal::TERM);
    let told = Instant::now();
    while told.elapsed() < GRACE && is_running(group) {
        sleep(NAPS.1);
    }
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait();
}

/// Whether it has not ended, without taking note of its end.
fn is_running(process: Pid) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::Pid(process), options), Ok(None))
}

fn beginning(file: &File, most: usize) -> io::Result<Vec<u8>> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length.min(most)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 100;
    const LONG: Duration = Duration::from_secs(60);

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn status_and_outputs_are_given_and_there_is_no_input() {
        let ended = run(&mut sh("cat; echo out; echo err >&2; exit 3"), LONG, MOST).unwrap();
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!((&*ended.output, &*ended.messages), (&b"out\n"[..], &b"err\n"[..]));
        let ended = run(&mut sh("yes | head -c 1000"), LONG, MOST).unwrap();
        assert_eq!(ended.output.len(), MOST);
    }

    #[test]
    fn what_takes_too_long_is_ended_with_all_that_it_started() {
        let place = tempfile::tempdir().unwrap();
        let alive = place.path().join("alive");
        let script = format!("trap '' TERM; (sleep 4; touch '{}') & wait; sleep 60", alive.display());
        let began = Instant::now();
        let error = run(&mut sh(&script), Duration::from_millis(300), MOST).unwrap_err();
        assert_eq!(error.to_string(), "took longer than 0.3 s and was ended");
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        sleep(Duration::from_secs(4));
        assert!(!alive.exists(), "a process of the group was left");
    }

    #[test]
    fn a_process_in_the_background_is_not_waited_for() {
        let began = Instant::now();
        let ended = run(&mut sh("sleep 5 & echo done"), LONG, MOST).unwrap();
        assert_eq!(ended.output, b"done\n");
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }

    #[test]
    fn a_missing_program_is_not_a_missing_interpreter() {
        for missing in ["no-such-program", "./no-such-program"] {
            let error = run(&mut Command::new(missing), LONG, MOST).unwrap_err();
            assert!(matches!(error, RunError::NotFound), "{error}");
        }
        let place = tempfile::tempdir().unwrap();
        let script = place.path().join("script");
        // Another process writes it: a file that this one writes is busy as long as what another thread
        // starts meanwhile holds it.
        let write = format!("echo '#!/no/such/interpreter' > {}", script.display());
        run(&mut sh(&write), LONG, MOST).unwrap();
        let error = run(&mut Command::new(&script), LONG, MOST).unwrap_err();
        assert!(error.to_string().contains("Permission denied"), "{error}");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&script, mode).unwrap();
        let error = run(&mut Command::new(&script), LONG, MOST).unwrap_err();
        assert!(error.to_string().contains("interpreter"), "{error}");
    }
}
