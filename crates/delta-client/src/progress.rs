//! Telling a caller how far an update is. Nothing is drawn here.

/// What is being done for a metadata type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// A part of the journal is downloaded.
    Journal,
    /// A delta is downloaded.
    Delta,
    /// A delta is applied; bytes are those of the open result.
    Apply,
    /// The full file is downloaded.
    Full,
    /// A file on disk is read and verified; bytes are open ones.
    Verify,
    /// The recipe of the copy held is looked for.
    Recipe,
}

/// Hears what happens. Every method does nothing by default.
///
/// They are called from several threads at once, and should return quickly.
pub trait Progress: Sync {
    /// A step begins, anew after a failure; `total` is how many bytes it will
    /// have, where that is known.
    fn began(&self, data_type: &str, step: Step, total: Option<u64>) {
        let _ = (data_type, step, total);
    }

    /// So many bytes more of the step are done.
    fn advanced(&self, data_type: &str, bytes: u64) {
        let _ = (data_type, bytes);
    }

    /// Nothing more is done for this type.
    fn ended(&self, data_type: &str) {
        let _ = data_type;
    }

    /// Something did not go as it should, and the update goes on all the same.
    /// One sentence without a full stop.
    fn warning(&self, text: &str) {
        let _ = text;
    }
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}

/// The progress of one type, and the bytes that were downloaded for it.
pub(crate) struct Meter<'a> {
    progress: &'a dyn Progress,
    data_type: &'a str,
    downloaded: u64,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(progress: &'a dyn Progress, data_type: &'a str) -> Self {
        Self { progress, data_type, downloaded: 0 }
    }

    pub(crate) fn begin(&self, step: Step, total: Option<u64>) {
        self.progress.began(self.data_type, step, total);
    }

    /// Bytes that came from a source.
    pub(crate) fn download(&mut self, bytes: u64) {
        self.downloaded = self.downloaded.saturating_add(bytes);
        self.advance(bytes);
    }

    /// Bytes that came from a source, and that were told of already.
    pub(crate) fn count(&mut self, bytes: u64) {
        self.downloaded = self.downloaded.saturating_add(bytes);
    }

    /// Lets `work` read what did not come from a source.
    pub(crate) fn local<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.downloaded;
        let done = work(self);
        self.downloaded = before;
        done
    }

    /// Bytes that were worked on.
    pub(crate) fn advance(&self, bytes: u64) {
        self.progress.advanced(self.data_type, bytes);
    }

    pub(crate) fn downloaded(&self) -> u64 {
        self.downloaded
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.progress.ended(self.data_type);
    }
}
