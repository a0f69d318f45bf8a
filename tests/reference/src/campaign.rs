//! Many programs in many worlds, each run by both interpreters; what differs is shrunk
//! and written down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rye_compiler::hir::Package;
use rye_compiler::{CompileError, Source, check, compile};
use rye_core::adapter::Request;
use rye_core::value::Time;
use rye_grammar::diagnostic::render::{Colour, to_text};
use rye_vm::Program;

use crate::chance::Chance;
use crate::counters::Counters;
use crate::generator::{Generated, generate};
use crate::interfaces;
use crate::interpreter::Interpreter;
use crate::people::People;
use crate::real::{RUN, Real};
use crate::story::Story;
use crate::world::{Loss, World};

/// When every run begins, as the simulated site counts it.
const BEGINNING: Time = Time(1_767_225_600_000_000);
/// The longest list of genes.
const GENES_MAX: u64 = 700;
/// How often a difference is tried to be made smaller.
const SHRINKINGS_MAX: usize = 4_000;
/// Among so many worlds there is one without oddities.
const SEEDS_MAX: u64 = 1_000;
/// In so many worlds each program runs.
const WORLDS: u64 = 3;

/// What a campaign does.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many programs, counted from the first.
    pub programs: u64,
    /// The number of the first one.
    pub first: u64,
    /// What they follow from.
    pub seed: u64,
    /// When it ends at the latest.
    pub time: Option<Duration>,
    /// How many work at it.
    pub threads: usize,
    /// Whether the first difference is made smaller.
    pub shrinks: bool,
    /// How often a run dies.
    pub deaths: Deaths,
}

/// How often a run is told once more, with deaths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deaths {
    /// With a death at some point, and with one that leaves an act in doubt.
    Some,
    /// With one at every point, and with one at every second point behind that.
    Everywhere,
}

/// What came of a campaign.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many programs both interpreters ran.
    pub programs: u64,
    /// How many the compiler refused.
    pub refused: u64,
    /// Why it refused the first one.
    pub refusal: Option<String>,
    /// How many runs there were.
    pub runs: u64,
    /// How many more there were that died once, and told the same story.
    pub deaths: u64,
    /// What was reached.
    pub counters: Counters,
    /// The first difference.
    pub difference: Option<Difference>,
}

/// A program on which the two differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Which one it was.
    pub number: u64,
    /// All that is known of it, for people.
    pub text: String,
}

/// What became of one program.
#[derive(Clone, Debug)]
pub enum Judged {
    /// The compiler refused it, and why.
    Refused(String),
    /// Both told the same story.
    Same {
        /// In how many worlds.
        runs: u64,
        /// How often the real one died on the way.
        deaths: u64,
        /// What was reached.
        counters: Counters,
    },
    /// They don't, and how.
    Differs(String),
}

/// Runs a campaign.
///
/// # Panics
/// When the machine has no thread to give.
pub fn run(options: &Options) -> Report {
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let report = Mutex::new(Report::default());
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            std::thread::Builder::new()
                .stack_size(64 << 20)
                .spawn_scoped(scope, || work(options, &next, &stop, &report, began))
                .unwrap_or_else(|error| panic!("a thread: {error}"));
        }
    });
    let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    if options.shrinks
        && let Some(found) = report.difference.take()
    {
        report.difference = Some(shrunken(options, found));
    }
    report
}

fn work(
    options: &Options,
    next: &AtomicU64,
    stop: &AtomicBool,
    report: &Mutex<Report>,
    began: Instant,
) {
    let mut own = Report::default();
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let late = options.time.is_some_and(|time| at.is_multiple_of(64) && began.elapsed() > time);
        if late {
            stop.store(true, Ordering::Relaxed);
        }
        if at >= options.programs || stop.load(Ordering::Relaxed) {
            break;
        }
        let number = options.first + at;
        let genes = genes(options.seed, number);
        match judge(&genes, options.seed ^ number, options.deaths) {
            Judged::Refused(why) => {
                own.refused += 1;
                own.refusal.get_or_insert(why);
            }
            Judged::Same { runs, deaths, counters } => {
                own.programs += 1;
                own.runs += runs;
                own.deaths += deaths;
                own.counters.add(&counters);
            }
            Judged::Differs(text) => {
                own.difference = Some(Difference { number, text });
                stop.store(true, Ordering::Relaxed);
                break;
            }
        }
    }
    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
    report.programs += own.programs;
    report.refused += own.refused;
    report.runs += own.runs;
    report.deaths += own.deaths;
    report.counters.add(&own.counters);
    report.refusal = report.refusal.take().or(own.refusal);
    report.difference = report.difference.take().or(own.difference);
}

/// The genes of a program, by its number.
pub fn genes(seed: u64, number: u64) -> Vec<u8> {
    let mut chance = Chance::new(seed, &[b"genes", &number.to_be_bytes()]);
    let length = 20 + chance.below(GENES_MAX);
    chance.bytes(usize::try_from(length).unwrap_or(0))
}

/// Makes a program, and runs it in some worlds by both.
pub fn judge(genes: &[u8], seed: u64, how: Deaths) -> Judged {
    let generated = generate(genes);
    let (package, program) = match compiled(&generated.source) {
        Ok(compiled) => compiled,
        Err(Refusal::Mistakes(text)) => return Judged::Refused(text),
        Err(Refusal::Broken(text)) => return Judged::Differs(text),
    };
    let (mut deaths, mut counters) = (0, Counters::default());
    for world in 0..WORLDS {
        let seed = Chance::new(seed, &[b"world", &world.to_be_bytes()]).number();
        let pair = Pair { package: &package, program: &program, generated: &generated, seed };
        match catch_unwind(AssertUnwindSafe(|| pair.compare(how, &mut counters))) {
            Ok(Ok(died)) => deaths += died,
            Ok(Err(text)) => {
                let text = format!("{:?}\n{text}", World::new(seed));
                return Judged::Differs(text);
            }
            Err(panic) => {
                let said = panic.downcast_ref::<String>().cloned();
                let text = said.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
                return Judged::Differs(format!("panic: {text:?}"));
            }
        }
    }
    Judged::Same { runs: WORLDS, deaths, counters }
}

/// Runs one program by both, in a world without oddities, and says what both say.
///
/// # Errors
/// Where they differ, or the compiler refuses it.
pub fn same(generated: &Generated) -> Result<Story, String> {
    let (package, program) = compiled(&generated.source).map_err(|refusal| match refusal {
        Refusal::Mistakes(text) | Refusal::Broken(text) => text,
    })?;
    let calm = |seed: &u64| World::new(*seed).is_calm();
    let seed = (0..SEEDS_MAX).find(calm).unwrap_or(0);
    let pair = Pair { package: &package, program: &program, generated, seed };
    let mut counters = Counters::default();
    pair.compare(Deaths::Some, &mut counters)?;
    Ok(pair.reference(None, &mut counters))
}

enum Refusal {
    /// The program is none.
    Mistakes(String),
    /// The compiler contradicts itself.
    Broken(String),
}

fn compiled(source: &str) -> Result<(Package, Arc<Program>), Refusal> {
    let interfaces = interfaces::named_in(source);
    let source = Source { module: "m", path: "m.rye", text: source };
    let checked = check(&[source], &interfaces);
    match compile(&checked) {
        Ok(compiled) => match checked.package {
            Some(package) => Ok((package, Program::new(compiled.module))),
            None => Err(Refusal::Broken(String::from("compiled without a typed tree"))),
        },
        Err(CompileError::Diagnostics(found)) => {
            Err(Refusal::Mistakes(to_text(&found, &checked.sources, Colour::Plain)))
        }
        Err(error) => Err(Refusal::Broken(error.to_string())),
    }
}

/// One program in one world.
struct Pair<'p> {
    package: &'p Package,
    program: &'p Arc<Program>,
    generated: &'p Generated,
    seed: u64,
}

impl Pair<'_> {
    /// Runs it by both, and once more with deaths on the way where the world is steady.
    /// How often the real one died.
    fn compare(&self, how: Deaths, counters: &mut Counters) -> Result<u64, String> {
        let reference = self.reference(None, counters);
        let mut real = self.real();
        let story = real.run()?;
        if let Some(difference) = reference.difference(&story) {
            return Err(format!("{difference}\n\nreference\n{reference}\nengine\n{story}"));
        }
        if !World::new(self.seed).is_steady() {
            return Ok(0);
        }
        let mut chance = Chance::new(self.seed, &[b"death"]);
        match how {
            Deaths::Some => {
                let harmless = chance.one_of(&real.harmless_points()).copied();
                // Before it was done, or after: it is in doubt either way.
                let done = chance.below(2) == 1;
                let act = chance.one_of(&real.acts()).cloned();
                let harmless = harmless.map(|point| self.dies(&[point], &reference));
                let act = act.map(|act| self.dies_in(&act, done, counters));
                let deaths = harmless.into_iter().chain(act.map(|died| died.map(|(real, _)| real)));
                deaths.map(|died| died.map(|_| 1)).sum()
            }
            Deaths::Everywhere => {
                let mut deaths = 0;
                for point in real.harmless_points() {
                    let once = self.dies(&[point], &reference)?;
                    deaths += 1 + self.dies_again(point, &once, &reference)?;
                }
                for act in real.acts() {
                    for done in [false, true] {
                        let (once, reference) = self.dies_in(&act, done, counters)?;
                        let point = act.0 + usize::from(done);
                        deaths += 1 + self.dies_again(point, &once, &reference)?;
                    }
                }
                Ok(deaths)
            }
        }
    }

    /// The process dies at these points: it tells the same story all the same.
    fn dies(&self, points: &[usize], reference: &Story) -> Result<Real, String> {
        let mut dying = self.real();
        dying.die_at(points);
        let story = dying.run().map_err(|error| format!("died at {points:?}: {error}"))?;
        match told(reference).difference(&told(&story)) {
            Some(difference) => Err(format!(
                "died at {points:?}: {difference}\n\nreference\n{reference}\nengine\n{story}"
            )),
            None => Ok(dying),
        }
    }

    /// It dies right before an act or right behind it, whose answer is lost.
    fn dies_in(
        &self,
        (point, request, before): &(usize, Request, usize),
        done: bool,
        counters: &mut Counters,
    ) -> Result<(Real, Story), String> {
        let reference = self.reference(Some(Loss::of(request, *before, done)), counters);
        let died = self.dies(&[point + usize::from(done)], &reference)?;
        Ok((died, reference))
    }

    /// Who died once at `first` dies at every second harmless point behind that, too. How
    /// often.
    fn dies_again(&self, first: usize, once: &Real, reference: &Story) -> Result<u64, String> {
        let behind = once.harmless_points().into_iter().filter(|point| *point > first);
        let deaths = behind.step_by(2).map(|second| self.dies(&[first, second], reference));
        deaths.map(|died| died.map(|_| 1)).sum()
    }

    fn reference(&self, loss: Option<Loss>, counters: &mut Counters) -> Story {
        let mut world = World::new(self.seed);
        world.loses(loss);
        let people = People { seed: self.seed };
        let site = &self.generated.site;
        let at = (RUN, BEGINNING);
        let interpreter = Interpreter::new(self.package, site, &mut world, people, at, counters);
        interpreter.map_or_else(Story::default, |interpreter| {
            interpreter.run(self.generated.arguments.clone())
        })
    }

    fn real(&self) -> Real {
        let program = Arc::clone(self.program);
        let (world, people) = (World::new(self.seed), People { seed: self.seed });
        Real::new(program, &self.generated.site, world, people, &self.generated.input)
    }
}

/// What the journal tells: after a death queries are asked again.
fn told(story: &Story) -> Story {
    let beside = story.beside.iter().filter(|line| !line.contains(" as ")).cloned();
    Story { requests: Vec::new(), beside: beside.collect(), ..story.clone() }
}

/// The smallest program that is found on which the two differ still, with all that is
/// known of it.
fn shrunken(options: &Options, found: Difference) -> Difference {
    let seed = options.seed ^ found.number;
    let mut smallest = genes(options.seed, found.number);
    let mut text = found.text;
    let mut tries = 0;
    let mut chunk = smallest.len() / 2;
    while chunk > 0 && tries < SHRINKINGS_MAX {
        let mut at = 0;
        while at < smallest.len() && tries < SHRINKINGS_MAX {
            let end = (at + chunk).min(smallest.len());
            let without = [&smallest[..at], &smallest[end..]].concat();
            let mut zeroed = smallest.clone();
            zeroed[at..end].fill(0);
            let candidates = [Some(without), (zeroed != smallest).then_some(zeroed)];
            let smaller = candidates.into_iter().flatten().find_map(|candidate| {
                tries += 1;
                match judge(&candidate, seed, options.deaths) {
                    Judged::Differs(text) => Some((candidate, text)),
                    Judged::Refused(_) | Judged::Same { .. } => None,
                }
            });
            match smaller {
                Some((candidate, found)) => (smallest, text) = (candidate, found),
                None => at = end,
            }
        }
        chunk /= 2;
    }
    let Generated { source, input, site, .. } = generate(&smallest);
    let (number, whole) = (found.number, options.seed);
    let rerun = format!("cargo xtask differential --seed {whole} --first {number} --programs 1");
    let text = format!(
        "{source}\ninput: {input}\nsettings: {:?}\n\n{text}\nto run it again: {rerun}\n",
        site.settings
    );
    Difference { number, text }
}
