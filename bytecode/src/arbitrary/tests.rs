use super::*;
use crate::{Options, assemble, decode, disassemble, encode, verify};

proptest! {
    #[test]
    fn decoding_is_the_inverse_of_encoding(module in module()) {
        let sections = encode(&module).unwrap();
        prop_assert_eq!(decode(&sections), Ok(module));
    }

    #[test]
    fn assembling_is_the_inverse_of_disassembling(module in module()) {
        let text = disassemble(&module);
        prop_assert_eq!(assemble(&text), Ok(module), "{}", text);
    }

    #[test]
    fn any_bytes_are_no_module_or_one_with_these_bytes(
        module in module(),
        section in any::<Index>(),
        at in any::<Index>(),
        bytes in vec(any::<u8>(), 0..20),
    ) {
        let mut sections = encode(&module).unwrap();
        let section = section.index(sections.len());
        let old = &mut sections[section].1;
        let at = at.index(old.len() + 1);
        let end = (at + bytes.len()).min(old.len());
        old.splice(at..end, bytes);
        if let Ok(module) = decode(&sections) {
            prop_assert_eq!(encode(&module).unwrap(), sections);
        }
    }

    #[test]
    fn any_text_is_a_module_or_an_error(text in "[a-z0-9 .,:#{}()\\[\\]\"\n-]{0,80}") {
        let _ = assemble(&text);
    }

    #[test]
    fn any_module_is_judged(module in module()) {
        let _ = verify(module, Options::default());
    }

    #[test]
    fn straight_code_is_accepted(module in straight()) {
        if let Err(error) = verify(module.clone(), Options::default()) {
            prop_assert!(false, "{error}\n{}", disassemble(&module));
        }
    }

    #[test]
    fn straight_code_with_any_instruction_in_it_is_judged(
        module in straight(),
        at in any::<Index>(),
        instructions in vec(instruction(), 1..6),
    ) {
        let mut module = module;
        let code = &mut module.functions[0].code;
        let at = at.index(code.len());
        code.splice(at..at, instructions);
        let _ = verify(module, Options::default());
    }
}

#[test]
fn straight_code_can_hold_most_instructions_that_compute() {
    let held = TABLE.iter().filter(|row| is_straight(row)).count();
    assert!(held > 70, "{held}");
}
