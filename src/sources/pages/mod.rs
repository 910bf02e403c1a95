//! Files in and out: the upload, the templates, the exports.

mod columns;
mod files;
mod upload;

use crate::{
    access::Action,
    paths,
    routes::{Access, Routes},
};

/// A file and the form fields around it.
const UPLOAD_BYTES: usize = super::spreadsheet::limits::FILE_BYTES + 64 * 1024;

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    Routes::new()
        .get(paths::NewPlan::PATH, accounts, upload::show)
        .upload(paths::NewPlan::PATH, accounts, UPLOAD_BYTES, upload::submit)
        .get(paths::PlanColumns::PATH, accounts, columns::show)
        .post(paths::PlanColumns::PATH, accounts, columns::submit)
        .get(paths::TemplateStudents::PATH, accounts, files::students_template)
        .get(paths::TemplateTeachers::PATH, accounts, files::teachers_template)
        .get(paths::PlanErrors::PATH, accounts, files::failed_rows)
        .get_fresh(paths::AccountsXlsx::PATH, accounts, files::export_xlsx)
        .get_fresh(paths::AccountsCsv::PATH, accounts, files::export_csv)
}
