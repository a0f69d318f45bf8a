//! A disk in memory that can be cut off between any two calls. What was not
//! made durable is then there or not, sector by sector, as a seed decides.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Disk, DiskFile, Locking};
use crate::group::SECTOR_BYTES;

/// What happens at one call that changes or syncs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The power goes: a write may be there in part, nothing works any more.
    PowerCut,
    /// The call fails as a broken disk does; what a sync was about is lost,
    /// though reading still shows it.
    Broken,
}

#[derive(Clone, Debug, Default)]
struct FileNode {
    /// What reading shows.
    now: Vec<u8>,
    /// What is on the platter.
    durable: Vec<u8>,
    /// Writes since the last sync.
    pending: Vec<(usize, Vec<u8>)>,
}

#[derive(Clone, Debug, Default)]
struct DirectoryNode {
    now: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
}

#[derive(Clone, Debug)]
enum Node {
    File(FileNode),
    Directory(DirectoryNode),
}

#[derive(Debug, Default)]
struct State {
    nodes: Vec<Node>,
    locks: BTreeSet<usize>,
    calls: u64,
    mishap: Option<(u64, Mishap)>,
    dead: bool,
    /// The most that all files together may measure.
    capacity: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug)]
pub(crate) struct SimulatedFile {
    disk: SimulatedDisk,
    node: usize,
}

#[derive(Debug)]
pub(crate) struct SimulatedLock {
    disk: SimulatedDisk,
    node: usize,
}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        self.disk.state().locks.remove(&self.node);
    }
}

/// A small generator: which sectors survive must depend on the seed alone.
struct Coin(u64);

impl Coin {
    fn flip(&mut self) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 & 4 != 0
    }
}

impl SimulatedDisk {
    /// An empty disk with one directory, `/`.
    pub(crate) fn new() -> Self {
        let nodes = vec![Node::Directory(DirectoryNode::default())];
        Self(Arc::new(Mutex::new(State { nodes, ..State::default() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// How many calls so far changed or synced something.
    pub(crate) fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Lets `mishap` happen at call number `call`.
    pub(crate) fn plan(&self, call: u64, mishap: Mishap) {
        self.state().mishap = Some((call, mishap));
    }

    pub(crate) fn set_capacity(&self, bytes: Option<usize>) {
        self.state().capacity = bytes;
    }

    /// How many bytes all files measure.
    pub(crate) fn used(&self) -> usize {
        self.state().used()
    }

    /// The disk after its process was killed: nothing is lost but what it held.
    pub(crate) fn after_kill(&self) -> Self {
        let state = self.state();
        let nodes = state.nodes.clone();
        Self(Arc::new(Mutex::new(State { nodes, capacity: state.capacity, ..State::default() })))
    }

    /// The disk after the power was cut.
    pub(crate) fn after_power_cut(&self, seed: u64) -> Self {
        let mut coin = Coin(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let nodes = self.state().nodes.iter().map(|node| survive(node, &mut coin)).collect();
        Self(Arc::new(Mutex::new(State { nodes, ..State::default() })))
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        let mut state = self.state();
        let node = state.find(Path::new(path)).unwrap();
        state.file(node).now.clone()
    }

    /// Puts `bytes` in place of a file's, durably.
    pub(crate) fn set_bytes(&self, path: &str, bytes: &[u8]) {
        let mut state = self.state();
        let node = state.find(Path::new(path)).unwrap();
        let file = state.file(node);
        file.now = bytes.to_vec();
        file.durable = bytes.to_vec();
    }
}

fn survive(node: &Node, coin: &mut Coin) -> Node {
    match node {
        Node::Directory(directory) => {
            let map = if coin.flip() { &directory.now } else { &directory.durable };
            Node::Directory(DirectoryNode { now: map.clone(), durable: map.clone() })
        }
        Node::File(file) => {
            let mut bytes = file.durable.clone();
            if coin.flip() {
                bytes.resize(file.now.len(), 0);
            }
            for (offset, written) in &file.pending {
                for (index, byte_run) in sectors(*offset, written) {
                    let kept = coin.flip();
                    if kept && index + byte_run.len() <= bytes.len() {
                        bytes[index..index + byte_run.len()].copy_from_slice(byte_run);
                    }
                }
            }
            Node::File(FileNode { now: bytes.clone(), durable: bytes, pending: Vec::new() })
        }
    }
}

/// A write, cut at the borders of sectors.
fn sectors(offset: usize, bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = ((offset + at) / SECTOR_BYTES + 1) * SECTOR_BYTES - offset;
        let end = end.min(bytes.len());
        runs.push((offset + at, &bytes[at..end]));
        at = end;
    }
    runs
}

impl State {
    fn used(&self) -> usize {
        let size = |node: &Node| match node {
            Node::File(file) => file.now.len(),
            Node::Directory(_) => 0,
        };
        self.nodes.iter().map(size).sum()
    }

    fn file(&mut self, node: usize) -> &mut FileNode {
        match &mut self.nodes[node] {
            Node::File(file) => file,
            Node::Directory(_) => panic!("a directory where a file is wanted"),
        }
    }

    fn directory(&mut self, node: usize) -> io::Result<&mut DirectoryNode> {
        match &mut self.nodes[node] {
            Node::Directory(directory) => Ok(directory),
            Node::File(_) => Err(ErrorKind::NotADirectory.into()),
        }
    }

    fn find(&mut self, path: &Path) -> io::Result<usize> {
        let mut node = 0;
        for name in path.iter().filter(|name| *name != "/") {
            let directory = self.directory(node)?;
            let name = name.to_str().unwrap();
            node = *directory.now.get(name).ok_or(ErrorKind::NotFound)?;
        }
        Ok(node)
    }

    /// The directory that `path` is in, and its name there.
    fn parent(&mut self, path: &Path) -> io::Result<(usize, String)> {
        let node = self.find(path.parent().unwrap())?;
        Ok((node, path.file_name().unwrap().to_str().unwrap().to_owned()))
    }

    fn add(&mut self, path: &Path, node: Node) -> io::Result<usize> {
        let (parent, name) = self.parent(path)?;
        let index = self.nodes.len();
        self.nodes.push(node);
        self.directory(parent)?.now.insert(name, index);
        Ok(index)
    }

    fn alive(&self) -> io::Result<()> {
        if self.dead { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    /// Counts a call; says what happens at it.
    fn call(&mut self) -> io::Result<Option<Mishap>> {
        self.alive()?;
        let call = self.calls;
        self.calls += 1;
        let mishap = self.mishap.filter(|(at, _)| *at == call).map(|(_, mishap)| mishap);
        self.dead |= mishap == Some(Mishap::PowerCut);
        Ok(mishap)
    }
}

/// The error of a call that a mishap happened at.
fn failed<T>(mishap: Mishap) -> io::Result<T> {
    Err(io::Error::other(format!("{mishap:?}")))
}

impl Disk for SimulatedDisk {
    type File = SimulatedFile;
    type Lock = SimulatedLock;

    fn open(&self, path: &Path) -> io::Result<SimulatedFile> {
        let mut state = self.state();
        state.alive()?;
        let node = state.find(path)?;
        Ok(SimulatedFile { disk: self.clone(), node })
    }

    fn open_to_read(&self, path: &Path) -> io::Result<SimulatedFile> {
        self.open(path)
    }

    fn create(&self, path: &Path) -> io::Result<SimulatedFile> {
        let mut state = self.state();
        if let Some(mishap) = state.call()? {
            return failed(mishap);
        }
        let node = state.add(path, Node::File(FileNode::default()))?;
        Ok(SimulatedFile { disk: self.clone(), node })
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if let Some(mishap) = state.call()? {
            return failed(mishap);
        }
        if state.find(path).is_err() {
            state.add(path, Node::Directory(DirectoryNode::default()))?;
        }
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut state = self.state();
        state.alive()?;
        let node = state.find(path)?;
        Ok(state.directory(node)?.now.keys().cloned().collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        if let Some(mishap) = state.call()? {
            return failed(mishap);
        }
        let node = state.find(from)?;
        let (parent, name) = state.parent(from)?;
        state.directory(parent)?.now.remove(&name);
        let (parent, name) = state.parent(to)?;
        state.directory(parent)?.now.insert(name, node);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if let Some(mishap) = state.call()? {
            return failed(mishap);
        }
        let node = state.find(path)?;
        let (parent, name) = state.parent(path)?;
        state.directory(parent)?.now.remove(&name);
        state.file(node).now.clear();
        Ok(())
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if let Some(mishap) = state.call()? {
            return failed(mishap);
        }
        let node = state.find(path)?;
        let directory = state.directory(node)?;
        directory.durable = directory.now.clone();
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Locking<SimulatedLock>> {
        let mut state = self.state();
        state.alive()?;
        let node = match state.find(path) {
            Ok(node) => node,
            Err(_) => state.add(path, Node::File(FileNode::default()))?,
        };
        if !state.locks.insert(node) {
            return Ok(Locking::Held(None));
        }
        Ok(Locking::Taken(SimulatedLock { disk: self.clone(), node }))
    }
}

impl DiskFile for SimulatedFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        state.alive()?;
        let now = &state.file(self.node).now;
        let from = usize::try_from(offset).unwrap().min(now.len());
        let len = bytes.len().min(now.len() - from);
        bytes[..len].copy_from_slice(&now[from..from + len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        let mishap = state.call()?;
        if mishap == Some(Mishap::Broken) {
            return failed(Mishap::Broken);
        }
        let offset = usize::try_from(offset).unwrap();
        let end = offset + bytes.len();
        let grown = end.saturating_sub(state.file(self.node).now.len());
        if grown > 0 && state.capacity.is_some_and(|most| state.used() + grown > most) {
            return Err(ErrorKind::StorageFull.into());
        }
        let file = state.file(self.node);
        if file.now.len() < end {
            file.now.resize(end, 0);
        }
        file.now[offset..end].copy_from_slice(bytes);
        file.pending.push((offset, bytes.to_vec()));
        mishap.map_or(Ok(()), failed)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn sync_all(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        let mishap = state.call()?;
        let file = state.file(self.node);
        match mishap {
            Some(Mishap::PowerCut) => return failed(Mishap::PowerCut),
            Some(Mishap::Broken) => {
                file.pending.clear();
                return failed(Mishap::Broken);
            }
            None => {}
        }
        let pending = std::mem::take(&mut file.pending);
        let len = file.now.len();
        file.durable.resize(len, 0);
        for (offset, bytes) in pending {
            file.durable[offset..offset + bytes.len()].copy_from_slice(&bytes);
        }
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        let mut state = self.disk.state();
        state.alive()?;
        Ok(u64::try_from(state.file(self.node).now.len()).unwrap())
    }
}
