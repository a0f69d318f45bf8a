//! A revocation list as people read it before they sign it.

use core::fmt;

use super::Revocations;
use crate::name::Label;

impl fmt::Display for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "revocation list {} of {}", self.version, self.environment)?;
        writeln!(f, "  digest       {}", self.digest())?;
        writeln!(f, "  issued       {}", self.issued_at)?;
        writeln!(f, "  next update  {}", self.next_update)?;
        if self.keys.is_empty() && self.bundles.is_empty() && self.versions.is_empty() {
            writeln!(f, "nothing is revoked")?;
        }
        for (key_id, reason) in &self.keys {
            writeln!(f, "key {key_id}{}", because(reason))?;
        }
        for (digest, reason) in &self.bundles {
            writeln!(f, "bundle {digest}{}", because(reason))?;
        }
        for (name, versions) in &self.versions {
            let reason = because(&versions.reason);
            writeln!(f, "bundles {name} below version {}{reason}", versions.below)?;
        }
        Ok(())
    }
}

fn because(reason: &Label) -> String {
    match reason.as_str() {
        "" => String::new(),
        reason => format!(": {reason}"),
    }
}
