//! Keyed operations beside the same work written by hand: `cargo bench --bench rdd`.
//!
//! The other side of each comparison is what one would write without a framework: rayon, rows
//! partitioned by hash into buckets, a foldhash table a bucket, a parallel sort. Both sides make
//! their rows from the same seeded function of the row's number, so neither copies an input, and a
//! checksum over the result, computed alike, must be equal.
//!
//! Every run is a process of its own, so that peak memory is its own and no run finds memory warm;
//! the sides take turns. Options after `--`: `--records N` (default 10,000,000), `--rounds N`
//! (default 5), `--threads N` (default 2), `--partitions N` (default 32; superstep's side),
//! `--only NAME,NAME` (jobs whose names contain one of them). One line of JSON a comparison:
//! median seconds and peak memory, and ours over theirs.
//!
//! With `--memory BYTES` the other side is superstep itself without a budget: what a budget costs,
//! and whether it is kept. The allocator should give freed memory back, see
//! `ContextBuilder::memory`.
//!
//! `scan` makes the rows and does nothing else with them: it is part of every other figure.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::hash::{BuildHasher, Hash};
use std::io::Write;
use std::process::Command;
use std::time::Instant;

use foldhash::fast::{FixedState, RandomState};
use rayon::prelude::*;
use superstep::Key;
use superstep::prelude::*;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The sides of a comparison, and what their columns are called.
const SIDES: [(&str, &str); 2] = [("superstep", "superstep"), ("by hand", "by_hand")];
const BUDGET_SIDES: [(&str, &str); 2] = [("superstep", "budget"), ("unlimited", "unlimited")];
const JOBS: [&str; 12] = [
    "scan",
    "scan words",
    "count uniform",
    "count skewed",
    "words skewed",
    "group uniform",
    "group skewed",
    "join uniform",
    "join skewed",
    "cogroup uniform",
    "sort uniform",
    "sort skewed",
];
/// Rows for each different key, about.
const ROWS_PER_KEY: u64 = 10;
/// Buckets of the side written by hand: enough that a bucket's table stays in the cache.
const BUCKETS: usize = 64;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value =
        |name: &str| arguments.windows(2).find(|pair| pair[0] == name).map(|pair| pair[1].as_str());
    let number = |name: &str, default: usize| -> Outcome<usize> {
        Ok(value(name).map_or(Ok(default), str::parse)?)
    };
    let threads = number("--threads", 2)?;
    let size = Size::of(number("--records", 10_000_000)? as u64);
    if let (Some(side), Some(job)) = (value("--side"), value("--job")) {
        let memory = if side == "superstep" { number("--memory", 0)? } else { 0 };
        return run(side, job, size, threads, number("--partitions", 32)?, memory);
    }
    let sides = if value("--memory").is_some() { BUDGET_SIDES } else { SIDES };
    let rounds = number("--rounds", 5)?;
    for job in JOBS {
        if value("--only").is_none_or(|only| only.split(',').any(|part| job.contains(part))) {
            compare(job, sides, size.records, threads, rounds, &arguments)?;
        }
    }
    Ok(())
}

/// Runs both sides in turn and prints how they compare.
fn compare(
    job: &str,
    sides: [(&str, &str); 2],
    records: u64,
    threads: usize,
    rounds: usize,
    arguments: &[String],
) -> Outcome<()> {
    let mut seconds = [Vec::new(), Vec::new()];
    let mut peaks = [Vec::new(), Vec::new()];
    let mut checksums = Vec::new();
    for _ in 0..rounds {
        for (index, (side, _)) in sides.iter().enumerate() {
            let run = Command::new(std::env::current_exe()?)
                .args(["--side", side, "--job", job])
                .args(arguments)
                .stderr(std::process::Stdio::inherit())
                .output()?;
            let answer = String::from_utf8(run.stdout)?;
            let fields: Vec<&str> = answer.split_whitespace().collect();
            let [time, peak, checksum] = fields[..] else {
                return Err(format!("{side}, {job}: no answer").into());
            };
            seconds[index].push(time.parse()?);
            peaks[index].push(peak.parse()?);
            checksums.push(checksum.to_owned());
        }
    }
    checksums.dedup();
    if checksums.len() != 1 {
        return Err(format!("{job}: the results differ: {checksums:?}").into());
    }
    let seconds = seconds.map(median);
    let peaks = peaks.map(median);
    let mut line = serde_json::json!({
        "job": job, "records": records, "threads": threads, "rounds": rounds,
        "ratio": seconds[0] / seconds[1], "peak_ratio": peaks[0] / peaks[1],
    });
    for (index, (_, name)) in sides.iter().enumerate() {
        line[format!("{name}_s")] = seconds[index].into();
        line[format!("{name}_peak_mb")] = (peaks[index] / 1e6).into();
    }
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs one job on one side and prints seconds, peak memory and checksum. A `memory` of 0 is none
/// to keep to.
fn run(
    side: &str,
    job: &str,
    size: Size,
    threads: usize,
    partitions: usize,
    memory: usize,
) -> Outcome<()> {
    let (job, keys) = match job.split_once(' ') {
        Some((job, keys)) => (job, keys),
        None => (job, ""),
    };
    let key = if keys == "skewed" { Size::skewed } else { Size::uniform };
    let (seconds, checksum) = if side != "by hand" {
        let memory = if memory == 0 { usize::MAX / 2 } else { memory };
        let ctx = Context::builder().threads(threads).memory(memory).build()?;
        let start = Instant::now();
        let framework = Framework { ctx, size, key, partitions };
        let checksum = framework.run(job, keys)?;
        (start.elapsed(), checksum)
    } else {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
        let start = Instant::now();
        let checksum = ByHand { size, key }.run(job, keys)?;
        (start.elapsed(), checksum)
    };
    let peak = peak_bytes()?;
    writeln!(std::io::stdout(), "{} {peak} {checksum:016x}", seconds.as_secs_f64())?;
    Ok(())
}

/// The process's peak resident memory.
fn peak_bytes() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024.0)
}

// The input: rows as functions of their numbers. `benches/pyspark_rdd.py` has the same formulas.

/// How much input there is.
#[derive(Debug, Clone, Copy)]
struct Size {
    records: u64,
    /// Uniform keys are below it.
    keys: u64,
    /// Skewed keys have at most so many bits.
    bits: u64,
}

impl Size {
    fn of(records: u64) -> Self {
        let keys = (records / ROWS_PER_KEY).max(1);
        Self { records, keys, bits: keys.ilog2().into() }
    }

    fn uniform(self, row: u64) -> u64 {
        (mix(row) >> 11) % self.keys
    }

    /// As many random bits as a random number says, which makes keys about as frequent as their
    /// inverse: key 0 has a tenth of all rows.
    fn skewed(self, row: u64) -> u64 {
        let random = mix(row);
        (random >> 11) & ((1 << ((random & 1023) % (self.bits + 1))) - 1)
    }

    /// The right side of joins: a fifth as many rows, keys uniform.
    fn right_records(self) -> u64 {
        self.records / 5
    }

    fn right(self, row: u64) -> (u64, u64) {
        (self.uniform(!row), row)
    }
}

/// The finaliser of `SplitMix64`.
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// `word` and the key in decimal, without the cost of the standard formatter.
fn word(mut key: u64) -> String {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (key % 10) as u8;
        key /= 10;
        if key == 0 {
            break;
        }
    }
    let mut word = String::with_capacity(4 + digits.len() - at);
    word.push_str("word");
    word.extend(digits[at..].iter().map(|digit| char::from(*digit)));
    word
}

// The result: checksums that do not depend on the order of keys.

fn row_sum(key: u64, value: u64) -> u64 {
    mix(key.wrapping_mul(31).wrapping_add(value))
}

fn word_sum(word: &str, count: u64) -> u64 {
    row_sum(FixedState::with_seed(1).hash_one(word), count)
}

/// Depends on the order of the values.
fn group_sum(key: u64, values: &[u64]) -> u64 {
    let fold = values.iter().fold(0_u64, |sum, value| sum.wrapping_mul(31).wrapping_add(*value));
    row_sum(key, fold)
}

fn add_up(sums: impl IntoIterator<Item = u64>) -> u64 {
    sums.into_iter().fold(0, u64::wrapping_add)
}

/// The checksum of a stretch of sorted rows, with its first and last row.
type Stretch = (u64, Option<(u64, u64)>, Option<(u64, u64)>);

/// Values are row numbers: rows sorted by key whose equal keys keep their order ascend as pairs.
fn sorted_stretch(rows: impl Iterator<Item = (u64, u64)>) -> Stretch {
    let (mut sum, mut first, mut last) = (0_u64, None, None);
    for row in rows {
        assert!(last < Some(row), "rows out of order");
        first = first.or(Some(row));
        last = Some(row);
        sum = sum.wrapping_add(row_sum(row.0, row.1));
    }
    (sum, first, last)
}

fn sorted_sum(stretches: &[Stretch]) -> u64 {
    let ends: Vec<_> =
        stretches.iter().flat_map(|(_, first, last)| [first, last]).flatten().collect();
    assert!(ends.is_sorted(), "stretches out of order");
    add_up(stretches.iter().map(|(sum, _, _)| *sum))
}

type KeyOf = fn(Size, u64) -> u64;

/// The jobs as programs of superstep.
struct Framework {
    ctx: Context,
    size: Size,
    key: KeyOf,
    partitions: usize,
}

impl Framework {
    /// Makes the rows of numbers `0..records`.
    fn rows<T: superstep::Data>(
        &self,
        records: u64,
        row: impl Fn(u64) -> T + Copy + Send + Sync + 'static,
    ) -> Rdd<T> {
        let partitions = self.partitions as u64;
        self.ctx.parallelize(0..partitions, self.partitions).flat_map(move |partition| {
            let cut = |partition| records * partition / partitions;
            (cut(partition)..cut(partition + 1)).map(row)
        })
    }

    fn pairs(&self) -> Rdd<(u64, u64)> {
        let (size, key) = (self.size, self.key);
        self.rows(size.records, move |row| (key(size, row), row))
    }

    fn right(&self) -> Rdd<(u64, u64)> {
        let size = self.size;
        self.rows(size.right_records(), move |row| size.right(row))
    }

    /// Adds up a checksum of each row.
    fn sum<T: superstep::Data>(
        rows: &Rdd<T>,
        sum: impl Fn(T) -> u64 + Send + Sync + 'static,
    ) -> Outcome<u64> {
        Ok(rows.aggregate(0, |total, row| add_up([total, sum(row)]), u64::wrapping_add)?)
    }

    fn count<K: Key>(&self, rows: &Rdd<K>) -> Rdd<(K, u64)> {
        rows.map(|key| (key, 1)).reduce_by_key(|a, b| a + b, self.partitions)
    }

    fn run(&self, job: &str, keys: &str) -> Outcome<u64> {
        let (size, key) = (self.size, self.key);
        match job {
            "scan" if keys == "words" => {
                let words = self.rows(size.records, move |row| word(size.skewed(row)));
                Self::sum(&words, |word| word_sum(&word, 1))
            }
            "scan" => Self::sum(&self.pairs(), |(key, value)| row_sum(key, value)),
            "count" => {
                let rows = self.rows(size.records, move |row| key(size, row));
                Self::sum(&self.count(&rows), |(key, count)| row_sum(key, count))
            }
            "words" => {
                let rows = self.rows(size.records, move |row| word(key(size, row)));
                Self::sum(&self.count(&rows), |(word, count)| word_sum(&word, count))
            }
            "group" => {
                let groups = self.pairs().group_by_key(self.partitions);
                Self::sum(&groups, |(key, values)| group_sum(key, &values))
            }
            "join" => {
                let joined = self.pairs().join(&self.right(), self.partitions);
                Self::sum(&joined, |(key, (left, right))| row_sum(row_sum(key, left), right))
            }
            "cogroup" => {
                let groups = self.pairs().cogroup(&self.right(), self.partitions);
                Self::sum(&groups, |(key, (left, right))| {
                    row_sum(group_sum(key, &left), group_sum(key, &right))
                })
            }
            "sort" => {
                let sorted = self.pairs().sort_by_key(self.partitions)?;
                Ok(sorted_sum(&sorted.map_partitions(|rows| [sorted_stretch(rows)]).collect()?))
            }
            _ => Err(format!("no job {job}").into()),
        }
    }
}

/// The jobs written directly.
struct ByHand {
    size: Size,
    key: KeyOf,
}

type Table<K, V> = HashMap<K, V, RandomState>;

/// Rows of a chunk of the input by bucket.
type Buckets<T> = Vec<Vec<T>>;

impl ByHand {
    /// Cuts `0..records` into a few chunks a thread.
    fn chunks(records: u64) -> impl IndexedParallelIterator<Item = std::ops::Range<u64>> {
        let chunks = rayon::current_num_threads() as u64 * 8;
        let cut = move |chunk| records * chunk / chunks;
        (0..chunks as usize)
            .into_par_iter()
            .with_max_len(1)
            .map(move |chunk| cut(chunk as u64)..cut(chunk as u64 + 1))
    }

    /// Sends the rows of every chunk to buckets by the hash of their key.
    fn buckets<K: Hash + Send, V: Send>(
        records: u64,
        row: impl Fn(u64) -> (K, V) + Sync,
    ) -> Vec<Buckets<(K, V)>> {
        let hasher = FixedState::with_seed(2);
        Self::chunks(records)
            .map(|rows| {
                let expected = (rows.end - rows.start) as usize / BUCKETS;
                let mut buckets: Buckets<_> =
                    (0..BUCKETS).map(|_| Vec::with_capacity(expected + expected / 8)).collect();
                for row in rows.map(&row) {
                    buckets[bucket_of(&hasher, &row.0)].push(row);
                }
                buckets
            })
            .collect()
    }

    fn pairs(&self) -> Vec<Buckets<(u64, u64)>> {
        Self::buckets(self.size.records, |row| ((self.key)(self.size, row), row))
    }

    fn right(&self) -> Vec<Buckets<(u64, u64)>> {
        Self::buckets(self.size.right_records(), |row| self.size.right(row))
    }

    /// Counts keys bucket by bucket, which suits numbers: for uniform ones it is four times as fast
    /// as [`count_within`](Self::count_within), whose tables outgrow the cache.
    fn count<K: Hash + Eq + Send>(
        &self,
        key: impl Fn(u64) -> K + Sync,
        sum: impl Fn(&K, u64) -> u64 + Sync + Send,
    ) -> u64 {
        let buckets = Self::buckets(self.size.records, |row| (key(row), ()));
        by_bucket(buckets, |parts| {
            let mut counts: Table<K, u64> = Table::default();
            for (key, ()) in parts.into_iter().flatten() {
                *counts.entry(key).or_default() += 1;
            }
            add_up(counts.iter().map(|(key, count)| sum(key, *count)))
        })
    }

    /// Counts keys within each chunk, then adds the counts up bucket by bucket, which suits skewed
    /// strings: it is twice as fast as [`count`](Self::count) and holds each but once a chunk.
    fn count_within<K: Hash + Eq + Send>(
        &self,
        key: impl Fn(u64) -> K + Sync,
        sum: impl Fn(&K, u64) -> u64 + Sync,
    ) -> u64 {
        let hasher = FixedState::with_seed(2);
        let counted: Vec<Vec<Vec<(K, u64)>>> = Self::chunks(self.size.records)
            .map(|rows| {
                let mut counts: Table<K, u64> = Table::default();
                for row in rows {
                    *counts.entry(key(row)).or_default() += 1;
                }
                let mut buckets: Buckets<_> = (0..BUCKETS).map(|_| Vec::new()).collect();
                for (key, count) in counts {
                    buckets[bucket_of(&hasher, &key)].push((key, count));
                }
                buckets
            })
            .collect();
        by_bucket(counted, |parts| {
            let mut counts: Table<K, u64> = Table::default();
            for (key, count) in parts.into_iter().flatten() {
                *counts.entry(key).or_default() += count;
            }
            add_up(counts.iter().map(|(key, count)| sum(key, *count)))
        })
    }

    fn run(&self, job: &str, keys: &str) -> Outcome<u64> {
        let (size, key) = (self.size, self.key);
        let scan = |sum: fn(Size, KeyOf, u64) -> u64| {
            Self::chunks(size.records)
                .map(|rows| add_up(rows.map(|row| sum(size, key, row))))
                .reduce(|| 0, u64::wrapping_add)
        };
        Ok(match job {
            "scan" if keys == "words" => scan(|size, _, row| word_sum(&word(size.skewed(row)), 1)),
            "scan" => scan(|size, key, row| row_sum(key(size, row), row)),
            "count" => self.count(|row| key(size, row), |key, count| row_sum(*key, count)),
            "words" => {
                self.count_within(|row| word(key(size, row)), |word, count| word_sum(word, count))
            }
            "group" => by_bucket(self.pairs(), |parts| {
                let mut groups: Table<u64, Vec<u64>> = Table::default();
                for (key, value) in parts.into_iter().flatten() {
                    groups.entry(key).or_default().push(value);
                }
                add_up(groups.iter().map(|(key, values)| group_sum(*key, values)))
            }),
            "join" => {
                let parts = self.pairs().into_iter().chain(self.right()).collect();
                let lefts = rayon::current_num_threads() * 8;
                by_bucket(parts, |mut parts| {
                    let right = parts.split_off(lefts).concat();
                    join_sum(parts.iter().flatten(), &right)
                })
            }
            "cogroup" => {
                let parts = self.pairs().into_iter().chain(self.right()).collect();
                let lefts = rayon::current_num_threads() * 8;
                by_bucket(parts, |mut parts| {
                    let right = parts.split_off(lefts);
                    let mut groups: Table<u64, (Vec<u64>, Vec<u64>)> = Table::default();
                    for (key, value) in parts.into_iter().flatten() {
                        groups.entry(key).or_default().0.push(value);
                    }
                    for (key, value) in right.into_iter().flatten() {
                        groups.entry(key).or_default().1.push(value);
                    }
                    add_up(groups.iter().map(|(key, (left, right))| {
                        row_sum(group_sum(*key, left), group_sum(*key, right))
                    }))
                })
            }
            "sort" => {
                let mut rows = Vec::new();
                (0..size.records as usize)
                    .into_par_iter()
                    .map(|row| (key(size, row as u64), row as u64))
                    .collect_into_vec(&mut rows);
                // By key, and equal keys in their order, which is that of the values.
                rows.par_sort_unstable();
                let stretch = rows.len().div_ceil(rayon::current_num_threads()).max(1);
                let stretches: Vec<_> = rows
                    .par_chunks(stretch)
                    .map(|rows| sorted_stretch(rows.iter().copied()))
                    .collect();
                sorted_sum(&stretches)
            }
            _ => return Err(format!("no job {job}").into()),
        })
    }
}

fn bucket_of<K: Hash>(hasher: &FixedState, key: &K) -> usize {
    // Tables use other bits of another hash.
    (hasher.hash_one(key) >> 32) as usize % BUCKETS
}

/// Hands each bucket's rows, chunk by chunk in input order, to `sum`.
fn by_bucket<T: Send>(
    chunks: Vec<Buckets<T>>,
    sum: impl Fn(Vec<Vec<T>>) -> u64 + Sync + Send,
) -> u64 {
    let mut parts: Vec<Vec<Vec<T>>> = (0..BUCKETS).map(|_| Vec::new()).collect();
    for chunk in chunks {
        for (bucket, rows) in chunk.into_iter().enumerate() {
            parts[bucket].push(rows);
        }
    }
    parts.into_par_iter().with_max_len(1).map(sum).reduce(|| 0, u64::wrapping_add)
}

/// Joins one bucket: a table from keys to the first row of the right side, whose rows are chained.
fn join_sum<'rows>(left: impl Iterator<Item = &'rows (u64, u64)>, right: &[(u64, u64)]) -> u64 {
    const END: u32 = u32::MAX;
    let mut heads: Table<u64, u32> =
        Table::with_capacity_and_hasher(right.len() / 2, RandomState::default());
    let mut next = vec![END; right.len()];
    // Backwards, so that the chains run forwards.
    for (at, (key, _)) in right.iter().enumerate().rev() {
        let head = heads.entry(*key).or_insert(END);
        next[at] = std::mem::replace(head, at as u32);
    }
    let mut total = 0_u64;
    for (key, value) in left {
        let mut at = heads.get(key).copied().unwrap_or(END);
        while at != END {
            let other = right[at as usize].1;
            total = total.wrapping_add(row_sum(row_sum(*key, *value), other));
            at = next[at as usize];
        }
    }
    total
}
