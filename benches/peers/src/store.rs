//! Other stores that keep entries, each flushed as its documentation says.

use std::path::Path;

use redb::{Database, TableDefinition};
use rye_benches::bare::{Kind, Store};

/// Who stands beside the journal.
pub const STORES: [Kind; 2] =
    [Kind { name: "sled 0.34.7", open: Sled::open }, Kind { name: "redb 4.6", open: Redb::open }];

const TABLE: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");

struct Sled {
    db: sled::Db,
    next: u64,
}

impl Sled {
    fn open(folder: &Path) -> Box<dyn Store> {
        Box::new(Self { db: sled::open(folder.join("sled")).unwrap(), next: 0 })
    }
}

impl Store for Sled {
    fn append(&mut self, entries: &[Vec<u8>]) {
        let mut batch = sled::Batch::default();
        for entry in entries {
            batch.insert(&self.next.to_be_bytes(), entry.as_slice());
            self.next += 1;
        }
        self.db.apply_batch(batch).unwrap();
        self.db.flush().unwrap();
    }
}

struct Redb {
    db: Database,
    next: u64,
}

impl Redb {
    fn open(folder: &Path) -> Box<dyn Store> {
        Box::new(Self { db: Database::create(folder.join("redb")).unwrap(), next: 0 })
    }
}

impl Store for Redb {
    fn append(&mut self, entries: &[Vec<u8>]) {
        let write = self.db.begin_write().unwrap();
        {
            let mut table = write.open_table(TABLE).unwrap();
            for entry in entries {
                table.insert(self.next, entry.as_slice()).unwrap();
                self.next += 1;
            }
        }
        write.commit().unwrap();
    }
}
