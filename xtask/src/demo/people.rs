//! People in the loop: a build server's word that is not enough, and a question that
//! outlives the process that asked it.

use rye_tests::site::{Filter, Site};
use serde_json::{Value as Json, json};

use super::shell::{claim, heading, tell, wait_for};

pub(super) fn a_build_server_is_not_enough(site: &Site) -> Result<(), String> {
    heading("6. What cuts off a whole network, signed by the build server alone");
    let bundle = site.bundle("cut_off");
    let output = site.seen(&mut site.run_command(&bundle, "enforce", Filter::Quick));
    claim("is refused", output.status.code() == Some(3))?;
    tell("A person builds it again from the source, and signs because every byte is the same.");
    site.cosign_cut_off();
    Ok(())
}

pub(super) fn somebody_else_says_yes(site: &Site) -> Result<(), String> {
    heading("   … then it asks a person, and the process that asks is killed");
    let request = ask_and_die(site, "cut_off")?;
    claim("nothing was done before the answer", site.attacker_connects())?;
    tell("The shift's lead answers with a key of her own; nobody acts on the store.");
    site.sign_message("lead", &["approve", &request]);
    claim("nothing is done while nobody acts", site.attacker_connects())?;
    let resumed = site.resume();
    let ended = resumed.iter().find(|run| run.outcome == "contained");
    claim("the next process takes the answer", ended.is_some())?;
    let off = site.attacker_is_cut_off() && !site.bystander_connects();
    claim("the whole network is cut off", off)?;
    let run = ended.map(|ended| ended.run.clone()).unwrap_or_default();
    site.ask(&["show", &run]);
    site.say(&["rollback", &run]);
    claim("and can be let in again", site.attacker_connects() && site.bystander_connects())
}

pub(super) fn release_a_false_positive(site: &Site) -> Result<(), String> {
    heading("7. A false positive: what a run did is released, effect by effect");
    let ended = site.run("contain", "enforce");
    claim("the attacker is cut off", site.attacker_is_cut_off())?;
    tell("It was our own test. A playbook asks the shift's lead about each effect.");
    let finding = json!({ "finding": { "run": ended.run, "reason": "our own yearly test" } });
    site.write("finding.json", finding.to_string());
    let request = ask_and_die(site, "release")?;
    site.sign_message("lead", &["approve", &request]);
    let resumed = site.resume();
    let released = resumed.iter().find(|run| run.outcome == "benign");
    claim("nothing of it stands any more", released.is_some() && site.blocks() == 0)?;
    claim("the attacker, who was none, connects again", site.attacker_connects())?;
    site.ask(&["show", &ended.run]);
    Ok(())
}

/// Lets a playbook ask people, and kills the process that asks; the id of the question.
fn ask_and_die(site: &Site, bundle: &str) -> Result<String, String> {
    let mut ryed = site.begin(bundle, Filter::Quick);
    let asked = wait_for(|| request(site).is_some());
    let killed = ryed.kill().and_then(|()| ryed.wait());
    killed.map_err(|error| error.to_string())?;
    claim("the question is in the record, and the process is dead", asked)?;
    site.ask(&["requests"]);
    request(site).ok_or_else(|| String::from("nobody is asked anything"))
}

/// The id of the question that is open, if there is one.
fn request(site: &Site) -> Option<String> {
    let told = site.ask_quietly(&["--json", "requests"])?;
    let document: Json = serde_json::from_str(&told).ok()?;
    Some(document.pointer("/requests/0/request")?.as_str()?.to_owned())
}
