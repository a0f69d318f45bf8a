use super::*;

#[test]
fn a_slip_of_a_finger_is_understood() {
    let words = ["stage", "severity", "deadline", "do"];
    assert_eq!(nearest("stge", words), Some("stage"));
    assert_eq!(nearest("satge", words), Some("stage"), "two neighbours swapped");
    assert_eq!(nearest("serverty", words), Some("severity"));
    assert_eq!(nearest("dedaline", words), Some("deadline"));
    assert_eq!(nearest("stage", words), Some("stage"));
}

#[test]
fn what_is_far_off_is_not_guessed() {
    let words = ["stage", "severity", "do"];
    assert_eq!(nearest("host", words), None);
    assert_eq!(nearest("d", words), None, "a letter could be anything");
    assert_eq!(nearest("", words), None);
}

#[test]
fn distance_counts_letters() {
    assert_eq!(distance("", "abc"), 3);
    assert_eq!(distance("abc", ""), 3);
    assert_eq!(distance("abc", "acb"), 1);
    assert_eq!(distance("abc", "abc"), 0);
    assert_eq!(distance("ca", "abc"), 3, "a swap is not combined with an insertion");
}
