//! Operators and predeclared functions that are one instruction.

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::Register;

use crate::hir::Op;

macro_rules! operators {
    (
        unary { $($unary:ident,)* }
        binary { $($binary:ident { $a:ident, $b:ident },)* }
        exchanged { $($exchanged:ident = $name:ident,)* }
        other { $($other:ident,)* }
    ) => {
        /// The instruction that computes `op` of `operands` into `to`; `None` for
        /// those that are more than one.
        pub(super) fn instruction(op: Op, to: Register, operands: &[Register]) -> Option<Instruction> {
            let first = *operands.first()?;
            let second = operands.get(1).copied();
            Some(match op {
                $(Op::$unary => Instruction::$unary { to, a: first },)*
                $(Op::$binary => Instruction::$binary { to, $a: first, $b: second? },)*
                $(Op::$exchanged => Instruction::$name { to, a: second?, b: first },)*
                $(Op::$other)|* => return None,
            })
        }
    };
}

operators! {
    unary {
        Not, NegateInt, AbsoluteInt, NegateFloat, AbsoluteFloat, FloatOfInt, IntOfFloat, RoundFloat,
        NegateDuration, AbsoluteDuration,
        LengthText, LowerText, TrimText, ExtractText, ParseText,
        CidrAddress, CidrLength, UrlScheme, UrlHost, UrlPath,
        LengthList, DistinctList, FlatList, LengthMap, KeysOfMap, ValuesOfMap,
    }
    binary {
        Equal { a, b }, Less { a, b }, LessEqual { a, b },
        AddInt { a, b }, SubtractInt { a, b }, MultiplyInt { a, b }, DivideInt { a, b },
        RemainderInt { a, b }, XorInt { a, b }, ShiftLeftInt { a, b }, ShiftRightInt { a, b },
        WrappingAddInt { a, b }, WrappingMultiplyInt { a, b },
        AddFloat { a, b }, SubtractFloat { a, b }, MultiplyFloat { a, b }, DivideFloat { a, b },
        AddTime { a, b }, SubtractTime { a, b }, BetweenTime { a, b },
        AddDuration { a, b }, SubtractDuration { a, b }, ScaleDuration { a, b },
        DivideDuration { a, b }, RatioDuration { a, b },
        SplitText { a, by }, ContainsText { a, b }, StartsWithText { a, b }, EndsWithText { a, b },
        InCidr { a, b }, InCidrs { a, b }, CoversCidr { a, b }, Network { a, length },
        GetList { a, index }, InList { a, list }, TakeList { a, count }, DropList { a, count },
        JoinList { a, b }, GetMap { a, key }, InMap { a, map },
    }
    exchanged { Greater = Less, GreaterEqual = LessEqual, }
    other { NotEqual, Smaller, Larger, }
}
