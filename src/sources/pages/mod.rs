//! Files in and out: the upload, the templates, the exports.

mod columns;
pub mod files;
pub mod sheet_form;
mod sync;
pub mod upload;

use crate::{
    access::Action,
    paths,
    routes::{Access, Routes},
};

/// A file and the form fields around it.
pub const UPLOAD_BYTES: usize = super::spreadsheet::limits::FILE_BYTES + 64 * 1024;

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    let owners = Access::School(Action::ManageRegistry);
    Routes::new()
        .get(paths::NewPlan::PATH, accounts, upload::show)
        .upload(paths::NewPlan::PATH, accounts, UPLOAD_BYTES, upload::submit)
        .creating()
        .get_fresh(paths::YearExport::PATH, Access::School(Action::ManageClasses), files::year)
        .get(paths::PlanColumns::PATH, accounts, columns::show)
        .post(paths::PlanColumns::PATH, accounts, columns::submit)
        .get(paths::AccountsSync::PATH, accounts, sync::accounts)
        .post(paths::AccountsSync::PATH, accounts, sync::sync_accounts)
        .get(paths::ClassesSync::PATH, Access::School(Action::ManageClasses), sync::classes)
        .post(paths::ClassesSync::PATH, Access::School(Action::ManageClasses), sync::sync_classes)
        .get(paths::TemplateStudents::PATH, accounts, files::students_template)
        .get(paths::TemplateTeachers::PATH, accounts, files::teachers_template)
        .get(paths::TemplateClasses::PATH, owners, files::classes_template)
        .get(paths::SubmissionColumns::PATH, owners, columns::show)
        .post(paths::SubmissionColumns::PATH, owners, columns::submit)
        .get(paths::SubmissionErrors::PATH, owners, files::failed_rows)
        .get(paths::PlanErrors::PATH, accounts, files::failed_rows)
        .get_fresh(paths::AccountsXlsx::PATH, accounts, files::export_xlsx)
        .get_fresh(paths::AccountsCsv::PATH, accounts, files::export_csv)
}
