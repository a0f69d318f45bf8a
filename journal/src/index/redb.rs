//! An index in redb. It shows that nothing but [`Table`] is asked of a database;
//! only tests are built with it.

use std::path::Path;

use ::redb::{Database, Error, ReadableDatabase, TableDefinition};

use super::table::{Pair, Pairs, Table, TableError};
use crate::disk::{Disk, RealDisk};

const TREE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("index");

/// A folder with one file that redb keeps.
#[derive(Debug)]
pub(crate) struct RedbTable(Database);

impl Table for RedbTable {
    fn open(folder: &Path) -> Result<Self, TableError> {
        RealDisk.create_directory(folder).map_err(Error::Io)?;
        let database = Database::create(folder.join("redb")).map_err(Error::from)?;
        let write = database.begin_write().map_err(Error::from)?;
        write.open_table(TREE).map_err(Error::from)?;
        write.commit().map_err(Error::from)?;
        Ok(Self(database))
    }

    fn add(&mut self, pairs: &[Pair]) -> Result<(), TableError> {
        let write = self.0.begin_write().map_err(Error::from)?;
        {
            let mut tree = write.open_table(TREE).map_err(Error::from)?;
            for (key, value) in pairs {
                tree.insert(key.as_slice(), value.as_slice()).map_err(Error::from)?;
            }
        }
        Ok(write.commit().map_err(Error::from)?)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TableError> {
        let read = self.0.begin_read().map_err(Error::from)?;
        let tree = read.open_table(TREE).map_err(Error::from)?;
        Ok(tree.get(key).map_err(Error::from)?.map(|value| value.value().to_vec()))
    }

    fn pairs(&self, key: &[u8]) -> Result<Pairs<'_>, TableError> {
        let read = self.0.begin_read().map_err(Error::from)?;
        let tree = read.open_table(TREE).map_err(Error::from)?;
        let pairs = tree.range(key..).map_err(Error::from)?;
        Ok(Box::new(pairs.map(|pair| {
            let (key, value) = pair.map_err(Error::from)?;
            Ok((key.value().to_vec(), value.value().to_vec()))
        })))
    }

    fn last_before(&self, key: &[u8]) -> Result<Option<Pair>, TableError> {
        let read = self.0.begin_read().map_err(Error::from)?;
        let tree = read.open_table(TREE).map_err(Error::from)?;
        let Some(pair) = tree.range(..key).map_err(Error::from)?.next_back() else {
            return Ok(None);
        };
        let (key, value) = pair.map_err(Error::from)?;
        Ok(Some((key.value().to_vec(), value.value().to_vec())))
    }
}

impl From<Error> for TableError {
    fn from(error: Error) -> Self {
        Self { full: false, text: error.to_string() }
    }
}
