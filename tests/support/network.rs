//! A network of two hosts: an attacker with many addresses, and a victim who
//! listens. What is tried is tried from the attacker's side, with real sockets.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::namespace::{Namespace, ip};

/// How long is waited for what must come. Long: a busy machine is no failure.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long is waited for what must not come.
const SILENCE: Duration = Duration::from_millis(600);

/// The victim's addresses.
pub const VICTIM: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, 2)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2)),
];

/// The attacker's addresses: two in one IPv4 network, one beside it, two in one
/// IPv6 network, one beside it.
pub const ATTACKER: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 8)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 7)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 8)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0x600d, 0, 0, 0, 0, 7)),
];

/// Two hosts on one wire.
#[derive(Debug)]
pub struct Network {
    /// Has every address of [`ATTACKER`].
    pub attacker: Namespace,
    /// Has the addresses of [`VICTIM`].
    pub victim: Namespace,
}

impl Network {
    /// Makes both hosts and the wire.
    ///
    /// # Panics
    /// When they can't be made.
    pub fn two_hosts() -> Self {
        let network =
            Self { attacker: Namespace::new("attacker"), victim: Namespace::new("victim") };
        let Self { attacker, victim } = &network;
        ip([
            "link",
            "add",
            "wire",
            "netns",
            attacker.name(),
            "type",
            "veth",
            "peer",
            "name",
            "wire",
            "netns",
            victim.name(),
        ]);
        for (host, addresses) in [
            (attacker, ["198.51.100.1/24", "2001:db8::1/64"]),
            (victim, ["198.51.100.2/24", "2001:db8::2/64"]),
        ] {
            host.ip(["link", "set", "wire", "up"]);
            for address in addresses {
                // Without waiting for others that might have the same address.
                let nodad = address.contains(':').then_some("nodad");
                host.ip(["address", "add", address, "dev", "wire"].into_iter().chain(nodad));
            }
        }
        for address in ATTACKER {
            let nodad = address.is_ipv6().then_some("nodad");
            let address = address.to_string();
            attacker.ip(["address", "add", &address, "dev", "lo"].into_iter().chain(nodad));
        }
        victim.ip(["route", "add", "default", "via", "198.51.100.1"]);
        victim.ip(["-6", "route", "add", "default", "via", "2001:db8::1"]);
        network
    }

    /// Listens on the victim, at all its addresses.
    ///
    /// # Panics
    /// When it can't.
    pub fn listen(&self) -> Listener {
        Listener::start(&self.victim)
    }

    /// Whether the attacker can connect from `from` now: waits long for a yes.
    pub fn can_connect(&self, from: IpAddr, listener: &Listener) -> bool {
        self.open(from, listener, PATIENCE).is_ok()
    }

    /// Whether the attacker's attempt to connect from `from` stays without an
    /// answer.
    pub fn is_cut_off(&self, from: IpAddr, listener: &Listener) -> bool {
        self.open(from, listener, SILENCE).is_err_and(|error| error.kind() == ErrorKind::TimedOut)
    }

    /// An established connection from `from`.
    ///
    /// # Panics
    /// When the victim can't be reached.
    pub fn connect(&self, from: IpAddr, listener: &Listener) -> Connection {
        let stream = self.open(from, listener, PATIENCE).expect("the victim can be reached");
        let mut connection = Connection { stream };
        assert!(connection.echoes(), "the victim answers");
        connection
    }

    fn open(&self, from: IpAddr, listener: &Listener, patience: Duration) -> io::Result<TcpStream> {
        let [victim4, victim6] = VICTIM;
        let victim = if from.is_ipv4() { victim4 } else { victim6 };
        self.attacker.run(|| {
            let target = SocketAddr::new(victim, listener.port);
            let socket = Socket::new(Domain::for_address(target), Type::STREAM, None)?;
            socket.bind(&SocketAddr::new(from, 0).into())?;
            socket.connect_timeout(&target.into(), patience)?;
            Ok(socket.into())
        })
    }
}

/// Says back whatever it hears, until it is dropped.
#[derive(Debug)]
pub struct Listener {
    port: u16,
    ended: Arc<AtomicBool>,
}

impl Listener {
    fn start(host: &Namespace) -> Self {
        // One socket for both families, so that it sees IPv4 peers as mapped ones,
        // as most servers do.
        let listener = host
            .run(|| TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)))
            .expect("a port is free in a fresh namespace");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let ended = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&ended);
        listener.set_nonblocking(true).expect("a socket can be made not to block");
        thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        let until = Arc::clone(&until);
                        thread::spawn(move || echo(stream, &until));
                    }
                    Err(_) => thread::sleep(Duration::from_millis(5)),
                }
            }
        });
        Self { port, ended }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn echo(mut stream: TcpStream, ended: &AtomicBool) {
    // A socket that can't be set up is as good as one that is closed.
    let _ = stream.set_nonblocking(false);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(50)));
    let mut byte = [0];
    while !ended.load(Ordering::Relaxed) {
        match stream.read(&mut byte) {
            Ok(1) if stream.write_all(&byte).is_ok() => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            _ => return,
        }
    }
}

/// The attacker's end of a connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
}

impl Connection {
    /// Whether what is said comes back: waits long for a yes.
    pub fn echoes(&mut self) -> bool {
        self.say_and_hear(PATIENCE).is_ok_and(|count| count > 0)
    }

    /// Whether what is said stays without an answer, neither word nor end.
    pub fn is_cut_off(&mut self) -> bool {
        self.say_and_hear(SILENCE).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Whether the other side says that it knows no such connection: waits long
    /// for a yes.
    pub fn was_reset(&mut self) -> bool {
        self.say_and_hear(PATIENCE).is_err_and(|error| {
            matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
        })
    }

    fn say_and_hear(&mut self, patience: Duration) -> io::Result<usize> {
        self.stream.write_all(b"x")?;
        self.stream.set_read_timeout(Some(patience))?;
        self.stream.read(&mut [0])
    }
}
