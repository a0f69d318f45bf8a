use super::*;
use crate::assemble;

fn graph(body: &str) -> Result<Graph, FlowError> {
    let head = "type int Int type bool Bool type list List(int) max 9
        function f \"f\" pure (a: int, b: int, c: bool, l: list) -> int registers (i: int, j: int)";
    Graph::new(&assemble(&format!("{head} {{ {body} }}")).unwrap().functions[0].code)
}

fn fault(body: &str) -> (usize, FlowFault) {
    let error = graph(body).unwrap_err();
    (error.instruction, error.fault)
}

#[test]
fn blocks_and_loops_are_found() {
    let graph = graph(
        "range.start i, a, b, 10, end
         body: list.start j, l, 9, out
         inner: jump.if c, out
                list.next j, l, inner
         out: range.next i, b, body
         end: return a",
    )
    .unwrap();
    let blocks: Vec<_> = graph
        .blocks
        .iter()
        .map(|block| (block.start, block.end, block.next, block.label, block.around))
        .collect();
    assert_eq!(
        blocks,
        [
            (0, 1, Some(1), Some(5), None),
            (1, 2, Some(2), Some(4), Some(0)),
            (2, 3, Some(3), Some(4), Some(1)),
            (3, 4, Some(4), Some(2), Some(1)),
            (4, 5, Some(5), Some(1), Some(0)),
            (5, 6, None, None, None),
        ]
    );
    assert_eq!(
        graph.loops,
        [
            Loop { start: 0, end: 5, around: None, depth: 1 },
            Loop { start: 1, end: 4, around: Some(0), depth: 2 },
        ]
    );
    assert!(graph.lies_in(Some(1), Some(0)) && graph.lies_in(Some(0), None));
    assert!(!graph.lies_in(Some(0), Some(1)) && !graph.lies_in(None, Some(0)));
}

#[test]
fn a_loop_whose_body_always_leaves_needs_no_next() {
    let graph = graph("list.start j, l, 9, end\n return j\n end: return a").unwrap();
    assert_eq!(graph.loops, [Loop { start: 0, end: 2, around: None, depth: 1 }]);
    assert_eq!(graph.blocks[1].around, Some(0));
    assert_eq!(graph.blocks[2].around, None);
}

#[test]
fn code_without_the_form_is_refused() {
    assert_eq!(fault(""), (0, FlowFault::Empty));
    assert_eq!(fault("jump #7"), (0, FlowFault::Target));
    assert_eq!(fault("move i, a"), (0, FlowFault::FallsOff));
    assert_eq!(fault("x: jump.if c, y\n y: move i, a"), (1, FlowFault::FallsOff));
    assert_eq!(fault("jump e\n move i, a\n e: return a"), (1, FlowFault::Unreachable));
    assert_eq!(fault("x: move i, a\n jump x"), (1, FlowFault::Backward));
    assert_eq!(fault("x: jump x"), (0, FlowFault::Backward));
    assert_eq!(fault("x: range.next i, b, x\n return a"), (0, FlowFault::Unpaired));
    let next =
        |next: &str| format!("range.start i, a, b, 9, e\n x: move j, i\n y: {next}\n e: return a");
    assert!(graph(&next("range.next i, b, x")).is_ok());
    assert_eq!(fault(&next("range.next i, b, y")), (2, FlowFault::Unpaired));
    assert_eq!(fault(&next("range.next j, b, x")), (2, FlowFault::Unpaired));
    assert_eq!(fault(&next("range.next i, a, x")), (2, FlowFault::Unpaired));
    assert_eq!(fault(&next("list.next i, l, x")), (2, FlowFault::Unpaired));
    assert_eq!(fault(&next("range.next i, b, x\n range.next i, b, x")), (3, FlowFault::Twice));
    assert_eq!(
        fault(
            "range.start i, a, b, 9, e\n x: range.start j, a, b, 9, e\n y: range.next i, b, x
             range.next j, b, y\n e: return a"
        ),
        (1, FlowFault::Overlap)
    );
    assert_eq!(
        fault(
            "jump.if c, y\n range.start i, a, b, 9, e\n x: move j, i\n y: range.next i, b, x\n e: return a"
        ),
        (0, FlowFault::Entry)
    );
    assert_eq!(
        fault("range.start i, a, b, 9, y\n x: move j, i\n y: range.next i, b, x\n e: return a"),
        (0, FlowFault::Entry)
    );
    let deep: String = (0..9).map(|_| "range.start i, a, b, 9, e\n").collect();
    assert_eq!(fault(&format!("{deep} e: return a")), (8, FlowFault::Depth));
}
