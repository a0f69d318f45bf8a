//! The instruction table against its golden file and its page: a number is never
//! used again, and what an instruction looks like in bytecode never changes.

use std::fs;
use std::path::{Path, PathBuf};

use rye_bytecode::instruction::{Opcode, TABLE};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// One line for each row: what its bytes depend on, and its price.
fn rows() -> String {
    let line = |row: &rye_bytecode::instruction::Row| {
        let operands: Vec<String> = row
            .operands
            .iter()
            .map(|operand| {
                let (role, shape, kind) = (operand.role, operand.shape, operand.kind);
                format!("{role:?}({shape:?}) {kind:?}/{}", kind.width())
            })
            .collect();
        format!(
            "{} {} [{}] {:?} {:?}\n",
            row.number,
            row.mnemonic,
            operands.join(", "),
            row.flow,
            row.cost
        )
    };
    TABLE.iter().map(line).collect()
}

#[test]
fn no_row_is_removed_renumbered_or_changed() {
    let golden = path("tests/table.golden");
    if blessing() {
        fs::write(&golden, rows()).unwrap();
    }
    let known = fs::read_to_string(&golden).unwrap();
    let found = rows();
    for line in known.lines() {
        assert!(found.lines().any(|row| row == line), "this row is gone or changed: {line}");
    }
    for line in found.lines() {
        assert!(known.lines().any(|row| row == line), "BLESS=1 adds the row: {line}");
    }
}

#[test]
fn numbers_ascend_and_lead_back_to_their_rows() {
    assert!(TABLE.is_sorted_by(|first, second| first.number < second.number));
    for row in TABLE {
        assert_eq!(Opcode::from_number(row.number).map(Opcode::row), Some(row));
        assert_eq!(Opcode::from_mnemonic(row.mnemonic).map(Opcode::row), Some(row));
        assert!(!row.doc.is_empty() && !row.doc.ends_with('.'), "{}", row.mnemonic);
    }
    assert_eq!(Opcode::from_number(0), None, "zeros are no code");
}

#[test]
fn the_page_is_fresh() {
    let page = path("../docs/reference/instructions.md");
    let fresh = rye_bytecode::reference::instructions();
    if blessing() {
        fs::write(&page, &fresh).unwrap();
    }
    let found = fs::read_to_string(&page).unwrap_or_default();
    assert!(found == fresh, "docs/reference/instructions.md is stale: BLESS=1 rewrites it");
}
