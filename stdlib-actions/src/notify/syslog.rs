//! Writes notices to a log server, as messages of RFC 5424: over TCP, one connection a
//! message, with octet counting (RFC 6587); or over UDP (RFC 5426).
//!
//! Nothing in a text can end a message or begin another: it is one line without
//! anything hidden, behind the length of the whole.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use rye_core::limit::SYSLOG_MESSAGE_BYTES_MAX;
use rye_core::value::{Time, Value};
use rye_core::visible::visible;
use ureq::http::Uri;

use super::Message;
use crate::config::ConfigError;
use crate::reach::{DENIED_TEXT, Reach, Unreachable};

/// Messages of security and authorisation, for private eyes.
const FACILITY: u8 = 10;
/// Somebody must act at once.
const ALERT: u8 = 1;
/// Worth knowing.
const NOTICE: u8 = 5;

/// The name of the structured data. The number is the one that is set aside for those
/// who have none of their own.
const DATA_NAME: &str = "rye@32473";

/// Stands behind a text that was too long.
const CUT_MARK: &str = " (cut)";

/// A server that keeps messages.
#[derive(Debug)]
pub(super) struct LogServer {
    transport: Transport,
    host: String,
    port: u16,
    reach: Reach,
    /// This machine, as messages name it.
    machine: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Tcp,
    Udp,
}

impl LogServer {
    /// The server at `url`, `option` being the destination's path in the configuration.
    pub(super) fn new(option: &str, url: &str, networks: &[String]) -> Result<Self, ConfigError> {
        let syslog = format!("{option}.syslog");
        let wrong = |problem: &str| {
            let help = "write `tcp://host:port` or `udp://host:port`, such as `tcp://10.1.2.9:514`";
            ConfigError::new(&syslog, problem, help)
        };
        let uri: Uri = url.parse().map_err(|_| wrong("this is no URL"))?;
        let transport = match uri.scheme_str() {
            Some("tcp") => Transport::Tcp,
            Some("udp") => Transport::Udp,
            _ => return Err(wrong("expected `tcp` or `udp` in front of `://`")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("the URL has no host"))?;
        let port = authority.port_u16().ok_or_else(|| wrong("the URL has no port"))?;
        if authority.as_str().contains('@') || !matches!(uri.path(), "" | "/") {
            return Err(wrong("there is more in the URL than host and port"));
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(wrong("the URL has no host"));
        }
        let reach = Reach::new(&format!("{option}.networks"), networks)?;
        Ok(Self { transport, host, port, reach, machine: machine() })
    }

    /// Writes a notice.
    pub(super) fn deliver(&self, message: &Message<'_>, timeout: Duration) -> Ending {
        let not_sent = |reason: &str| Ending::NotSent(Arc::from(reason));
        let Some(deadline) = Instant::now().checked_add(timeout) else {
            return not_sent("the time-out is too long");
        };
        let addresses = match self.reach.resolve(&self.host, self.port, deadline) {
            Ok(addresses) => addresses,
            Err(Unreachable::Denied) => return Ending::refused(ErrorKind::Denied, DENIED_TEXT),
            Err(Unreachable::Unknown) => return not_sent("the log server's name is not known"),
            Err(Unreachable::Timeout) => {
                return not_sent("the log server's name was not resolved in time");
            }
        };
        let line = self.line(message, now());
        let sent = match self.transport {
            Transport::Tcp => over_tcp(&addresses, &line, deadline),
            Transport::Udp => over_udp(&addresses, &line),
        };
        match sent {
            Ok(()) => Ending::Done(Value::None),
            Err(Loss::NotSent) => not_sent("the log server could not be reached"),
            Err(Loss::Unknown) => {
                Ending::Unknown(Arc::from("the log server did not take the notice to its end"))
            }
        }
    }

    /// `<PRI>1 TIME HOST APP PROCID MSGID [DATA] TEXT`
    fn line(&self, message: &Message<'_>, now: Time) -> String {
        let severity =
            if matches!(message.notice, "oncall" | "operators") { ALERT } else { NOTICE };
        let priority = FACILITY.saturating_mul(8).saturating_add(severity);
        let user = message.user.as_deref().map(|user| format!(" user=\"{}\"", escaped(user)));
        let head = format!(
            "<{priority}>1 {now} {machine} ryed {process} {notice} \
             [{DATA_NAME} run=\"{run}\" key=\"{key}\"{user}] ",
            machine = self.machine,
            process = std::process::id(),
            notice = message.notice,
            run = escaped(&message.run),
            key = escaped(&message.key),
            user = user.unwrap_or_default(),
        );
        let most = SYSLOG_MESSAGE_BYTES_MAX.saturating_sub(head.len());
        if message.text.len() <= most {
            return head + message.text;
        }
        let end = message.text.floor_char_boundary(most.saturating_sub(CUT_MARK.len()));
        head + message.text.get(..end).unwrap_or_default() + CUT_MARK
    }
}

/// The value of a parameter of structured data.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in visible(value).chars() {
        if matches!(character, '"' | '\\' | ']') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The name of this machine, if it can stand in a message.
fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    let fits =
        !name.is_empty() && name.len() <= 255 && name.bytes().all(|byte| byte.is_ascii_graphic());
    String::from(if fits { name } else { "-" })
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Why a message did not arrive, as far as is known.
enum Loss {
    NotSent,
    Unknown,
}

/// Sends one message and waits until the server has read it to its end: it closes its
/// side when it found ours closed.
fn over_tcp(addresses: &[SocketAddr], line: &str, deadline: Instant) -> Result<(), Loss> {
    let left =
        || Some(deadline.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero());
    // A server that can't be reached must be told apart from one that doesn't answer:
    // half of the time is for each.
    let connecting = left().ok_or(Loss::NotSent)? / 2;
    let connect = |address| TcpStream::connect_timeout(address, connecting).ok();
    let mut stream = addresses.iter().find_map(connect).ok_or(Loss::NotSent)?;
    let framed = format!("{} {line}", line.len());
    let mut converse = || {
        let over = || io::Error::from(io::ErrorKind::TimedOut);
        stream.set_write_timeout(Some(left().ok_or_else(over)?))?;
        stream.write_all(framed.as_bytes())?;
        stream.shutdown(Shutdown::Write)?;
        let mut heard = [0; 512];
        loop {
            stream.set_read_timeout(Some(left().ok_or_else(over)?))?;
            if stream.read(&mut heard)? == 0 {
                return Ok(());
            }
        }
    };
    converse().map_err(|_: io::Error| Loss::Unknown)
}

fn over_udp(addresses: &[SocketAddr], line: &str) -> Result<(), Loss> {
    let send = |address: &SocketAddr| {
        let any: std::net::IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.send_to(line.as_bytes(), address).ok()
    };
    addresses.iter().find_map(send).map(|_| ()).ok_or(Loss::NotSent)
}

#[cfg(test)]
mod tests;
