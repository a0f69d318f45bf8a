use super::*;

#[test]
fn numbers_are_in_order_and_say_how_bad_it_is() {
    let numbers: Vec<&str> = Code::ALL.iter().map(|code| code.number()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert!(numbers.windows(2).all(|pair| pair[0] != pair[1]), "a number twice: {numbers:?}");
    for code in Code::ALL {
        let letter = match code.severity() {
            Severity::Error => "E",
            Severity::Warning => "W",
        };
        assert!(code.number().starts_with(letter), "{code}");
        assert!(code.number().len() == 5, "{code}");
        assert_eq!(Code::from_number(&code.number().to_lowercase()), Some(*code));
    }
    assert_eq!(Code::from_number("E9999"), None);
}

#[test]
fn titles_are_phrases() {
    for code in Code::ALL {
        let title = code.title();
        assert!(title.starts_with(|c: char| c.is_lowercase() || c == '`'), "{code}: {title}");
        assert!(!title.ends_with('.'), "{code}: {title}");
    }
}

/// What a page lacks, if it lacks something.
fn fault(code: Code) -> Option<&'static str> {
    let page = code.page();
    let title = format!("# {}: {}\n\n", code.number(), code.title());
    if !page.starts_with(&title) {
        return Some("the first line is not `# NUMBER: title`");
    }
    let Some((_, examples)) = page.split_once("\n## Wrong\n") else {
        return Some("no `## Wrong`");
    };
    let Some((wrong, right)) = examples.split_once("\n## Right\n") else {
        return Some("no `## Right` behind `## Wrong`");
    };
    let has_example = |part: &str| part.contains("\n```rye\n");
    (!has_example(wrong) || !has_example(right)).then_some("an example is missing")
}

#[test]
fn every_page_has_a_title_a_wrong_and_a_right_example() {
    let faults: Vec<String> = Code::ALL
        .iter()
        .filter_map(|code| fault(*code).map(|fault| format!("errors/{code}.md: {fault}")))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
