//! The operators' pages: the schools of their provinces, and opening one.

mod new;
mod schools;

use crate::web::{Access, Routes};

#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/operator/schools", Access::Operator, schools::list)
        .get("/operator/schools/new", Access::Operator, new::show)
        .post("/operator/schools", Access::Operator, new::submit)
        .post("/operator/schools/new", Access::Operator, new::submit)
}
