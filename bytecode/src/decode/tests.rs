use super::*;
use crate::{assemble, encode};

fn example() -> Vec<Section> {
    let module = assemble(include_str!("../assemble/tests/contain.ryasm")).unwrap();
    let sections = encode(&module).unwrap();
    assert_eq!(decode(&sections).as_ref(), Ok(&module));
    sections
}

#[test]
fn every_cut_is_refused_with_its_section() {
    let sections = example();
    for index in 0..sections.len() {
        for length in 0..sections[index].1.len() {
            let mut cut = sections.clone();
            cut[index].1.truncate(length);
            let error = decode(&cut).unwrap_err();
            // A shorter table of functions is noticed where their code is.
            assert!(error.section >= cut[index].0, "{error}");
            assert!(error.offset <= length.max(sections[index].1.len()), "{error}");
        }
    }
}

#[test]
fn every_changed_byte_is_refused_or_means_something_else() {
    let sections = example();
    for index in 0..sections.len() {
        for at in 0..sections[index].1.len() {
            for flip in [1, 0x80] {
                let mut changed = sections.clone();
                changed[index].1[at] ^= flip;
                if let Ok(module) = decode(&changed) {
                    assert_eq!(encode(&module).unwrap(), changed, "one module, one encoding");
                }
            }
        }
    }
}

#[test]
fn sections_are_all_there_once_and_in_order() {
    let sections = example();
    let reason = |sections: &[Section]| decode(sections).unwrap_err().to_string();
    assert_eq!(reason(&[]), "section `constants`, byte 0: the section is missing or out of order");
    let mut swapped = sections.clone();
    swapped.swap(0, 1);
    assert!(reason(&swapped).contains("out of order"));
    let mut twice = sections.clone();
    twice.insert(0, sections[0].clone());
    assert!(reason(&twice).contains("out of order"));
    let mut reserved = sections.clone();
    reserved.insert(5, (7, Vec::new()));
    assert_eq!(reason(&reserved), "section 7: this kind of section is unknown");
    let mut unknown = sections.clone();
    unknown.push((13, Vec::new()));
    assert_eq!(reason(&unknown), "section 13: this section doesn't belong here");
    let mut empty = sections.clone();
    empty.insert(5, (6, vec![0; 8]));
    assert!(reason(&empty).contains("without content is left out"));
    let mut trailing = sections;
    trailing[0].1.push(0);
    assert!(reason(&trailing).contains("bytes follow the end"));
}
