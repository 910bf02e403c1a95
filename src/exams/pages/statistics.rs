//! How many sit where, on a page and as a workbook.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, heading_of, open, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    exams::{model::Task, statistics::Statistics, store, workbook},
    web::{
        PageResult, RequestContext, Shell, Translator,
        chart::{Bars, Share},
        html, page,
    },
};

#[derive(Template)]
#[template(path = "exams/statistics.html")]
struct StatisticsPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    statistics: Statistics,
}

impl StatisticsPage {
    fn chart(&self) -> Bars {
        let share = |each: &crate::exams::statistics::OfPaper| Share {
            label: each.paper.title(),
            part: i64::try_from(each.seated).unwrap_or(0),
            whole: i64::try_from(each.candidates).unwrap_or(0),
        };
        Bars {
            l: self.l,
            id: "seated",
            title: self.l.t("exam-seated-count"),
            heads: ["exam-subject", "exam-seated-count", "exam-candidates-count"].map(|key| self.l.t(key)),
            shares: self.statistics.papers.iter().map(share).collect(),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StatisticsQuery {
    file: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Query(query): Query<StatisticsQuery>,
) -> PageResult {
    let Opened { mut tx, entrusted, exam } = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let material = store::material(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    let l = visitor.l;
    let statistics =
        tokio::task::spawn_blocking(move || Statistics::of(&material)).await.map_err(anyhow::Error::new)?;
    if query.file == "xlsx" {
        let unit = store::unit(&entrusted, app.db.pool()).await?;
        let heading = heading_of(&l, &entrusted, &exam, unit);
        let workbook = workbook::write(&statistics.tables(&l), &heading, &[]).map_err(anyhow::Error::new)?;
        return Ok(page::attachment(workbook, page::XLSX, &format!("{}-statistics.xlsx", granted.school.code)));
    }
    let frame = Frame::new(&entrusted, exam, Step::Seating);
    html(&StatisticsPage { l, shell: shell_of(&visitor, &entrusted), frame, statistics })
}
