use proptest::prelude::*;

use super::*;

fn voter() -> Voter {
    Voter { owner: "ann".into(), roles: std::collections::BTreeSet::new() }
}

fn statements() -> Vec<Statement> {
    let effect = EffectId([9; 16]);
    let request = Digest([4; 32]);
    let orders = [
        Order::Cancel { undo: true },
        Order::Cancel { undo: false },
        Order::Rollback { effects: Vec::new() },
        Order::Rollback { effects: vec![effect, EffectId([8; 16])] },
        Order::Settle { effect, done: true },
        Order::Settle { effect, done: false },
        Order::Release(Release::Continue),
        Order::Release(Release::Undo),
        Order::Release(Release::Keep),
        Order::Vote { request, vote: Vote::Grant(vec![0, 2]) },
        Order::Vote { request, vote: Vote::Deny(vec![1], "not tonight".into()) },
        Order::Vote { request, vote: Vote::Choose("attack".into()) },
        Order::Halt { reason: "it blocks our own people".into() },
        Order::Resume,
        Order::Renew { effect, span: Duration::from_secs(86_400) },
        Order::LetGo { effect },
        Order::Lift { effect },
        Order::Erase { reason: "the law".into() },
    ];
    let created_at = Time(1_800_000_000_000_000);
    orders.map(|order| Statement { run: RunId([7; 16]), order, created_at }).to_vec()
}

#[test]
fn statements_survive_their_bytes_and_no_two_are_alike() {
    let mut seen = Vec::new();
    for statement in statements() {
        let bytes = statement.encode();
        assert_eq!(Statement::decode(&bytes), Ok(statement));
        assert!(!seen.contains(&bytes));
        seen.push(bytes);
    }
}

#[test]
fn bytes_that_are_cut_changed_or_too_many_are_no_statement() {
    for statement in statements() {
        let bytes = statement.encode();
        for length in 0..bytes.len() {
            assert!(Statement::decode(&bytes[..length]).is_err());
        }
        assert!(Statement::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
    let mut bytes = statements()[2].encode();
    bytes[18] = 99;
    let error = Statement::decode(&bytes).unwrap_err();
    assert_eq!((error.at, error.reason), (18, "the verb is not known"));
}

#[test]
fn a_message_is_known_by_what_was_said_and_by_whom() {
    let statement = statements()[0].encode();
    let signed = |key: u8, signature: u8| Signed {
        key: KeyId([key; 32]),
        signature: [signature; 64],
        statement: statement.clone(),
    };
    let first = signed(1, 1);
    assert_eq!(Signed::decode(&first.encode()), Ok(first.clone()));
    assert_eq!(first.digest(), signed(1, 2).digest());
    assert_ne!(first.digest(), signed(2, 1).digest());
    for length in 0..102 {
        assert!(Signed::decode(&first.encode()[..length]).is_err());
    }
    assert_eq!(Signed::decode(b"RYEX").unwrap_err().at, 0);
}

#[test]
fn a_rollback_becomes_one_run_however_often_it_is_said() {
    let said = |message: u8| Said { key: KeyId([1; 32]), message: Digest([message; 32]) };
    let rollback = &statements()[2];
    let journal = JournalId([3; 16]);
    let first = rollback.message(journal, said(1), voter());
    assert_eq!(first, rollback.message(journal, said(1), voter()));
    assert_ne!(first.verb, rollback.message(journal, said(2), voter()).verb);
}

proptest! {
    #[test]
    fn any_bytes_are_the_one_message_that_they_write_or_none(
        bytes in proptest::collection::vec(any::<u8>(), 0..160),
        head in any::<bool>(),
    ) {
        let head = if head { b"RYEM\x00\x01".as_slice() } else { &[] };
        let bytes = [head, &bytes].concat();
        if let Ok(signed) = Signed::decode(&bytes) {
            prop_assert_eq!(signed.encode(), bytes.clone());
        }
        let versioned = [&[0, 1], bytes.as_slice()].concat();
        for bytes in [bytes, versioned] {
            if let Ok(statement) = Statement::decode(&bytes) {
                prop_assert_eq!(statement.encode(), bytes);
            }
        }
    }
}
