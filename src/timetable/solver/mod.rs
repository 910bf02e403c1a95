//! A timetable that the program makes. [`problem`] says what is to be solved, [`feasible`] what cannot be solved by
//! anything, [`fet`] is the format of the engine, [`engine`] runs it as a process of its own, [`check`] judges what comes
//! back and knows nothing of how it was made. [`basis`] reads a school's data, [`generation`] is the job, [`review`] says
//! what came of it.

pub mod basis;
pub mod check;
pub mod engine;
pub mod feasible;
pub mod fet;
pub mod generation;
pub mod problem;
pub mod review;
pub mod writing;
