//! Results as workbooks, for those who hold the grant.

use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{Opened, heading_of, open};
use crate::{
    access::{Granted, may},
    app::App,
    error::Error,
    exams::{
        actions::marking,
        results::{By, ExamResults},
        store, workbook,
    },
    ids::PaperId,
    web::{PageResult, RequestContext, page},
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ResultsQuery {
    by: String,
    paper: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Query(query): Query<ResultsQuery>,
) -> PageResult {
    let Opened { mut tx, entrusted, exam } = open(&app, &granted, &exam, None).await?;
    let entrusted = entrusted.holder()?;
    let by = By::from_key(&query.by).ok_or(Error::NotFound)?;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let paper: Option<PaperId> = query.paper.parse().ok();
    let paper = paper.filter(|id| papers.iter().any(|each| each.id == *id));
    if by == By::Smas && paper.is_none() {
        return Err(Error::NotFound);
    }
    let candidates = store::candidates(&entrusted, &mut tx, exam.id).await?;
    let mut moet_ids = store::moet_ids(&entrusted, &mut tx, exam.id).await?;
    let typed = store::marks(&entrusted, &mut tx, exam.id).await?;
    // Before they are published as well, names and marks stand side by side in such a file.
    marking::results_viewed(&entrusted, &app, &mut tx, candidates.len()).await?;
    tx.commit().await?;
    let unit = store::unit(&entrusted, app.db.pool()).await?;
    let l = visitor.l;
    let heading = heading_of(&l, &entrusted, &exam, unit);
    let candidates = candidates.into_iter().map(|each| {
        let id = moet_ids.remove(&each.id).unwrap_or_default();
        (each, id)
    });
    let results = ExamResults::new(exam, papers, candidates.collect(), typed);
    let made = tokio::task::spawn_blocking(move || {
        let (tables, pages) = match by {
            By::All => (vec![results.all(&l)], Vec::new()),
            By::Class => (vec![results.all(&l)], results.by_class(&l)),
            By::Subject => (vec![results.all(&l)], results.by_subject(&l)),
            By::Smas => (paper.map(|paper| results.smas(&l, paper)).unwrap_or_default(), Vec::new()),
        };
        // A workbook has at least one sheet.
        let tables = if tables.is_empty() { vec![results.all(&l)] } else { tables };
        workbook::write(&tables, &heading, &pages)
    });
    let workbook = made.await.map_err(anyhow::Error::new)?.map_err(anyhow::Error::new)?;
    Ok(page::attachment(workbook, page::XLSX, &format!("{}-{}.xlsx", granted.school.code, by.file())))
}
