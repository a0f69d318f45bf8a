//! Questions to people: what each answer does, who may give it, and that every
//! death leaves one decision and one act.

use rye_core::question::Subject;
use rye_core::value::Cidr;

use super::*;
use crate::guardrail::Guarded;
use crate::question::{DecidedBy, QuestionState, Vote, Voter};
use crate::run::What;

/// What questions read besides.
pub(super) const ASKED: &str = "constant brief, brief\nconstant zero, zero\nconstant users, team\n";

/// A question about what `inside` does; without a yes people are told.
pub(super) fn approve(question: &str, inside: &str) -> String {
    format!(
        "approve approval, {question}\nopen.approved decision, approval, zero, {question}, refused\n\
         {inside}close.frame\njump after\nrefused:\n{TELL}after:\n"
    )
}

const DO_BLOCK: &str = "do nothing, s_block\n";

pub(super) fn one() -> String {
    body(&[ASKED, &approve("q_one", DO_BLOCK), CONTAINED])
}

fn two() -> String {
    body(&[ASKED, &approve("q_two", &format!("{DO_BLOCK}{END_SESSIONS}")), CONTAINED])
}

fn voter(owner: &str, roles: &[&str]) -> Voter {
    Voter { owner: owner.into(), roles: roles.iter().map(|role| (*role).into()).collect() }
}

pub(super) fn lead(owner: &str) -> Voter {
    voter(owner, &["soc_lead"])
}

pub(super) fn yes() -> Vote {
    Vote::Grant(vec![0])
}

fn no() -> Vote {
    Vote::Deny(vec![0], "not tonight".into())
}

impl Sim<Town> {
    fn question(&self) -> &QuestionState {
        let mut all = self.run(RUN).effects.values().filter_map(|effect| effect.question());
        all.next().unwrap()
    }

    fn decided(&self) -> Option<DecidedBy> {
        self.question().decided.map(|(_, how)| how)
    }

    pub(super) fn vote(&mut self, vote: Vote, voter: Voter) -> Result<(), String> {
        let request = self.question().digest;
        self.verb(Verb::Vote { request, vote, voter })
    }

    fn refused(&mut self, vote: Vote, voter: Voter, word: &str) {
        let before = self.question().votes.len();
        let refused = self.vote(vote, voter).unwrap_err();
        assert!(refused.contains(word), "{refused}");
        assert_eq!(self.question().votes.len(), before);
    }
}

#[test]
fn a_yes_does_what_was_shown_and_the_intent_says_whose_it_is() {
    let mut sim = town("hold", &one());
    sim.enforce();
    assert!(matches!(sim.engine().waits_for(RUN), Some(WaitsFor::People(_))));
    assert_eq!(sim.world.calls.len(), 0, "nothing is asked or done before");
    let Subject::Approval { boxes, .. } = &sim.question().question.subject else { panic!() };
    let shown: Vec<_> = boxes[0].effects.iter().map(|effect| effect.call.to_string()).collect();
    assert_eq!(shown, ["std.firewall.block(address: 203.0.113.7)"]);
    sim.vote(yes(), lead("bea")).unwrap();
    assert_eq!((sim.outcome(), sim.is_blocked()), (Some(RunOutcome::Contained), true));
    assert_eq!(sim.decided(), Some(DecidedBy::People));
    let approved = sim.run(RUN).acts().all(|(_, _, act)| act.act.approval.is_some());
    assert!(approved, "{}", sim.history());
}

#[test]
fn a_no_decides_also_behind_a_yes() {
    let mut sim = town("hold", &two());
    sim.enforce();
    sim.vote(yes(), lead("bea")).unwrap();
    assert_eq!(sim.decided(), None, "one of two");
    sim.vote(no(), lead("bea")).unwrap();
    assert_eq!((sim.outcome(), sim.is_blocked()), (Some(RunOutcome::Contained), false));
    assert_eq!(sim.world.told, ["scanned us"]);
}

#[test]
fn nobody_answers_in_time() {
    let mut sim = town("hold", &one());
    sim.enforce();
    sim.pass(Duration::from_secs(3_599));
    assert_eq!(sim.decided(), None);
    sim.pass(Duration::from_secs(2));
    assert_eq!(sim.decided(), Some(DecidedBy::Time));
    assert_eq!((sim.outcome(), sim.is_blocked()), (Some(RunOutcome::Contained), false));
    sim.refused(yes(), lead("bea"), "the run is over");
}

#[test]
fn others_may_answer_when_they_are_asked_too() {
    let mut sim = town("hold", &one());
    sim.enforce();
    sim.refused(yes(), voter("cy", &["ciso"]), "none of the roles");
    sim.pass(Duration::from_secs(301));
    assert!(sim.question().escalated.is_some());
    sim.vote(yes(), voter("cy", &["ciso"])).unwrap();
    assert!(sim.is_blocked());
}

/// Abuse case 15: one person is one person, whatever keys he has, and nobody says yes
/// to what he started.
#[test]
fn self_and_sybil_approval() {
    let mut sim = town("hold", &two());
    sim.enforce();
    sim.refused(yes(), lead("ann"), "started the run");
    sim.vote(yes(), lead("bea")).unwrap();
    sim.refused(yes(), voter("bea", &["identity_admin"]), "counts once");
    sim.refused(yes(), voter("dan", &[]), "none of the roles");
    assert_eq!(sim.world.count("block"), 0);
    sim.vote(yes(), voter("dan", &["identity_admin"])).unwrap();
    assert_eq!((sim.world.count("block"), sim.world.count("end_sessions")), (1, 1));
}

/// Abuse case 16: an answer is about one list in one run, and of no use behind it.
#[test]
fn approval_replay_and_drift() {
    let mut sim = town("hold", &two());
    sim.enforce();
    let first = sim.question().digest;
    let other = RunId([8; 16]);
    sim.start(&beginning(other, Mode::Enforce)).unwrap();
    let vote = |vote| Verb::Vote { request: first, vote, voter: lead("bea") };
    let foreign = sim.verb_to(other, vote(yes())).unwrap_err();
    assert!(foreign.contains("asked no question"), "{foreign}");
    let made_up = Verb::Vote { request: Digest([1; 32]), vote: yes(), voter: lead("bea") };
    assert!(sim.verb_to(other, made_up).is_err());
    for wrong in [Vote::Grant(Vec::new()), Vote::Grant(vec![1]), Vote::Grant(vec![0, 0])] {
        sim.refused(wrong, lead("bea"), "boxes");
    }
    sim.refused(Vote::Choose("attack".into()), lead("bea"), "`approve` or `deny`");
    sim.verb(Verb::Cancel { undo: true }).unwrap();
    sim.refused(yes(), lead("bea"), "the run is over");
    assert_eq!(sim.world.count("block"), 0);
}

#[test]
fn what_differs_from_what_was_shown_is_refused() {
    let drift = format!("constant user, bob\n{END_SESSIONS}");
    let mut sim = town("undo", &body(&[ASKED, &approve("q_end", &drift), CONTAINED]));
    sim.enforce();
    sim.vote(yes(), lead("bea")).unwrap();
    assert!(sim.is_held(), "{}", sim.history());
    assert_eq!(sim.world.count("end_sessions"), 0);
    let refused = |what: &What| match what {
        What::Refused { rule, .. } => Some(rule.to_string()),
        _ => None,
    };
    let rule = sim.run(RUN).effects.values().find_map(|effect| refused(&effect.what)).unwrap();
    assert!(rule.contains("is not what was approved"), "{rule}");
}

#[test]
fn what_is_protected_since_the_yes_stays_untouched() {
    let mut sim = town("undo", &two());
    sim.enforce();
    sim.vote(yes(), lead("bea")).unwrap();
    let office = Guarded::Network(Cidr::around([203, 0, 113, 0].into(), 24).unwrap());
    sim.site.protected = Protected::new(vec![(office, "the office".into())]);
    sim.recover();
    sim.vote(yes(), lead("dan")).unwrap();
    assert!(sim.is_held(), "{}", sim.history());
    assert_eq!(sim.world.count("block"), 0);
}

#[test]
fn the_irreversible_is_done_behind_a_yes() {
    let wipe = approve("q_wipe", "do nothing, s_wipe\n");
    let mut sim = town("hold", &body(&[ASKED, &wipe, CONTAINED]));
    sim.enforce();
    sim.vote(yes(), voter("cy", &["ciso"])).unwrap();
    assert_eq!(sim.world.count("wipe"), 1);
}

#[test]
fn a_condition_says_yes_where_it_may() {
    let mut sim = town("hold", &body(&[ASKED, &approve("q_auto", DO_BLOCK), CONTAINED]));
    sim.enforce();
    assert_eq!((sim.decided(), sim.is_blocked()), (Some(DecidedBy::Condition), true));
}

fn each() -> String {
    let code = format!(
        "approve approval, q_each\nlist.start next, users, 5, out\nround:\nat.list user, users, next\n\
         open.approved decision, approval, next, q_each, refused\n{SUSPEND}close.frame\njump behind\n\
         refused:\n{TELL}behind:\nlist.next next, users, round\nout:\n{CONTAINED}"
    );
    body(&[ASKED, &code])
}

#[test]
fn each_box_is_decided_for_itself() {
    let mut sim = town("hold", &each());
    sim.enforce();
    sim.vote(yes(), lead("bea")).unwrap();
    assert_eq!(sim.decided(), None, "the other box is open");
    sim.vote(Vote::Deny(vec![1], "he is on call".into()), lead("bea")).unwrap();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.suspended.iter().collect::<Vec<_>>(), ["ann"]);
    assert_eq!(sim.world.told.len(), 1);
}

fn choose() -> String {
    let code = format!(
        "choose verdict, q_choose, nobody\nmatch.variant [], verdict, 0, nobody\n{DO_BLOCK}nobody:\n"
    );
    body(&[ASKED, &code, CONTAINED])
}

#[test]
fn a_person_chooses_or_nobody_does() {
    for (chosen, blocks) in [(Some("attack"), true), (Some("exercise"), false), (None, false)] {
        let mut sim = town("hold", &choose());
        sim.enforce();
        sim.refused(yes(), lead("bea"), "`choose` one");
        sim.refused(Vote::Choose("drill".into()), lead("bea"), "none of the values");
        match chosen {
            Some(value) => sim.vote(Vote::Choose(value.into()), lead("bea")).unwrap(),
            None => sim.pass(Duration::from_secs(3_601)),
        }
        assert_eq!((sim.outcome(), sim.is_blocked()), (Some(RunOutcome::Contained), blocks));
    }
}

#[test]
fn dry_modes_wait_for_nobody() {
    for mode in [Mode::Shadow, Mode::Monitor] {
        let mut sim = town("hold", &one());
        sim.start(&beginning(RUN, mode)).unwrap();
        assert_eq!(sim.decided(), Some(DecidedBy::Mode));
        assert_eq!((sim.world.count("block"), sim.world.told.len()), (0, 0), "it counts as a yes");
        assert_eq!(sim.engine().open_questions().count(), 0, "the run is over");
        assert!(sim.vote(yes(), lead("bea")).is_err());
    }
}

/// A name, what people answer, and how often something is blocked then.
type Story = (&'static str, Vec<(Vote, Voter)>, usize);

fn stories() -> Vec<Story> {
    vec![
        ("granted", vec![(yes(), lead("bea")), (yes(), lead("dan"))], 1),
        ("denied", vec![(no(), lead("bea"))], 0),
        ("changed his mind", vec![(yes(), lead("bea")), (no(), lead("bea"))], 0),
        ("expired", vec![(yes(), lead("bea"))], 0),
    ]
}

/// Answers as the story says, dying where that was asked for.
fn tell(sim: &mut Sim<Town>, story: &[(Vote, Voter)]) {
    sim.start(&beginning(RUN, Mode::Enforce)).unwrap();
    for (vote, voter) in story {
        // The vote lies in the inbox until the journal has it.
        let _ = sim.vote(vote.clone(), voter.clone());
    }
    sim.pass(Duration::from_secs(3_601));
    sim.check();
}

#[test]
fn every_death_leaves_one_decision_and_one_act() {
    for (name, story, blocks) in stories() {
        let mut whole = town("hold", &two());
        tell(&mut whole, &story);
        let points = whole.points().len();
        let expected = (whole.outcome(), whole.decided(), whole.is_blocked());
        assert_eq!(whole.world.count("block"), blocks, "{name}");
        for first in 0..points {
            for second in (first..points.min(first + 8)).map(|at| at + 1) {
                let mut sim = town("hold", &two());
                sim.die_at([first, second]);
                tell(&mut sim, &story);
                let found = (sim.outcome(), sim.decided(), sim.is_blocked());
                if sim.is_held() {
                    // Ending sessions is not safe to repeat: a person is asked.
                    assert_eq!(name, "granted", "died at {first}, {second}");
                } else {
                    assert_eq!(found, expected, "{name}, died at {first}, {second}");
                }
                let decisions = sim
                    .entries()
                    .iter()
                    .filter(|entry| matches!(entry.body, Body::Decided { .. }))
                    .count();
                assert_eq!(decisions, 1, "{name}, died at {first}, {second}");
                let keys: BTreeSet<_> =
                    sim.world.calls.iter().filter(|(verb, _)| verb == "block").collect();
                assert_eq!(keys.len(), blocks, "{name}, died at {first}, {second}");
            }
        }
    }
}

/// What is played, what people answer and after how many seconds.
type Told = (&'static str, String, Vec<(u32, Vote, Voter)>);

fn other_questions() -> Vec<Told> {
    let attack = || Vote::Choose("attack".into());
    let one_box = || Vote::Deny(vec![1], "he is on call".into());
    let ciso = || voter("cy", &["ciso"]);
    vec![
        ("chosen", choose(), vec![(10, attack(), lead("bea"))]),
        ("chosen by nobody", choose(), vec![]),
        ("each", each(), vec![(10, yes(), lead("bea")), (10, one_box(), lead("dan"))]),
        ("each, half of it in time", each(), vec![(10, yes(), lead("bea"))]),
        ("escalated", one(), vec![(10, yes(), ciso()), (300, yes(), ciso())]),
        ("escalated in vain", one(), vec![(301, yes(), voter("eve", &["analyst"]))]),
    ]
}

/// A choice, boxes and an escalation come to one decision, whatever dies: that of the
/// answers, and with it what was allowed and no more.
#[test]
fn every_death_leaves_the_same_choice_the_same_boxes_and_who_was_asked() {
    let play = |code: &str, story: &[(u32, Vote, Voter)], deaths: &[usize]| {
        let mut sim = town("hold", code);
        sim.die_at(deaths.iter().copied());
        sim.start(&beginning(RUN, Mode::Enforce)).unwrap();
        for (seconds, vote, voter) in story {
            sim.pass(Duration::from_secs(*seconds));
            let _ = sim.vote(vote.clone(), voter.clone());
        }
        for _ in 0..13 {
            sim.pass(Duration::from_secs(300));
        }
        sim.check_any();
        sim
    };
    let told = |sim: &Sim<Town>| {
        let effects = sim.run(RUN).effects.values();
        let asked = effects.filter(|effect| effect.question().is_some());
        let answers: Vec<_> = asked.map(|effect| effect.answered.clone().unwrap().1).collect();
        let escalated = sim.question().escalated.is_some();
        (sim.decided(), answers, escalated, sim.question().votes.len())
    };
    for (name, code, story) in other_questions() {
        let whole = play(&code, &story, &[]);
        let points = whole.points().len();
        for (first, later) in (0..points).flat_map(|first| [0, 1, 2, 4].map(|it| (first, it))) {
            let sim = play(&code, &story, &[first, first + later]);
            assert_eq!(told(&sim), told(&whole), "{name}: died at {first}, {later} later");
            assert_eq!(sim.is_blocked(), whole.is_blocked(), "{name}: died at {first}");
            // Nobody can know what became of a suspension whose answer was lost.
            let allowed = &whole.world.suspended;
            assert!(sim.world.suspended.is_subset(allowed), "{name}: died at {first}");
        }
    }
}

#[test]
fn an_answer_counts_that_came_while_nobody_was_there() {
    let mut sim = town("hold", &one());
    sim.enforce();
    sim.recover();
    // The new process hears it before it has rebuilt anything else.
    sim.vote(yes(), lead("bea")).unwrap();
    assert_eq!((sim.world.count("block"), sim.is_blocked()), (1, true));
}

#[test]
fn an_open_question_has_a_wakeup() {
    let mut sim = town("hold", &one());
    sim.enforce();
    let wakeup = sim.engine().next_wakeup().unwrap();
    let at = |sim: &Sim<Town>| Duration(sim.now.since(sim.question().asked).0);
    assert_eq!(wakeup.0 + at(&sim).0, 300_000_000, "others are asked then");
    sim.pass(wakeup);
    let wakeup = sim.engine().next_wakeup().unwrap();
    assert_eq!(wakeup.0 + at(&sim).0, 3_600_000_000, "its end");
    assert_eq!(sim.engine().open_questions().count(), 1);
}
