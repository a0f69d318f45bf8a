//! How long things take. Contenders work in turns, a batch each, so that whatever else
//! the machine does falls on all of them alike; of each the median counts.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How many batches each contender does.
const ROUNDS: usize = 15;

/// How long one batch takes, at least.
const BATCH: Duration = Duration::from_millis(20);

/// Who is timed: a name, and what does an operation so many times.
pub struct Contender<'a> {
    name: String,
    work: Box<dyn FnMut(u64) + 'a>,
}

impl core::fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Contender<'a> {
    /// `work` does the operation once.
    pub fn new<T>(name: impl Into<String>, mut work: impl FnMut() -> T + 'a) -> Self {
        let work = move |times| (0..times).for_each(|_| drop(black_box(work())));
        Self { name: name.into(), work: Box::new(work) }
    }
}

/// How long one operation of somebody took.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Who.
    pub name: String,
    /// The median over the batches, in nanoseconds per operation, or another quantity
    /// that a table gives its unit to.
    pub value: f64,
}

impl Figure {
    /// A figure that was got otherwise.
    pub fn new(name: impl Into<String>, value: f64) -> Self {
        Self { name: name.into(), value }
    }
}

/// The time that this thread has computed: what other processes take is left out.
pub fn computed() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let nanos = time.tv_nsec.try_into().unwrap_or_default();
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), nanos)
}

/// Lets the contenders compute in turns; nanoseconds of this thread per operation.
pub fn in_turns(mut contenders: Vec<Contender<'_>>) -> Vec<Figure> {
    let sizes: Vec<u64> = contenders.iter_mut().map(batch_size).collect();
    let mut samples = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for ((contender, size), samples) in contenders.iter_mut().zip(&sizes).zip(&mut samples) {
            let before = computed();
            (contender.work)(*size);
            let nanos = computed().saturating_sub(before).as_nanos() as f64;
            samples.push(nanos / *size as f64);
        }
    }
    let figure = |(contender, samples): (Contender<'_>, Vec<f64>)| {
        Figure::new(contender.name, median(samples))
    };
    contenders.into_iter().zip(samples).map(figure).collect()
}

/// How often a contender works in one batch.
fn batch_size(contender: &mut Contender<'_>) -> u64 {
    let mut size = 1_u64;
    loop {
        let before = computed();
        (contender.work)(size);
        let took = computed().saturating_sub(before);
        if took >= BATCH / 2 || size >= 1 << 30 {
            let wanted = BATCH.as_secs_f64() / took.as_secs_f64().max(1e-9);
            let wanted = (size as f64 * wanted).ceil();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "positive and small"
            )]
            return (wanted as u64).max(1);
        }
        size = size.saturating_mul(2);
    }
}

/// Lets each of `tasks` work for `rounds` rounds in turns, waiting for the disk and
/// for others included; the median time of a round, in nanoseconds.
pub fn waits_in_turns(rounds: usize, tasks: Vec<Contender<'_>>) -> Vec<Figure> {
    let mut tasks = tasks;
    let mut samples = vec![Vec::with_capacity(rounds); tasks.len()];
    for _ in 0..rounds {
        for (task, samples) in tasks.iter_mut().zip(&mut samples) {
            let before = Instant::now();
            (task.work)(1);
            samples.push(before.elapsed().as_nanos() as f64);
        }
    }
    let figure =
        |(task, samples): (Contender<'_>, Vec<f64>)| Figure::new(task.name, median(samples));
    tasks.into_iter().zip(samples).map(figure).collect()
}

/// The middle of some numbers; 0 of none.
pub fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}
