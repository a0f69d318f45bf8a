use super::*;

#[test]
fn numbers_are_those_of_json() {
    assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
    for text in ["", "-", "+1", "01", "1.0", "1e3", " 1", "9223372036854775808"] {
        assert_eq!(integer(text), None, "{text}");
    }
    assert_eq!(float("1e3"), Some(1000.0));
    for text in ["", ".5", "1.", "1e", "0x10", "nan", "inf", "1e999"] {
        assert_eq!(float(text), None, "{text}");
    }
}

#[test]
fn a_duration_reads_as_it_prints() {
    for micros in [0, 1, -250_000, 5_400_000_000, i64::MAX, i64::MIN] {
        let printed = Duration(micros).to_string();
        assert_eq!(duration(&printed), Some(Duration(micros)), "{printed}");
    }
    for text in ["", "-", "1", "h", "1h-30m", "9999999999d"] {
        assert_eq!(duration(text), None, "{text}");
    }
}
