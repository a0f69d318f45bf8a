//! What an attacker tries against who is believed, one test per case, named as the
//! case: what the daemon writes down, and what it goes on doing meanwhile.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration as Pause;

use rye_bundle::manifest::Manifest;
use rye_bundle::name::Label;
use rye_bundle::payload::Payload;
use rye_bundle::revocation::Revocations;
use rye_bundle::sign::unsigned_bundle;
use rye_bundle::trust::{TrustRootDraft, Usage};
use rye_engine::entry::Release;
use rye_engine::message::Order;

use super::*;
use crate::fixture::{
    BOB, MALLORY, OPERATOR, ROOT, at, list_draft, list_file, now, revocations, root_file, secret,
    trust_draft, trusted,
};
use crate::offers::Offers;

/// Longer than it takes until the files are looked at again.
const A_WHILE: Pause = Pause::from_millis(300);

/// A site that pins a trust root, with a file for the list.
struct Trusting {
    play: Play,
    pinned: TrustRootDraft,
}

impl Trusting {
    fn new(pinned: TrustRootDraft) -> Self {
        let trusting = Self { play: Play::new(), pinned };
        trusting.offer_root(&trusting.pinned);
        trusting
    }

    fn offer_root(&self, draft: &TrustRootDraft) {
        let root = draft.clone().build().unwrap();
        self.play.folder.write("root.ryer", &root_file(&root));
    }

    fn offer_list(&self, list: &Revocations) {
        self.play.folder.write("revoked.ryel", &list_file(list));
    }

    fn parts(&self) -> Parts {
        let root = self.pinned.clone().build().unwrap();
        let site = Folder::site_of(&root, &self.play.site);
        let list = self.play.folder.path("revoked.ryel");
        let revocations = list.exists().then_some(list);
        let offers = Offers { revocations, ..self.play.folder.offers() };
        let loader = Loader::new(offers, &site, registry(&payload(CONTAIN)));
        let loader = loader.unwrap_or_else(|error| panic!("{error}"));
        self.play.parts_with(site, loader)
    }

    fn shell(&self) -> Shell {
        Shell::open(&self.play.store(), true, self.parts())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Offers a bundle whose manifest is changed; the code that it is refused with.
    fn start(&self, shell: &mut Shell, who: u8, change: impl Fn(&mut Manifest)) -> &'static str {
        let mut offered: Payload = payload(CONTAIN);
        change(&mut offered.manifest);
        self.play.folder.write("contain.ryeb", &signed(&offered, who));
        match shell.start(&self.play.wanted()) {
            Ok(_) => "started",
            Err(StartError::Load { error, .. }) => error.code(),
            Err(error) => panic!("{error}"),
        }
    }

    fn has_line(&self, line: &str) {
        let lines = self.play.lines();
        assert!(lines.contains(line), "{line}\n{lines}");
    }
}

/// Case 1: refused and written down, and what was loaded before serves on.
#[test]
fn forged_bundle() {
    let trusting = Trusting::new(trust_draft());
    let mut shell = trusting.shell();
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "started");
    assert_eq!(trusting.start(&mut shell, MALLORY, |m| m.version = 8), "E_NO_TRUSTED_SIG");
    trusting.has_line("refused a bundle: E_NO_TRUSTED_SIG");
    let forged = unsigned_bundle(&payload(CONTAIN)).unwrap();
    trusting.play.folder.write("contain.ryeb", &forged);
    assert!(shell.start(&trusting.play.wanted()).is_err());
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(shell.summaries().iter().all(RunSummary::is_well));
    drop(shell);
    audit(&trusting.play.store());
}

/// Case 5: the same answers after a restart; what is refused late moves nothing; and
/// only a trust root lets versions begin anew.
#[test]
fn rollback_and_equivocation() {
    let trusting = Trusting::new(trust_draft());
    let mut shell = trusting.shell();
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "started");
    for round in 0..2 {
        assert_eq!(trusting.start(&mut shell, ALICE, |m| m.version = 6), "E_ROLLBACK");
        let below = |m: &mut Manifest| (m.version, m.rollback_floor) = (4, 4);
        assert_eq!(trusting.start(&mut shell, ALICE, below), "E_REVOKED");
        let other = |m: &mut Manifest| m.display_version = Label::new("other").unwrap();
        assert_eq!(trusting.start(&mut shell, ALICE, other), "E_EQUIVOCATION");
        let hungry = |m: &mut Manifest| (m.version, m.limits.fuel) = (8, u64::MAX - 1);
        assert_eq!(trusting.start(&mut shell, ALICE, hungry), "E_POLICY", "at the last step");
        if round == 0 {
            drop(shell);
            shell = trusting.shell();
        }
    }
    let mut next = TrustRootDraft { version: 2, ..trust_draft() };
    next.reset_counters.insert(payload(CONTAIN).manifest.name);
    trusting.offer_root(&next);
    std::thread::sleep(A_WHILE);
    assert_eq!(trusting.start(&mut shell, ALICE, |m| m.version = 6), "started");
    trusting.has_line("versions begin anew: soc/contain");
    drop(shell);
    let mut shell = trusting.shell();
    assert_eq!(trusting.start(&mut shell, ALICE, |m| m.version = 5), "E_ROLLBACK", "not twice");
}

/// Case 6.
#[test]
fn freeze_and_expiry() {
    let trusting = Trusting::new(list_draft());
    let mut shell = trusting.shell();
    trusting
        .has_line("ALARM: nothing is loaded anew, and nothing destructive is done: E_FRESHNESS");
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "E_FRESHNESS", "no list at all");
    drop(shell);
    trusting.offer_list(&revocations(1));
    let mut shell = trusting.shell();
    trusting.has_line("destructive actions are done again");
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "started");
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    // The next list is late, and somebody holds it back.
    let stale = Revocations { issued_at: at(-3), next_update: at(-2), ..revocations(2) };
    trusting.offer_list(&stale);
    std::thread::sleep(A_WHILE);
    assert_eq!(trusting.start(&mut shell, ALICE, |m| m.version = 8), "E_FRESHNESS");
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "started", "it was loaded before");
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(shell.summaries().iter().all(RunSummary::is_well));
    // The trust root itself is over.
    let expired = TrustRootDraft { expires_at: at(-1), ..trust_draft() };
    let trusting = Trusting::new(expired);
    let mut shell = trusting.shell();
    trusting.has_line("nothing destructive is done: E_ROOT_EXPIRED");
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "E_ROOT_EXPIRED");
}

/// Case 7: refused with distinct codes and nothing changed; signed by both it holds,
/// and a key that it leaves out stops counting at the next dispatch.
#[test]
fn root_skip_or_halfsigned() {
    let trusting = Trusting::new(trust_draft());
    let mut shell = trusting.shell();
    let mut refused = |draft: TrustRootDraft, code: &str| {
        trusting.offer_root(&draft);
        std::thread::sleep(A_WHILE);
        assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
        trusting.has_line(&format!("refused a trust root: {code}"));
        assert_eq!(shell.loader.trust().root().version(), 1);
    };
    refused(TrustRootDraft { version: 3, ..trust_draft() }, "E_ROOT_SKIP");
    refused(TrustRootDraft { expires_at: at(90), ..trust_draft() }, "E_ROOT_EQUIVOCATION");
    let mut usurped = TrustRootDraft { version: 2, ..trust_draft() };
    for key in usurped.keys.iter_mut().filter(|key| key.public.id() == secret(ROOT).public().id()) {
        key.public = *secret(MALLORY).public();
    }
    let root = usurped.signer_roles.iter_mut().find(|role| role.scope.is_none()).unwrap();
    root.keys = [secret(MALLORY).public().id()].into();
    let file = usurped.build().unwrap().unsigned_file().unwrap();
    let by_the_new = rye_bundle::sign::sign_trust_root(&file, &secret(MALLORY)).unwrap();
    let by_the_old =
        rye_bundle::sign::sign_successor(&file, &trust_draft().build().unwrap(), &secret(ROOT));
    for (file, code) in
        [(by_the_new, "E_ROOT_PREDECESSOR"), (by_the_old.unwrap(), "E_ROOT_THRESHOLD")]
    {
        trusting.play.folder.write("root.ryer", &file);
        std::thread::sleep(A_WHILE);
        assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
        trusting.has_line(&format!("refused a trust root: {code}"));
    }
    // While the run asks its first question, Alice's key goes.
    let mut without = TrustRootDraft { version: 2, ..trust_draft() };
    let alice = secret(ALICE).public().id();
    without.keys.iter_mut().filter(|key| key.public.id() == alice).for_each(|key| {
        key.public = *secret(MALLORY + 1).public();
    });
    let bundles = without.signer_roles.iter_mut().find(|role| role.scope.is_some()).unwrap();
    bundles.keys = [secret(MALLORY + 1).public().id()].into();
    let (path, file) =
        (trusting.play.folder.path("root.ryer"), root_file(&without.build().unwrap()));
    trusting.play.world.behave(move |request| {
        if request.call.action.ends_with("is_blocked") {
            fs::write(&path, &file).unwrap();
            std::thread::sleep(A_WHILE);
        }
        None
    });
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "started");
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    trusting.has_line("believing trust root 2");
    trusting.has_line("held: the bundle can't be used: E_NO_TRUSTED_SIG");
    assert_eq!(trusting.play.world.count("block"), 0, "{}", trusting.play.lines());
    drop(shell);
    // The pin stays, the file of the first root is gone: the store goes along the chain.
    let shell = trusting.shell();
    assert_eq!(shell.loader.trust().root().version(), 2);
    audit(&trusting.play.store());
}

/// Case 8.
#[test]
fn toctou_bundle_swap() {
    let trusting = Trusting::new(trust_draft());
    let mut shell = trusting.shell();
    let path = trusting.play.folder.path("contain.ryeb");
    let swapped = path.clone();
    trusting.play.world.behave(move |_| {
        fs::write(&swapped, b"something else").unwrap();
        None
    });
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "started");
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    let verified = rye_bundle::verify::open(&signed(&payload(CONTAIN), ALICE)).unwrap().digest();
    let kept = shell.store.bundles.get(verified).unwrap().unwrap();
    assert_eq!(rye_bundle::verify::open(&kept).unwrap().digest(), verified);
    assert!(shell.summaries()[0].is_well(), "{}", trusting.play.lines());
    let code = |shell: &mut Shell| match shell.start(&trusting.play.wanted()) {
        Err(StartError::Load { error, .. }) => error.code(),
        other => panic!("{other:?}"),
    };
    let good = signed(&payload(CONTAIN), ALICE);
    trusting.play.folder.write("contain.ryeb", &good[..good.len() / 2]);
    assert_eq!(code(&mut shell), "E_LENGTH");
    trusting.play.folder.write("contain.ryeb", &good);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(code(&mut shell), "E_PERM");
    fs::remove_file(&path).unwrap();
    symlink(trusting.play.folder.path("root.ryer"), &path).unwrap();
    assert_eq!(code(&mut shell), "E_PERM");
    fs::remove_file(&path).unwrap();
    let mkfifo = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(mkfifo.unwrap().success());
    assert_eq!(code(&mut shell), "E_PERM");
}

/// A key is revoked at night, while a run is at work.
#[test]
fn a_revoked_bundle_is_held_at_its_next_act_and_undone_when_a_person_says_so() {
    let trusting = Trusting::new(list_draft());
    trusting.offer_list(&revocations(1));
    let mut shell = trusting.shell();
    let mut night = revocations(2);
    night.keys.insert(secret(ALICE).public().id(), Label::new("stolen").unwrap());
    let (path, file) = (trusting.play.folder.path("revoked.ryel"), list_file(&night));
    let held_back = Arc::new(Mutex::new(Some(file)));
    // It comes while the block is being carried out.
    trusting.play.world.behave(move |request| {
        if request.call.action.ends_with(".block")
            && let Some(file) = held_back.lock().unwrap().take()
        {
            fs::write(&path, file).unwrap();
            std::thread::sleep(A_WHILE);
        }
        None
    });
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "started");
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    let run = shell.summaries().remove(0);
    let State::Held { reason, answers, .. } = &run.state else { panic!("{run:?}") };
    assert!(reason.contains("E_NO_TRUSTED_SIG"), "{reason}");
    assert_eq!(answers.len(), 2, "undo and keep: {answers:?}");
    assert_eq!(trusting.play.world.blocked(), ["203.0.113.7"], "contained it stays");
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "E_NO_TRUSTED_SIG");
    drop(shell);
    // The file is gone, and an old list lies there: what was revoked stays revoked.
    trusting.offer_list(&revocations(1));
    let mut shell = trusting.shell();
    trusting.has_line("refused a revocation list: E_REVOCATIONS_ROLLBACK");
    trusting.has_line("E_REVOCATIONS_ROLLBACK: the version of the revocation list: expected ");
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "E_NO_TRUSTED_SIG");
    trusting.play.say(OPERATOR, run.run, Order::Release(Release::Undo), now());
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(trusting.play.world.blocked().is_empty(), "{}", trusting.play.lines());
    drop(shell);
    audit(&trusting.play.store());
}

/// Who is believed signs again what was signed with a stolen key: it begins at once.
#[test]
fn what_another_signs_again_is_not_held() {
    let mut draft = list_draft();
    draft.keys.push(trusted(BOB, "bob", &[Usage::Bundle]));
    let bundle = draft.signer_roles.iter_mut().find(|role| role.usage == Usage::Bundle).unwrap();
    bundle.keys.insert(secret(BOB).public().id());
    let trusting = Trusting::new(draft);
    trusting.offer_list(&revocations(1));
    let mut shell = trusting.shell();
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "started");
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    let mut night = revocations(2);
    night.keys.insert(secret(ALICE).public().id(), Label::new("stolen").unwrap());
    trusting.offer_list(&night);
    drop(shell);
    let mut shell = trusting.shell();
    trusting.has_line("may be used no longer: E_NO_TRUSTED_SIG");
    assert_eq!(trusting.start(&mut shell, ALICE, |_| ()), "E_NO_TRUSTED_SIG");
    assert_eq!(trusting.start(&mut shell, BOB, |_| ()), "started");
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(shell.summaries().iter().all(RunSummary::is_well), "{}", trusting.play.lines());
    assert!(!trusting.play.lines().contains("held:"), "{}", trusting.play.lines());
}

#[test]
fn a_list_that_others_sign_is_refused_and_a_lost_one_stops_everything() {
    let trusting = Trusting::new(list_draft());
    trusting.offer_list(&revocations(1));
    let shell = trusting.shell();
    drop(shell);
    let file = revocations(2).unsigned_file().unwrap();
    trusting.play.folder.write("revoked.ryel", &file);
    let shell = trusting.shell();
    trusting.has_line("refused a revocation list: E_REVOCATIONS_THRESHOLD");
    assert_eq!(shell.loader.trust().revocations().unwrap().version, 1);
    drop(shell);
    let kept = revocations(1).digest().to_string();
    fs::remove_file(Offers::folder(&trusting.play.store()).join(kept)).unwrap();
    let error = Shell::open(&trusting.play.store(), true, trusting.parts()).unwrap_err();
    assert!(error.to_string().contains("the revocation list, which this store"), "{error}");
}

#[test]
fn a_pin_goes_forward_and_never_back() {
    let mut trusting = Trusting::new(trust_draft());
    drop(trusting.shell());
    trusting.pinned = TrustRootDraft { version: 5, ..trust_draft() };
    trusting.offer_root(&trusting.pinned);
    let shell = trusting.shell();
    assert_eq!(shell.loader.trust().root().version(), 5, "people's word");
    drop(shell);
    for (version, code) in [(3, "E_ROOT_ROLLBACK"), (5, "E_ROOT_EQUIVOCATION")] {
        trusting.pinned = TrustRootDraft { version, expires_at: at(91), ..trust_draft() };
        trusting.offer_root(&trusting.pinned);
        let error = Shell::open(&trusting.play.store(), true, trusting.parts()).unwrap_err();
        assert!(error.to_string().contains(code), "{error}");
    }
}
