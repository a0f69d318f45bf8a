//! The operations that the machine executes: what verified instructions are
//! lowered to.
//!
//! Eight bytes each, with register slots as bytes and the type in the
//! operation's name, so that nothing is looked up at run time. What is rare or
//! heavy stays an instruction and is executed from there ([`Op::Heavy`]).
//!
//! `cost` is the fuel of the basic block that ends with the operation; it is
//! paid before anything else is done. `label` and `code` indices are those of
//! operations.

pub(crate) mod collection;
pub(crate) mod compare;
pub(crate) mod extract;
pub(crate) mod heavy;
pub(crate) mod net;
pub(crate) mod number;
pub(crate) mod print;
pub(crate) mod record;
pub(crate) mod text;

#[cfg(test)]
mod tests;

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Pays for a block without an end of its own, or for the part of its price
    /// that the end has no room for.
    Charge {
        cost: u32,
    },
    /// What the verifier excludes.
    Impossible,

    Move {
        to: u8,
        from: u8,
    },
    MoveTwo {
        to: u8,
        from: u8,
    },
    Constant {
        to: u8,
        index: u32,
    },
    ConstantTwo {
        to: u8,
        index: u32,
    },
    Number {
        to: u8,
        value: i32,
    },
    Setting {
        to: u8,
        index: u32,
    },

    Jump {
        cost: u8,
        label: u32,
    },
    JumpIf {
        condition: u8,
        cost: u8,
        label: u32,
    },
    JumpUnless {
        condition: u8,
        cost: u8,
        label: u32,
    },
    RangeStart {
        index: u8,
        low: u8,
        high: u8,
        target: u32,
    },
    RangeNext {
        index: u8,
        high: u8,
        cost: u8,
        label: u32,
    },
    ListStart {
        index: u8,
        list: u8,
        target: u32,
    },
    ListNext {
        index: u8,
        list: u8,
        cost: u8,
        label: u32,
    },
    Call {
        to: u8,
        cost: u8,
        call: u32,
    },
    Return {
        value: u8,
        width: u8,
        cost: u8,
    },

    Not {
        to: u8,
        a: u8,
    },
    EqualWord {
        to: u8,
        a: u8,
        b: u8,
    },
    EqualText {
        to: u8,
        a: u8,
        b: u8,
    },
    LessInt {
        to: u8,
        a: u8,
        b: u8,
    },
    LessEqualInt {
        to: u8,
        a: u8,
        b: u8,
    },
    LessFloat {
        to: u8,
        a: u8,
        b: u8,
    },
    LessEqualFloat {
        to: u8,
        a: u8,
        b: u8,
    },

    AddInt {
        to: u8,
        a: u8,
        b: u8,
    },
    AddConstant {
        to: u8,
        a: u8,
        value: i32,
    },
    SubtractInt {
        to: u8,
        a: u8,
        b: u8,
    },
    MultiplyInt {
        to: u8,
        a: u8,
        b: u8,
    },
    DivideInt {
        to: u8,
        a: u8,
        b: u8,
    },
    RemainderInt {
        to: u8,
        a: u8,
        b: u8,
    },
    NegateInt {
        to: u8,
        a: u8,
    },
    AbsoluteInt {
        to: u8,
        a: u8,
    },
    XorInt {
        to: u8,
        a: u8,
        b: u8,
    },
    ShiftLeftInt {
        to: u8,
        a: u8,
        b: u8,
    },
    ShiftRightInt {
        to: u8,
        a: u8,
        b: u8,
    },
    /// By a constant that is a valid distance.
    ShiftRightConstant {
        to: u8,
        a: u8,
        distance: u8,
    },
    WrappingAddInt {
        to: u8,
        a: u8,
        b: u8,
    },
    WrappingMultiplyInt {
        to: u8,
        a: u8,
        b: u8,
    },

    AddFloat {
        to: u8,
        a: u8,
        b: u8,
    },
    SubtractFloat {
        to: u8,
        a: u8,
        b: u8,
    },
    MultiplyFloat {
        to: u8,
        a: u8,
        b: u8,
    },
    DivideFloat {
        to: u8,
        a: u8,
        b: u8,
    },

    InCidr {
        to: u8,
        a: u8,
        b: u8,
    },
    InCidrs {
        to: u8,
        a: u8,
        list: u8,
    },
    InWords {
        to: u8,
        a: u8,
        list: u8,
    },
    InTexts {
        to: u8,
        a: u8,
        list: u8,
    },
    LengthList {
        to: u8,
        a: u8,
    },
    AtList {
        to: u8,
        list: u8,
        index: u8,
    },
    GetList {
        to: u8,
        list: u8,
        index: u8,
    },
    PushBuilder {
        builder: u8,
        element: u8,
    },
    Field {
        to: u8,
        record: u8,
        offset: u16,
    },
    FieldTwo {
        to: u8,
        record: u8,
        offset: u16,
    },
    /// An alternative that carries nothing.
    Variant {
        to: u8,
        variant: u8,
    },
    /// Goes to the label unless the value is this alternative; unpacks nothing.
    JumpUnlessVariant {
        a: u8,
        variant: u8,
        cost: u8,
        label: u32,
    },
    None {
        to: u8,
    },
    Some {
        to: u8,
        a: u8,
    },
    MatchSome {
        to: u8,
        a: u8,
        cost: u8,
        label: u32,
    },

    /// A text with holes; the index is that of its description.
    Template {
        to: u8,
        index: u32,
    },
    /// A heavy instruction; the index is that of its description.
    Heavy {
        index: u32,
    },
    /// Opens or closes a frame.
    Frame,
    /// Leaves the machine: an effect.
    Yield {
        cost: u8,
    },
    /// Ends the run, or raises what the instruction says.
    End {
        cost: u8,
    },

    // What several instructions become. Each writes every register that those
    // write, so that fusing needs no knowledge of what is read later.
    /// Compares into `to`, then jumps if it holds; the next ones likewise.
    EqualWordJumpIf {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    EqualWordJumpUnless {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    LessIntJumpIf {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    LessIntJumpUnless {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    LessEqualIntJumpIf {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    LessEqualIntJumpUnless {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    LessFloatJumpIf {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    LessFloatJumpUnless {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    LessEqualFloatJumpIf {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    LessEqualFloatJumpUnless {
        to: u8,
        a: u8,
        b: u8,
        cost: u8,
        label: u16,
    },
    /// Compares with a constant into `to`, then jumps unless it holds.
    EqualConstantJumpUnless {
        to: u8,
        a: u8,
        cost: u8,
        value: i16,
        label: u16,
    },
    LessConstantJumpUnless {
        to: u8,
        a: u8,
        cost: u8,
        value: i16,
        label: u16,
    },
    GreaterConstantJumpUnless {
        to: u8,
        a: u8,
        cost: u8,
        value: i16,
        label: u16,
    },
    /// `product = a * b`, `to = product + c`, both wrapping.
    WrappingMultiplyAdd {
        product: u8,
        a: u8,
        b: u8,
        to: u8,
        c: u8,
    },
    /// `shifted = a >> distance`, `to = b ^ shifted`.
    ShiftRightXor {
        shifted: u8,
        a: u8,
        distance: u8,
        to: u8,
        b: u8,
    },
    /// `element = list[index]`, `to = element.field`.
    AtListField {
        element: u8,
        list: u8,
        index: u8,
        to: u8,
        offset: u8,
    },
}

// A line of the processor's cache holds eight of them.
const _: () = assert!(size_of::<Op>() == 8);
