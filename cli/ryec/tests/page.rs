//! `ryec graph` and `ryec doc`, with the program itself.

#![expect(clippy::unwrap_used, reason = "a broken expectation fails the test")]

#[path = "support/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use program::{complaint, well};

const PLAYBOOK: &str = r#"//! Keeps a host quiet.

use std.firewall
use std.host.account
use std.notify

/// From so many failures on, something is done.
setting least: Int = 5 in 1 .. 50

role soc_lead "leads the shift"

/// What was seen.
type Sighting {
    address: Address
    /// How often | in a row.
    failures: Int
}

enum Kind { noise, attack(Text), else }

fn kind(seen: Sighting) -> Kind {
    if seen.failures < least {
        return Kind.noise
    }
    return Kind.attack("{seen.failures} failures")
}

/// Blocks it.
playbook quiet(seen: Sighting, suspects: List<HostAccount> max 5) {
    severity high
    deadline 12h
    limit Address 1
    limit HostAccount 5
    on failure hold

    match kind(seen) {
        noise {
            finish benign
        }
        attack(why) {
            stage block {
                do firewall.block(address: seen.address, reason: why) for 1h
            }
        }
        else {
            fail "what is it?"
        }
    }
    attempt {
        each one in suspects max 5 {
            do account.expire(account: one) until released
        }
    } recover problem {
        tell notify.analysts(text: "{problem}")
    }
    do calm(address: seen.address)
    approve "Go <on>?" by 1 of [soc_lead] within 15m {
        do firewall.end_flows(address: seen.address)
    } otherwise decision {
        finish escalated "{decision}"
    }
}

task calm(address: Address) {
    wait until ask firewall.flows(address: address) == 0 every 1m within 1h otherwise {
        fail "it goes on"
    }
}
"#;

const CHART: &str = r#"flowchart TD
    n1(["playbook quiet"])
    subgraph n2 ["severity high, deadline 12h"]
        n3{"which is kind(seen)?"}
        n4(["benign"])
        subgraph n5 ["stage block"]
            n6["do std.firewall.block<br>for 1h<br>undo std.firewall.unblock"]
        end
        n7[("fail<br>what is it?")]
        subgraph n8 ["attempt"]
            n9{{"each of suspects<br>at most 5"}}
            n10["do std.host.account.expire<br>until released<br>undo std.host.account.restore"]
        end
        n11>"tell std.notify.analysts"]
        n12[["do quiet.calm"]]
        n13{{"approve<br>Go #60;on#62;?<br>1 of soc_lead within 15m"}}
        n14["do std.firewall.end_flows"]
        n15(["escalated<br>{decision}"])
    end
    n16(["finished"])
    n17[("keeps what it did, and asks a person")]
    subgraph n18 ["task quiet.calm"]
        n19(["begins"])
        n20("wait until ask firewall.flows(address: address) == 0 every 1m within 1h")
        n21[("fail<br>it goes on")]
        n22(["returns"])
    end
    n1 --> n3
    n3 -->|"noise"| n4
    n3 -->|"attack"| n6
    n3 -->|"else"| n7
    n6 --> n9
    n9 -->|"each"| n10
    n10 --> n9
    n8 -.->|"fails, is undone"| n11
    n9 -->|"done"| n12
    n11 --> n12
    n12 --> n13
    n13 -->|"yes"| n14
    n13 -->|"otherwise"| n15
    n14 --> n16
    n2 -.->|"on failure"| n17
    n19 --> n20
    n20 -->|"not in time"| n21
    n20 -->|"so"| n22
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("quiet.rye"), PLAYBOOK).unwrap();
    folder
}

#[test]
fn a_playbook_is_drawn_with_all_its_ways() {
    assert_eq!(well(folder().path(), &["graph", "quiet.rye"]), CHART);
}

#[test]
fn a_page_says_all_of_a_package() {
    let page = well(folder().path(), &["doc", "quiet.rye"]);
    for part in [
        "# quiet\n\nKeeps a host quiet.\n\n## Playbook quiet\n\nBlocks it.\n",
        "| input | is |\n| --- | --- |\n| `seen` | `Sighting` |\n",
        "```text\nquiet\n  severity    high\n",
        "| `std.firewall.block` | 1 | reversible | `std.firewall.unblock` |\n",
        "| `std.firewall.end_flows` | 1 | disruptive | nothing: the peer connects again |\n",
        "| Go <on>? | 1 of `soc_lead` | 15m |  |\n",
        &format!("```mermaid\n{CHART}```\n"),
        "## Type Sighting\n\nWhat was seen.\n\n| field | is |  |\n",
        "| `failures` | `Int` | How often \\| in a row. |\n",
        "| `attack` | `Text` |  |\n| `else` | whatever isn't known |  |\n",
        "| `quiet.least` | `Int` | 5 | 1 .. 50 | From so many failures on, something is done. |\n",
        "## Roles\n\n| it may ask | who |\n| --- | --- |\n| `soc_lead` | leads the shift |\n",
    ] {
        assert!(page.contains(part), "{part}\n---\n{page}");
    }
}

#[test]
fn sources_with_mistakes_have_neither() {
    let folder = folder();
    fs::write(folder.path().join("quiet.rye"), PLAYBOOK.replace("kind(seen) {", "kind(sen) {"))
        .unwrap();
    for command in ["graph", "doc"] {
        let found = complaint(folder.path(), &[command, "quiet.rye"], 1);
        assert!(found.contains("did you mean `seen`?"), "{found}");
    }
}

/// Every line of every chart joins places that are there, and every frame ends.
#[test]
fn every_playbook_that_ships_can_be_drawn() {
    let playbooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../playbooks");
    let mut drawn = 0;
    for entry in fs::read_dir(&playbooks).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        drawn += 1;
        let chart = well(&playbooks, &["graph", path.to_str().unwrap()]);
        let (mut open, mut places) = (0, BTreeSet::new());
        for line in chart.lines().skip(1).map(str::trim) {
            let line = line.strip_prefix("subgraph ").inspect(|_| open += 1).unwrap_or(line);
            if line == "end" {
                open -= 1;
                continue;
            }
            let place = line.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
            let to = line.rsplit(' ').next().unwrap();
            if line.contains(" -->") || line.contains(" -.->") {
                assert!(places.contains(place) && places.contains(to), "{line}\n{chart}");
            } else {
                assert!(places.insert(place), "{line}\n{chart}");
            }
        }
        assert_eq!(open, 0, "{chart}");
    }
    assert!(drawn >= 7, "only {drawn}");
}
