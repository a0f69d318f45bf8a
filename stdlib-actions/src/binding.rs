//! A site's own verbs: which module is declared by which interface file, and who
//! carries its verbs out, a program or an HTTPS service.
//!
//! Both are talked to in the same words ([`protocol`]). What they answer is not
//! trusted: it must fit the declared type, under the key of the question. Whatever
//! else comes back, or doesn't, is an attempt whose end nobody knows.

mod http;
pub mod interface;
mod process;
mod protocol;

use std::collections::BTreeMap;
use std::path::Path;

use rye_core::action::ActionSignature;
use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::error::ErrorKind;
use rye_core::ty::fit::fits;

pub use http::HttpConfig;
pub use interface::{Interface, InterfaceError};
pub use process::ProcessConfig;

use crate::config::{Config, ConfigError, guarded, read_file};
use protocol::Question;

/// The adapter of one module of a site's own verbs.
pub(crate) struct Binding {
    interface: Interface,
    carrier: Box<dyn Carrier>,
}

/// Takes questions to whoever answers them.
trait Carrier: Send + Sync {
    /// The bytes that answer a question, or how the attempt ended without any.
    fn carry(&self, question: &Question<'_>, request: &Request) -> Result<Vec<u8>, Ending>;

    /// What must not be in any text that is kept or shown.
    fn secret(&self) -> Option<&str>;
}

impl Binding {
    /// What is carried out.
    pub(crate) fn interface(&self) -> &Interface {
        &self.interface
    }

    /// Asks the carrier, of a verb with arguments that were checked.
    fn ask(&self, verb: &ActionSignature, request: &Request) -> Ending {
        let question = Question::new(verb, self.interface.types(), request);
        match self.carrier.carry(&question, request) {
            Ok(answer) => question.ending(&answer, self.carrier.secret()),
            Err(ending) => ending,
        }
    }
}

impl Adapter for Binding {
    fn invoke(&self, request: &Request) -> Ending {
        let call = &request.call;
        let Some(verb) = self.interface.verb(&call.action) else {
            return Ending::refused(ErrorKind::Rejected, "the interface has no such verb");
        };
        let named = verb.parameters.iter().map(|parameter| &parameter.name);
        if !named.eq(call.arguments.iter().map(|(name, _)| name)) {
            return Ending::refused(ErrorKind::Rejected, "the interface has other parameters");
        }
        for (parameter, (name, value)) in verb.parameters.iter().zip(call.arguments.iter()) {
            if let Err(misfit) = fits(self.interface.types(), parameter.ty, value) {
                let text = format!("the argument `{name}` does not fit: {misfit}");
                return Ending::refused(ErrorKind::Rejected, text);
            }
        }
        self.ask(verb, request)
    }
}

/// The bindings of a site, by module.
pub(crate) fn bindings(config: &Config) -> Result<BTreeMap<String, Binding>, ConfigError> {
    let mut bindings = BTreeMap::new();
    for (module, config) in &config.process {
        let option = option("process", module);
        let interface = read_interface(&option, module, &config.interface)?;
        let carrier = Box::new(process::Program::new(&option, config)?);
        bindings.insert(module.clone(), Binding { interface, carrier });
    }
    for (module, config) in &config.http {
        let option = option("http", module);
        let interface = read_interface(&option, module, &config.interface)?;
        let carrier = Box::new(http::Service::new(&option, config)?);
        if bindings.insert(module.clone(), Binding { interface, carrier }).is_some() {
            return Err(ConfigError::new(
                option,
                "the module is bound to a program already",
                "drop one of the two bindings",
            ));
        }
    }
    Ok(bindings)
}

/// The path of a module's table in the configuration; what is no bare key is quoted.
fn option(table: &str, module: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if module.chars().all(bare) {
        format!("{table}.{module}")
    } else {
        format!("{table}.\"{}\"", module.escape_debug())
    }
}

fn read_interface(option: &str, module: &str, path: &Path) -> Result<Interface, ConfigError> {
    let option = format!("{option}.interface");
    guarded(&option, path)?;
    let bytes = read_file(&option, path)?;
    let again = format!("write the file anew: `ryec interface {module} -o FILE`");
    let interface = Interface::parse(&bytes).map_err(|error| {
        let problem = format!("`{}` is no interface file: {error}", path.display());
        ConfigError::new(&option, problem, &again)
    })?;
    if interface.module() != module {
        let problem = format!("the file declares `{}`, not `{module}`", interface.module());
        return Err(ConfigError::new(option, problem, again));
    }
    Ok(interface)
}
