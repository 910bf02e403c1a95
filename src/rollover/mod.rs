//! The draft for the coming year as data: what becomes of each class and each pupil of this year. It is brought up to date
//! with the roster before it is shown or a plan is made of it.

pub mod balance;
pub mod changes;
mod dealing;
pub mod known;
pub mod model;
pub mod naming;
pub mod pupils;
pub mod schedule;
pub mod store;
pub mod sums;
pub mod take_over;
pub mod targets;
pub mod wishes;
