//! The mail about a published version, once for each publication and where the school wants it: to the teachers whose
//! lessons differ from the version before, and to the pupils of such classes. Pupils who sign in with a username get
//! none.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    lessons::{self, Lesson, LessonsOf},
    model::Slot,
    versions::{self, Version},
};
use crate::{
    access::Scope,
    app::App,
    error::Result,
    identity::{accounts, own_password},
    ids::{AccountId, ClassId, MemberId, SchoolId, TimetableId},
    jobs,
    letters::outbox::Letter,
    schools::directory,
    web::i18n::Lang,
};

/// Send the mails about this publication of a version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnnounceTimetable {
    pub school_id: SchoolId,
    pub version_id: TimetableId,
    pub published_at: DateTime<Utc>,
}

impl jobs::Job for AnnounceTimetable {
    const NAME: &'static str = "announce_timetable";

    fn queue(&self) -> Option<String> {
        Some(format!("timetable-mails:{}", self.school_id))
    }
}

impl jobs::Handle<App> for AnnounceTimetable {
    async fn handle(self, app: Arc<App>, _: jobs::Attempt) -> anyhow::Result<()> {
        let school = directory::by_id(&mut *app.db.pool().acquire().await?, self.school_id).await?;
        let scope = Scope::system(school);
        let mut tx = app.db.begin_work_in(self.school_id).await?;
        // Withdrawn meanwhile, published anew, or announced by an earlier attempt.
        if directory::is_suspended(&scope, &mut tx).await? || !claim(&scope, &app, &mut tx, &self).await? {
            return Ok(());
        }
        let version = versions::find(&scope, &mut tx, self.version_id).await?;
        for receiver in receivers(&scope, &mut tx, &version).await? {
            let letter = Letter::TimetablePublished {
                name: receiver.name,
                school: scope.school.name.clone(),
                school_code: scope.school.code.clone(),
                from: version.holds_from,
                changes: receiver.changes,
            };
            let account = (receiver.account_id, receiver.login.as_str());
            own_password::tell(&mut tx, &app, account, &letter, Lang::default()).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Whether this publication is still to be announced; of concurrent attempts one announces it.
async fn claim(scope: &Scope, app: &App, tx: &mut PgConnection, job: &AnnounceTimetable) -> Result<bool> {
    let claimed = sqlx::query!(
        "UPDATE timetable_versions SET announced_at = $4
         WHERE school_id = $1 AND id = $2 AND published_at = $3
             AND (announced_at IS NULL OR announced_at < published_at)",
        scope.school_id(),
        job.version_id,
        job.published_at,
        app.clock.now(),
    );
    Ok(claimed.execute(tx).await?.rows_affected() > 0)
}

struct AnnouncementReceiver {
    account_id: AccountId,
    login: String,
    name: String,
    /// How many of their lessons differ.
    changes: i64,
}

async fn receivers(scope: &Scope, tx: &mut PgConnection, version: &Version) -> Result<Vec<AnnouncementReceiver>> {
    let before = match before(scope, tx, version).await? {
        Some(before) => lessons::of(scope, tx, before, LessonsOf::All).await?,
        None => Vec::new(),
    };
    let after = lessons::of(scope, tx, version.id, LessonsOf::All).await?;
    let of_teachers = changes(&before, &after, |lesson| lesson.teacher_id);
    let of_classes = changes(&before, &after, |lesson| Some(lesson.class_id));
    let mut concerned = teachers(scope, tx, &of_teachers).await?;
    concerned.extend(pupils(scope, tx, &of_classes).await?);
    let accounts: Vec<AccountId> = concerned.iter().map(|(account_id, ..)| *account_id).collect();
    let logins: BTreeMap<AccountId, String> = accounts::logins(tx, &accounts).await?.into_iter().collect();
    let receiver = |(account_id, name, changes): (AccountId, String, i64)| {
        let login = logins.get(&account_id)?.clone();
        Some(AnnouncementReceiver { account_id, login, name, changes })
    };
    Ok(concerned.into_iter().filter_map(receiver).collect())
}

/// The version that this one takes the place of.
async fn before(scope: &Scope, tx: &mut PgConnection, version: &Version) -> Result<Option<TimetableId>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM timetable_versions
         WHERE school_id = $1 AND school_year_id = $2 AND id <> $3 AND published_at IS NOT NULL AND holds_from <= $4
         ORDER BY holds_from DESC, published_at DESC, id DESC LIMIT 1",
        scope.school_id(),
        version.year_id,
        version.id,
        version.holds_from,
    )
    .fetch_optional(tx)
    .await?)
}

/// In how many slots the lessons of each teacher or class differ.
fn changes<K: Ord + Copy>(before: &[Lesson], after: &[Lesson], of: impl Fn(&Lesson) -> Option<K>) -> BTreeMap<K, i64> {
    let mut slots: BTreeMap<(K, Slot), [BTreeSet<String>; 2]> = BTreeMap::new();
    for (side, lessons) in [before, after].into_iter().enumerate() {
        for lesson in lessons {
            let Some(key) = of(lesson) else { continue };
            if let Some(own) = slots.entry((key, lesson.slot)).or_default().get_mut(side) {
                own.insert(lesson.mark_of_teacher());
            }
        }
    }
    let mut counts = BTreeMap::new();
    for ((key, _), [before, after]) in slots {
        if before != after {
            *counts.entry(key).or_insert(0) += 1;
        }
    }
    counts
}

async fn teachers(
    scope: &Scope,
    tx: &mut PgConnection,
    changes: &BTreeMap<MemberId, i64>,
) -> Result<Vec<(AccountId, String, i64)>> {
    let ids: Vec<MemberId> = changes.keys().copied().collect();
    let rows = sqlx::query!(
        r#"SELECT id, account_id AS "account_id!", full_name FROM members
           WHERE school_id = $1 AND id = ANY($2) AND status = 'active' AND account_id IS NOT NULL"#,
        scope.school_id(),
        &ids,
    );
    let rows = rows.fetch_all(tx).await?;
    let of_teacher = |id: MemberId| changes.get(&id).copied().unwrap_or_default();
    Ok(rows.into_iter().map(|row| (row.account_id, row.full_name, of_teacher(row.id))).collect())
}

async fn pupils(
    scope: &Scope,
    tx: &mut PgConnection,
    changes: &BTreeMap<ClassId, i64>,
) -> Result<Vec<(AccountId, String, i64)>> {
    let ids: Vec<ClassId> = changes.keys().copied().collect();
    // A username is no address.
    let rows = sqlx::query!(
        r#"SELECT e.class_id AS "class_id!", m.account_id AS "account_id!", m.full_name FROM enrolments e
           JOIN members m ON m.school_id = $1 AND m.id = e.member_id
           WHERE e.school_id = $1 AND e.class_id = ANY($2) AND e.ended_at IS NULL
               AND m.status = 'active' AND m.account_id IS NOT NULL AND m.username IS NULL"#,
        scope.school_id(),
        &ids,
    );
    let rows = rows.fetch_all(tx).await?;
    let of_class = |id: ClassId| changes.get(&id).copied().unwrap_or_default();
    Ok(rows.into_iter().map(|row| (row.account_id, row.full_name, of_class(row.class_id))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::{lessons::Lesson, model::Session};

    #[test]
    fn slots_that_differ_are_counted() {
        let lesson = |class: u128, period, teacher: u128| Lesson {
            slot: Slot { day: 1, session: Session::Morning, period },
            class_id: ClassId::from_u128(class),
            class_name: String::new(),
            subject_id: Default::default(),
            short_name: String::new(),
            subject: String::new(),
            teacher_id: Some(MemberId::from_u128(teacher)),
            teacher: None,
            room_id: None,
            room: None,
            is_locked: false,
            cover: None,
        };
        let before = [lesson(1, 1, 1), lesson(1, 2, 2), lesson(2, 1, 3)];
        let after = [lesson(1, 1, 1), lesson(1, 3, 2), lesson(2, 1, 4)];
        let of_teachers = changes(&before, &after, |lesson| lesson.teacher_id);
        let id = MemberId::from_u128;
        assert_eq!(of_teachers, [(id(2), 2), (id(3), 1), (id(4), 1)].into());
        let of_classes = changes(&before, &after, |lesson| Some(lesson.class_id));
        assert_eq!(of_classes, [(ClassId::from_u128(1), 2), (ClassId::from_u128(2), 1)].into());
        assert_eq!(changes(&before, &before, |lesson| lesson.teacher_id), BTreeMap::new());
    }
}
