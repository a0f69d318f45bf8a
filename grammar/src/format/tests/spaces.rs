//! Blanks between tokens that stand on one line.

use super::{check, same};

#[test]
fn an_empty_source_stays_empty() {
    same("");
    check("\n \n", "");
}

#[test]
fn signs_stand_as_people_read_them() {
    check(
        "fn f(a:Int,b:List<Map<Text,Int>> max 5?)->Int{return -a+ - 1*( b [ 0 ] ?.x-max (a , 2,))}",
        "fn f(a: Int, b: List<Map<Text, Int>> max 5?) -> Int { \
         return -a + -1 * (b[0]?.x - max(a, 2)) }\n",
    );
}

#[test]
fn an_amount_in_parentheses_is_no_call() {
    same(
        "playbook p(hosts: List<Host>) {\n    limit Host (fleet)\n    each h in hosts max (most) {\n        \
         wait (calm)\n    }\n}\n",
    );
}

#[test]
fn a_dot_behind_a_number_keeps_its_distance() {
    same("const a: Int = 5 .b\n");
}

#[test]
fn texts_are_left_alone_but_for_their_holes() {
    check(
        r#"const a: Text = "x  { f( b,"y {c+d}") }  \{ \u{e9}""#,
        "const a: Text = \"x  {f(b, \"y {c + d}\")}  \\{ \\u{e9}\"\n",
    );
}
