//! Numbers: what the loop leaves to a function.

use crate::trap::{Reason, Trap};

/// `a / b`, fraction dropped.
pub(crate) fn divide(a: i64, b: i64) -> Result<u64, Trap> {
    if b == 0 {
        return Err(Reason::DivisionByZero.into());
    }
    a.checked_div(b).map(i64::cast_unsigned).ok_or(Trap::Raise(Reason::Overflow))
}

/// What [`divide`] drops. The remainder by -1 is 0, also where the quotient
/// overflows.
pub(crate) fn remainder(a: i64, b: i64) -> Result<u64, Trap> {
    if b == 0 {
        return Err(Reason::DivisionByZero.into());
    }
    Ok(a.checked_rem(b).unwrap_or(0).cast_unsigned())
}

fn distance(by: i64) -> Result<u32, Trap> {
    u32::try_from(by).ok().filter(|by| *by < 64).ok_or(Trap::Raise(Reason::ShiftDistance))
}

/// `a` with its bits moved up.
pub(crate) fn shift_left(a: u64, by: i64) -> Result<u64, Trap> {
    distance(by).map(|by| a.wrapping_shl(by))
}

/// `a` with its bits moved down, zeros come in.
pub(crate) fn shift_right(a: u64, by: i64) -> Result<u64, Trap> {
    distance(by).map(|by| a.wrapping_shr(by))
}

/// The float nearest to an integer.
#[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
pub(crate) fn float_of(value: i64) -> f64 {
    value as f64
}

/// The integer that a float is, its fraction dropped.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before: -2^63 and all floats up to the one below 2^63 fit"
)]
pub(crate) fn int_of(value: f64) -> Result<i64, Trap> {
    // 2^63 as a float; -2^63 itself fits.
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&value) { Ok(value as i64) } else { Err(Reason::NotInteger.into()) }
}

/// A finite float's slot.
pub(crate) fn finite(value: f64) -> Result<u64, Trap> {
    // Adding zero turns `-0.0` into `0.0`.
    if value.is_finite() { Ok((value + 0.0).to_bits()) } else { Err(Reason::NotFinite.into()) }
}

/// How many times one duration goes into another.
pub(crate) fn ratio(a: i64, b: i64) -> Result<u64, Trap> {
    if b == 0 {
        return Err(Reason::DivisionByZero.into());
    }
    finite(float_of(a) / float_of(b))
}
