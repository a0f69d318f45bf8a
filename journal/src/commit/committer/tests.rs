use super::*;
use crate::commit::Geometry;
use crate::disk::simulated::{Mishap, SimulatedDisk};
use crate::testing::{check, create, entry, genesis};
use crate::verify::{Expectation, verify};

#[test]
fn many_threads_share_flushes_and_each_gets_its_own_answer() {
    const WRITERS: u64 = 64;
    const ROUNDS: u64 = 20;
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let committer = Committer::start(Journal::create(&store, genesis()).unwrap()).unwrap();
    let mut seqs: Vec<u64> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let appender = committer.appender();
                scope.spawn(move || {
                    let append = |round| {
                        let size = round % 3 + 1;
                        let durable = appender.append(vec![entry(writer); narrow(size)]).unwrap();
                        assert!(durable.head.size >= durable.first_seq + size);
                        durable.first_seq..durable.first_seq + size
                    };
                    (0..ROUNDS).flat_map(append).collect::<Vec<u64>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    seqs.sort_unstable();
    assert_eq!(seqs, (0..u64::try_from(seqs.len()).unwrap()).collect::<Vec<_>>());
    let journal = committer.stop().unwrap();
    let known = Expectation { heads: vec![journal.head()], ..Expectation::default() };
    assert_eq!(journal.head().size, u64::try_from(seqs.len()).unwrap());
    assert_eq!(verify(&store, &known, &mut |_| None).unwrap().findings, []);
    let file = std::fs::metadata(store.join("journal").join(crate::segment::file_name(0)));
    let step = Geometry::default().step_bytes;
    assert!(file.unwrap().len() <= step * 2, "flushes were shared");
}

fn narrow(n: u64) -> usize {
    usize::try_from(n).unwrap()
}

#[test]
fn what_waits_during_one_flush_shares_the_next() {
    let disk = SimulatedDisk::new();
    let journal = create(&disk).unwrap();
    let queue = Queue::default();
    for n in 0..10 {
        let prepared = Prepared::new(vec![entry(n * 3)]).unwrap();
        queue.push(Request { prepared, answered: None }).unwrap();
    }
    queue.close();
    let calls = disk.calls();
    let journal = serve(journal, &queue);
    assert_eq!(journal.head().size, 10);
    assert_eq!(disk.calls(), calls + 2, "one write, one flush");
}

#[test]
fn a_group_is_bounded() {
    let queue = Queue::default();
    for _ in 0..3 {
        let prepared = Prepared::new(vec![entry(0); GROUP_ENTRIES_MAX / 2]).unwrap();
        queue.push(Request { prepared, answered: None }).unwrap();
    }
    let mut large = entry(1);
    large.values[0].bytes = vec![0; GROUP_BYTES_MAX - 1000];
    for _ in 0..2 {
        let prepared = Prepared::new(vec![large.clone()]).unwrap();
        queue.push(Request { prepared, answered: None }).unwrap();
    }
    queue.close();
    let mut sizes = Vec::new();
    let mut batch = Vec::new();
    while queue.take(&mut batch) {
        sizes.push(batch.len());
        batch.clear();
    }
    assert_eq!(sizes, [2, 1, 1, 1]);
}

#[test]
fn one_failed_flush_is_told_to_all_who_wait_and_all_who_come() {
    let disk = SimulatedDisk::new();
    let journal = create(&disk).unwrap();
    disk.plan(disk.calls() + 1, Mishap::Broken);
    let committer = Committer::start(journal).unwrap();
    let appender = committer.appender();
    let waiting: Vec<_> = (0..5).map(|n| appender.submit(vec![entry(n)]).unwrap()).collect();
    let mut texts: Vec<String> =
        waiting.into_iter().map(|pending| pending.wait().unwrap_err().to_string()).collect();
    texts.push(appender.append(vec![entry(9)]).unwrap_err().to_string());
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    let journal = committer.stop().unwrap();
    assert_eq!(journal.head().size, 0);
    assert!(matches!(appender.append(vec![entry(1)]), Err(JournalError::Stopped)));
}

#[test]
fn on_a_full_disk_the_small_are_served_and_the_large_refused() {
    let disk = SimulatedDisk::new();
    let mut journal = create(&disk).unwrap();
    disk.set_capacity(Some(disk.used()));
    while !journal.append(vec![entry(1)]).unwrap().on_reserve {}
    let queue = Queue::default();
    let answers = Arc::new(Mutex::new(Vec::new()));
    let mut large = entry(1);
    large.values[0].bytes = vec![1; 20 << 10];
    for (n, new) in [entry(1), large, entry(2)].into_iter().enumerate() {
        let answers = Arc::clone(&answers);
        let answered = move |answer: Answer| lock(&answers).push((n, answer.is_ok()));
        let prepared = Prepared::new(vec![new]).unwrap();
        queue.push(Request { prepared, answered: Some(Box::new(answered)) }).unwrap();
    }
    queue.close();
    serve(journal, &queue);
    assert_eq!(*lock(&answers), [(0, true), (1, false), (2, true)]);
    assert_eq!(check(&disk).findings, []);
}

#[test]
fn nobody_waits_for_ever_when_the_committer_dies() {
    let disk = SimulatedDisk::new();
    let committer = Committer::start(create(&disk).unwrap()).unwrap();
    let appender = committer.appender();
    appender.submit_with(vec![entry(0)], |_| panic!("a caller's mistake")).unwrap();
    assert!(matches!(appender.append(vec![entry(1)]), Err(JournalError::Stopped) | Ok(_)));
    assert!(committer.stop().is_none());
    assert!(matches!(appender.append(vec![entry(2)]), Err(JournalError::Stopped)));
}
