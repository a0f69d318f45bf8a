//! The connections that the machine itself holds: counts them, or ends them with
//! the kernel's socket diagnosis. Forwarded connections are no sockets of this
//! machine; a block stops those.

use std::time::Instant;

use rye_core::adapter::Ending;
use rye_core::value::{Cidr, Value};

use super::host::{Failure, Host, complaint};
use crate::program::Output;

/// Numbers only, no heading, TCP and UDP. A filter on an IPv4 peer also finds the
/// sockets that see it as an IPv4-mapped IPv6 address.
const LIST: [&str; 4] = ["-H", "-n", "-t", "-u"];

/// How many connections there are with `peers`.
pub(super) fn count(host: &Host, peers: Cidr, deadline: Instant) -> Result<Ending, Failure> {
    let [a, b, c, d] = LIST;
    answer(&host.ss(&[a, b, c, d, "dst", &filter(peers)], deadline)?)
}

/// Ends every connection with `peers`, and answers how many were ended.
pub(super) fn end(host: &Host, peers: Cidr, deadline: Instant) -> Result<Ending, Failure> {
    let [a, b, c, d] = LIST;
    answer(&host.ss(&[a, b, c, d, "-K", "dst", &filter(peers)], deadline)?)
}

/// `ss` names what it ended, complains about the rest, and exits with 0 all the
/// same. A socket that went away while it looked needs no ending.
fn answer(output: &Output) -> Result<Ending, Failure> {
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    let content = output.success && (output.stderr.is_empty() || lines > 0);
    if !content {
        let failure = complaint(&output.stderr);
        if !output.success || failure != Failure::Changed {
            return Err(failure);
        }
    }
    Ok(Ending::Done(Value::Int(i64::try_from(lines).unwrap_or(i64::MAX))))
}

/// The brackets keep the colons of IPv6 from being read as a port.
fn filter(peers: Cidr) -> String {
    if peers.address().is_ipv6() { format!("[{peers}]") } else { peers.to_string() }
}
