use std::process::ExitCode;

use schoolgate::{cli, db::embedded, sources::spreadsheet::child, timetable::solver::engine};

fn main() -> ExitCode {
    // Some helper processes are this same program under another name. They begin before anything else does: they limit
    // their memory, or close inherited files.
    let mut args = std::env::args_os().skip(1);
    match args.next() {
        Some(name) if name == embedded::SUPERVISOR_COMMAND => embedded::supervisor_main(args),
        Some(name) if name == child::COMMAND => child::child_main(),
        Some(name) if name == engine::COMMAND => engine::child_main(args),
        _ => cli::main(),
    }
}
