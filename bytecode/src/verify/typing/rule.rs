//! What the table can't say: the rules of single instructions.

use rye_core::error::ErrorKind;
use rye_core::ty::{AssetForm, HOLD_TYPE_NAME, Type, TypeId};
use rye_core::value::Value;

use super::super::{Result, Used, VerifyCode};
use super::Typing;
use crate::instruction::operand::{self, Context, Register};
use crate::instruction::{Instruction, Shape};
use crate::module::Function;

impl Typing<'_> {
    /// The rule of an instruction, if it has one.
    #[expect(clippy::too_many_lines, reason = "a flat match over instructions")]
    pub(super) fn rules(&self, instruction: &Instruction, used: &mut Used) -> Result<()> {
        let module = self.body.module;
        match instruction {
            Instruction::Move { to, .. } => self.movable(*to),
            Instruction::Constant { to, constant } => {
                let constant = module.constants.get(usize::from(constant.0));
                constant
                    .map_or(Ok(()), |constant| self.flows("a constant", self.id(*to), constant.ty))
            }
            Instruction::Setting { to, setting } => {
                let setting = module.settings.get(usize::from(setting.0));
                setting.map_or(Ok(()), |setting| self.flows("a setting", self.id(*to), setting.ty))
            }
            Instruction::Context { to, what } => {
                let fits = match what {
                    Context::RunId | Context::Starter => {
                        matches!(self.ty(*to), Some(Type::Text { .. }))
                    }
                    Context::Started => matches!(self.ty(*to), Some(Type::Time)),
                };
                let wrong =
                    || self.refuse(self.display(self.id(*to)), "`Text`, for `started` `Time`");
                if fits { Ok(()) } else { Err(wrong()) }
            }
            Instruction::Call { to, function, arguments } => self.call(*to, *function, arguments),
            Instruction::Return { value } => {
                self.flows("a result", self.body.function.result, self.id(*value))
            }
            Instruction::Equal { a, .. } | Instruction::InList { a, .. } => {
                self.visible("comparing", self.id(*a))
            }
            Instruction::Less { a, .. } | Instruction::LessEqual { a, .. } => {
                self.scalar(self.id(*a))
            }
            Instruction::Template { pieces, holes, .. } => self.template(*pieces, holes),
            Instruction::ExtractText { to, .. } => self.extract(*to),
            Instruction::ParseText { to, .. } => self.parse(*to),
            Instruction::WrapAsset { to, a } => match self.ty(*to) {
                Some(Type::Asset { form: AssetForm::Value, of, .. }) => {
                    self.flows("what names an asset", *of, self.id(*a))
                }
                _ => Err(self.refuse(self.display(self.id(*to)), "an asset not named by a text")),
            },
            Instruction::UnwrapAsset { to, a } => match self.ty(*a) {
                Some(Type::Asset { of, .. }) => {
                    self.flows("what names an asset", self.id(*to), *of)
                }
                _ => Err(self.refuse(self.display(self.id(*a)), "an asset")),
            },
            Instruction::NewList { to, elements } => {
                self.at_most("elements", elements.len(), self.max(*to))
            }
            Instruction::TakeFirst { to, a, count } => {
                let most = u64::from(self.max(*a)).min(count.0);
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                self.at_most("elements", most, self.max(*to))
            }
            Instruction::TakeList { to, a, .. }
            | Instruction::DropList { to, a, .. }
            | Instruction::KeysOfMap { to, a }
            | Instruction::ValuesOfMap { to, a } => self.no_longer(*to, *a),
            Instruction::DistinctList { to, a } => {
                self.visible("comparing", self.element(*a))?;
                self.no_longer(*to, *a)
            }
            Instruction::SortList { to, a, keys, descending } => {
                self.scalar(self.element(*keys))?;
                self.code("direction", descending.0, descending.0 <= 1)?;
                self.no_longer(*to, *a)
            }
            Instruction::NewMap { to, keys, .. } | Instruction::Tally { to, keys } => {
                self.no_longer(*to, *keys)
            }
            Instruction::NewRecord { to, fields } => self.record(*to, fields),
            Instruction::GetField { to, a, field } => self.field(*to, *a, *field),
            Instruction::NewVariant { to, variant, payload } => {
                let types = self.payload(*to, *variant, payload.len())?;
                let mut all = types.iter().zip(payload);
                all.try_for_each(|(ty, part)| self.flows("what it carries", *ty, self.id(*part)))
            }
            Instruction::MatchVariant { payload, a, variant, .. } => {
                let types = self.payload(*a, *variant, payload.len())?;
                let mut all = types.iter().zip(payload);
                all.try_for_each(|(ty, part)| self.flows("what it carries", self.id(*part), *ty))
            }
            Instruction::OpenStage { name, .. } => {
                let name = module.constants.get(usize::from(name.0));
                let is_text = name.is_some_and(|name| matches!(name.value, Value::Text(_)));
                if is_text { Ok(()) } else { Err(self.refuse("a name that is no text", "a text")) }
            }
            Instruction::Raise { kind, .. } => {
                let known = u8::try_from(kind.0).ok().and_then(ErrorKind::from_code);
                self.code("kind of error", kind.0, known.is_some())
            }
            Instruction::Ask { to, site } | Instruction::AskElse { to, site, .. } => {
                self.ask(*to, *site, used)
            }
            Instruction::AskFirst { to, site, .. } | Instruction::AskFirstElse { to, site, .. } => {
                self.ask_first(*to, *site, used)
            }
            Instruction::Do { to, site } => self.act(*to, *site, used),
            Instruction::Hold { to } => self.hold(*to),
            Instruction::Tell { site } => self.tell(*site, used),
            Instruction::Approve { question, .. } => self.approve(*question, used),
            Instruction::Choose { to, question, .. } => self.choose(*to, *question, used),
            Instruction::OpenApproved { decision, question, .. } => {
                self.open_approved(*decision, *question)
            }
            other => {
                // A row with an `Any` and without a rule above would be unchecked.
                let any = other.row().operands.iter().any(|operand| operand.shape == Shape::Any);
                if any {
                    Err(self.refuse("an instruction without a rule", "one with"))
                } else {
                    Ok(())
                }
            }
        }
    }

    /// What stands for an effect is the asset of that name, letter by letter.
    fn hold(&self, to: Register) -> Result<()> {
        match self.ty(to) {
            Some(Type::Asset { name, form: AssetForm::Exact, .. }) if **name == *HOLD_TYPE_NAME => {
                Ok(())
            }
            _ => Err(self.refuse(self.display(self.id(to)), "the asset `Hold`, an exact text")),
        }
    }

    fn code(&self, what: &str, number: u64, known: bool) -> Result<()> {
        if known {
            return Ok(());
        }
        let found = format!("{number} as {what}");
        Err(self.body.refuse(VerifyCode::Bounds, self.at, found, "a number with a meaning"))
    }

    fn movable(&self, to: Register) -> Result<()> {
        match self.ty(to) {
            Some(Type::Builder { .. }) => Err(self.refuse("a copy of a builder", "values")),
            _ => Ok(()),
        }
    }

    fn visible(&self, what: &str, ty: TypeId) -> Result<()> {
        if self.body.classes.is_visible(ty) {
            return Ok(());
        }
        let found = format!("{what} of {}", self.display(ty));
        let allowed = "values in which nothing is a secret or the machine's own";
        Err(self.body.refuse(VerifyCode::Secret, self.at, found, allowed))
    }

    fn scalar(&self, ty: TypeId) -> Result<()> {
        if self.body.classes.is_scalar(ty) {
            return Ok(());
        }
        Err(self.refuse(format!("an order of {}", self.display(ty)), "scalars"))
    }

    /// What a list holds.
    fn element(&self, list: Register) -> TypeId {
        match self.ty(list) {
            Some(Type::List { element, .. }) => *element,
            _ => TypeId(u16::MAX),
        }
    }

    /// How many elements or entries a register's type allows.
    fn max(&self, register: Register) -> u32 {
        match self.ty(register) {
            Some(Type::List { max, .. } | Type::Map { max, .. }) => *max,
            _ => 0,
        }
    }

    fn at_most(&self, what: &str, found: usize, max: u32) -> Result<()> {
        if u32::try_from(found).is_ok_and(|found| found <= max) {
            return Ok(());
        }
        Err(self.refuse(format!("{found} {what}"), format!("at most {max}")))
    }

    /// What is made of `from` has room in the type of `to`.
    fn no_longer(&self, to: Register, from: Register) -> Result<()> {
        let (room, most) = (self.max(to), self.max(from));
        if most <= room {
            return Ok(());
        }
        Err(self.refuse(format!("up to {most} elements"), format!("at most {room}")))
    }

    fn count(&self, what: &str, found: usize, wanted: usize) -> Result<()> {
        if found == wanted {
            return Ok(());
        }
        Err(self.refuse(format!("{found} {what}"), wanted.to_string()))
    }

    fn call(&self, to: Register, callee: operand::Function, arguments: &[Register]) -> Result<()> {
        let function = self.body.module.functions.get(usize::from(callee.0));
        let Some(Function { parameters, registers, result, .. }) = function else { return Ok(()) };
        if arguments.len() != usize::from(*parameters) {
            let found = format!("{} arguments", arguments.len());
            let allowed = format!("{parameters}");
            return Err(self.body.refuse(VerifyCode::Call, self.at, found, allowed));
        }
        for (parameter, argument) in registers.iter().zip(arguments) {
            self.flows("an argument", *parameter, self.id(*argument))?;
        }
        self.flows("a result", self.id(to), *result)
    }

    /// Pieces are texts, one more than holes; what is printed may be seen.
    fn template(&self, pieces: operand::Constant, holes: &[Register]) -> Result<()> {
        let pieces = self.body.module.constants.get(usize::from(pieces.0));
        let Some(Value::List(texts)) = pieces.map(|pieces| &pieces.value) else {
            return Err(self.refuse("pieces that are no list", "a list of texts"));
        };
        self.count("pieces", texts.len(), holes.len().saturating_add(1))?;
        if !texts.iter().all(|text| matches!(text, Value::Text(_))) {
            return Err(self.refuse("a piece that is no text", "a list of texts"));
        }
        holes.iter().try_for_each(|hole| self.visible("printing", self.id(*hole)))
    }

    fn extract(&self, to: Register) -> Result<()> {
        let element = self.element(to);
        if let Some(Type::Ip | Type::Url | Type::Domain | Type::Email | Type::Hash) =
            self.body.module.types.get(element)
        {
            return Ok(());
        }
        let allowed = "a list of `Ip`, `Url`, `Domain`, `Email` or `Hash`";
        Err(self.refuse(format!("a list of {}", self.display(element)), allowed))
    }

    fn parse(&self, to: Register) -> Result<()> {
        let Some(Type::Optional { inner }) = self.ty(to) else { return Ok(()) };
        let named = match self.body.module.types.get(*inner) {
            Some(Type::Asset { form, .. }) => *form != AssetForm::Value,
            Some(Type::Bool | Type::Text { .. }) | None => false,
            Some(_) => self.body.classes.is_scalar(*inner),
        };
        if named {
            return Ok(());
        }
        let found = format!("a text read as {}", self.display(*inner));
        Err(self.refuse(found, "a scalar but `Bool` and `Text`, or an asset named by a text"))
    }

    fn record(&self, to: Register, values: &[Register]) -> Result<()> {
        let Some(Type::Record { fields, .. }) = self.ty(to) else {
            return Err(self.refuse(self.display(self.id(to)), "a record"));
        };
        self.count("fields", values.len(), fields.len())?;
        let mut all = fields.iter().zip(values);
        all.try_for_each(|(field, value)| self.flows("a field", field.ty, self.id(*value)))
    }

    fn field(&self, to: Register, a: Register, index: operand::Field) -> Result<()> {
        let mut ty = self.ty(a);
        if let Some(Type::Asset { of, .. }) = ty {
            ty = self.body.module.types.get(*of);
        }
        let Some(Type::Record { fields, .. }) = ty else {
            return Err(self.refuse(self.display(self.id(a)), "a record, or an asset that is one"));
        };
        let Some(field) = fields.get(usize::from(index.0)) else {
            let (found, allowed) =
                (format!("field {}", index.0), format!("below {}", fields.len()));
            return Err(self.body.refuse(VerifyCode::Bounds, self.at, found, allowed));
        };
        self.flows("a field", self.id(to), field.ty)
    }

    /// What an alternative of the enum in a register carries.
    fn payload(&self, a: Register, index: operand::Variant, count: usize) -> Result<&[TypeId]> {
        let Some(Type::Enum { variants, .. }) = self.ty(a) else {
            return Err(self.refuse(self.display(self.id(a)), "an enum"));
        };
        let Some(variant) = variants.get(usize::from(index.0)) else {
            let found = format!("alternative {}", index.0);
            let allowed = format!("below {}", variants.len());
            return Err(self.body.refuse(VerifyCode::Bounds, self.at, found, allowed));
        };
        self.count("carried values", count, variant.payload.len())?;
        Ok(&variant.payload)
    }
}
