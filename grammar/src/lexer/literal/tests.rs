use std::net::Ipv4Addr;

use super::time::{days_of, days_since_1970, is_leap};
use super::*;

#[track_caller]
fn reads(word: &str, value: Literal) {
    assert_eq!(read(word).map(|read| read.1), Ok(value), "{word}");
}

#[track_caller]
fn refuses(word: &str, code: Code, help: &str) {
    let problem = read(word).expect_err(word);
    assert_eq!(problem.code, code, "{word}: {}", problem.message);
    assert!(problem.help.clone().unwrap_or_default().contains(help), "{word}: {:?}", problem.help);
}

#[test]
fn numbers() {
    reads("0", Literal::Int(0));
    reads("50_000", Literal::Int(50_000));
    reads("9223372036854775807", Literal::Int(i64::MAX));
    reads("9223372036854775808", Literal::Int(i64::MIN));
    reads("0.5", Literal::Float(0.5));
    reads("1_000.000_1", Literal::Float(1_000.000_1));
    refuses("9223372036854775809", Code::NumberTooLarge, "9_223_372_036_854_775_807");
    refuses(&format!("{}.0", "9".repeat(400)), Code::NumberTooLarge, "10^308");
    refuses("007", Code::BadNumber, "`7`");
    refuses("00", Code::BadNumber, "`0`");
    refuses("00.5", Code::BadNumber, "`0.5`");
    refuses("1__0", Code::BadNumber, "one `_`");
    refuses("1_", Code::BadNumber, "one `_`");
    refuses("1._5", Code::BadNumber, "one `_`");
    refuses("0x1f", Code::BadNumber, "`31`");
    refuses("0b101", Code::BadNumber, "`5`");
    refuses("0o17", Code::BadNumber, "`15`");
    refuses("1e5", Code::BadNumber, "exponent");
    refuses("1.5e3", Code::BadNumber, "exponent");
    refuses("42world", Code::BadWord, "begins with a letter");
    refuses("5max", Code::BadWord, "`5 max`");
}

#[test]
fn durations() {
    reads("1us", Literal::Duration(1));
    reads("250ms", Literal::Duration(250_000));
    reads("90s", Literal::Duration(90_000_000));
    reads("15m", Literal::Duration(900_000_000));
    reads("24h", Literal::Duration(86_400_000_000));
    reads("7d", Literal::Duration(604_800_000_000));
    reads("9223372036854775807us", Literal::Duration(i64::MAX));
    refuses("9223372036854775808us", Code::NumberTooLarge, "2^63");
    refuses("200_000_000d", Code::NumberTooLarge, "2^63");
    refuses("1h30m", Code::BadDuration, "`90m`");
    refuses("1d12h", Code::BadDuration, "`36h`");
    refuses("1m30s", Code::BadDuration, "`90s`");
    refuses("1.5h", Code::BadDuration, "`90m`");
    refuses("0.001us", Code::BadDuration, "whole number");
    refuses("5min", Code::BadDuration, "`5m`");
    refuses("2w", Code::BadDuration, "`14d`");
    refuses("05m", Code::BadNumber, "`5m`");
}

#[test]
fn addresses_and_blocks() {
    reads("203.0.113.7", Literal::Ip(Ipv4Addr::new(203, 0, 113, 7)));
    reads("0.0.0.0", Literal::Ip(Ipv4Addr::UNSPECIFIED));
    let any = Ipv4Addr::UNSPECIFIED;
    reads("0.0.0.0/0", Literal::Cidr { address: any, prefix: 0 });
    reads("10.0.0.0/8", Literal::Cidr { address: Ipv4Addr::new(10, 0, 0, 0), prefix: 8 });
    reads("10.0.0.1/32", Literal::Cidr { address: Ipv4Addr::new(10, 0, 0, 1), prefix: 32 });
    refuses("010.0.0.1", Code::BadAddress, "octal");
    refuses("10.0.0.256", Code::BadAddress, "255");
    refuses("10.0.0.1in", Code::BadAddress, "0 to 255");
    refuses("1.2.3", Code::BadAddress, "four numbers");
    refuses("10.0.0.1.5", Code::BadAddress, "four numbers");
    refuses("10.0.0.1/8", Code::BadBlock, "`10.0.0.0/8`");
    refuses("10.0.0.0/33", Code::BadBlock, "0 to 32");
    refuses("10.0.0.0/08", Code::BadBlock, "0 to 32");
    refuses("10.0.0.0/8.5", Code::BadBlock, "0 to 32");
    refuses("10.0.0/8", Code::BadBlock, "`10.0.0.0/8`");
    refuses("2001:db8::1", Code::BareAddress, "Ip(\"2001:db8::1\")");
    refuses("2001:db8::/32", Code::BareAddress, "Cidr(\"2001:db8::/32\")");
    refuses("00:1a:2b:3c:4d:5e", Code::BareAddress, "\"00:1a:2b:3c:4d:5e\"");
}

/// Days from 1970, counted one by one: slow, and independent of the calendar's formula.
fn days_by_counting(year: i64, month: i64, day: i64) -> i64 {
    let leap = |y: i64| if is_leap(y) { 366 } else { 365 };
    let years: i64 = if year >= 1970 {
        (1970..year).map(leap).sum()
    } else {
        -(year..1970).map(leap).sum::<i64>()
    };
    years + (1..month).map(|m| days_of(year, m)).sum::<i64>() + day - 1
}

#[test]
fn times() {
    reads("1970-01-01T00:00:00Z", Literal::Time(0));
    reads("2026-03-01T09:30:00Z", Literal::Time(1_772_357_400_000_000));
    reads("2026-03-01T09:30:00.25Z", Literal::Time(1_772_357_400_250_000));
    reads("1969-12-31T23:59:59.999999Z", Literal::Time(-1));
    for year in [1, 1600, 1900, 1969, 1970, 1999, 2000, 2024, 2100, 9999] {
        for month in 1..=12 {
            for day in [1, days_of(year, month)] {
                let found = days_since_1970(year, month, day);
                assert_eq!(found, days_by_counting(year, month, day), "{year}-{month}-{day}");
            }
        }
    }
    refuses("2026-03-01", Code::BadTime, "always in UTC");
    refuses("2026-3-1", Code::BadTime, "always in UTC");
    refuses("2026-03-01T09:30:00", Code::BadTime, "always in UTC");
    refuses("2026-03-01T09:30:00+02:00", Code::BadTime, "always in UTC");
    refuses("2026-03-01T09:30Z", Code::BadTime, "always in UTC");
    refuses("2026-02-29T00:00:00Z", Code::BadTime, "no day");
    refuses("2026-13-01T00:00:00Z", Code::BadTime, "no day");
    refuses("2026-12-31T23:59:60Z", Code::BadTime, "no time of day");
    refuses("2026-12-31T24:00:00Z", Code::BadTime, "no time of day");
    refuses("2026-12-31T00:00:00.1234567Z", Code::BadTime, "six digits");
    refuses("12:30:00", Code::BadTime, "2026");
}
