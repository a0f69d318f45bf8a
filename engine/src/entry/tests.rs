use std::collections::BTreeSet;

use proptest::prelude::*;
use rye_core::action::{Audience, Retry};
use rye_core::effect::{Life, Proof, Query, Step, StepKind, UndoPlan};
use rye_core::error::ErrorKind;
use rye_core::impact::Impact;
use rye_core::mode::Mode;
use rye_core::question::{ApprovalBox, Escalation, Listed, ListedUndo, Subject};

use super::*;
use crate::alert::About;
use crate::guardrail::Quota;
use crate::guardrail::quota::Counted;

fn place() -> Place {
    let step = |kind, ordinal| Step { kind, ordinal };
    let steps = vec![step(StepKind::Stage, 1), step(StepKind::Round, 2), step(StepKind::Effect, 0)];
    Place { position: Position(steps), stage: "contain".into() }
}

fn call(action: &str) -> Call {
    let address = Value::asset("Address", Value::Ip([203, 0, 113, 7].into()));
    Call { action: action.into(), arguments: [("address".into(), address)].into() }
}

fn act() -> Box<Act> {
    let retry = Retry { attempts: 4, backoff: Duration::from_secs(1) };
    let query =
        Query { call: call("std.firewall.is_blocked"), timeout: Duration::from_secs(5), retry };
    Box::new(Act {
        call: call("std.firewall.block"),
        affects: vec![Value::text("x")],
        undo: UndoPlan::Call { call: call("std.firewall.unblock"), timeout: Duration(7) },
        proof: vec![Proof { query, expected: Value::Bool(true) }],
        simulated: Value::None,
        life: Life::For(Duration::from_secs(3600)),
        verified: Some(Duration::from_secs(10)),
        timeout: Duration::from_secs(10),
        retry,
        idempotent: true,
        impact: Impact::Reversible,
        approval: None,
    })
}

fn endings() -> Vec<Ending> {
    vec![
        Ending::Done(Value::Int(3)),
        Ending::AlreadySo(Value::None),
        Ending::refused(ErrorKind::Conflict, "somebody else's"),
        Ending::Refused { error: Error::new(ErrorKind::Denied, ""), perhaps: true },
        Ending::NotSent("nobody there".into()),
        Ending::Unknown("lost".into()),
    ]
}

fn question(subject: Subject) -> Question {
    let roles = vec!["ciso".into()];
    Question {
        text: "Cut it off?".into(),
        count: 2,
        roles: vec!["soc_lead".into()],
        within: Duration(9),
        escalation: Some(Escalation { roles, after: Duration(3) }),
        subject,
    }
}

fn approval_question() -> Question {
    let undo = |undo| Listed {
        call: call("std.firewall.block"),
        affects: vec![Value::Int(3)],
        undo,
        life: Life::For(Duration(5)),
        impact: Impact::Disruptive,
    };
    let arguments = vec![("a".into(), Some(Value::Int(1))), ("b".into(), None)];
    let call = ListedUndo::Call { action: "std.firewall.unblock".into(), arguments };
    let effects = vec![undo(call), undo(ListedUndo::None), undo(ListedUndo::Irreversible)];
    let boxes = vec![
        ApprovalBox { item: None, effects },
        ApprovalBox { item: Some(Value::text("b")), effects: Vec::new() },
    ];
    question(Subject::Approval { boxes, auto: true })
}

fn choice_question() -> Question {
    let values = vec!["attack".into(), "drill".into()];
    let choice = question(Subject::Choice { of: "Verdict".into(), values });
    Question { escalation: None, ..choice }
}

/// At least one entry of each kind, and of each alternative in it.
#[expect(clippy::too_many_lines, reason = "one entry after the other")]
fn bodies() -> Vec<Body> {
    let (effect, owner) = (EffectId([7; 16]), RunId([9; 16]));
    let by = Said { key: KeyId([1; 32]), message: Digest([2; 32]) };
    let error = Error::new(ErrorKind::Timeout, "too late");
    let answers: [Answer; 2] = [Ok(Value::text("yes")), Err(error.clone())];
    let start = RunStart {
        bundle: Digest([3; 32]),
        playbook: "contain_scanner".into(),
        mode: Mode::Enforce,
        starter: "ann".into(),
        deadline: Duration::from_secs(60),
        settings: vec![Value::Int(3), Value::None],
        input: br#"{"event": 1}"#.as_slice().into(),
    };
    let notice = Notice {
        call: call("std.notify.analysts"),
        audience: Audience::Others,
        timeout: Duration(1),
        retry: Retry::ONCE,
    };
    let mut bodies = vec![
        Body::Genesis { version: 1, environment: "lab".into() },
        Body::Bound { module: "std.firewall".into(), place: "the edge".into() },
        Body::Opened { version: "0.1.0".into(), dropped: 12 },
        Body::ClockAnomaly { from: Time(5), to: Time(-5) },
        Body::BundleLoaded {
            digest: Digest([4; 32]),
            name: "soc/scanner".into(),
            version: 7,
            floor: 1,
            signers: vec![KeyId([5; 32]), KeyId([6; 32])],
        },
        Body::BundleRejected { digest: None, code: "E_MAGIC".into() },
        Body::BundleRejected { digest: Some(Digest([4; 32])), code: "E_EXPIRED".into() },
        Body::TrustRootTaken {
            digest: Digest([4; 32]),
            version: 2,
            reset: vec!["soc/block".into(), "soc/isolate".into()],
        },
        Body::TrustRootRefused { digest: None, code: "E_ROOT_SKIP".into() },
        Body::RevocationsTaken { digest: Digest([4; 32]), version: 3 },
        Body::RevocationsRefused { digest: Some(Digest([4; 32])), code: "E_LENGTH".into() },
        Body::BundleWithdrawn { bundle: Digest([4; 32]), code: "E_REVOKED".into() },
        Body::BundleRestored { bundle: Digest([4; 32]) },
        Body::Restricted { code: Some("E_FRESHNESS".into()) },
        Body::Restricted { code: None },
        Body::MessageRefused {
            message: Digest([8; 32]),
            claim: Claim::default(),
            reason: "no message".into(),
        },
        Body::MessageRefused {
            message: Digest([8; 32]),
            claim: Claim {
                key: Some(KeyId([5; 32])),
                run: Some(RunId([3; 16])),
                verb: Some("rollback".into()),
            },
            reason: "stale".into(),
        },
        Body::Started(Box::new(start)),
        Body::Intent { effect, place: place(), act: act(), counts: Vec::new() },
        Body::Intent { effect, place: place(), act: act(), counts: counts() },
        Body::Attempted { effect, attempt: 2 },
        Body::Told { effect, place: place(), notice: notice.clone(), delivered: true },
        Body::Alerted {
            alert: EffectId([9; 16]),
            about: About::LifeEnds,
            effect: Some(effect),
            notice: notice.clone(),
            delivered: true,
        },
        Body::Alerted {
            alert: EffectId([9; 16]),
            about: About::Clock,
            effect: None,
            notice,
            delivered: false,
        },
        Body::Waiting { effect, place: place(), until: Time(99) },
        Body::Benign { text: "a drill".into() },
        Body::Requested { effect, place: place(), question: Box::new(approval_question()) },
        Body::Requested { effect, place: place(), question: Box::new(choice_question()) },
        Body::Voted { effect, by, owner: "ann".into(), vote: Vote::Grant(vec![0, 1]) },
        Body::Voted { effect, by, owner: "ann".into(), vote: Vote::Deny(vec![1], "no".into()) },
        Body::Voted { effect, by, owner: "ann".into(), vote: Vote::Choose("drill".into()) },
        Body::Escalated { effect },
        Body::Unwound,
        Body::LetGo { owner, effect, why: Why::Life, how: LetGo::StillHeld },
        Body::LetGo { owner, effect, why: Why::Release, how: LetGo::ChangedByOthers },
        Body::Covered {
            owner,
            effect,
            why: Why::Person,
            by_run: RunId([8; 16]),
            by_effect: EffectId([6; 16]),
        },
        Body::UndoIntent {
            owner,
            effect,
            why: Why::Person,
            first_run: RunId([8; 16]),
            first_effect: EffectId([6; 16]),
            attempt: 3,
            call: call("std.firewall.unblock"),
        },
        Body::RollbackStarted { of: owner, effects: Vec::new(), by },
        Body::RollbackStarted { of: owner, effects: vec![effect, EffectId([8; 16])], by },
        Body::Halted { reason: "it blocks the wrong people".into(), owner: "ann".into(), by },
        Body::Resumed { owner: "bob".into(), lifted: false, by },
        Body::Resumed { owner: "eve".into(), lifted: true, by },
        Body::Lifted { effect, owner: "bob".into(), enough: false, by },
        Body::Lifted { effect, owner: "eve".into(), enough: true, by },
        Body::Renewed { effect, span: Duration::from_secs(86_400), by },
        Body::LifeEnded { effect, by },
        Body::Erasing {
            counts: vec![Remnant {
                mode: Mode::Enforce,
                of: Counted::Assets("Address".into()),
                at: Stamp {
                    wall: Time(7),
                    boot: rye_core::id::BootId([3; 16]),
                    monotonic: Duration(5),
                },
                weight: 4,
            }],
            runs: vec![owner, RunId([8; 16])],
            reason: "the law".into(),
            owner: "ann".into(),
            by,
        },
        Body::Erased,
    ];
    for how in [DecidedBy::People, DecidedBy::Time, DecidedBy::Condition, DecidedBy::Mode] {
        bodies.push(Body::Decided { effect, how, answer: answers[0].clone() });
    }
    for answer in answers {
        let call = call("std.firewall.is_blocked");
        bodies.extend([
            Body::Asked {
                effect,
                place: place(),
                call: call.clone(),
                attempts: 2,
                said: answer.is_err().then(|| "the program fell".into()),
                answer: answer.clone(),
            },
            Body::Refused {
                effect,
                place: place(),
                call,
                guardrail: Guardrail::RunLimit,
                rule: "limit".into(),
                answer: answer.clone(),
            },
            Body::Simulated {
                effect,
                place: place(),
                act: act(),
                looked: answer.is_ok().then_some(Verdict::Unclear),
                answer: answer.clone(),
            },
            Body::AlreadySo {
                effect,
                place: place(),
                act: act(),
                joined: true,
                answer: answer.clone(),
            },
            Body::Waited { effect, place: place(), answer: answer.clone() },
            Body::Settled { effect, done: true, by, answer: answer.clone() },
            Body::Probed {
                effect,
                verdict: Verdict::Gone,
                said: None,
                stands: false,
                answer: Some(answer),
            },
        ]);
    }
    let (verdict, said) = (Verdict::Unclear, Some("no answer".into()));
    bodies.push(Body::Probed { effect, verdict, said, stands: true, answer: None });
    for ending in endings() {
        let answer = matches!(ending, Ending::Done(_)).then_some(Ok(Value::Int(3)));
        bodies.extend([
            Body::Outcome { effect, attempt: 1, ending: ending.clone(), stands: true, answer },
            Body::Delivered { effect, attempt: 1, ending: ending.clone(), last: false },
            Body::UndoOutcome { owner, effect, attempt: 1, ending, result: UndoResult::LeftAlone },
        ]);
    }
    for then in [Then::Recover, Then::Hold(place().position), Then::End] {
        let (at, undo) = (place().position, matches!(then, Then::End).then(Position::default));
        bodies.push(Body::Raised { error: error.clone(), at, undo, then });
    }
    for reason in [
        HoldReason::Error(error),
        HoldReason::InDoubt(effect),
        HoldReason::Deadline,
        HoldReason::Fault("fuel".into()),
        HoldReason::Bundle("revoked".into()),
    ] {
        bodies.push(Body::Held { reason });
    }
    for how in [Release::Continue, Release::Undo, Release::Keep] {
        bodies.push(Body::Released { how, by });
    }
    for undo in [true, false] {
        bodies.push(Body::Cancelled { undo, by });
    }
    for outcome in RunOutcome::ALL {
        bodies.push(Body::Ended { outcome, text: "done".into() });
    }
    bodies
}

fn counts() -> Vec<Count> {
    let count = |of, after| {
        let quota = Quota { of, most: 10, per: Duration::from_secs(3_600) };
        Count { quota, after }
    };
    vec![count(Counted::Assets("Host".into()), 3), count(Counted::Acts("std.host".into()), 11)]
}

#[test]
fn every_entry_reads_back_as_it_was_written() {
    for body in bodies() {
        let draft = body.encode();
        assert_eq!(Body::decode(&draft).as_ref(), Ok(&body), "{draft:?}");
        assert!(draft.fields.is_sorted_by_key(|(tag, _)| *tag));
        assert!(draft.values.is_sorted_by_key(|(tag, _)| *tag));
    }
}

/// A line per sample: its word and kind, then fields, a bar, and values, as `tag:bytes`.
fn listed(body: &Body) -> String {
    let Draft { kind, fields, values } = body.encode();
    let parts = |parts: Vec<(u16, Vec<u8>)>| {
        parts.into_iter().fold(String::new(), |line, (tag, bytes)| {
            format!("{line} {tag}:{}", rye_core::hex::encode(&bytes))
        })
    };
    format!("{} {kind}{} |{}\n", body.word(), parts(fields), parts(values))
}

/// Journals on disk are read by later versions: a line that changes is a new format.
#[test]
fn entries_keep_their_bytes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/entry/encodings.txt");
    let found: String = bodies().iter().map(listed).collect();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &found).expect("encodings.txt can be written");
    }
    let expected = std::fs::read_to_string(path).expect("encodings.txt");
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected, "(BLESS=1 rewrites)");
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "(BLESS=1 rewrites)");
}

#[test]
fn the_page_about_entries_has_every_kind() {
    let page = include_str!("../../../docs/reference/journal-entries.md");
    for (kind, word) in (0..=u8::MAX).filter_map(|kind| Some((kind, kind_word(kind)?))) {
        assert!(page.contains(&format!("\n| {kind} | {word}")), "{kind} {word}");
    }
}

#[test]
fn the_samples_cover_every_kind() {
    let words: BTreeSet<&str> = bodies().iter().map(Body::word).collect();
    let kinds: BTreeSet<u8> = bodies().iter().map(|body| body.encode().kind).collect();
    assert_eq!(words.len(), 52);
    assert_eq!(kinds.len(), 52);
}

#[test]
fn what_is_missing_or_does_not_belong_is_named() {
    for body in bodies() {
        let draft = body.encode();
        for index in 0..draft.fields.len() {
            let mut less = draft.clone();
            less.fields.remove(index);
            assert_ne!(Body::decode(&less), Ok(body.clone()), "{body:?} without a field");
        }
        for index in 0..draft.values.len() {
            let mut less = draft.clone();
            less.values.remove(index);
            assert!(Body::decode(&less).is_err(), "{body:?} without a value");
        }
        let mut more = draft.clone();
        more.fields.push((u16::MAX, vec![]));
        assert_eq!(Body::decode(&more), Err(EntryError::Extra(u16::MAX)));
    }
}

#[test]
fn what_came_from_outside_is_never_a_field() {
    let secret = b"203.0.113.7".to_vec();
    let marked = Value::text("203.0.113.7");
    for body in [
        Body::Asked {
            effect: EffectId([7; 16]),
            place: place(),
            call: Call { action: "a.b".into(), arguments: [("x".into(), marked.clone())].into() },
            attempts: 1,
            said: Some("203.0.113.7".into()),
            answer: Ok(marked.clone()),
        },
        Body::Outcome {
            effect: EffectId([7; 16]),
            attempt: 1,
            ending: Ending::Done(marked.clone()),
            stands: true,
            answer: Some(Ok(marked)),
        },
        Body::Ended { outcome: RunOutcome::Contained, text: "203.0.113.7 is out".into() },
    ] {
        for (tag, bytes) in body.encode().fields {
            let shows = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!shows, "field {tag} of {}", body.word());
        }
    }
}

proptest! {
    #[test]
    fn changed_bytes_are_another_entry_or_an_error(
        which: prop::sample::Index,
        field: prop::sample::Index,
        at: prop::sample::Index,
        bit in 0..8_u8,
    ) {
        let bodies = bodies();
        let body = which.get(&bodies);
        let mut draft = body.encode();
        let parts = draft.fields.len() + draft.values.len();
        prop_assume!(parts > 0);
        let part = field.index(parts);
        let fields = draft.fields.len();
        let (_, bytes) =
            if part < fields { &mut draft.fields[part] } else { &mut draft.values[part - fields] };
        prop_assume!(!bytes.is_empty());
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(other) = Body::decode(&draft) {
            prop_assert_ne!(&other, body);
            prop_assert_eq!(other.encode(), draft);
        }
    }
}
