//! How long following a recipe takes, about. What a machine needs in fact it finds out by doing it.

use super::Recipe;
use super::list::Method;

const KB: u64 = 1000;

impl Recipe {
    /// Bytes of open content that its encoder compresses in a second of processor time, as measured on
    /// metadata on one machine. What depends on the old file, too, is taken as if all chunks were new.
    #[must_use]
    pub fn usual_speed(self) -> u64 {
        let kilobytes = match self.entry().method {
            Method::None => 1_500_000,
            Method::Gzip { level: ..=6 } => 102_000,
            Method::Gzip { .. } => 67_900,
            Method::GzipNg { level: ..=6 } => 186_000,
            Method::GzipNg { .. } => 90_000,
            Method::Bzip2 { level: ..=5 } => 15_700,
            Method::Bzip2 { .. } => 13_400,
            Method::Xz { preset: ..=5, .. } => 4_390,
            Method::Xz { .. } => 2_820,
            Method::Zstd { level: ..=9, .. } => 95_000,
            Method::Zstd { level: ..=10, .. } => 60_800,
            Method::Zstd { .. } => 1_900,
            Method::Zchunk { .. } => 40_000,
        };
        kilobytes * KB
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compresses_harder_is_slower() {
        let speed = |number| Recipe::from_number(number).unwrap().usual_speed();
        let faster_than =
            [(0, 16), (16, 1), (1, 2), (2, 9), (9, 3), (3, 4), (4, 5), (5, 6), (6, 14), (11, 9)];
        for (one, other) in faster_than {
            assert!(speed(one) > speed(other), "{one} {other}");
        }
        assert_eq!(speed(5), speed(7));
    }
}
