//! SIGTERM and SIGINT: no new effect, a short wait for answers in flight, the end.

use rye_runtime::shell::Stopper;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::Failure;

/// From now on, signals stop the shell instead of killing the process; the second
/// one doesn't wait.
pub(crate) fn stop_on_signals(stopper: Stopper) -> Result<(), Failure> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(|error| Failure::machine(&error))?;
    let listen = move || {
        for _ in signals.forever() {
            stopper.stop();
        }
    };
    let thread = std::thread::Builder::new().name(String::from("signals")).spawn(listen);
    thread.map(|_| ()).map_err(|error| Failure::machine(&error))
}
