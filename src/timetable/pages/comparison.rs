//! What changes between two versions, by class and by teacher.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    ids::TimetableId,
    shell::{self, MenuPage},
    timetable::{
        comparison::{self, ChangedTimetable, LessonChange, VersionComparison},
        lessons::{self, LessonsOf},
        versions::{self, Version},
    },
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html},
};

#[derive(Template)]
#[template(path = "timetable/comparison.html")]
struct ComparisonPage {
    l: Translator,
    shell: Shell,
    code: String,
    version: Version,
    /// The version before it, which it is compared with.
    other: Option<Version>,
    /// Those that it may be compared with.
    others: Vec<Version>,
    comparison: VersionComparison,
}

impl ComparisonPage {
    fn at(&self, change: &LessonChange) -> String {
        super::slot_label(&self.l, change.slot)
    }

    /// The classes and the teachers: an id, a title, and whose what changes.
    fn parts(&self) -> [(&'static str, String, &[ChangedTimetable]); 2] {
        [
            ("of-classes", self.l.t("word-classes-cap"), &self.comparison.classes),
            ("of-teachers", self.l.t("timetable-teacher"), &self.comparison.teachers),
        ]
    }

    fn is_other(&self, version: &Version) -> bool {
        self.other.as_ref().is_some_and(|other| other.id == version.id)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ComparisonQuery {
    with: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
    Query(query): Query<ComparisonQuery>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = versions::find(&granted, &mut tx, id).await?;
    let mut others = versions::of_year(&granted, &mut tx, version.year_id).await?;
    others.retain(|other| other.id != id);
    let other = match query.with.as_str() {
        "" => usual(&version, &others).cloned(),
        with => Some(versions::find(&granted, &mut tx, super::id(with)?).await?),
    };
    let mut comparison = VersionComparison::default();
    if let Some(other) = &other {
        let before = lessons::of(&granted, &mut tx, other.id, LessonsOf::All).await?;
        let after = lessons::of(&granted, &mut tx, id, LessonsOf::All).await?;
        comparison = comparison::compare(&before, &after);
    }
    tx.commit().await?;
    html(&ComparisonPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        version,
        other,
        others,
        comparison,
    })
}

/// The version that holds until this one does; where there is none, the last that was made.
fn usual<'a>(version: &Version, others: &'a [Version]) -> Option<&'a Version> {
    let is_before = |other: &&Version| other.published_at.is_some() && other.holds_from <= version.holds_from;
    others.iter().find(is_before).or_else(|| others.first())
}
