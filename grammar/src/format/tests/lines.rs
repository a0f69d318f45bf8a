//! Where lines are broken.

use super::{check, same};

#[test]
fn long_lists_have_an_element_a_line() {
    check(
        "const all: List<Text> = [\"a long text\", \"another long text\", \"a third long text\", \"a text at the end\"]",
        "const all: List<Text> = [\n    \"a long text\",\n    \"another long text\",\n    \
         \"a third long text\",\n    \"a text at the end\",\n]\n",
    );
    check("const all: List<Int> = [\n1,\n2,\n]", "const all: List<Int> = [1, 2]\n");
}

#[test]
fn clauses_that_do_not_fit_share_the_next_line() {
    check(
        "playbook p(a: Address) { do firewall.block(address: a, reason: \"a reason that is rather long, as they are\") for 1h verified within 10s }",
        "playbook p(a: Address) {\n    \
             do firewall.block(address: a, reason: \"a reason that is rather long, as they are\")\n        \
                 for 1h verified within 10s\n}\n",
    );
    same(
        "playbook p(a: Address) {\n    do firewall.block(address: a) for 1h verified within 10s\n}\n",
    );
}

#[test]
fn an_approval_with_an_escalation_lists_its_clauses() {
    check(
        "playbook p() { approve \"Do it?\" by 1 of [lead] within 1h escalate to [ciso] after 5m { finish contained } otherwise d { finish escalated } }",
        r#"playbook p() {
    approve "Do it?"
        by 1 of [lead] within 1h
        escalate to [ciso] after 5m
    {
        finish contained
    } otherwise d {
        finish escalated
    }
}
"#,
    );
    same(
        "playbook p() {\n    approve \"Do it?\" by 1 of [lead] within 1h {\n        \
         finish contained\n    } otherwise d {\n        finish escalated\n    }\n}\n",
    );
}

#[test]
fn declarations_have_a_clause_a_line() {
    check(
        "/// Blocks.\naction block(a: Address) -> Int affects a, b undo none \"x\" retry 4 backoff 1s notice n(text: Text) to others timeout 5s",
        "/// Blocks.\naction block(a: Address) -> Int\n    affects a, b\n    undo none \"x\"\n    \
         retry 4 backoff 1s\n\nnotice n(text: Text) to others\n    timeout 5s\n",
    );
}

#[test]
fn a_condition_that_does_not_fit_is_broken_before_its_loosest_operators() {
    check(
        "fn f(a: Int) -> Bool { if a_rather_long_name == 1 and another_rather_very_long_name == 2 or a_third_really_long_name == 3 { return true } return false }",
        r"fn f(a: Int) -> Bool {
    if a_rather_long_name == 1 and another_rather_very_long_name == 2
        or a_third_really_long_name == 3
    {
        return true
    }
    return false
}
",
    );
}

#[test]
fn short_blocks_stay_where_the_author_put_them() {
    same(
        "fn f(a: Level) -> Int {\n    match a {\n        low { return 1 }\n        high or top {\n            \
         return 2\n        }\n    }\n}\n",
    );
    same("enum Level { low, high(Text), else }\n\ntype T { a: Int, b: Text }\n");
    check("enum Level {low,\nhigh}", "enum Level {\n    low,\n    high,\n}\n");
    check("type T { a: Int b: Text, }", "type T { a: Int, b: Text }\n");
    check("type T { a: Int,\n\n\n b: Text, }", "type T {\n    a: Int\n\n    b: Text\n}\n");
}

#[test]
fn a_branch_that_is_broken_breaks_the_others() {
    check(
        "fn f(a: Int) -> Int { if a == 1 { return 1 } else {\n return 2 } }",
        "fn f(a: Int) -> Int {\n    if a == 1 {\n        return 1\n    } else {\n        return 2\n    }\n}\n",
    );
}

#[test]
fn a_call_of_one_text_is_never_broken() {
    let text = "x".repeat(120);
    same(&format!("playbook p() {{\n    tell n.analysts(text: \"{text}\")\n}}\n"));
    check(
        &format!("playbook p() {{ tell n.user(user: u, text: \"{text}\") }}"),
        &format!(
            "playbook p() {{\n    tell n.user(\n        user: u,\n        text: \"{text}\",\n    )\n}}\n"
        ),
    );
}

#[test]
fn items_are_parted_by_one_blank_line_unless_short_and_alike() {
    check(
        "use a\nuse b\n\n\nuse c\nrole r \"x\"\ntype T { a: Int }\ntype U { a: Int }",
        "use a\nuse b\n\nuse c\n\nrole r \"x\"\n\ntype T { a: Int }\n\ntype U { a: Int }\n",
    );
}

#[test]
fn a_comprehension_that_does_not_fit_has_its_source_below_what_is_made() {
    same(
        r"fn f(all: List<Window>, action: Text) -> Bool {
    return any(
        length(one.what) == 0
            or a_rather_long_name_of_an_action in one.what
            or another_rather_long_name in one.what
        for one in all
        if one.until > a_moment_of_some_importance
    )
}
",
    );
}
