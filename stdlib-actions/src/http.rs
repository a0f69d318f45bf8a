//! One client of HTTPS services for all adapters: to destinations that the site file
//! names, at addresses that it allows, with credentials that belong to the
//! destination alone.

mod destination;
mod post;

pub use destination::HeaderConfig;
pub(crate) use destination::{Described, Destination};
pub(crate) use post::Lost;
