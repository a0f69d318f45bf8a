use super::*;

#[test]
fn lines_and_columns_count_from_one_in_characters() {
    let mut map = SourceMap::new();
    let file = map.add("a.rye", "ab\n\u{e9}c\r\n\nd");
    let at = |byte| {
        let found = map.start(Span::new(file, byte, byte)).unwrap();
        (found.line, found.column)
    };
    assert_eq!(at(0), (1, 1));
    assert_eq!(at(2), (1, 3));
    assert_eq!(at(3), (2, 1));
    assert_eq!(at(5), (2, 2), "é is two bytes and one column");
    assert_eq!(at(8), (3, 1));
    assert_eq!(at(9), (4, 1));
    assert_eq!(at(10), (4, 2));
    assert_eq!(at(999), (4, 2), "behind the end is the end");
}

#[test]
fn spans_join_and_shrink() {
    let file = FileId(3);
    let joined = Span::new(file, 4, 6).to(Span::new(file, 9, 12));
    assert_eq!(joined, Span::new(file, 4, 12));
    assert!(joined.at_end().is_empty());
    assert_eq!(joined.at_end().start, 12);
    assert_eq!(Span::new(file, 7, 2), Span::new(file, 7, 7));
}

#[test]
fn a_span_of_another_map_has_no_text() {
    let map = SourceMap::new();
    assert_eq!(map.text(Span::new(FileId(7), 0, 1)), "");
    assert!(map.start(Span::new(FileId(7), 0, 1)).is_none());
}
