//! A program that keeps a key and signs with it: a device, a vault, a service. It is
//! started once per question, by its whole path, with an empty environment and no
//! arguments; both sides speak in frames, a length of 32 bits and so many bytes. What
//! it answers is checked before anybody sees it.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use rye_bundle::sign::Signer;
use rye_bundle::signature::{PublicKey, Signature, SignatureRecord, SigningFault};
use rye_core::limit::SIGNER_ANSWER_SECONDS_MAX;

use crate::KeyError;

/// Asks for the 32 bytes of the public key.
const PUBLIC: u8 = 0;
/// Asks for the 64 bytes of a signature over what follows.
const SIGN: u8 = 1;

/// A program that signs.
#[derive(Debug)]
pub(crate) struct Program {
    path: PathBuf,
    public: PublicKey,
}

impl Program {
    /// Asks the program at `path` for its public key.
    pub(crate) fn new(path: &Path) -> Result<Self, KeyError> {
        let failed = |why: String| {
            let what = format!("{} gives no public key: {why}", path.display());
            KeyError::input(what, "see the reference for what such a program answers")
        };
        let bytes = ask::<32>(path, PUBLIC, &[]).map_err(failed)?;
        let public = PublicKey::admit(&bytes).map_err(|flaw| failed(flaw.to_string()))?;
        Ok(Self { path: path.to_owned(), public })
    }
}

impl Signer for Program {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureRecord, SigningFault> {
        let failed = |why: &dyn core::fmt::Display| {
            SigningFault::Program(format!("{} doesn't sign: {why}", self.path.display()))
        };
        let bytes = ask::<64>(&self.path, SIGN, message).map_err(|why| failed(&why))?;
        let signature = Signature(bytes);
        self.public.verify_strict(message, &signature).map_err(|invalid| failed(&invalid))?;
        Ok(SignatureRecord { key_id: self.public.id(), signature })
    }
}

/// One question to the program, and its answer of exactly `N` bytes.
fn ask<const N: usize>(path: &Path, question: u8, message: &[u8]) -> Result<[u8; N], String> {
    let mut child = Command::new(path)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("it can't be started: {error}"))?;
    let length = u32::try_from(message.len().saturating_add(1))
        .map_err(|_| String::from("the message is too long"))?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.push(question);
    frame.extend_from_slice(message);
    let (tell, answers) = mpsc::channel();
    if let (Some(mut input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) {
        thread::spawn(move || {
            // One that answers without listening is judged by its answer.
            let _ = input.write_all(&frame);
            drop(input);
            // Nobody listens only when it took too long.
            let _ = tell.send(read_answer::<N>(&mut output));
        });
    }
    let patience = Duration::from_secs(SIGNER_ANSWER_SECONDS_MAX);
    let answer = answers.recv_timeout(patience).map_err(|_| {
        end(&mut child);
        format!("no answer within {SIGNER_ANSWER_SECONDS_MAX} s")
    })?;
    let answer = answer.inspect_err(|_| end(&mut child))?;
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(answer) } else { Err(format!("it failed ({status})")) }
}

fn read_answer<const N: usize>(output: &mut impl Read) -> Result<[u8; N], String> {
    let short = |error: io::Error| format!("its answer ends early: {error}");
    let mut length = [0; 4];
    output.read_exact(&mut length).map_err(short)?;
    let found = u32::from_be_bytes(length);
    if usize::try_from(found) != Ok(N) {
        return Err(format!("expected {N} bytes, found {found}"));
    }
    let mut answer = [0; N];
    output.read_exact(&mut answer).map_err(short)?;
    match output.read(&mut [0]) {
        Ok(0) => Ok(answer),
        _ => Err(String::from("bytes follow its answer")),
    }
}

/// Ends a program whose answer nobody wants any more.
fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}
