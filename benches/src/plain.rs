//! The workloads in plain Rust: what every engine must answer, and the limit of what
//! can be reached.

use core::any::Any;
use std::collections::HashMap;

use crate::engine::{Engine, Mix};
use crate::workload::{Alert, Block, Host};

/// W1.
pub fn triage(alert: &Alert, decision: &mut String) {
    let verdict = if alert.maintenance {
        "maintenance"
    } else if alert.risk_score < 0.5 {
        "false_positive:thresholds"
    } else if alert.risk_score <= 0.8 && alert.heartbeat_misses < 3 {
        "false_positive:network"
    } else {
        "legitimate"
    };
    let is_legitimate = verdict == "legitimate";
    let recent = alert.recent_deployments.iter().filter(|it| is_legitimate && it.age_s < 3600);
    decision.push_str(verdict);
    decision.push('/');
    match recent.min_by_key(|deployment| deployment.age_s) {
        Some(deployment) => {
            decision.push_str("rollback:");
            decision.push_str(&deployment.name);
        }
        None => decision.push_str(if is_legitimate { "contain" } else { "none" }),
    }
    decision.push('/');
    decision.push_str(&alert.tenant);
    decision.push('/');
    decision.push_str(&alert.capsule);
}

/// W2.
pub fn fleet(hosts: &[Host], blocks: &[Block], networks: &mut Vec<u32>) {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for host in hosts {
        let is_inside = |block: &Block| host.ip & block.mask == block.net;
        let is_wanted = host.severity >= 7
            && blocks.iter().any(is_inside)
            && host.tags.iter().any(|tag| tag == "prod");
        if is_wanted {
            let count = counts.entry(host.ip & 0xffff_ff00).or_default();
            *count = count.wrapping_add(1);
        }
    }
    let mut found: Vec<(u32, u32)> = counts.into_iter().filter(|(_, count)| *count > 3).collect();
    found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    networks.extend(found.into_iter().map(|(network, _)| network));
}

/// W3.
pub fn mix(kind: Mix, rounds: u64) -> u64 {
    match kind {
        Mix::Wide => mix_wide(rounds),
        Mix::Narrow => mix_narrow(rounds),
    }
}

fn mix_wide(rounds: u64) -> u64 {
    let (mut x, mut sum) = (42_u64, 0_u64);
    for _ in 0..rounds {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sum ^= x >> 33;
    }
    sum
}

fn mix_narrow(rounds: u64) -> u64 {
    let (mut x, mut sum) = (42_u32, 0_u32);
    for _ in 0..rounds {
        x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        sum ^= x >> 15;
    }
    sum.into()
}

/// Plain Rust as an engine.
#[derive(Debug, Default)]
pub struct Plain {
    alerts: Vec<Alert>,
    hosts: Vec<Host>,
    blocks: Vec<Block>,
}

impl Engine for Plain {
    fn name(&self) -> &'static str {
        "plain Rust"
    }

    fn load_alerts(&mut self, alerts: &[Alert]) -> bool {
        self.alerts = alerts.to_vec();
        true
    }

    fn triage(&mut self, alert: usize, decision: &mut String) {
        if let Some(alert) = self.alerts.get(alert) {
            triage(alert, decision);
        }
    }

    fn triage_json(&mut self, json: &str, decision: &mut String) -> bool {
        triage(&serde_json::from_str(json).expect("an alert"), decision);
        true
    }

    fn load_fleet(&mut self, hosts: &[Host], blocks: &[Block]) -> bool {
        (self.hosts, self.blocks) = (hosts.to_vec(), blocks.to_vec());
        true
    }

    fn fleet(&mut self, networks: &mut Vec<u32>) {
        fleet(&self.hosts, &self.blocks, networks);
    }

    fn mix_kind(&self) -> Option<Mix> {
        Some(Mix::Wide)
    }

    fn mix(&mut self, rounds: u64) -> u64 {
        mix_wide(rounds)
    }

    fn greet(&mut self, name: &str) -> Option<usize> {
        Some(format!("ok:{name}").len())
    }

    fn instance(&mut self, name: &str) -> Option<Box<dyn Any>> {
        Some(Box::new(format!("ok:{name}")))
    }
}
