//! Rebuilding the publisher's files saves bytes and costs processor time. Where it would cost too
//! much the way becomes the full file.
//!
//! What is decided follows from sizes, notes of earlier runs and options alone; nothing is measured
//! here.

use std::cmp::Ordering;
use std::time::Duration;

use codec::Compression;
use codec::recipe::Recipe;

use super::context::Context;
use super::plan::{Plan, Way};
use crate::options::{MaxCpu, Prefer, Speeds};
use crate::patch::StoredForm;
use crate::recipes::compression_of;
use crate::report::Rebuilding;
use crate::transport::Transport;

/// That of [`MaxCpu::Usual`].
const USUAL_LIMIT: Duration = Duration::from_secs(5);
/// 20 Mbit/s: who rebuilds as fast as that loses nothing that [`MaxCpu::Usual`] counts.
const USUAL_DOWNLOAD: u64 = 20_000_000 / 8;
/// Open content for each byte of a file, where nobody tells its size.
const USUAL_RATIO: u64 = 10;

/// One file that can be rebuilt or downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    /// Processor time of rebuilding it.
    cpu: Duration,
    /// Bytes of the full file.
    full: u64,
    /// Bytes that are downloaded to rebuild it.
    bytes: u64,
}

/// What is decided by.
#[derive(Clone, Copy, Debug)]
struct Rules {
    max_cpu: MaxCpu,
    prefer: Prefer,
    /// Bytes that the source sends in a second, where that is known.
    download: Option<u64>,
}

/// Estimates what rebuilding takes, and lets plans for which that is too much take the full file.
pub(super) fn weigh(context: &Context<'_>, plans: &mut [Plan<'_>]) {
    let source = context.sources.get(context.origin).map(Transport::name).unwrap_or_default();
    let known = context.recipes();
    let (prefer, max_cpu) = (context.options.prefer, context.options.max_cpu);
    let rules = Rules { max_cpu, prefer, download: known.speeds.downloading(&source) };
    let mut rebuilt: Vec<(&mut Plan<'_>, Choice)> =
        plans.iter_mut().filter_map(|plan| estimate(plan, &known.speeds)).collect();
    let choices: Vec<Choice> = rebuilt.iter().map(|(_, choice)| *choice).collect();
    for ((plan, _), why) in rebuilt.iter_mut().zip(decide(&choices, &rules)) {
        if let Some(why) = why {
            plan.way = Way::Full;
            plan.form = StoredForm::Quick(context.options.store_as.compression());
            plan.reason = why;
        }
    }
}

/// What rebuilding a file takes; nothing where none is compressed again. The plan is told of it.
fn estimate<'p, 'a>(plan: &'p mut Plan<'a>, speeds: &Speeds) -> Option<(&'p mut Plan<'a>, Choice)> {
    let StoredForm::Exact(recipe) = plan.form else { return None };
    let (bytes, base) = match &plan.way {
        Way::Rebuild(base) => (0, base),
        Way::Journal(by) => (by.journal.head_size, &by.base),
        Way::Delta(by) => (by.delta.size, &by.base),
        Way::Keep(_) | Way::Full => return None,
    };
    let full = plan.record.size.unwrap_or(0);
    let told = plan.record.open_size.or(base.record.open_size);
    let open_size = told.unwrap_or(full.saturating_mul(USUAL_RATIO));
    let speed = speeds.rebuilding(recipe);
    let cpu = time(open_size, speed.bytes_per_second);
    plan.rebuilding = Some(Rebuilding {
        recipe: recipe.to_string(),
        milliseconds: u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX),
        bytes_per_second: speed.bytes_per_second,
        measured: speed.is_measured,
        bytes,
    });
    (recipe.compression() != Compression::None).then_some((plan, Choice { cpu, full, bytes }))
}

/// Whether finding the recipe of a file, which is compressed for that, takes too much by itself.
pub(super) fn is_search_too_dear(context: &Context<'_>, plan: &Plan<'_>) -> bool {
    let compression = compression_of(plan.location);
    let speeds = context.recipes().speeds.clone();
    let recipes = Recipe::all().filter(|recipe| recipe.compression() == compression);
    let fastest = recipes.map(|recipe| speeds.rebuilding(recipe).bytes_per_second).max();
    let Some(fastest) = fastest.filter(|_| compression != Compression::None) else { return false };
    let full = plan.record.size.unwrap_or(0);
    let open_size = plan.record.open_size.unwrap_or(full.saturating_mul(USUAL_RATIO));
    let choice = Choice { cpu: time(open_size, fastest), full, bytes: 0 };
    let rules = Rules { max_cpu: context.options.max_cpu, prefer: Prefer::Bytes, download: None };
    decide(&[choice], &rules).iter().any(Option::is_some)
}

/// Why the full file is taken, for each of the files of a repository for which it is.
fn decide(choices: &[Choice], rules: &Rules) -> Vec<Option<String>> {
    let mut why: Vec<Option<String>> = choices.iter().map(|choice| slower(choice, rules)).collect();
    let (limit, counts): (_, fn(&Choice) -> bool) = match rules.max_cpu {
        MaxCpu::Unlimited => return why,
        MaxCpu::Time(limit) => (limit, |_| true),
        MaxCpu::Usual => (USUAL_LIMIT, Choice::is_slow),
    };
    let mut left: Vec<usize> =
        (0..choices.len()).filter(|at| why[*at].is_none() && counts(&choices[*at])).collect();
    let total = left.iter().fold(Duration::ZERO, |sum, at| sum.saturating_add(choices[*at].cpu));
    if total <= limit {
        return why;
    }
    // The cheapest for what they save come first; of equals those that repomd.xml names first.
    left.sort_by(|a, b| choices[*a].cheaper_first(&choices[*b]));
    let mut taken = Duration::ZERO;
    for at in left {
        let with = taken.saturating_add(choices[at].cpu);
        if with <= limit {
            taken = with;
        } else {
            why[at] = Some(too_dear(choices[at].cpu, total, limit));
        }
    }
    why
}

impl Choice {
    fn saved(&self) -> u64 {
        self.full.saturating_sub(self.bytes)
    }

    /// Whether downloading is faster than rebuilding on a line as [`MaxCpu::Usual`] takes it.
    fn is_slow(&self) -> bool {
        self.cpu > time(self.saved(), USUAL_DOWNLOAD)
    }

    /// By time for each byte saved; those that save nothing come last.
    fn cheaper_first(&self, other: &Self) -> Ordering {
        let cost = |one: &Self, other: &Self| one.cpu.as_nanos().saturating_mul(u128::from(other.saved()));
        match (self.saved(), other.saved()) {
            (0, 0) => self.cpu.cmp(&other.cpu),
            (0, _) => Ordering::Greater,
            (_, 0) => Ordering::Less,
            _ => cost(self, other).cmp(&cost(other, self)),
        }
    }
}

/// Why downloading what rebuilding saves is faster, where time counts.
fn slower(choice: &Choice, rules: &Rules) -> Option<String> {
    let speed = rules.download.filter(|_| rules.prefer == Prefer::Time)?;
    let download = time(choice.saved(), speed);
    (choice.cpu > download).then(|| {
        format!(
            "rebuilding would take about {}, and downloading it about {} at {} Mbit/s",
            seconds(choice.cpu),
            seconds(download),
            speed.saturating_mul(8) / 1_000_000
        )
    })
}

fn too_dear(own: Duration, total: Duration, limit: Duration) -> String {
    if limit.is_zero() {
        return "`--max-cpu 0` leaves no processor time to rebuild it".to_owned();
    }
    let all = if own == total { String::new() } else { format!(", all types {}", seconds(total)) };
    format!(
        "rebuilding would take about {} of processor time{all}, more than the {} of `--max-cpu`",
        seconds(own),
        seconds(limit)
    )
}

/// How long so many bytes take.
fn time(bytes: u64, bytes_per_second: u64) -> Duration {
    let speed = u128::from(bytes_per_second.max(1));
    let nanoseconds = u128::from(bytes) * 1_000_000_000 / speed;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// `9 s`, `0.4 s`.
fn seconds(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    if tenths.is_multiple_of(10) || tenths >= 100 {
        format!("{} s", (time.as_millis() + 500) / 1000)
    } else {
        format!("{}.{} s", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn choice(milliseconds: u64, full: u64) -> Choice {
        Choice { cpu: Duration::from_millis(milliseconds), full, bytes: 1000 }
    }

    #[test]
    fn files_that_save_nothing_are_in_order_with_all_others() {
        let mut choices: Vec<Choice> = (0..60_u64)
            .map(|n| Choice { cpu: Duration::from_nanos(n * 7 % 5 * 400_000), full: n * 11 % 3, bytes: 1 })
            .collect();
        choices.sort_by(Choice::cheaper_first);
        let first = choices.iter().position(|choice| choice.saved() == 0).unwrap();
        assert!(choices[first..].iter().all(|choice| choice.saved() == 0));
    }

    fn rules(max_cpu: MaxCpu) -> Rules {
        Rules { max_cpu, prefer: Prefer::Bytes, download: None }
    }

    fn limit(seconds: u64) -> MaxCpu {
        MaxCpu::Time(Duration::from_secs(seconds))
    }

    /// Which of these are rebuilt.
    fn rebuilt(choices: &[Choice], rules: &Rules) -> Vec<bool> {
        decide(choices, rules).iter().map(Option::is_none).collect()
    }

    #[test]
    fn what_fits_is_rebuilt_and_what_does_not_says_why() {
        let one = [choice(9_040, 24 * MB / 10)];
        assert_eq!(decide(&one, &rules(limit(10))), [None]);
        assert_eq!(decide(&one, &rules(MaxCpu::Unlimited)), [None]);
        let why = "rebuilding would take about 9 s of processor time, more than the 5 s of `--max-cpu`";
        assert_eq!(decide(&one, &rules(limit(5))), [Some(why.to_owned())]);
        assert_eq!(decide(&one, &rules(MaxCpu::Usual)), [Some(why.to_owned())]);
        assert_eq!(decide(&[], &rules(limit(0))), []);
        let none = decide(&[choice(1, MB)], &rules(limit(0)));
        assert!(none[0].as_ref().unwrap().contains("--max-cpu 0"), "{none:?}");
        let exact = [choice(5_000, MB)];
        assert_eq!(rebuilt(&exact, &rules(limit(5))), [true]);
    }

    #[test]
    fn the_dearest_for_what_it_saves_goes_first() {
        // Seconds for each MB: 1, 2, 0.5.
        let three = [choice(3_000, 3 * MB), choice(2_000, MB), choice(1_000, 2 * MB)];
        assert_eq!(rebuilt(&three, &rules(limit(6))), [true, true, true]);
        assert_eq!(rebuilt(&three, &rules(limit(5))), [true, false, true]);
        assert_eq!(rebuilt(&three, &rules(limit(4))), [true, false, true]);
        // What is dearer is rebuilt where what is cheaper is too much by itself.
        assert_eq!(rebuilt(&three, &rules(limit(3))), [false, true, true]);
        assert_eq!(rebuilt(&three, &rules(limit(0))), [false, false, false]);
        let why = decide(&three, &rules(limit(5)))[1].clone().unwrap();
        let expected = "rebuilding would take about 2 s of processor time, all types 6 s, more than the 5 s of `--max-cpu`";
        assert_eq!(why, expected);
        // What saves nothing is the dearest of all.
        let nothing = [choice(3_000, 0), choice(4_000, MB)];
        assert_eq!(rebuilt(&nothing, &rules(limit(5))), [false, true]);
        let equal = [choice(3_000, MB), choice(3_000, MB)];
        assert_eq!(rebuilt(&equal, &rules(limit(5))), [true, false]);
    }

    #[test]
    fn by_default_quick_recipes_do_not_count() {
        // gzip of a large repository: 10 s instead of 94 MB, which take 37 s at 20 Mbit/s.
        let large = [choice(1_500, 17 * MB), choice(6_500, 60 * MB), choice(2_000, 16 * MB)];
        assert_eq!(rebuilt(&large, &rules(MaxCpu::Usual)), [true, true, true]);
        assert_eq!(rebuilt(&large, &rules(limit(5))), [true, false, true]);
        let mixed = [choice(6_500, 60 * MB), choice(4_000, MB), choice(4_000, 2 * MB)];
        assert_eq!(rebuilt(&mixed, &rules(MaxCpu::Usual)), [true, false, true]);
    }

    #[test]
    fn time_is_compared_where_the_speed_is_known() {
        let one = [choice(900, MB)];
        let by = |prefer, download| Rules { max_cpu: MaxCpu::Usual, prefer, download };
        assert_eq!(rebuilt(&one, &by(Prefer::Bytes, Some(10 * MB))), [true]);
        assert_eq!(rebuilt(&one, &by(Prefer::Time, None)), [true]);
        assert_eq!(rebuilt(&one, &by(Prefer::Time, Some(MB))), [true]);
        let why = "rebuilding would take about 0.9 s, and downloading it about 0.1 s at 80 Mbit/s";
        assert_eq!(decide(&one, &by(Prefer::Time, Some(10 * MB))), [Some(why.to_owned())]);
        // What is downloaded anyway leaves time for the others.
        let two = [choice(4_000, 5 * MB), choice(4_000, MB)];
        assert_eq!(rebuilt(&two, &Rules { max_cpu: limit(5), ..by(Prefer::Time, Some(MB)) }), [true, false]);
    }

    #[test]
    fn times_as_people_read_them() {
        for (milliseconds, text) in [
            (0, "0 s"),
            (40, "0 s"),
            (50, "0.1 s"),
            (949, "0.9 s"),
            (990, "1 s"),
            (1_500, "1.5 s"),
            (12_600, "13 s"),
        ] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), text);
        }
        assert_eq!(time(u64::MAX, 0), Duration::from_nanos(u64::MAX));
    }
}
