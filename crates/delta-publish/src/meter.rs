//! Wall and processor time of the phases of a run, for the operator and for
//! benchmarks. Nothing that is published depends on them.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::report::Phase;

fn clock(id: ClockId) -> Duration {
    let now = clock_gettime(id);
    let nanoseconds = u32::try_from(now.tv_nsec).unwrap_or(0);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), nanoseconds)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Ends one phase after another. The processor time is that of the whole
/// process, of whatever threads.
pub(crate) struct Meter {
    wall: Instant,
    cpu: Duration,
    phases: Vec<Phase>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self { wall: Instant::now(), cpu: clock(ClockId::ProcessCPUTime), phases: Vec::new() }
    }

    /// Ends the phase `name`.
    pub(crate) fn end(&mut self, name: &'static str, bzip2: Bzip2) {
        let (wall, cpu) = (Instant::now(), clock(ClockId::ProcessCPUTime));
        self.phases.push(Phase {
            name,
            wall_us: micros(wall - self.wall),
            cpu_us: micros(cpu.saturating_sub(self.cpu)),
            bzip2_us: micros(bzip2.compress),
            unbzip2_us: micros(bzip2.decompress),
        });
        (self.wall, self.cpu) = (wall, cpu);
    }

    pub(crate) fn phases(self) -> Vec<Phase> {
        self.phases
    }
}

/// Processor time that went to bzip2.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bzip2 {
    pub(crate) compress: Duration,
    pub(crate) decompress: Duration,
}

impl std::ops::AddAssign for Bzip2 {
    fn add_assign(&mut self, other: Self) {
        self.compress += other.compress;
        self.decompress += other.decompress;
    }
}

/// Measures the processor time that its thread spends in a reader or writer.
pub(crate) struct Timed<W> {
    pub(crate) inner: W,
    pub(crate) spent: Duration,
}

impl<W> Timed<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, spent: Duration::ZERO }
    }

    /// Does something with the writer on its account.
    pub(crate) fn spend<T>(&mut self, what: impl FnOnce(&mut W) -> T) -> T {
        let begun = clock(ClockId::ThreadCPUTime);
        let result = what(&mut self.inner);
        self.spent += clock(ClockId::ThreadCPUTime).saturating_sub(begun);
        result
    }
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.spend(|inner| inner.read(into))
    }
}

impl<W: Write> Write for Timed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.spend(|inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spend(Write::flush)
    }
}
