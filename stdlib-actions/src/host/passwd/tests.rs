use super::*;

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
                      toor:x:0:0::/root:/bin/sh\n\
                      # mallory:x:7:7::/:/bin/sh\n\
                      mallory:x:1001:1001:,,,:/home/mallory:/bin/bash\n\
                      broken:x\n";

#[test]
fn accounts_are_read_line_by_line_and_broken_lines_passed_over() {
    let found: Vec<_> = accounts(PASSWD).map(|account| (account.name, account.uid)).collect();
    let expected = [("root", 0), ("toor", 0), ("mallory", 1001)];
    assert_eq!(found, expected.map(|(name, uid)| (name.to_owned(), uid)));
    assert_eq!(name_in(PASSWD, 1001).as_deref(), Some("mallory"));
    assert_eq!(name_in(PASSWD, 7), None);
}

#[test]
fn days_and_instants_belong_together() {
    for day in [0, 1, 20_783] {
        assert_eq!(day_of(begin_of(day)), day);
        assert_eq!(day_of(Time(begin_of(day).0 + DAY_MICROS - 1)), day);
    }
    assert_eq!(begin_of(1), Time::parse("1970-01-02T00:00:00Z").unwrap());
}
