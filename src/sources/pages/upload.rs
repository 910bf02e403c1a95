//! Uploading a spreadsheet.

use askama::Template;
use axum::extract::{Multipart, Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    paths::{self, Address},
    plan::{book::Book, draft::SealedUpload, model::Source, upload::Sealing},
    schools::years::{self, Year},
    shell::{self, MenuPage},
    sources::{
        import, registry,
        remote::{self, RemoteSource},
        rollover,
    },
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{FormErrors, short_text},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "plan/new.html")]
struct UploadPage {
    l: Translator,
    shell: Shell,
    code: String,
    source: Source,
    noun: &'static str,
    /// Today's, and those to come.
    years: Vec<Year>,
    /// Of OneRoster: services that can be asked for the roster instead, and whether the visitor may add some.
    remote_sources: Vec<RemoteSource>,
    may_add_remote_sources: bool,
    now: DateTime<Utc>,
    faults: FormErrors,
}

impl UploadPage {
    /// An empty sheet to fill in.
    fn template(&self) -> Address {
        match self.source {
            Source::Students => paths::TemplateStudents::of(&self.code).into(),
            Source::Teachers => paths::TemplateTeachers::of(&self.code).into(),
            Source::Classes => paths::TemplateClasses::of(&self.code).into(),
            // Made from no file.
            Source::Registry => paths::AccountsSync::of(&self.code).into(),
            Source::RegistryClasses => paths::ClassesSync::of(&self.code).into(),
            // The standard is the template; what goes out shows it.
            Source::OneRoster => paths::OneRosterZip::of(&self.code).into(),
            Source::Rollover => paths::Rollover::of(&self.code).into(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SourceQuery {
    source: String,
}

impl SourceQuery {
    fn source(&self) -> Result<Source> {
        if self.source.is_empty() {
            Ok(Source::Students)
        } else {
            Source::from_key(&self.source)
                .filter(|source| {
                    let has_page = source.has_no_file() && *source != Source::RegistryClasses;
                    Source::ALL.contains(source) || has_page || *source == Source::OneRoster
                })
                .ok_or(Error::NotFound)
        }
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<SourceQuery>,
) -> PageResult {
    if query.source()? == Source::Rollover {
        return Ok(page::redirect(paths::Rollover::of(&granted.school.code)));
    }
    if query.source()? == Source::Registry {
        return Ok(page::redirect(paths::AccountsSync::of(&granted.school.code)));
    }
    html(&upload_page(&app, &visitor, &granted, query.source()?, FormErrors::new()).await?)
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Query(query): Query<SourceQuery>,
    multipart: Multipart,
) -> PageResult {
    let source = query.source()?;
    if source == Source::Rollover {
        let plan_id = rollover::begin(&granted.grant()?, &app).await?;
        let code = &granted.school.code;
        return Ok(match plan_id {
            Some(plan_id) => page::redirect(paths::Plan::of(code, plan_id)),
            None => page::redirect(paths::Rollover::of(code)),
        });
    }
    if source == Source::Registry {
        let plan_id = registry::begin(&granted, &app, Source::Registry).await?;
        return Ok(page::redirect(paths::Plan::of(&granted.school.code, plan_id)));
    }
    let has_room = import::has_room(&granted, &app, Book::Roster).await?;
    let mut sealing = Sealing::begin(&app)?;
    // A browser shows the response once all is sent: a file that will be refused is discarded as it comes.
    let typed = read(multipart, has_room.then_some(&mut sealing)).await?;
    if let Some(key) = typed.fault(has_room) {
        return refused(&upload_page(&app, &visitor, &granted, source, FormErrors::one("file", key)).await?);
    }
    let year_id = match typed.school_year.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let file = sealing.finish().await?;
    let upload = SealedUpload { source, file_name: &typed.file_name, file, year_id };
    match import::begin_sealed(&granted, &app, upload, &crate::plan::model::ReadProgress::default()).await {
        Ok(plan_id) => Ok(page::redirect(paths::Plan::of(&granted.school.code, plan_id))),
        Err(Error::FilesWaiting) => {
            let faults = FormErrors::one("file", "fault-files-waiting");
            refused(&upload_page(&app, &visitor, &granted, source, faults).await?)
        }
        Err(error) => Err(error),
    }
}

/// No more files may wait: the page of OneRoster says so.
pub async fn too_many_waiting(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
) -> PageResult {
    let faults = FormErrors::one("file", "fault-files-waiting");
    refused(&upload_page(app, visitor, granted, Source::OneRoster, faults).await?)
}

/// The form as sent, except for the file itself; missing fields are empty.
#[derive(Default)]
pub struct UploadFields {
    pub file_name: String,
    pub school_year: String,
    /// What the file is a list of, where the form says so.
    pub kind: String,
    /// The file is empty.
    is_empty: bool,
}

impl UploadFields {
    /// What is wrong with the file: the key of a sentence.
    #[must_use]
    pub fn fault(&self, has_room: bool) -> Option<&'static str> {
        match (self.file_name.is_empty(), self.is_empty) {
            (true, true) => Some("fault-file-missing"),
            (false, true) => Some("fault-file-empty"),
            (_, false) if !has_room => Some("fault-files-waiting"),
            (_, false) => None,
        }
    }
}

/// The fields of the form, and others that a browser may send along.
const MOST_FIELDS: usize = 10;

/// Reads the form; the file is passed on as it comes.
///
/// # Errors
/// [`Error::Malformed`] for a form that none of our pages sends, [`Error::TooLarge`] for too large a file.
pub async fn read(mut multipart: Multipart, mut sealing: Option<&mut Sealing>) -> Result<UploadFields> {
    let mut typed = UploadFields { is_empty: true, ..UploadFields::default() };
    for _ in 0..MOST_FIELDS {
        let Some(mut field) = multipart.next_field().await? else { return Ok(typed) };
        match field.name() {
            // Only the first file counts.
            Some("file") if typed.is_empty => {
                typed.file_name = field.file_name().unwrap_or_default().chars().take(200).collect();
                while let Some(bytes) = field.chunk().await? {
                    typed.is_empty &= bytes.is_empty();
                    if let Some(sealing) = &mut sealing {
                        sealing.push(&bytes).await?;
                    }
                }
            }
            Some("school_year") => typed.school_year = short_text(field).await?,
            Some("kind") => typed.kind = short_text(field).await?,
            _ => while field.chunk().await?.is_some() {},
        }
    }
    Err(Error::Malformed)
}

async fn upload_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    source: Source,
    faults: FormErrors,
) -> Result<UploadPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let years = years::all_open(granted, &mut tx, app.clock.today()).await?;
    let remote_sources = if source == Source::OneRoster { remote::all(granted, &mut tx).await? } else { Vec::new() };
    tx.commit().await?;
    Ok(UploadPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Import),
        code: granted.school.code.clone(),
        source,
        noun: if source == Source::OneRoster { "oneroster" } else { source.noun() },
        years,
        remote_sources,
        may_add_remote_sources: granted.may::<may::ChangeSettings>(),
        now: visitor.now,
        faults,
    })
}
