//! Comments stay with what they stand beside.

use super::{check, same};

#[test]
fn comments_keep_their_places() {
    same(
        r"//! What it is for.
//! And more.

// About the first.
use a // why

/// A type.
type T { // its fields
    /// The first.
    a: Int // one

    // Between.
    b: Int
    // At the end.
}

// At the very end.
",
    );
}

#[test]
fn a_comment_breaks_what_it_stands_in() {
    check(
        "const a: List<Int> = [1, // one\n// two\n2 // behind\n, 3]\n",
        "const a: List<Int> = [\n    1, // one\n    // two\n    2, // behind\n    3,\n]\n",
    );
    check(
        "playbook p() {\n  do a.b(x: 1) // now\n for 1h\n let x = // here\n 5 }",
        "playbook p() {\n    do a.b(x: 1) // now\n        for 1h\n    let x = // here\n        5\n}\n",
    );
    check(
        "fn f() -> Int { if a { return 1 } // no\nelse { return 2 }\n// end\n}",
        "fn f() -> Int {\n    if a {\n        return 1\n    } // no\n    else {\n        return 2\n    }\n    // end\n}\n",
    );
}
