//! The pages for leaving: a person's data as a file, what erasing removes, the printed release code, and the form where
//! the next school enters it.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    access::{Action, Granted, MemberAction, may},
    accounts::{
        erasure, personal_data, transfer,
        transfer_code::{self, TransferCandidate, TransferCode},
    },
    app::App,
    error::{Error, Result},
    identity::{
        sessions::Device,
        sign_in_events::{self, SignInEventKind},
        throttle::{self, Secret},
    },
    ids::{ClassId, MemberId},
    paths,
    roster::{model::Status, subject::LockedMember},
    routes::{Access, Reauthentication, Routes},
    schools::{
        classes::{self, Class},
        years,
    },
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[must_use]
pub fn routes() -> Routes {
    let accounts = Access::School(Action::ManageAccounts);
    let erasers = Access::School(Action::ErasePupils);
    Routes::new()
        .get(paths::Transfer::PATH, accounts, ask_code)
        .post(paths::Transfer::PATH, accounts, transfer_in)
        .creating()
        .get_fresh(paths::AccountData::PATH, accounts, export)
        .get(paths::AccountTransferCode::PATH, accounts, ask_release)
        .post(paths::AccountTransferCode::PATH, accounts, make_transfer_code)
        .post(paths::AccountTransferCodeWithdrawal::PATH, accounts, withdraw_transfer_code)
        .get(paths::AccountErasure::PATH, erasers, ask_erasure)
        .post_reauthenticated(paths::AccountErasure::PATH, erasers, Reauthentication::Always, erase)
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async fn export(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    let file = personal_data::export(&granted, &app, id, visitor.l).await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(XLSX));
    let name = (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"data.xlsx\""));
    Ok(([kind, name], file).into_response())
}

#[derive(Template)]
#[template(path = "accounts/erasure.html")]
struct ErasurePage {
    l: Translator,
    shell: Shell,
    code: String,
    id: MemberId,
    name: String,
    /// A pupil who is still in the school is erased only when their name is typed.
    asks_name: bool,
    confirmation: String,
    faults: FormErrors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErasureForm {
    confirmation: String,
}

async fn ask_erasure(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ErasePupils>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    html(&erasure_page(&app, &visitor, &granted, id, String::new(), FormErrors::new()).await?)
}

async fn erase(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ErasePupils>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<ErasureForm>,
) -> PageResult {
    let faults = match erasure::erase(&granted, &app, id, &form.confirmation).await? {
        Ok(()) => {
            let list =
                paths::Accounts::of(&granted.school.code).with("done", "erased").with("role", "student").to_string();
            return Ok(page::redirect(&list));
        }
        Err(erasure::ErasureRefusal::NotConfirmed) => FormErrors::one("confirmation", "fault-erasure-name"),
        Err(erasure::ErasureRefusal::Busy) => FormErrors::one("confirmation", "fault-erasure-busy"),
    };
    refused(&erasure_page(&app, &visitor, &granted, id, form.confirmation, faults).await?)
}

async fn erasure_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ErasePupils>,
    id: MemberId,
    confirmation: String,
    faults: FormErrors,
) -> Result<ErasurePage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::Erase).await?;
    tx.commit().await?;
    Ok(ErasurePage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Accounts),
        code: granted.school.code.clone(),
        id,
        name: subject.name().to_owned(),
        asks_name: subject.status != Status::Left,
        confirmation,
        faults,
    })
}

#[derive(Template)]
#[template(path = "accounts/transfer_code.html")]
struct ReleasePage {
    l: Translator,
    shell: Shell,
    code: String,
    id: MemberId,
    pupil: TransferCandidate,
}

#[derive(Template)]
#[template(path = "accounts/transfer_code_made.html")]
struct ReleaseCodePage {
    l: Translator,
    shell: Shell,
    code: String,
    id: MemberId,
    name: String,
    school: String,
    release: TransferCode,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReleaseForm {
    undo: String,
}

async fn ask_release(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    html(&release_page(&visitor, &granted, id, transfer_code::look(&granted, &app, id).await?))
}

async fn withdraw_transfer_code(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    withdrawn(&app, &granted, id).await
}

async fn withdrawn(app: &App, granted: &Granted<may::ManageAccounts>, id: MemberId) -> PageResult {
    transfer_code::withdraw(granted, app, id).await?;
    let page = paths::AccountTransferCode::of(&granted.school.code, id);
    Ok(page::redirect(page.with("done", "release-withdrawn")))
}

async fn make_transfer_code(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<ReleaseForm>,
) -> PageResult {
    if !form.undo.is_empty() {
        return withdrawn(&app, &granted, id).await;
    }
    let made = transfer_code::make(&granted, &app, id).await?;
    let pupil = transfer_code::look(&granted, &app, id).await?;
    match made {
        // Shown only this once: only its hash is stored.
        Ok(release) => html(&ReleaseCodePage {
            l: visitor.l,
            shell: shell::of_school(&visitor, &granted, MenuPage::Accounts),
            code: granted.school.code.clone(),
            id,
            name: pupil.name,
            school: granted.school.name.clone(),
            release,
        }),
        Err(_) => refused(&release_page(&visitor, &granted, id, pupil)),
    }
}

fn release_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    id: MemberId,
    pupil: TransferCandidate,
) -> ReleasePage {
    let shell = shell::of_school(visitor, granted, MenuPage::Accounts);
    ReleasePage { l: visitor.l, shell, code: granted.school.code.clone(), id, pupil }
}

#[derive(Template)]
#[template(path = "accounts/transfer.html")]
struct TransferPage {
    l: Translator,
    shell: Shell,
    code: String,
    classes: Vec<Class>,
    form: TransferForm,
    faults: FormErrors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TransferForm {
    code: String,
    class: String,
}

async fn ask_code(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
) -> PageResult {
    html(&transfer_page(&app, &visitor, &granted, TransferForm::default(), FormErrors::new()).await?)
}

async fn transfer_in(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Form(form): Form<TransferForm>,
) -> PageResult {
    let class_id = match form.class.as_str() {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|_| FormErrors::one("class", "fault-class-gone")),
    };
    let faults = match class_id {
        _ if form.code.trim().is_empty() => FormErrors::one("code", "fault-release-missing"),
        Err(faults) => faults,
        Ok(class_id) => match try_code(&app, &visitor, &granted, &form.code, class_id).await? {
            Ok(id) => {
                let person = paths::Account::of(&granted.school.code, id).with("done", "taken-in").to_string();
                return Ok(page::redirect(&person));
            }
            Err(transfer::TransferRefusal::NotGood) => FormErrors::one("code", "fault-release-not-good"),
            Err(transfer::TransferRefusal::OwnCode) => FormErrors::one("code", "fault-release-own"),
            Err(transfer::TransferRefusal::NoSuchClass) => FormErrors::one("class", "fault-class-gone"),
        },
    };
    refused(&transfer_page(&app, &visitor, &granted, form, faults).await?)
}

/// One attempt at a code; a wrong one is charged to the account that typed it.
async fn try_code(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    code: &str,
    class_id: Option<ClassId>,
) -> Result<std::result::Result<MemberId, transfer::TransferRefusal>> {
    let account_id = visitor.signed_in()?.account_id;
    let note = async |kind: SignInEventKind| {
        let (school, device) = (Some(granted.school.code.as_str()), Device::of(visitor));
        sign_in_events::note_in_school(&app.db, kind, account_id, school, &device, visitor.now).await
    };
    let charged = match throttle::take_try(&app.db, Secret::Release(account_id), visitor.address, visitor.now).await? {
        Ok(charged) => charged,
        Err(wait) => {
            note(SignInEventKind::ReleaseLocked).await?;
            return Err(Error::TooManyTries(wait));
        }
    };
    let taken_in = transfer::transfer_in(granted, app, code, class_id).await?;
    if matches!(taken_in, Err(transfer::TransferRefusal::NotGood)) {
        note(SignInEventKind::WrongRelease).await?;
    } else {
        charged.reset(&mut *app.db.pool().acquire().await?).await?;
    }
    Ok(taken_in)
}

async fn transfer_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    form: TransferForm,
    faults: FormErrors,
) -> Result<TransferPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let classes = classes::of_year(granted, &mut tx, year.id).await?;
    tx.commit().await?;
    Ok(TransferPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Accounts),
        code: granted.school.code.clone(),
        classes,
        form,
        faults,
    })
}

impl ReleasePage {
    fn open_until(&self) -> Option<DateTime<Utc>> {
        self.pupil.open_until.filter(|_| self.pupil.refusal.is_none())
    }

    fn reason(&self) -> Option<String> {
        Some(self.l.t(match self.pupil.refusal? {
            transfer_code::TransferCodeRefusal::NotByCode => "release-not-by-code",
            transfer_code::TransferCodeRefusal::NotOurs => "release-not-ours",
        }))
    }
}
