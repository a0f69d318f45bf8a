//! What a playbook does to the attacker, and what becomes of it when a step fails, when
//! the process dies, and when its time is over.

use std::thread;
use std::time::Duration;

use rye_tests::site::{Filter, Site};

use super::shell::{claim, heading, tell, wait_for};

pub(super) fn look_first(site: &Site) -> Result<(), String> {
    heading("1. Shadow: what would be done, without doing it");
    tell("The alert is Suricata's; the playbook is in playbooks/contain_scanner.");
    let ended = site.run("contain", "shadow");
    claim("the run ended as the playbook says", ended.outcome == "contained")?;
    let shown = site.ask(&["show", &ended.run]);
    claim("it shows the block that it would do", shown.contains("would do  std.firewall.block"))?;
    claim("the attacker can still connect", site.attacker_connects())
}

pub(super) fn stop_the_attacker(site: &Site) -> Result<String, String> {
    heading("2. Enforce: the attacker is cut off");
    claim("before: the attacker connects", site.attacker_connects())?;
    let mut open = site.attacker_opens();
    let ended = site.run("contain", "enforce");
    claim("the run ended as the playbook says", ended.outcome == "contained")?;
    claim("after: the attacker's attempt stays without an answer", site.attacker_is_cut_off())?;
    claim("his open connection is dead too", open.is_cut_off())?;
    claim("somebody else connects as before", site.bystander_connects())?;
    let told = site.notices().iter().any(|notice| notice.contains("203.0.113.7 is blocked"));
    claim("the analysts were told", told)?;
    site.ask(&["show", &ended.run]);
    let held = site.ask(&["contained"]);
    claim("the block is on the list of what is held", held.contains("203.0.113.7"))?;
    Ok(ended.run)
}

pub(super) fn take_it_back(site: &Site, run: &str) -> Result<(), String> {
    heading("   … and an operator takes it back");
    site.say(&["rollback", run]);
    claim("the attacker connects again", site.attacker_connects())
}

pub(super) fn die_in_the_act(site: &Site) -> Result<(), String> {
    heading("3. SIGKILL between intent and outcome, then resume");
    tell("The packet filter's program is slow now: it answers three seconds after it has acted.");
    let mut ryed = site.begin("contain", Filter::Slow);
    let blocked = wait_for(|| site.blocks() == 1 && site.attacker_is_cut_off());
    let killed = ryed.kill().and_then(|()| ryed.wait());
    killed.map_err(|error| error.to_string())?;
    claim("the block came", blocked)?;
    tell("The attacker is cut off, and `ryed` is dead: nobody took the answer.");
    let entries = site.ask(&["journal", "show"]);
    let last = entries.lines().last().unwrap_or_default();
    let is_intent = last.contains("  intent  ") && last.contains("doing std.firewall.block(");
    claim("the intent is the last thing on the disk", is_intent)?;
    let resumed = site.resume();
    let ended = resumed.iter().find(|run| run.outcome == "contained");
    claim("the run went on to its end", ended.is_some())?;
    claim("the block is there exactly once", site.blocks() == 1)?;
    claim("the attacker is cut off", site.attacker_is_cut_off())?;
    let run = ended.map(|ended| ended.run.clone()).unwrap_or_default();
    site.ask(&["show", &run]);
    site.say(&["rollback", &run]);
    claim("and can be let in again", site.attacker_connects())
}

pub(super) fn fail_and_undo(site: &Site) -> Result<(), String> {
    heading("4. A step fails under `on failure undo`");
    let ended = site.run("undo", "enforce");
    claim("the run was rolled back", ended.outcome == "rolled_back")?;
    claim("the attacker connects: everything was undone", site.attacker_connects())?;
    claim("no block of ours is left in the packet filter", site.blocks() == 0)?;
    site.ask(&["show", &ended.run]);
    Ok(())
}

pub(super) fn fail_and_hold(site: &Site) -> Result<(), String> {
    heading("   … and the same under `on failure hold`");
    let ended = site.run("hold", "enforce");
    claim("the run is held", ended.outcome == "held")?;
    claim("the attacker stays cut off", site.attacker_is_cut_off())?;
    site.ask(&["show", &ended.run]);
    tell("A person decides: undo.");
    site.say(&["release", &ended.run, "undo"]);
    claim("the attacker connects again", site.attacker_connects())
}

pub(super) fn outlive_the_process(site: &Site) -> Result<(), String> {
    heading("5. A life ends, although nobody ran when its time was over");
    site.run("briefly", "enforce");
    claim("the attacker is cut off, for three seconds", site.attacker_is_cut_off())?;
    thread::sleep(Duration::from_secs(4));
    claim("no process runs, so he still is", site.attacker_is_cut_off())?;
    let held = site.ask(&["contained"]);
    claim("and the list says that it is overdue", held.contains("OVERDUE"))?;
    site.resume();
    claim("the next process lets him in again", site.attacker_connects())?;
    claim("no block of ours is left in the packet filter", site.blocks() == 0)
}
