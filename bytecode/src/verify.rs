//! Proves, at load, all that running a module relies on. [`Verified`] has no
//! other constructor, and the machine takes nothing else.
//!
//! The passes, in their order; the first that finds something wins:
//!
//! 1. `limit`: no table is too long;
//! 2. `structure`: entries are well formed, indices lie inside their tables;
//! 3. `call`: no circles of calls;
//!
//! then per function, each behind those that it calls:
//!
//! 4. `flow`: blocks and loops, see [`crate::flow`];
//! 5. `effect`: only what the function's kind may do;
//! 6. `typing`: operands have the types that their instructions want;
//! 7. `register`: nothing is read before it is written;
//! 8. `frame`: compensation frames open and close in pairs;
//! 9. `approval`: what needs a person's yes has it, and what runs is what was approved;
//! 10. `bound`: what it costs at worst;
//!
//! and at the end what concerns playbooks, and that nothing is declared in vain.
//!
//! Every register has one type for the whole body, loops and frames are nested in
//! the code itself: so each pass is one walk, without a fixpoint, and linear.

mod approval;
mod bound;
mod call;
mod effect;
mod error;
mod flow;
mod frame;
mod limit;
mod meter;
mod register;
mod structure;
mod typing;

use core::ops::Deref;

use rye_core::ty::class::TypeClasses;

use crate::bound::Bound;
use crate::module::{Function, Module};
use bound::Worst;
use meter::Meter;

pub use error::{VerifyCode, VerifyError};

type Result<T> = core::result::Result<T, VerifyError>;

/// What was proved. Only [`verify`] makes one.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    value: T,
    bounds: Vec<Bound>,
    acts: Vec<Vec<Act>>,
}

/// An act that a function can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    /// Its index in [`Module::actions`].
    pub action: usize,
    /// The question in [`Module::questions`] whose yes it stands behind, if it does.
    pub question: Option<usize>,
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Verified<Module> {
    /// The worst case of each playbook, in their order.
    pub fn bounds(&self) -> &[Bound] {
        &self.bounds
    }

    /// The acts that a function of the module itself can do, in the order of its code.
    pub fn acts(&self, function: usize) -> &[Act] {
        self.acts.get(function).map_or(&[], Vec::as_slice)
    }
}

/// How much work the proof may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Steps for each instruction of the module.
    pub units_per_instruction: u64,
    /// Steps for all else.
    pub units: u64,
}

impl Default for Options {
    fn default() -> Self {
        // Each pass takes one step for an instruction; the bound of a playbook that
        // calls many actions one for every three of them and block.
        Self { units_per_instruction: 100, units: 1 << 20 }
    }
}

/// Proves a module.
///
/// # Errors
/// The first thing that can't be proved, with its place.
pub fn verify(module: Module, options: Options) -> Result<Verified<Module>> {
    let (bounds, acts) = check(&module, &mut Meter::new(&module, options))?;
    Ok(Verified { value: module, bounds, acts })
}

/// The bounds of a module's playbooks and the acts of its functions, if all of it can be
/// proved.
fn check(module: &Module, meter: &mut Meter) -> Result<(Vec<Bound>, Vec<Vec<Act>>)> {
    limit::check(module)?;
    let classes = TypeClasses::new(&module.types);
    structure::check(module, &classes)?;
    let order = call::order(module, meter)?;
    let mut used = Used {
        sites: vec![false; module.sites.len()],
        questions: vec![false; module.questions.len()],
    };
    let mut worst = Worst::new(module);
    let mut depths = vec![0; module.functions.len()];
    let mut acts = vec![Vec::new(); module.functions.len()];
    for index in order {
        let Some(function) = module.functions.get(index) else { continue };
        let body = Body { module, classes: &classes, function, index };
        let found = self::function(&body, &mut used, &mut depths, &mut worst, meter)?;
        if let Some(acts) = acts.get_mut(index) {
            *acts = found;
        }
    }
    effect::all_used(module, &used)?;
    for playbook in &module.playbooks {
        effect::playbook(module, playbook, meter)?;
    }
    Ok((worst.playbooks()?, acts))
}

/// The acts of a function, if it can be proved.
fn function(
    body: &Body<'_>,
    used: &mut Used,
    depths: &mut [usize],
    worst: &mut Worst<'_>,
    meter: &mut Meter,
) -> Result<Vec<Act>> {
    const PASSES: usize = 6;
    meter.charge(body.function.code.len().saturating_mul(PASSES))?;
    let graph = flow::graph(body)?;
    effect::function(body)?;
    typing::check(body, used)?;
    register::check(body, &graph, meter)?;
    let frames = frame::check(body, &graph, depths)?;
    let acts = approval::check(body, &graph, &frames)?;
    worst.function(body, &graph, &frames, meter)?;
    Ok(acts)
}

/// What instructions name so far, by index.
struct Used {
    sites: Vec<bool>,
    questions: Vec<bool>,
}

/// The function that is looked at, with what it refers to.
struct Body<'a> {
    module: &'a Module,
    classes: &'a TypeClasses,
    function: &'a Function,
    index: usize,
}

impl Body<'_> {
    /// A refusal at an instruction of this function.
    fn refuse(
        &self,
        code: VerifyCode,
        instruction: usize,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) -> VerifyError {
        self.at(instruction, VerifyError::new(code, found, allowed))
    }

    fn at(&self, instruction: usize, error: VerifyError) -> VerifyError {
        in_function(
            self.module,
            self.index,
            VerifyError { instruction: Some(instruction), ..error },
        )
    }
}

/// A refusal in the function with this index.
fn in_function(module: &Module, index: usize, error: VerifyError) -> VerifyError {
    let name = module.functions.get(index).map(|function| function.name.clone());
    VerifyError { function: name.map(|name| (index, name)), ..error }
}

#[cfg(test)]
mod tests;
