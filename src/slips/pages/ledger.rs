//! The hand-out ledger: all classes of the year, or one with its pupils.

use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::sheets::ClassQuery;
use crate::{
    access::{Granted, may},
    app::App,
    error::Error,
    members::{
        model::{Filter, Listed, Tally},
        store as members,
    },
    schools::{
        classes::{self, ClassName},
        shell::{self, Entry},
        years::{self, Year},
    },
    slips::ledger::{self, ClassLine},
    web::{L, Reply, Shell, Visitor, html},
};

#[derive(Template)]
#[template(path = "slips/ledger.html")]
struct LedgerPage {
    l: L,
    shell: Shell,
    code: String,
    year: Year,
    classes: Vec<ClassLine>,
}

impl LedgerPage {
    fn waiting(&self) -> i64 {
        self.classes.iter().map(|class| class.waiting).sum()
    }
}

#[derive(Template)]
#[template(path = "slips/ledger_class.html")]
struct ClassPage {
    l: L,
    shell: Shell,
    code: String,
    class: ClassName,
    tally: Tally,
    people: Vec<Listed>,
    now: DateTime<Utc>,
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::PrintSlips>,
    Query(query): Query<ClassQuery>,
) -> Reply {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let shell = shell::of_school(&visitor, &granted, Entry::Ledger);
    let (l, code) = (visitor.l, granted.school.code.clone());
    if query.class.is_empty() {
        let classes = ledger::of_year(&granted, &mut tx, year.id).await?;
        tx.commit().await?;
        return html(&LedgerPage { l, shell, code, year, classes });
    }
    let id: Uuid = query.class.parse().map_err(|_| Error::NotFound)?;
    let class = classes::find(&granted, &mut tx, id).await?;
    let people = members::everybody(&granted, &mut tx, year.id, &Filter::of_class(id)).await?;
    tx.commit().await?;
    let tally = Tally::of(&people, &visitor.now);
    html(&ClassPage { l, shell, code, class, tally, people, now: visitor.now })
}
