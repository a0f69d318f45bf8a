//! A receiver of webhooks on loopback: real TLS with an authority of its own, and
//! whatever answer a test wants.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Somebody who vouches for receivers.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// One that nobody else believes.
    ///
    /// # Panics
    /// When no key can be made.
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate can be made");
        Self { pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    /// Its certificate, in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    fn server(&self) -> Arc<ServerConfig> {
        let key = KeyPair::generate().expect("a key can be made");
        let params = CertificateParams::new(vec![String::from("127.0.0.1")]);
        let certificate = params
            .and_then(|params| params.signed_by(&key, &self.issuer))
            .expect("a certificate can be made");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has these versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key);
        Arc::new(config.expect("the certificate fits its key"))
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// What a receiver does with a connection.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Reads the request and answers with these bytes.
    Answer(Vec<u8>),
    /// Reads the request, answers with these bytes over and over until nobody
    /// takes them, or 64 MiB were sent.
    AnswerEndlessly(Vec<u8>),
    /// Reads the request and closes the connection.
    HangUp,
    /// Reads the request and says nothing for as long as the sender listens.
    Silence,
    /// Closes the connection before TLS begins.
    Refuse,
    /// Says nothing from the beginning.
    Deaf,
}

impl Behaviour {
    /// An answer with this status line (such as `204 No Content`), these header
    /// lines and no body.
    pub fn status(status: &str, headers: &str) -> Self {
        Self::Answer(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n{headers}\r\n").into())
    }
}

/// Listens until the process ends.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
    connections: Arc<AtomicUsize>,
}

impl Receiver {
    /// One for whom `authority` vouches.
    ///
    /// # Panics
    /// When it can't listen.
    pub fn start(authority: &Authority, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let config = authority.server();
        let seen = Arc::clone(&requests);
        let connections = Arc::new(AtomicUsize::new(0));
        let connected = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connected.fetch_add(1, Ordering::Relaxed);
                let (config, seen, behaviour) =
                    (Arc::clone(&config), Arc::clone(&seen), behaviour.clone());
                // A sender who goes away in the middle is not the receiver's error.
                thread::spawn(move || drop(serve(stream, config, &seen, &behaviour)));
            }
        });
        Self { address, requests, connections }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL with this path.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// How often somebody connected, whether or not he said anything.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Every whole request so far, byte for byte.
    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    seen: &Mutex<Vec<Vec<u8>>>,
    behaviour: &Behaviour,
) -> io::Result<()> {
    match behaviour {
        Behaviour::Refuse => return Ok(()),
        Behaviour::Deaf => return listen_on(stream),
        _ => {}
    }
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let request = read_request(&mut stream)?;
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    match behaviour {
        Behaviour::Answer(answer) => {
            stream.write_all(answer)?;
            stream.conn.send_close_notify();
            stream.flush()
        }
        Behaviour::AnswerEndlessly(answer) => {
            let mut left: usize = 64 << 20;
            while left > 0 {
                stream.write_all(answer)?;
                left = left.saturating_sub(answer.len());
            }
            Ok(())
        }
        Behaviour::Silence => listen_on(stream),
        Behaviour::HangUp | Behaviour::Refuse | Behaviour::Deaf => Ok(()),
    }
}

/// Until the sender goes away.
fn listen_on(mut stream: impl Read) -> io::Result<()> {
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// Head and body, as long as the head says.
fn read_request(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        request.extend_from_slice(&byte);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    request.extend_from_slice(&body);
    Ok(request)
}
