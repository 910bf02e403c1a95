//! `/schools/{code}/timetable`.

mod absences;
mod announcements;
mod basis;
pub mod calendar;
mod comparison;
mod days;
mod elsewhere;
mod files;
mod fixed;
mod generation;
mod grid;
mod imports;
mod kept;
mod moves;
mod random;
mod readers;
mod writers;

use schoolgate::ids::{AbsenceId, MemberId, SchoolId, TimetableId, TimetableImportId, TimetableRoomId};
use schoolgate::timetable::{
    bells,
    imports::{FoundLesson, ParsedFile, waiting},
    lessons,
    model::{Session, Slot},
    rooms::{self, RoomLine},
    setup, subjects,
    versions::{self, NewVersion},
};

use crate::support::people::School;
use crate::support::{Cast, TestApp};

/// A published version with one lesson, and what it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Timetable {
    pub version: TimetableId,
    pub room: TimetableRoomId,
    pub teacher: MemberId,
    /// Of the teacher, long after the lessons that tests look at.
    pub absence: AbsenceId,
    /// A file that waits, with one lesson and a name in it that is not known.
    pub import: TimetableImportId,
    school: SchoolId,
}

impl Timetable {
    /// On Monday, in the first period of the morning, the teacher of the cast has literature with its class.
    pub async fn new(test: &TestApp, cast: &Cast) -> Self {
        let school = &cast.school;
        let granted = school.scope.grant().unwrap();
        let mut tx = test.db.begin_in(school.id()).await.unwrap();
        setup::ensure(&granted, test, &mut tx).await.unwrap();
        let subjects = subjects::all(&granted, &mut tx).await.unwrap();
        assert!(!bells::all(&granted, &mut tx).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        let subject = subjects::meant("Văn", &subjects).unwrap().id;
        let line = RoomLine { id: None, name: "Phòng Lý".to_owned(), capacity: 1, home_class_id: None };
        rooms::save(&granted, test, &[line]).await.unwrap().unwrap();
        let line = schoolgate::timetable::assignments::NewAssignment {
            classes: vec![cast.class_id],
            subject_id: subject,
            teacher_id: cast.teacher.member_id,
            periods: vec![3],
            doubles: 1,
            room_id: None,
        };
        schoolgate::timetable::assignments::assign(&granted, test, &[line]).await.unwrap().unwrap();
        let version = version(test, school, "TKB từ 07/09").await;
        let mut tx = test.db.begin_in(school.id()).await.unwrap();
        let room = rooms::all(&granted, &mut tx).await.unwrap()[0].id;
        tx.commit().await.unwrap();
        let slot = Slot { day: 1, session: Session::Morning, period: 1 };
        let teacher = cast.teacher.member_id;
        let placing = lessons::LessonPlacing {
            subject_id: subject,
            teacher_id: Some(teacher),
            room_id: Some(room),
            is_locked: false,
        };
        let tx = test.db.begin_in(granted.school_id()).await.unwrap();
        lessons::place(&granted, test, tx, version, (cast.class_id, slot), Some(placing), None).await.unwrap().unwrap();
        versions::publish(&granted, test, version, false).await.unwrap();
        let far = chrono::NaiveDate::from_ymd_opt(2099, 1, 5).unwrap();
        let absence = schoolgate::timetable::absences::note(&granted, test, teacher, far, far).await.unwrap().unwrap();
        let import = waiting::put(&granted, test, "TKB.xlsx", &strange()).await.unwrap();
        Self { version, room, teacher, absence, import, school: school.id() }
    }

    /// The absence and the file, which a caller of the access matrix may have taken back.
    pub async fn put_back(&self, admin: &mut sqlx::PgConnection) {
        sqlx::query(
            "INSERT INTO timetable_absences (school_id, id, teacher_id, from_day, to_day, created_at)
             SELECT school_id, $1, id, '2099-01-05', '2099-01-05', now() FROM members WHERE id = $2
             ON CONFLICT DO NOTHING",
        )
        .bind(self.absence)
        .bind(self.teacher)
        .execute(&mut *admin)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO timetable_imports (school_id, id, created_at, file_name, lessons)
             VALUES ($1, $2, now(), 'TKB.xlsx', $3) ON CONFLICT DO NOTHING",
        )
        .bind(self.school)
        .bind(self.import)
        .bind(serde_json::to_value(strange()).unwrap())
        .execute(admin)
        .await
        .unwrap();
    }
}

/// A file with a lesson of a subject that no school has.
fn strange() -> ParsedFile {
    let lesson = FoundLesson {
        class: "10A1".to_owned(),
        at: "2-morning-1".to_owned(),
        subject: "Thuật giả kim".to_owned(),
        teacher: None,
        room: None,
        is_locked: false,
    };
    ParsedFile { lessons: vec![lesson], ..ParsedFile::default() }
}

/// A draft that holds from the first day of the year.
pub async fn version(test: &TestApp, school: &School, name: &str) -> TimetableId {
    let granted = school.scope.grant().unwrap();
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let year = schoolgate::schools::years::current(&school.scope, &mut tx, test.clock.today()).await.unwrap();
    tx.commit().await.unwrap();
    let new = NewVersion { year_id: year.id, name: name.to_owned(), holds_from: year.starts_on, copy_of: None };
    versions::make(&granted, test, &new).await.unwrap().unwrap()
}
