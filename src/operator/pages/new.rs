//! Opening a school.

use std::time::Duration;

use askama::Template;
use axum::{extract::State, http::StatusCode};

use super::{operator, places::Places};
use crate::{
    access::SchoolKind,
    app::App,
    error::{self, Error, Result},
    operator::{
        forms::{self, SchoolForm},
        model::SimilarSchool,
        opening::{self, NewSchool},
        store,
    },
    paths,
    shell::{self, OperatorEntry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// After which time it is worth trying again where a part of the database is away.
const LATER: Duration = Duration::from_secs(60);

#[derive(Template)]
#[template(path = "operator/school_new.html")]
struct NewSchoolPage {
    l: Translator,
    shell: Shell,
    places: Places,
    form: SchoolForm,
    faults: FormErrors,
    /// Schools that may be this one: a second press confirms that they are not.
    doubles: Vec<SimilarSchool>,
    /// A node of the cluster is away, and schools are opened on all of them at once.
    waits: bool,
}

impl NewSchoolPage {
    fn confirmation(&self) -> String {
        self.doubles.iter().map(|double| double.code.as_str()).collect::<Vec<_>>().join(" ")
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext) -> PageResult {
    let form = SchoolForm { kind: SchoolKind::K12.key().to_owned(), ..SchoolForm::default() };
    html(&new_school_page(&app, &visitor, form, FormErrors::new(), Vec::new()).await?)
}

pub async fn submit(State(app): State<App>, visitor: RequestContext, Form(form): Form<SchoolForm>) -> PageResult {
    let signed_in = visitor.signed_in()?;
    let operator = operator(&visitor)?;
    let mut faults = FormErrors::new();
    let school = forms::school(&form, operator, &mut faults);
    let owner = forms::owner(&form.owner_name, &form.owner_email, app.clock.today(), &mut faults);
    // A taken code or a duplicate is shown at once, whatever else is wrong.
    let doubles = if forms::may_choose(operator, &school.province) {
        store::doubles(app.db.pool(), &school.province, &school.name).await?
    } else {
        Vec::new()
    };
    if !faults.is_empty() {
        return refused(&new_school_page(&app, &visitor, form, faults, doubles).await?);
    }
    let new = NewSchool { school, owner };
    if let Some(fault) = opening::twin(&app, operator, &new.school.code).await? {
        return refused(&new_school_page(&app, &visitor, form, fault.told(), doubles).await?);
    }
    if !doubles.iter().all(|double| is_confirmed(&form, double)) {
        return refused(&new_school_page(&app, &visitor, form, FormErrors::new(), doubles).await?);
    }
    let scope = opening::scope_of_new(&app, &new, signed_in.account_id, visitor.address);
    match opening::open(&app, operator, &scope, &new, visitor.l.0).await {
        Ok(Ok(())) => Ok(page::redirect(paths::OperatorSchool::of(&new.school.code).with("done", "school-opened"))),
        Ok(Err(fault)) => refused(&new_school_page(&app, &visitor, form, fault.told(), doubles).await?),
        Err(Error::Unavailable(fault)) if error::faults::is_of_a_node(&fault) => {
            tracing::warn!("a school cannot be opened: {}", error::faults::told(&fault));
            let form = new_school_page(&app, &visitor, form, FormErrors::new(), doubles).await?;
            let form = NewSchoolPage { waits: true, ..form };
            Ok(page::retry_after(page::with_status(StatusCode::SERVICE_UNAVAILABLE, &form)?, LATER))
        }
        Err(error) => Err(error),
    }
}

/// A confirmation is valid for the schools that it was asked about.
fn is_confirmed(form: &SchoolForm, double: &SimilarSchool) -> bool {
    form.confirm == "on" || form.confirm.split_whitespace().any(|code| code == double.code)
}

async fn new_school_page(
    app: &App,
    visitor: &RequestContext,
    form: SchoolForm,
    faults: FormErrors,
    doubles: Vec<SimilarSchool>,
) -> Result<NewSchoolPage> {
    Ok(NewSchoolPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Schools),
        places: Places::read(app, operator(visitor)?.bounds()).await?,
        form,
        faults,
        doubles,
        waits: false,
    })
}
