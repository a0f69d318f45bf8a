//! The instruction set, as one table.
//!
//! Each row says the instruction's number, its mnemonic, its operands with
//! their roles and types, where control goes next, what it costs, whether it
//! meets the world, and what it does. The instruction type, encoder, decoder,
//! assembler, disassembler, def/use sets, fuel and the reference page all come
//! out of this table.
//!
//! A number is never reused and its meaning and price never change: a change
//! is a new number. Removing or renumbering a row fails a golden file.
//!
//! # Shapes
//!
//! The type of an operand's register is written as a shape: a type's own name
//! (`Int`), a variable (`T`, `K`, `V`: any type, the same wherever the variable
//! stands in the row), or a variable in a container (`List(T)`). `Any` is for
//! operands whose types follow from something else than the other operands (a
//! record's fields, a function's parameters); the verifier has a rule for each
//! of those instructions by name.

pub mod operand;

use operand::{
    ActionSite, Constant, Context, Count, Field, FrameKind, Function, Kind, Label, OnFailure,
    Operand, OperandType, Outcome, Question, Register, Registers, Setting, Source, Variant,
};

/// What an operand is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A register that is written.
    Def,
    /// A register that is written only where control does not go to the label.
    DefNext,
    /// A register that is written only where control goes to the label.
    DefLabel,
    /// A register that is read.
    Use,
    /// Registers that are read, in order.
    Uses,
    /// Registers that are written, in order, only where control does not go to
    /// the label.
    DefsNext,
    /// Where control may go: the index of an instruction of the same function.
    Label,
    /// The number of something in one of the module's tables, or a plain number.
    Number,
}

/// The type that a register operand must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Not a register.
    Nothing,
    /// A rule of its own says it.
    Any,
    /// `Bool`
    Bool,
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `Text`
    Text,
    /// `Time`
    Time,
    /// `Duration`
    Duration,
    /// `Ip`
    Ip,
    /// `Cidr`
    Cidr,
    /// `Url`
    Url,
    /// `Domain`
    Domain,
    /// `Email`
    Email,
    /// `Hash`
    Hash,
    /// The end of a wait.
    Watch,
    /// What people decided.
    Approval,
    /// The predeclared enum of errors.
    Error,
    /// Any type; the same for every operand of the row with this shape.
    T,
    /// As `T`, another variable.
    K,
    /// As `T`, a third variable.
    V,
    /// A list of `T`.
    ListT,
    /// A list of `K`.
    ListK,
    /// A list of `V`.
    ListV,
    /// A list of lists of `T`.
    ListListT,
    /// A list of `Cidr`.
    ListCidr,
    /// A list of `Text`.
    ListText,
    /// A map from `K` to `V`.
    MapKV,
    /// A map from `K` to `Int`.
    MapKInt,
    /// An optional `T`.
    OptionalT,
    /// An optional `V`.
    OptionalV,
    /// A list of `T` that is being built.
    BuilderT,
}

/// Where control goes after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// To the next instruction.
    Next,
    /// To the label.
    Jump,
    /// To the next instruction or to the label.
    Branch,
    /// To the next instruction; the label is where an error of the frame that is
    /// opened here leads.
    Open,
    /// Nowhere in this function.
    End,
}

/// What an instruction costs, in fuel.
///
/// The units of a value: one for each element of a list and each entry of a map,
/// and one for each 64 bytes, begun ones included, of a text, bytes, URL, domain
/// or mail address; with all that a list, map, record, alternative, asset or
/// optional contains. Any other value has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// So much.
    Fixed(u32),
    /// So much, and the units of the value in the first `Use` operand, without
    /// those of what it contains.
    Length(u32),
    /// So much, and the units of the values in all `Use` and `Uses` operands,
    /// with all that they contain.
    Size(u32),
}

/// Whether an instruction meets the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It computes and nothing else.
    Pure,
    /// It computes, and may raise an error that a playbook can recover.
    Raises,
    /// It opens or closes a compensation frame.
    Frame,
    /// It reads the world or waits: the machine yields.
    Reads,
    /// It changes the world or tells people: the machine yields.
    Acts,
    /// It ends the run: the machine yields.
    Ends,
}

/// One operand of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperandRow {
    /// Its name in the table.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// The type of its register.
    pub shape: Shape,
    /// What its number means.
    pub kind: Kind,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number that stands for the instruction in bytecode.
    pub number: u8,
    /// Its name in assembler.
    pub mnemonic: &'static str,
    /// In the order of encoding and of assembler.
    pub operands: &'static [OperandRow],
    /// Where control goes.
    pub flow: Flow,
    /// What it costs.
    pub cost: Cost,
    /// Whether it meets the world.
    pub class: Class,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// Hands the table to the macro `$use`.
///
/// A row is `number Name "mnemonic" { operand: Role(Shape) of Type, … } flow
/// cost class "doc"`; `Type` is the Rust type that holds the operand.
#[macro_export]
macro_rules! for_each_instruction {
    ($use:ident) => {
        $use! {
            // Copies and constants.
            1 Move "move" { to: Def(T) of Register, from: Use(T) of Register }
                Next Fixed(0) Pure "copies a value";
            2 Constant "constant" { to: Def(Any) of Register, constant: Number(Nothing) of Constant }
                Next Fixed(0) Pure "loads a constant";
            3 Setting "setting" { to: Def(Any) of Register, setting: Number(Nothing) of Setting }
                Next Fixed(0) Pure "loads the value that the site gives a setting";
            4 Context "context" { to: Def(Any) of Register, what: Number(Nothing) of Context }
                Next Fixed(1) Pure "loads a fact about the run: its id, its start, its starter";

            // Control.
            8 Jump "jump" { label: Label(Nothing) of Label }
                Jump Fixed(0) Pure "goes on at the label";
            9 JumpIf "jump.if" { condition: Use(Bool) of Register, label: Label(Nothing) of Label }
                Branch Fixed(0) Pure "goes on at the label if the condition holds";
            10 JumpUnless "jump.unless" { condition: Use(Bool) of Register, label: Label(Nothing) of Label }
                Branch Fixed(0) Pure "goes on at the label unless the condition holds";
            11 RangeStart "range.start" { index: DefNext(Int) of Register, low: Use(Int) of Register, high: Use(Int) of Register, max: Number(Nothing) of Count, label: Label(Nothing) of Label }
                Branch Fixed(1) Raises "begins a loop over low .. high, or goes to the label if that is empty; more than max rounds are the error limit";
            12 RangeNext "range.next" { index: Use(Int) of Register, high: Use(Int) of Register, label: Label(Nothing) of Label }
                Branch Fixed(1) Pure "counts the loop's index up and goes to the label (right behind its range.start) for another round";
            13 ListStart "list.start" { index: DefNext(Int) of Register, list: Use(ListT) of Register, max: Number(Nothing) of Count, label: Label(Nothing) of Label }
                Branch Fixed(1) Raises "begins a loop over a list, or goes to the label if it is empty; more than max elements are the error limit";
            14 ListNext "list.next" { index: Use(Int) of Register, list: Use(ListT) of Register, label: Label(Nothing) of Label }
                Branch Fixed(1) Pure "counts the loop's index up and goes to the label (right behind its list.start) for another round";
            15 Call "call" { to: Def(Any) of Register, function: Number(Nothing) of Function, arguments: Uses(Any) of Registers }
                Next Fixed(2) Raises "calls a function";
            16 Return "return" { value: Use(Any) of Register }
                End Fixed(0) Pure "gives a function's value to its caller";

            // Truth values and comparison.
            20 Not "not" { to: Def(Bool) of Register, a: Use(Bool) of Register }
                Next Fixed(1) Pure "negates";
            21 Equal "equal" { to: Def(Bool) of Register, a: Use(T) of Register, b: Use(T) of Register }
                Next Size(1) Pure "whether two values are equal";
            22 Less "less" { to: Def(Bool) of Register, a: Use(T) of Register, b: Use(T) of Register }
                Next Size(1) Pure "whether the first of two scalars is smaller";
            23 LessEqual "less_equal" { to: Def(Bool) of Register, a: Use(T) of Register, b: Use(T) of Register }
                Next Size(1) Pure "whether the first of two scalars is not larger";

            // Integers.
            30 AddInt "add.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "adds; overflow is the error arithmetic";
            31 SubtractInt "subtract.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "subtracts; overflow is the error arithmetic";
            32 MultiplyInt "multiply.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "multiplies; overflow is the error arithmetic";
            33 DivideInt "divide.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "divides and drops the fraction; by zero is the error arithmetic";
            34 RemainderInt "remainder.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "what divide.int drops, with the sign of the first; by zero is the error arithmetic";
            35 NegateInt "negate.int" { to: Def(Int) of Register, a: Use(Int) of Register }
                Next Fixed(1) Raises "changes the sign; overflow is the error arithmetic";
            36 AbsoluteInt "absolute.int" { to: Def(Int) of Register, a: Use(Int) of Register }
                Next Fixed(1) Raises "drops the sign; overflow is the error arithmetic";
            37 XorInt "xor.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Pure "exclusive or of the bits";
            38 ShiftLeftInt "shift_left.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "moves the bits up, zeros come in; a distance outside 0 .. 64 is the error arithmetic";
            39 ShiftRightInt "shift_right.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "moves the bits down, zeros come in; a distance outside 0 .. 64 is the error arithmetic";
            40 WrappingAddInt "wrapping_add.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Pure "adds modulo 2^64";
            41 WrappingMultiplyInt "wrapping_multiply.int" { to: Def(Int) of Register, a: Use(Int) of Register, b: Use(Int) of Register }
                Next Fixed(1) Pure "multiplies modulo 2^64";

            // Floats.
            50 AddFloat "add.float" { to: Def(Float) of Register, a: Use(Float) of Register, b: Use(Float) of Register }
                Next Fixed(1) Raises "adds; what is not finite is the error arithmetic";
            51 SubtractFloat "subtract.float" { to: Def(Float) of Register, a: Use(Float) of Register, b: Use(Float) of Register }
                Next Fixed(1) Raises "subtracts; what is not finite is the error arithmetic";
            52 MultiplyFloat "multiply.float" { to: Def(Float) of Register, a: Use(Float) of Register, b: Use(Float) of Register }
                Next Fixed(1) Raises "multiplies; what is not finite is the error arithmetic";
            53 DivideFloat "divide.float" { to: Def(Float) of Register, a: Use(Float) of Register, b: Use(Float) of Register }
                Next Fixed(1) Raises "divides; what is not finite is the error arithmetic";
            54 NegateFloat "negate.float" { to: Def(Float) of Register, a: Use(Float) of Register }
                Next Fixed(1) Pure "changes the sign";
            55 AbsoluteFloat "absolute.float" { to: Def(Float) of Register, a: Use(Float) of Register }
                Next Fixed(1) Pure "drops the sign";
            56 FloatOfInt "float.int" { to: Def(Float) of Register, a: Use(Int) of Register }
                Next Fixed(1) Pure "the float nearest to an integer";
            57 IntOfFloat "int.float" { to: Def(Int) of Register, a: Use(Float) of Register }
                Next Fixed(1) Raises "drops the fraction; what 64 bits can't hold is the error arithmetic";
            58 RoundFloat "round.float" { to: Def(Int) of Register, a: Use(Float) of Register }
                Next Fixed(1) Raises "the nearest integer, halves away from zero; what 64 bits can't hold is the error arithmetic";

            // Time.
            65 AddTime "add.time" { to: Def(Time) of Register, a: Use(Time) of Register, b: Use(Duration) of Register }
                Next Fixed(1) Raises "the instant later by a duration; overflow is the error arithmetic";
            66 SubtractTime "subtract.time" { to: Def(Time) of Register, a: Use(Time) of Register, b: Use(Duration) of Register }
                Next Fixed(1) Raises "the instant earlier by a duration; overflow is the error arithmetic";
            67 BetweenTime "between.time" { to: Def(Duration) of Register, a: Use(Time) of Register, b: Use(Time) of Register }
                Next Fixed(1) Raises "from the second instant to the first; overflow is the error arithmetic";
            68 AddDuration "add.duration" { to: Def(Duration) of Register, a: Use(Duration) of Register, b: Use(Duration) of Register }
                Next Fixed(1) Raises "adds; overflow is the error arithmetic";
            69 SubtractDuration "subtract.duration" { to: Def(Duration) of Register, a: Use(Duration) of Register, b: Use(Duration) of Register }
                Next Fixed(1) Raises "subtracts; overflow is the error arithmetic";
            70 ScaleDuration "scale.duration" { to: Def(Duration) of Register, a: Use(Duration) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "so many times a duration; overflow is the error arithmetic";
            71 DivideDuration "divide.duration" { to: Def(Duration) of Register, a: Use(Duration) of Register, b: Use(Int) of Register }
                Next Fixed(1) Raises "a part of a duration, fractions of microseconds dropped; by zero is the error arithmetic";
            72 RatioDuration "ratio.duration" { to: Def(Float) of Register, a: Use(Duration) of Register, b: Use(Duration) of Register }
                Next Fixed(1) Raises "how many times the second goes into the first; by zero is the error arithmetic";
            73 NegateDuration "negate.duration" { to: Def(Duration) of Register, a: Use(Duration) of Register }
                Next Fixed(1) Raises "changes the sign; overflow is the error arithmetic";
            74 AbsoluteDuration "absolute.duration" { to: Def(Duration) of Register, a: Use(Duration) of Register }
                Next Fixed(1) Raises "drops the sign; overflow is the error arithmetic";

            // Texts.
            80 Template "template" { to: Def(Text) of Register, pieces: Number(Nothing) of Constant, holes: Uses(Any) of Registers }
                Next Size(2) Raises "joins constant pieces with the printed values between them; more than a text may hold is the error limit";
            81 LengthText "length.text" { to: Def(Int) of Register, a: Use(Text) of Register }
                Next Length(1) Pure "how many characters (Unicode scalar values)";
            82 LowerText "lower.text" { to: Def(Text) of Register, a: Use(Text) of Register }
                Next Length(1) Raises "in lower case; more than a text may hold is the error limit";
            83 TrimText "trim.text" { to: Def(Text) of Register, a: Use(Text) of Register }
                Next Length(1) Pure "without white space at both ends";
            84 SplitText "split.text" { to: Def(ListText) of Register, a: Use(Text) of Register, by: Use(Text) of Register }
                Next Length(1) Raises "the parts between the separators; more than the list may hold, or an empty separator, is the error limit";
            85 ContainsText "contains.text" { to: Def(Bool) of Register, a: Use(Text) of Register, b: Use(Text) of Register }
                Next Length(1) Pure "whether the second text stands in the first";
            86 StartsWithText "starts_with.text" { to: Def(Bool) of Register, a: Use(Text) of Register, b: Use(Text) of Register }
                Next Length(1) Pure "whether the first text begins with the second";
            87 EndsWithText "ends_with.text" { to: Def(Bool) of Register, a: Use(Text) of Register, b: Use(Text) of Register }
                Next Length(1) Pure "whether the first text ends with the second";
            88 ExtractText "extract.text" { to: Def(ListT) of Register, a: Use(Text) of Register }
                Next Length(4) Pure "the addresses, URLs, domains, mail addresses or hashes in a text, by the type of the list, at most as many as it may hold";
            89 ParseText "parse.text" { to: Def(OptionalT) of Register, a: Use(Text) of Register }
                Next Length(4) Pure "the value that a text names, by the type wanted, or nothing";

            // Networks and evidence.
            100 InCidr "in.cidr" { to: Def(Bool) of Register, a: Use(Ip) of Register, b: Use(Cidr) of Register }
                Next Fixed(1) Pure "whether an address lies in a block";
            101 InCidrs "in.cidrs" { to: Def(Bool) of Register, a: Use(Ip) of Register, b: Use(ListCidr) of Register }
                Next Size(1) Pure "whether an address lies in any of the blocks";
            102 CoversCidr "covers.cidr" { to: Def(Bool) of Register, a: Use(Cidr) of Register, b: Use(Cidr) of Register }
                Next Fixed(1) Pure "whether the first block lies in the second";
            103 Network "network" { to: Def(Cidr) of Register, a: Use(Ip) of Register, length: Use(Int) of Register }
                Next Fixed(1) Raises "the block of so many bits around an address; a length that the address hasn't is the error arithmetic";
            104 CidrAddress "address.cidr" { to: Def(Ip) of Register, a: Use(Cidr) of Register }
                Next Fixed(1) Pure "the first address of a block";
            105 CidrLength "length.cidr" { to: Def(Int) of Register, a: Use(Cidr) of Register }
                Next Fixed(1) Pure "the prefix length of a block";
            106 UrlScheme "scheme.url" { to: Def(Text) of Register, a: Use(Url) of Register }
                Next Fixed(4) Pure "the scheme of a URL";
            107 UrlHost "host.url" { to: Def(Text) of Register, a: Use(Url) of Register }
                Next Fixed(4) Pure "the host of a URL";
            108 UrlPath "path.url" { to: Def(Text) of Register, a: Use(Url) of Register }
                Next Fixed(4) Pure "the path of a URL";
            109 WrapAsset "wrap.asset" { to: Def(Any) of Register, a: Use(Any) of Register }
                Next Fixed(1) Pure "the asset that a value other than a text names";
            110 UnwrapAsset "unwrap.asset" { to: Def(Any) of Register, a: Use(Any) of Register }
                Next Fixed(1) Pure "what names an asset, in canonical form";

            // Lists.
            120 NewList "new.list" { to: Def(ListT) of Register, elements: Uses(T) of Registers }
                Next Size(1) Pure "a list of these elements";
            121 LengthList "length.list" { to: Def(Int) of Register, a: Use(ListT) of Register }
                Next Fixed(1) Pure "how many elements";
            122 AtList "at.list" { to: Def(T) of Register, a: Use(ListT) of Register, index: Use(Int) of Register }
                Next Fixed(0) Pure "the element of the round of a list's loop";
            123 GetList "get.list" { to: Def(OptionalT) of Register, a: Use(ListT) of Register, index: Use(Int) of Register }
                Next Fixed(1) Pure "the element at an index from 0, or nothing";
            124 InList "in.list" { to: Def(Bool) of Register, a: Use(T) of Register, list: Use(ListT) of Register }
                Next Size(1) Pure "whether a list has an element equal to this";
            125 TakeList "take.list" { to: Def(ListT) of Register, a: Use(ListT) of Register, count: Use(Int) of Register }
                Next Fixed(1) Pure "the first elements; a negative count is none";
            126 DropList "drop.list" { to: Def(ListT) of Register, a: Use(ListT) of Register, count: Use(Int) of Register }
                Next Fixed(1) Pure "all but the first elements; a negative count drops none";
            127 DistinctList "distinct.list" { to: Def(ListT) of Register, a: Use(ListT) of Register }
                Next Size(1) Pure "each element once, where it stands first";
            128 FlatList "flat.list" { to: Def(ListT) of Register, a: Use(ListListT) of Register }
                Next Size(1) Raises "the elements of all lists in order; more than the list may hold is the error limit";
            129 JoinList "join.list" { to: Def(ListT) of Register, a: Use(ListT) of Register, b: Use(ListT) of Register }
                Next Size(1) Raises "the elements of the first, then those of the second; more than the list may hold is the error limit";
            130 SortList "sort.list" { to: Def(ListT) of Register, a: Use(ListT) of Register, keys: Use(ListK) of Register, descending: Number(Nothing) of Count }
                Next Size(1) Raises "the elements in the order of their keys, equal keys as they stood; another number of keys is the error limit";
            131 NewBuilder "new.builder" { to: Def(BuilderT) of Register, capacity: Use(Int) of Register }
                Next Fixed(1) Raises "room for a list of so many elements; more than the list may hold, or fewer than none, is the error limit";
            132 PushBuilder "push.builder" { a: Use(BuilderT) of Register, element: Use(T) of Register }
                Next Fixed(1) Raises "adds an element; without room it is the error limit";
            133 ListOfBuilder "list.builder" { to: Def(ListT) of Register, a: Use(BuilderT) of Register }
                Next Fixed(1) Raises "the list that was built; more than the list may hold is the error limit";
            134 TakeFirst "take.first" { to: Def(ListT) of Register, a: Use(ListT) of Register, count: Number(Nothing) of Count }
                Next Fixed(1) Pure "the first elements, so many if there are";

            // Maps.
            145 NewMap "new.map" { to: Def(MapKV) of Register, keys: Use(ListK) of Register, values: Use(ListV) of Register }
                Next Size(1) Raises "the map from keys to values; the last of two equal keys counts, another number of values is the error limit";
            146 LengthMap "length.map" { to: Def(Int) of Register, a: Use(MapKV) of Register }
                Next Fixed(1) Pure "how many entries";
            147 GetMap "get.map" { to: Def(OptionalV) of Register, a: Use(MapKV) of Register, key: Use(K) of Register }
                Next Size(1) Pure "the value under a key, or nothing";
            148 InMap "in.map" { to: Def(Bool) of Register, a: Use(K) of Register, map: Use(MapKV) of Register }
                Next Size(1) Pure "whether a map has this key";
            149 KeysOfMap "keys.map" { to: Def(ListK) of Register, a: Use(MapKV) of Register }
                Next Length(1) Pure "the keys, ascending";
            150 ValuesOfMap "values.map" { to: Def(ListV) of Register, a: Use(MapKV) of Register }
                Next Length(1) Pure "the values in the order of their keys";
            151 Tally "tally" { to: Def(MapKInt) of Register, keys: Use(ListK) of Register }
                Next Size(1) Pure "how often each key stands in a list";

            // Records, enums, optionals.
            160 NewRecord "new.record" { to: Def(Any) of Register, fields: Uses(Any) of Registers }
                Next Fixed(2) Pure "a record of these fields, in the order of the declaration";
            161 GetField "field" { to: Def(Any) of Register, a: Use(Any) of Register, field: Number(Nothing) of Field }
                Next Fixed(1) Pure "a field of a record or of an asset that is one";
            162 NewVariant "new.variant" { to: Def(Any) of Register, variant: Number(Nothing) of Variant, payload: Uses(Any) of Registers }
                Next Fixed(2) Pure "an alternative of an enum with what it carries";
            163 MatchVariant "match.variant" { payload: DefsNext(Any) of Registers, a: Use(Any) of Register, variant: Number(Nothing) of Variant, label: Label(Nothing) of Label }
                Branch Fixed(1) Pure "unpacks what an alternative carries, or goes to the label if it is another one";
            164 None "none" { to: Def(OptionalT) of Register }
                Next Fixed(0) Pure "nothing";
            165 Some "some" { to: Def(OptionalT) of Register, a: Use(T) of Register }
                Next Fixed(0) Pure "a value where there might be nothing";
            166 MatchSome "match.some" { to: DefNext(T) of Register, a: Use(OptionalT) of Register, label: Label(Nothing) of Label }
                Branch Fixed(1) Pure "unpacks a value, or goes to the label if there is nothing";
            167 Require "require" { to: Def(T) of Register, a: Use(OptionalT) of Register }
                Next Fixed(1) Raises "unpacks a value; nothing is the error `not_found`";

            // Frames.
            180 OpenStage "open.stage" { name: Number(Nothing) of Constant, on_failure: Number(Nothing) of OnFailure }
                Next Fixed(1) Frame "opens the frame of a stage";
            181 OpenFrame "open.frame" { kind: Number(Nothing) of FrameKind }
                Next Fixed(1) Frame "opens a frame without a name and without a direction of its own";
            182 OpenAttempt "open.attempt" { error: DefLabel(Error) of Register, label: Label(Nothing) of Label }
                Open Fixed(1) Frame "opens the frame of an attempt; after a failure and its undoing control goes to the label, in a recover frame";
            183 CloseFrame "close.frame" { }
                Next Fixed(1) Frame "closes the innermost frame";

            // Waiting for what has to hold for a while.
            184 HoldUntil "hold.until" { to: Def(Time) of Register, a: Use(Duration) of Register }
                Next Fixed(10) Reads "the instant until when what is waited for has to hold, so long after now";
            185 LookHeld "look.held" { to: Def(Int) of Register, watch: Use(Watch) of Register, held: Use(Time) of Register, every: Use(Duration) of Register }
                Next Fixed(10) Reads "as look.again, and pauses no longer than until that instant; 3: it is there, and the wait is over with success";

            // What people said yes to.
            187 OpenApproved "open.approved" { decision: DefLabel(Any) of Register, approval: Use(Approval) of Register, index: Use(Int) of Register, question: Number(Nothing) of Question, label: Label(Nothing) of Label }
                Branch Fixed(1) Frame "opens the frame of a box that people said yes to, or goes to the label with their decision";

            // The world.
            190 Ask "ask" { to: Def(Any) of Register, site: Number(Nothing) of ActionSite }
                Next Fixed(10) Reads "asks a query; its error is raised";
            191 AskElse "ask.else" { to: DefNext(Any) of Register, site: Number(Nothing) of ActionSite, label: Label(Nothing) of Label }
                Branch Fixed(10) Reads "asks a query, or goes to the label if it fails";
            192 Do "do" { to: Def(Any) of Register, site: Number(Nothing) of ActionSite }
                Next Fixed(10) Acts "performs an action; its error is raised";
            193 Tell "tell" { site: Number(Nothing) of ActionSite }
                Next Fixed(10) Acts "informs people and goes on at once";
            194 Wait "wait" { a: Use(Duration) of Register, max: Number(Nothing) of Count }
                Next Fixed(10) Reads "goes on after a while; more than max microseconds is the error limit";
            195 StartWatch "start.watch" { to: Def(Watch) of Register, a: Use(Duration) of Register, max: Number(Nothing) of Count }
                Next Fixed(10) Reads "fixes the end of a wait; more than max microseconds is the error limit";
            196 LookAgain "look.again" { to: Def(Int) of Register, watch: Use(Watch) of Register, every: Use(Duration) of Register }
                Next Fixed(10) Reads "pauses, then 1: another look; 0: the wait is over; 2: it is over, and passes as not checked";

            // People.
            197 Approve "approve" { to: Def(Approval) of Register, question: Number(Nothing) of Question }
                Next Fixed(10) Reads "asks people whether all may be done that the question lists, and waits";
            198 Choose "choose" { to: DefNext(Any) of Register, question: Number(Nothing) of Question, label: Label(Nothing) of Label }
                Branch Fixed(10) Reads "asks people for a value, or goes to the label if nobody answers in time";

            // Ends.
            210 Finish "finish" { outcome: Number(Nothing) of Outcome, text: Use(Text) of Register }
                End Fixed(1) Ends "ends the run with an outcome and a text";
            211 Fail "fail" { text: Use(Text) of Register }
                End Fixed(1) Raises "raises the error failed";
            212 Raise "raise" { kind: Number(Nothing) of Count, text: Use(Text) of Register }
                End Fixed(1) Raises "raises an error of the kind with this code";
            213 RaiseAgain "raise.again" { error: Use(Error) of Register }
                End Fixed(1) Raises "raises an error that was recovered";

            // Effects as values.
            214 Hold "hold" { to: Def(Any) of Register }
                Next Fixed(10) Pure "the asset that stands for the effect of the `do` right before it";

            // Answers that are cut.
            215 AskFirst "ask.first" { to: Def(ListT) of Register, more: Def(Bool) of Register, site: Number(Nothing) of ActionSite }
                Next Fixed(10) Reads "asks a query whose answer is cut, and says whether it was; its error is raised";
            216 AskFirstElse "ask.first.else" { to: DefNext(ListT) of Register, more: DefNext(Bool) of Register, site: Number(Nothing) of ActionSite, label: Label(Nothing) of Label }
                Branch Fixed(10) Reads "asks a query whose answer is cut, and says whether it was, or goes to the label if it fails";
        }
    };
}

macro_rules! operand_row {
    ($operand:ident $role:ident $shape:ident $ty:ty) => {{
        const ROW: OperandRow = OperandRow {
            name: stringify!($operand),
            role: Role::$role,
            shape: Shape::$shape,
            kind: <$ty as OperandType>::KIND,
        };
        &ROW
    }};
}

macro_rules! declare {
    ($(
        $number:literal $name:ident $mnemonic:literal
        { $($operand:ident: $role:ident($shape:ident) of $ty:ident),* $(,)? }
        $flow:ident $cost:ident($($price:literal)?) $class:ident $doc:literal;
    )*) => {
        /// What an instruction does, without its operands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Opcode {
            $(
                #[doc = $doc]
                $name = $number,
            )*
        }

        impl Opcode {
            /// The one with this number.
            pub fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The one with this name in assembler.
            pub fn from_mnemonic(mnemonic: &str) -> Option<Self> {
                match mnemonic {
                    $($mnemonic => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Its row of the table.
            pub const fn row(self) -> &'static Row {
                match self {
                    $(Self::$name => {
                        const ROW: Row = Row {
                            number: $number,
                            mnemonic: $mnemonic,
                            operands: &[$(*operand_row!($operand $role $shape $ty)),*],
                            flow: Flow::$flow,
                            cost: Cost::$cost($($price)?),
                            class: Class::$class,
                            doc: $doc,
                        };
                        &ROW
                    })*
                }
            }
        }

        /// One instruction with its operands.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Instruction {
            $(
                #[doc = $doc]
                $name {
                    $(
                        #[doc = concat!("The operand `", stringify!($operand), "`.")]
                        $operand: $ty
                    ),*
                },
            )*
        }

        impl Instruction {
            /// What it does, without its operands.
            pub fn opcode(&self) -> Opcode {
                match self {
                    $(Self::$name { .. } => Opcode::$name,)*
                }
            }

            /// Hands each operand to `visit`, in the order of the table.
            pub fn operands<'a>(
                &'a self,
                mut visit: impl FnMut(&'static OperandRow, Operand<'a>),
            ) {
                match self {
                    $(Self::$name { $($operand),* } => {
                        $(visit(operand_row!($operand $role $shape $ty), $operand.operand());)*
                    })*
                }
            }

            /// The instruction whose operands `source` gives, in the order of the table.
            ///
            /// # Errors
            /// The first of `source`.
            pub fn from_operands<S: Source>(
                opcode: Opcode,
                source: &mut S,
            ) -> Result<Self, S::Error> {
                Ok(match opcode {
                    $(Opcode::$name => Self::$name {
                        $($operand: OperandType::take(
                            source,
                            operand_row!($operand $role $shape $ty),
                        )?),*
                    },)*
                })
            }
        }

        /// All rows, in the order of their numbers.
        pub const TABLE: &[Row] = &[$(*Opcode::$name.row()),*];
    };
}

for_each_instruction!(declare);

impl Instruction {
    /// The row of the table that describes the instruction.
    pub fn row(&self) -> &'static Row {
        self.opcode().row()
    }

    /// The site of the query that it asks.
    pub fn asked(&self) -> Option<ActionSite> {
        match self {
            Self::Ask { site, .. }
            | Self::AskElse { site, .. }
            | Self::AskFirst { site, .. }
            | Self::AskFirstElse { site, .. } => Some(*site),
            _ => None,
        }
    }

    /// Where it may go besides to the next instruction.
    pub fn label(&self) -> Option<Label> {
        let mut label = None;
        self.operands(|row, operand| {
            if let (Kind::Label, Operand::Number(number)) = (row.kind, operand) {
                label = u16::try_from(number).ok().map(Label);
            }
        });
        label
    }
}
