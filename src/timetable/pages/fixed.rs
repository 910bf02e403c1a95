//! Lessons that stand at the same time in many classes.

use axum::extract::State;
use serde::Deserialize;

use super::versions::version_page;
use crate::{
    access::{Granted, may},
    app::App,
    ids::{ClassId, TimetableId},
    paths,
    schools::classes,
    timetable::{fixed, model::Slot, subjects, versions},
    web::{
        PageResult, RequestContext,
        address_parts::Path,
        forms::{Form, FormErrors},
        page, refused,
    },
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FixedForm {
    pub subject: String,
    /// The key of a slot.
    pub slot: String,
    /// Names: `10A1, 10A3-10A5`; empty for all that have lessons in this session.
    pub classes: String,
    /// What is in the way is left out.
    pub rest: Option<String>,
}

pub async fn fix(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, v)): Path<(String, TimetableId)>,
    Form(form): Form<FixedForm>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = versions::find(&granted, &mut tx, v).await?;
    let classes = classes::of_year(&granted, &mut tx, version.year_id).await?;
    let subjects = subjects::all(&granted, &mut tx).await?;
    tx.commit().await?;
    let mut faults = FormErrors::new();
    let subject = subjects::meant(&form.subject, &subjects);
    if subject.is_none() {
        let key = super::blank_or(&form.subject, "fault-timetable-subject-missing", "fault-timetable-subject");
        faults.add_about("subject", key, form.subject.trim());
    }
    let slot = Slot::from_key(&form.slot);
    if slot.is_none() {
        faults.add("slot", "timetable-slot-missing");
    }
    let wanted: Vec<ClassId> = match form.classes.trim() {
        "" => Vec::new(),
        typed => match super::assignments::classes_meant(typed, &classes) {
            Ok(classes) => classes.into_iter().map(|class| class.id).collect(),
            Err(unknown) => {
                faults.add_about("classes", "fault-timetable-class", unknown);
                Vec::new()
            }
        },
    };
    let (Some(subject), Some(slot), true) = (subject, slot, faults.is_empty()) else {
        let page = version_page(&app, &visitor, &granted, v).await?;
        return refused(&page.with_fixed(form, faults, Vec::new()));
    };
    match fixed::fix(&granted, &app, v, (slot, subject.id), &wanted, form.rest.is_some()).await? {
        Ok(placed) => {
            let to = paths::TimetableVersion::of(&granted.school.code, v);
            Ok(page::redirect(to.with("done", "timetable-fixed").with("n", placed)))
        }
        Err(in_the_way) => {
            let l = visitor.l;
            let sentence = |(class, conflict): &fixed::ClassObstacle| {
                format!("{class}: {}", super::conflict_sentence(&l, slot, conflict))
            };
            let sentences = in_the_way.iter().map(sentence).collect();
            let page = version_page(&app, &visitor, &granted, v).await?;
            refused(&page.with_fixed(form, faults, sentences))
        }
    }
}
