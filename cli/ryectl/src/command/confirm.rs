//! Whether what is about to be signed is meant: it is shown, and a person at a terminal
//! is asked. Nobody else can say so but with `--yes`.

use std::io::{self, BufRead, IsTerminal};

use rye_core::id::RunId;
use rye_engine::message::Order;

use crate::output::{self, Failure, Output};
use crate::timeline::head;

/// Shows what is signed, and waits for a yes if it is not said already.
pub(super) fn meant(
    shown: &[String],
    order: &Order,
    run: RunId,
    yes: bool,
    output: &Output,
) -> Result<(), Failure> {
    if !yes && (output.is_json() || !io::stdin().is_terminal()) {
        let look = match order {
            Order::Vote { .. } => String::from("requests"),
            _ if run.is_none() => String::from("contained"),
            _ => format!("show {}", head(&run.to_string())),
        };
        return Err(Failure::call("nobody is there who could confirm what is signed")
            .help(format!("look at it with `ryectl {look}`, then say `--yes`")));
    }
    if !output.is_json() {
        for line in shown {
            output::line(line);
        }
    }
    if yes { Ok(()) } else { ask(order) }
}

fn ask(order: &Order) -> Result<(), Failure> {
    output::line(&format!("you sign  {order}"));
    output::prompt("sign it? type `yes`: ");
    let mut said = String::new();
    io::stdin()
        .lock()
        .read_line(&mut said)
        .map_err(|error| Failure::broken(format!("the terminal can't be read: {error}")))?;
    if said.trim() == "yes" {
        return Ok(());
    }
    Err(Failure::refused("nothing was signed"))
}
