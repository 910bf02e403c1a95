//! Files in and out: the upload, the templates, the exports.

mod columns;
pub mod files;
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
        .get("/schools/{code}/plans/new", accounts, upload::show)
        .upload("/schools/{code}/plans/new", accounts, UPLOAD_BYTES, upload::submit)
        .creating()
        .get("/schools/{code}/plans/{id}/columns", accounts, columns::show)
        .post("/schools/{code}/plans/{id}/columns", accounts, columns::submit)
        .get(paths::AccountsSync::PATH, accounts, sync::accounts)
        .post(paths::AccountsSync::PATH, accounts, sync::sync_accounts)
        .get(paths::ClassesSync::PATH, Access::School(Action::ManageClasses), sync::classes)
        .post(paths::ClassesSync::PATH, Access::School(Action::ManageClasses), sync::sync_classes)
        .get("/schools/{code}/templates/students.xlsx", accounts, files::students_template)
        .get("/schools/{code}/templates/teachers.xlsx", accounts, files::teachers_template)
        .get("/schools/{code}/templates/classes.xlsx", owners, files::classes_template)
        .get("/schools/{code}/submissions/{id}/columns", owners, columns::show)
        .post("/schools/{code}/submissions/{id}/columns", owners, columns::submit)
        .get("/schools/{code}/submissions/{id}/errors.xlsx", owners, files::failed_rows)
        .get("/schools/{code}/plans/{id}/errors.xlsx", accounts, files::failed_rows)
        .get_fresh("/schools/{code}/accounts/export.xlsx", accounts, files::export_xlsx)
        .get_fresh("/schools/{code}/accounts/export.csv", accounts, files::export_csv)
}
