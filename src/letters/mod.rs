//! Letters: the mails that the program writes. `wording` says what stands in each, `outbox` posts them in a transaction
//! and sends them by a job, `bounces` tells which came back. Handing a mail over is `mail`'s.

pub mod bounces;
pub mod outbox;
pub mod samples;
pub mod wording;
