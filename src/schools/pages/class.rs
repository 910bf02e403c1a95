//! One class: its name, grade and homeroom teacher; and deleting it where it never had members.

use askama::Template;
use axum::extract::{Query, State};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::{ClassId, MemberId},
    paths,
    schools::{
        classes::{self, Details},
        homeroom::{self, HomeroomCandidate},
        stays::{self, Stay, StayChange},
        year_changes,
        years::Year,
    },
    shell::{self, MenuPage},
    vietnam::{class_name, text},
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "schools/class.html")]
struct ClassPage {
    l: Translator,
    shell: Shell,
    code: String,
    class: Details,
    candidates: Vec<HomeroomCandidate>,
    /// Its year is over.
    is_closed: bool,
    year: Year,
    stays: Vec<Stay>,
    /// The day of the list, as typed or chosen.
    on: String,
    /// The day as it is understood.
    day: NaiveDate,
    form: ClassEditForm,
    faults: FormErrors,
}

impl ClassPage {
    /// Those who were there on the day.
    fn list(&self) -> Vec<&Stay> {
        self.stays.iter().filter(|stay| stay.is_on(self.day)).collect()
    }

    /// Those who came or went during the year.
    fn changes(&self) -> Vec<StayChange<'_>> {
        stays::changes(&self.stays, self.year.starts_on)
    }

    /// What happened, as a sentence.
    fn change(&self, change: &StayChange<'_>) -> String {
        match (change.is_arrival, &change.stay.from_class, &change.stay.to_class) {
            (true, Some(class), _) => self.l.t1("class-came-from", "class", class.as_str()),
            (true, None, _) => self.l.t("class-came"),
            (false, _, Some(class)) => self.l.t1("class-went-to", "class", class.as_str()),
            (false, _, None) => self.l.t("class-left"),
        }
    }

    /// The name of the homeroom teacher, as far as they are here still.
    fn teacher(&self) -> Option<&str> {
        let of_class = |candidate: &&HomeroomCandidate| Some(candidate.id) == self.class.homeroom_member_id;
        self.candidates.iter().find(of_class).map(|candidate| candidate.full_name.as_str())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassEditForm {
    name: String,
    grade: String,
    homeroom_teacher: String,
}

/// A homeroom teacher as a form sends one: an id, or nothing.
///
/// # Errors
/// The fault, where the id is no candidate's.
pub fn teacher(typed: &str, candidates: &[HomeroomCandidate]) -> std::result::Result<Option<MemberId>, FormErrors> {
    if typed.is_empty() {
        return Ok(None);
    }
    let id = typed.parse().ok().filter(|id| candidates.iter().any(|candidate| candidate.id == *id));
    id.map(Some).ok_or_else(|| FormErrors::one("homeroom_teacher", "fault-homeroom-teacher"))
}

/// A grade as a form sends one: any short label.
#[must_use]
pub fn grade(typed: &str) -> Option<String> {
    Some(text::clean(typed)).filter(|grade| !grade.is_empty()).map(|grade| grade.chars().take(30).collect())
}

impl ClassEditForm {
    fn of(class: &Details) -> Self {
        Self {
            name: class.name.clone(),
            grade: class.grade.clone().unwrap_or_default(),
            homeroom_teacher: class.homeroom_member_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    fn checked(&self, candidates: &[HomeroomCandidate]) -> std::result::Result<classes::ClassChange, FormErrors> {
        let mut faults = FormErrors::new();
        let name = class_name::normalise(&self.name);
        if self.name.trim().is_empty() {
            faults.add("name", "fault-classes-empty");
        } else if name.is_none() {
            faults.add_about("name", "fault-class-malformed", self.name.trim());
        }
        let teacher = teacher(&self.homeroom_teacher, candidates).unwrap_or_else(|fault| {
            faults.add_all(&fault);
            None
        });
        let change = classes::ClassChange {
            name: name.unwrap_or_default(),
            grade: grade(&self.grade),
            homeroom_member_id: teacher,
        };
        faults.or_ok(change)
    }
}

/// The day of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassQuery {
    on: String,
}

/// The class, with the list of its pupils as it was on a day.
pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Path((_, id)): Path<(String, ClassId)>,
    Query(query): Query<ClassQuery>,
) -> PageResult {
    let page = class_page(&app, &visitor, &granted, id).await?;
    let page = ClassPage { form: ClassEditForm::of(&page.class), ..page };
    match (forms::date(&query.on), query.on.trim().is_empty()) {
        (_, true) => html(&page),
        (Some(day), false) => html(&ClassPage { day, on: day.to_string(), ..page }),
        (None, false) => {
            let faults = FormErrors::one("on", "fault-class-day");
            refused(&ClassPage { on: query.on, faults, ..page })
        }
    }
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Path((_, id)): Path<(String, ClassId)>,
    Form(form): Form<ClassEditForm>,
) -> PageResult {
    let page = class_page(&app, &visitor, &granted, id).await?;
    if page.is_closed {
        return refused(&ClassPage { form, faults: FormErrors::one("name", "fault-year-over"), ..page });
    }
    let faults = match form.checked(&page.candidates) {
        Ok(change) => match classes::change(&granted, &app, id, &change).await {
            Ok(()) => {
                return Ok(page::redirect(paths::Classes::of(&granted.school.code).with("done", "class-changed")));
            }
            Err(error) if error.violated_constraint() == Some("class_name_taken") => {
                let mut faults = FormErrors::new();
                faults.add_about("name", "fault-class-taken", change.name);
                faults
            }
            Err(error) => return Err(error),
        },
        Err(faults) => faults,
    };
    refused(&ClassPage { form, faults, ..page })
}

pub async fn delete(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Path((_, id)): Path<(String, ClassId)>,
) -> PageResult {
    let page = class_page(&app, &visitor, &granted, id).await?;
    if page.is_closed {
        let form = ClassEditForm::of(&page.class);
        return refused(&ClassPage { form, faults: FormErrors::one("name", "fault-year-over"), ..page });
    }
    let code = &granted.school.code;
    Ok(match classes::delete(&granted, &app, id).await? {
        true => page::redirect(paths::Classes::of(code).with("done", "class-deleted")),
        // It got a member meanwhile, or an exam has candidates of it: its page says why it stays.
        false => page::redirect(paths::Class::of(code, id)),
    })
}

async fn class_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    id: ClassId,
) -> Result<ClassPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let class = classes::details(granted, &mut tx, id).await?;
    let candidates = homeroom::candidates(granted, &mut tx).await?;
    let is_closed = year_changes::is_closed(granted, app, &mut tx, class.school_year_id).await?;
    let year = year_changes::find(granted, &mut tx, class.school_year_id).await?;
    let stays = stays::of_class(granted, &mut tx, id).await?;
    tx.commit().await?;
    // Today; of another year its last day, or its first one.
    let day = app.clock.today().min(year.ends_on).max(year.starts_on);
    Ok(ClassPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Classes),
        code: granted.school.code.clone(),
        class,
        candidates,
        is_closed,
        year,
        stays,
        on: day.to_string(),
        day,
        form: ClassEditForm::default(),
        faults: FormErrors::new(),
    })
}
