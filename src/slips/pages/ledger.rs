//! The hand-out ledger: all classes of the year, or one with its pupils.

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};

use super::sheets::SlipSheetQuery;
use crate::{
    access::{Granted, may},
    accounts::pages::list::{logins_of, whole_login},
    app::App,
    error::Error,
    ids::ClassId,
    roster::{
        model::{MemberFilter, MemberListRow, SignInCounts},
        store as members,
    },
    schools::{
        class_figures::{self, ClassFigures},
        classes::{self, ClassName},
        years::{self, Year},
    },
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

#[derive(Template)]
#[template(path = "slips/ledger.html")]
struct LedgerPage {
    l: Translator,
    shell: Shell,
    code: String,
    year: Year,
    classes: Vec<ClassFigures>,
}

impl LedgerPage {
    fn waiting(&self) -> i64 {
        self.classes.iter().map(|class| class.waiting).sum()
    }
}

#[derive(Template)]
#[template(path = "slips/ledger_class.html")]
struct ClassLedgerPage {
    l: Translator,
    shell: Shell,
    code: String,
    class: ClassName,
    tally: SignInCounts,
    people: Vec<MemberListRow>,
    now: DateTime<Utc>,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::PrintSlips>,
    Query(query): Query<SlipSheetQuery>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let shell = shell::of_school(&visitor, &granted, MenuPage::Ledger);
    let (l, code) = (visitor.l, granted.school.code.clone());
    if query.class.is_empty() {
        let classes = class_figures::of_year(&granted, &mut tx, year.id, None).await?;
        tx.commit().await?;
        return html(&LedgerPage { l, shell, code, year, classes });
    }
    let id: ClassId = query.class.parse().map_err(|_| Error::NotFound)?;
    let class = classes::find(&granted, &mut tx, id).await?;
    let people = members::everybody(&granted, &mut tx, year.id, &MemberFilter::of_class(id)).await?;
    tx.commit().await?;
    let logins = logins_of(&app, &people).await?;
    let mut people = people;
    people.iter_mut().for_each(|person| whole_login(person, &logins));
    let tally = SignInCounts::of(&people, &visitor.now);
    html(&ClassLedgerPage { l, shell, code, class, tally, people, now: visitor.now })
}
