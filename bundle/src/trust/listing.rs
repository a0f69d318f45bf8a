//! A trust root as people read it before they sign or pin it.

use core::fmt;

use rye_core::impact::Impact;

use super::{SignerRole, TrustRoot};

impl fmt::Display for TrustRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "trust root {} of {}", self.version, self.environment)?;
        writeln!(f, "  digest   {}", self.digest())?;
        writeln!(f, "  issued   {}", self.issued_at)?;
        writeln!(f, "  expires  {}", self.expires_at)?;
        writeln!(f, "keys")?;
        for key in self.keys.values() {
            writeln!(f, "  {}  {}", key.public.id(), key.owner)?;
            write!(f, "    public key  ")?;
            rye_core::hex::write(f, key.public.bytes())?;
            writeln!(f, "\n    counts      from {} until {}", key.not_before, key.not_after)?;
            writeln!(f, "    may sign    {}", key.usages)?;
        }
        writeln!(f, "signer roles")?;
        for role in &self.signer_roles {
            self.list_signer_role(f, role)?;
        }
        writeln!(f, "people")?;
        for (role, owners) in &self.people_roles {
            let owners: Vec<_> = owners.iter().map(super::OwnerId::as_str).collect();
            writeln!(f, "  {role}: {}", owners.join(", "))?;
        }
        writeln!(f, "owners who must sign a bundle, by its impact")?;
        for impact in Impact::ALL {
            let need = self.impact_policy.requirement(impact);
            writeln!(f, "  {impact:<11}  {}, of them people {}", need.owners, need.humans)?;
        }
        if !self.reset_counters.is_empty() {
            writeln!(f, "bundles whose versions begin anew")?;
        }
        for name in &self.reset_counters {
            writeln!(f, "  {name}")?;
        }
        Ok(())
    }
}

impl TrustRoot {
    fn list_signer_role(&self, f: &mut fmt::Formatter<'_>, role: &SignerRole) -> fmt::Result {
        write!(f, "  {}", role.usage)?;
        if let Some(scope) = &role.scope {
            let names = scope.prefixes.iter().map(|prefix| match prefix.as_str() {
                "" => "any name".to_owned(),
                text => format!("`{text}`"),
            });
            write!(f, " {}, up to {}", names.collect::<Vec<_>>().join(", "), scope.max_impact)?;
        }
        writeln!(f, ": {} of these owners", role.threshold)?;
        for key in role.keys.iter().filter_map(|key_id| self.key(*key_id)) {
            writeln!(f, "    {}  {}", key.public.id(), key.owner)?;
        }
        Ok(())
    }
}
