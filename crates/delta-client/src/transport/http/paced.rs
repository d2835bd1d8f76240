//! A connection that is given up when it is too slow: judged by every byte that
//! comes, whatever is made of it further up.
//!
//! Only the time spent waiting for the server counts, not what the caller does
//! between two reads.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ureq::Timeout;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Parts of a period that are told apart.
const SLOTS: u32 = 30;

/// The bytes that must come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Over which their average is taken, however it lies.
    pub(super) period: Duration,
    /// Bytes per second; 0 for no such demand.
    pub(super) min_rate: u32,
}

impl Pace {
    fn bytes_in_period(self) -> u64 {
        let bytes = u128::from(self.min_rate) * self.period.as_millis() / 1000;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Watches the connections that are made, and counts them.
#[derive(Clone, Debug)]
pub(super) struct Pacer {
    pub(super) pace: Pace,
    pub(super) connections: Arc<AtomicU64>,
}

impl<In: Transport> Connector<In> for Pacer {
    type Out = Paced<In>;

    fn connect(
        &self,
        _details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Paced<In>>, ureq::Error> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Ok(chained.map(|inner| Paced { inner, window: Window::new(self.pace) }))
    }
}

/// A connection that is watched. What is sent begins a new count.
#[derive(Debug)]
pub(super) struct Paced<T> {
    inner: T,
    window: Window,
}

impl<T: Transport> Transport for Paced<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.window = Window::new(self.window.pace);
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        let patience = self.window.patience();
        let mut capped = timeout;
        let is_capped = patience.is_some_and(|patience| patience < *timeout.for_read().after);
        if let Some(patience) = patience.filter(|_| is_capped) {
            capped.after = patience.max(Duration::from_millis(1)).into();
            capped.reason = Timeout::PerRead;
        }
        let before = self.inner.buffers().input().len();
        let started = Instant::now();
        let awaited = self.inner.await_input(capped);
        let bytes = self.inner.buffers().input().len().saturating_sub(before);
        self.window.add(started.elapsed(), bytes as u64);
        match awaited {
            // Where nothing came at all, that says it better.
            Err(ureq::Error::Timeout(Timeout::PerRead)) if is_capped && self.window.sum > 0 => {
                Err(self.window.too_slow().into())
            }
            Ok(_) if self.window.patience() == Some(Duration::ZERO) => Err(self.window.too_slow().into()),
            awaited => awaited,
        }
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// What came in the last period of waiting.
#[derive(Debug)]
struct Window {
    pace: Pace,
    /// Whether a byte came. Until then the answer has a time-out of its own.
    has_begun: bool,
    /// Since the first byte.
    waited: Duration,
    /// Since when bytes came, and how many; the oldest first.
    slots: VecDeque<(Duration, u64)>,
    sum: u64,
}

impl Window {
    fn new(pace: Pace) -> Self {
        Self { pace, has_begun: false, waited: Duration::ZERO, slots: VecDeque::new(), sum: 0 }
    }

    fn add(&mut self, waited: Duration, bytes: u64) {
        if self.has_begun {
            self.waited += waited;
        } else {
            self.has_begun = bytes > 0;
        }
        self.sum += bytes;
        let width = self.pace.period / SLOTS;
        match self.slots.back_mut() {
            Some((since, slot)) if self.waited.saturating_sub(*since) < width => *slot += bytes,
            _ => self.slots.push_back((self.waited, bytes)),
        }
        while let Some(&(since, slot)) = self.slots.front()
            && since + self.pace.period <= self.waited
        {
            self.sum -= slot;
            self.slots.pop_front();
        }
    }

    /// How long it may go on without another byte.
    fn patience(&self) -> Option<Duration> {
        let wanted = self.pace.bytes_in_period();
        if wanted == 0 || !self.has_begun {
            return None;
        }
        let (mut sum, mut at) = (self.sum, self.waited.max(self.pace.period));
        for &(since, bytes) in &self.slots {
            if sum < wanted {
                break;
            }
            at = at.max(since + self.pace.period);
            sum -= bytes;
        }
        Some(at.saturating_sub(self.waited))
    }

    fn too_slow(&self) -> io::Error {
        let over = self.waited.min(self.pace.period).as_secs_f64();
        io::Error::new(
            io::ErrorKind::TimedOut,
            TooSlow { min_rate: self.pace.min_rate, found: self.sum, seconds: over },
        )
    }
}

/// Too little came.
#[derive(Debug)]
pub(super) struct TooSlow {
    min_rate: u32,
    found: u64,
    seconds: f64,
}

impl std::error::Error for TooSlow {}

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { min_rate, found, seconds } = self;
        write!(f, "expected at least {min_rate} bytes per second, found {found} bytes in {seconds:.1} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(min_rate: u32) -> Window {
        Window::new(Pace { period: Duration::from_secs(30), min_rate })
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_average_of_any_period_counts() {
        let mut window = window(1000);
        assert_eq!(window.patience(), None);
        // The wait for the first byte has a limit of its own.
        window.add(seconds(29), 1_000_000);
        assert_eq!(window.patience(), Some(seconds(30)));
        // What came long ago does not help.
        window.add(seconds(29), 10);
        assert_eq!(window.patience(), Some(seconds(1)));
        window.add(seconds(1), 10);
        assert_eq!(window.patience(), Some(Duration::ZERO));
        assert!(
            window
                .too_slow()
                .to_string()
                .starts_with("expected at least 1000 bytes per second, found 20 bytes")
        );
    }

    #[test]
    fn who_is_just_quick_enough_may_go_on_for_ever() {
        let mut window = window(1000);
        for _ in 0..1000 {
            window.add(seconds(1), 1040);
            assert!(window.patience() > Some(Duration::ZERO), "{window:?}");
            assert!(window.slots.len() <= 31);
        }
        for _ in 0..30 {
            window.add(seconds(1), 900);
        }
        assert_eq!(window.patience(), Some(Duration::ZERO));
    }

    #[test]
    fn without_a_demand_nothing_is_judged() {
        let mut window = window(0);
        window.add(seconds(1), 1);
        window.add(seconds(1000), 1);
        assert_eq!(window.patience(), None);
    }
}
