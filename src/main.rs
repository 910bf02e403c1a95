use std::process::ExitCode;

use schoolgate::{cli, db::embedded, sources::spreadsheet::child};

fn main() -> ExitCode {
    // Two helper processes are this same program under another name. They begin before anything else does: one limits
    // its memory, the other closes inherited files.
    let mut args = std::env::args_os().skip(1);
    match args.next() {
        Some(name) if name == embedded::SUPERVISOR_COMMAND => embedded::supervisor_main(args),
        Some(name) if name == child::COMMAND => child::child_main(),
        _ => cli::main(),
    }
}
