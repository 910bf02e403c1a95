//! What a member has in timetables and exams: it goes over to the one who stays, and back. Only where the two stand in
//! one place, nobody can say here which of them is right.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};

use super::{
    snapshot::{RowHandback, RowTakeback, SnapshotRow, handback, takeback_of_these},
    statements::{give_over, write_rows},
};
use crate::{
    access::Scope,
    error::Result,
    ids::{ExamId, MemberId},
};

/// The rows of two members. Of those that have a key of their own, what else stands in them may change meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlannedRows {
    candidates: Vec<SnapshotRow>,
    invigilators: Vec<SnapshotRow>,
    duties: Vec<SnapshotRow>,
    helpers: Vec<SnapshotRow>,
    assignments: Vec<SnapshotRow>,
    lessons: Vec<SnapshotRow>,
    absences: Vec<SnapshotRow>,
    substitutions: Vec<SnapshotRow>,
    wishes: Vec<SnapshotRow>,
    /// Names in files that mean one of them.
    spellings: Vec<SnapshotRow>,
}

impl PlannedRows {
    /// Reads the rows of these members.
    pub async fn read(scope: &Scope, tx: &mut PgConnection, members: [MemberId; 2]) -> Result<Self> {
        let read = sqlx::query_scalar!(
            r#"SELECT jsonb_build_object(
                 'candidates', coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'member_id', t.member_id))
                     FROM exam_candidates t WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'invigilators', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM exam_invigilators t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'duties', coalesce((SELECT jsonb_agg(jsonb_build_object('exam_id', t.exam_id, 'paper_id', t.paper_id,
                     'member_id', t.member_id)) FROM exam_duties t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'helpers', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM exam_helpers t
                     WHERE t.school_id = $1 AND t.member_id = ANY($2)), '[]'),
                 'assignments', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM timetable_assignments t
                     WHERE t.school_id = $1 AND t.teacher_id = ANY($2)), '[]'),
                 'lessons', coalesce((SELECT jsonb_agg(jsonb_build_object('version_id', t.version_id,
                     'class_id', t.class_id, 'day', t.day::text, 'session', t.session, 'period', t.period::text,
                     'teacher_id', t.teacher_id)) FROM timetable_lessons t
                     WHERE t.school_id = $1 AND t.teacher_id = ANY($2)), '[]'),
                 'absences', coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'teacher_id', t.teacher_id))
                     FROM timetable_absences t WHERE t.school_id = $1 AND t.teacher_id = ANY($2)), '[]'),
                 'substitutions', coalesce((SELECT jsonb_agg(jsonb_build_object('absence_id', t.absence_id,
                     'day', t.day, 'session', t.session, 'period', t.period::text, 'substitute_id', t.substitute_id))
                     FROM timetable_substitutions t WHERE t.school_id = $1 AND t.substitute_id = ANY($2)), '[]'),
                 'wishes', coalesce((SELECT jsonb_agg(to_jsonb(t)) FROM timetable_wishes t
                     WHERE t.school_id = $1 AND t.teacher_id = ANY($2)), '[]'),
                 'spellings', coalesce((SELECT jsonb_agg(jsonb_build_object('kind', t.kind, 'spelling', t.spelling,
                     'target_id', t.target_id)) FROM timetable_spellings t
                     WHERE t.school_id = $1 AND t.kind = 'teacher' AND t.target_id = ANY($2)), '[]'))
                 AS "read!: Json<PlannedRows>""#,
            scope.school_id(),
            &members[..],
        )
        .fetch_one(tx)
        .await?;
        Ok(read.0)
    }
}

/// Locks the exams in which these members stand, before anything else of them is locked: every act on an exam locks its
/// row first, and what was computed from it before is computed anew.
pub async fn lock_exams(scope: &Scope, tx: &mut PgConnection, members: [MemberId; 2]) -> Result<()> {
    let exams: Vec<ExamId> = sqlx::query_scalar!(
        "SELECT e.id FROM exams e WHERE e.school_id = $1 AND e.id IN (
             SELECT exam_id FROM exam_candidates WHERE school_id = $1 AND member_id = ANY($2)
             UNION SELECT exam_id FROM exam_invigilators WHERE school_id = $1 AND member_id = ANY($2)
             UNION SELECT exam_id FROM exam_helpers WHERE school_id = $1 AND member_id = ANY($2))
         ORDER BY e.id FOR UPDATE",
        scope.school_id(),
        &members[..],
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE exams SET version = version + 1 WHERE school_id = $1 AND id = ANY($2)",
        scope.school_id(),
        &exams,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether the two stand in one place: both are candidates of an exam, or have a lesson, a duty or a substitution at
/// the same time, or one takes lessons of the other. Then they are hardly one person, or one of the two places is
/// wrong.
pub async fn are_in_one_place(scope: &Scope, tx: &mut PgConnection, kept: MemberId, gone: MemberId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
                   SELECT FROM exam_candidates g JOIN exam_candidates k ON k.school_id = $1 AND k.exam_id = g.exam_id
                   WHERE g.school_id = $1 AND g.member_id = $3 AND k.member_id = $2)
               OR EXISTS (
                   SELECT FROM exam_duties g
                   JOIN exam_papers gp ON gp.school_id = $1 AND gp.id = g.paper_id
                   JOIN exam_duties k ON k.school_id = $1 AND k.member_id = $2
                   JOIN exam_papers kp ON kp.school_id = $1 AND kp.id = k.paper_id
                   WHERE g.school_id = $1 AND g.member_id = $3 AND gp.starts_at < kp.ends_at AND kp.starts_at < gp.ends_at)
               OR EXISTS (
                   SELECT FROM timetable_lessons g
                   JOIN timetable_lessons k ON k.school_id = $1 AND k.version_id = g.version_id AND k.day = g.day
                       AND k.session = g.session AND k.period = g.period
                   WHERE g.school_id = $1 AND g.teacher_id = $3 AND k.teacher_id = $2)
               OR EXISTS (
                   SELECT FROM timetable_substitutions g
                   JOIN timetable_substitutions k ON k.school_id = $1 AND k.day = g.day AND k.session = g.session
                       AND k.period = g.period
                   WHERE g.school_id = $1 AND g.substitute_id = $3 AND k.substitute_id = $2)
               OR EXISTS (
                   SELECT FROM timetable_substitutions s
                   JOIN timetable_absences a ON a.school_id = $1 AND a.id = s.absence_id
                   WHERE s.school_id = $1 AND (s.substitute_id = $3 AND a.teacher_id = $2
                       OR s.substitute_id = $2 AND a.teacher_id = $3)) AS "are!""#,
        scope.school_id(),
        kept,
        gone,
    )
    .fetch_one(tx)
    .await?)
}

/// Gives the one who stays all of it, but for what they have themselves.
pub async fn move_over(scope: &Scope, tx: &mut PgConnection, kept: MemberId, gone: MemberId) -> Result<()> {
    move_exams(scope, tx, kept, gone).await?;
    move_timetable(scope, tx, kept, gone).await
}

async fn move_exams(scope: &Scope, tx: &mut PgConnection, kept: MemberId, gone: MemberId) -> Result<()> {
    let school = scope.school_id();
    give_over!(scope, tx, kept, gone;
        "UPDATE exam_candidates SET member_id = $2 WHERE school_id = $1 AND member_id = $3";
        // A duty is of an invigilator: the new one first, the former one last.
        "INSERT INTO exam_invigilators (school_id, exam_id, member_id, subjects, days_off)
         SELECT $1, exam_id, $2, subjects, days_off FROM exam_invigilators WHERE school_id = $1 AND member_id = $3
         ON CONFLICT DO NOTHING";
        "UPDATE exam_duties SET member_id = $2 WHERE school_id = $1 AND member_id = $3";
    );
    sqlx::query!("DELETE FROM exam_invigilators WHERE school_id = $1 AND member_id = $2", school, gone)
        .execute(&mut *tx)
        .await?;
    give_over!(scope, tx, kept, gone;
        "WITH former AS (DELETE FROM exam_helpers WHERE school_id = $1 AND member_id = $3
             RETURNING exam_id, task, paper_id, entry, id)
         INSERT INTO exam_helpers (school_id, exam_id, member_id, task, paper_id, entry, id)
         SELECT $1, exam_id, $2, task, paper_id, entry, id FROM former ON CONFLICT DO NOTHING";
    );
    Ok(())
}

async fn move_timetable(scope: &Scope, tx: &mut PgConnection, kept: MemberId, gone: MemberId) -> Result<()> {
    give_over!(scope, tx, kept, gone;
        // One subject of one class is assigned to a teacher once: the other row goes along with its member.
        "UPDATE timetable_assignments a SET teacher_id = $2 WHERE a.school_id = $1 AND a.teacher_id = $3 AND NOT EXISTS (
             SELECT FROM timetable_assignments k WHERE k.school_id = $1 AND k.teacher_id = $2
                 AND k.class_id = a.class_id AND k.subject_id = a.subject_id)";
        "UPDATE timetable_lessons SET teacher_id = $2 WHERE school_id = $1 AND teacher_id = $3";
        "UPDATE timetable_absences SET teacher_id = $2 WHERE school_id = $1 AND teacher_id = $3";
        "UPDATE timetable_substitutions SET substitute_id = $2 WHERE school_id = $1 AND substitute_id = $3";
        "UPDATE timetable_wishes SET teacher_id = $2 WHERE school_id = $1 AND teacher_id = $3
             AND NOT EXISTS (SELECT FROM timetable_wishes k WHERE k.school_id = $1 AND k.teacher_id = $2)";
        "UPDATE timetable_spellings SET target_id = $2 WHERE school_id = $1 AND kind = 'teacher' AND target_id = $3";
    );
    Ok(())
}

/// What of it goes back when a merge is undone.
#[derive(Debug, Default)]
pub struct PlannedBack {
    candidates: RowHandback,
    invigilators: RowTakeback,
    duties: RowHandback,
    helpers: RowTakeback,
    assignments: RowHandback,
    lessons: RowHandback,
    absences: RowHandback,
    substitutions: RowHandback,
    wishes: RowTakeback,
    spellings: RowHandback,
}

impl PlannedBack {
    /// Of the rows before a merge, after it and now.
    #[must_use]
    pub fn of(before: &PlannedRows, after: &PlannedRows, now: &PlannedRows) -> Self {
        let all = [before, after, now];
        let slot = ["day", "session", "period"];
        let of_version = [["version_id", "class_id"].as_slice(), &slot].concat();
        let of_absence = [["absence_id"].as_slice(), &slot].concat();
        Self {
            candidates: owned(all, |rows| &rows.candidates, &["id"], "member_id"),
            invigilators: whole(all, |rows| &rows.invigilators, &["exam_id", "member_id"]),
            duties: owned(all, |rows| &rows.duties, &["paper_id"], "member_id"),
            helpers: whole(all, |rows| &rows.helpers, &["id"]),
            assignments: owned(all, |rows| &rows.assignments, &["id"], "teacher_id"),
            lessons: owned(all, |rows| &rows.lessons, &of_version, "teacher_id"),
            absences: owned(all, |rows| &rows.absences, &["id"], "teacher_id"),
            substitutions: owned(all, |rows| &rows.substitutions, &of_absence, "substitute_id"),
            wishes: whole(all, |rows| &rows.wishes, &["teacher_id"]),
            spellings: owned(all, |rows| &rows.spellings, &["kind", "spelling"], "target_id"),
        }
    }

    /// How much stays in exams, and in timetables.
    #[must_use]
    pub fn stays(&self) -> [usize; 2] {
        let exams = self.candidates.stays + self.invigilators.stays + self.duties.stays + self.helpers.stays;
        let lessons = self.assignments.stays + self.lessons.stays + self.absences.stays;
        [exams, lessons + self.substitutions.stays + self.wishes.stays]
    }

    /// Writes it, once both members are there again.
    pub async fn write(&self, scope: &Scope, tx: &mut PgConnection, kept: MemberId) -> Result<()> {
        self.write_exams(scope, tx, kept).await?;
        self.write_lessons(scope, tx, kept).await?;
        self.write_absences(scope, tx, kept).await
    }

    async fn write_exams(&self, scope: &Scope, tx: &mut PgConnection, kept: MemberId) -> Result<()> {
        write_rows!(scope, tx;
            "UPDATE exam_candidates t SET member_id = g.member_id
             FROM jsonb_populate_recordset(NULL::exam_candidates, $2) g
             WHERE t.school_id = $1 AND t.id = g.id AND t.member_id = $3" => self.candidates.owner, kept;
            "INSERT INTO exam_invigilators SELECT g.* FROM jsonb_populate_recordset(NULL::exam_invigilators, $2) g
             JOIN exams e ON e.school_id = $1 AND e.id = g.exam_id WHERE g.school_id = $1 ON CONFLICT DO NOTHING"
                => self.invigilators.insert;
            "UPDATE exam_duties t SET member_id = g.member_id FROM jsonb_populate_recordset(NULL::exam_duties, $2) g
             JOIN exam_invigilators i ON i.school_id = $1 AND i.exam_id = g.exam_id AND i.member_id = g.member_id
             WHERE t.school_id = $1 AND t.paper_id = g.paper_id AND t.member_id = $3" => self.duties.owner, kept;
            // Who has got duties since stays among those who may be given some.
            "DELETE FROM exam_invigilators t USING jsonb_populate_recordset(NULL::exam_invigilators, $2) g
             WHERE t.school_id = $1 AND t.exam_id = g.exam_id AND t.member_id = g.member_id AND NOT EXISTS (
                 SELECT FROM exam_duties d
                 WHERE d.school_id = $1 AND d.exam_id = g.exam_id AND d.member_id = g.member_id)"
                => self.invigilators.delete;
            "DELETE FROM exam_helpers t USING jsonb_populate_recordset(NULL::exam_helpers, $2) g
             WHERE t.school_id = $1 AND t.id = g.id" => self.helpers.delete;
            "INSERT INTO exam_helpers SELECT g.* FROM jsonb_populate_recordset(NULL::exam_helpers, $2) g
             JOIN exams e ON e.school_id = $1 AND e.id = g.exam_id
             WHERE g.school_id = $1 AND (g.paper_id IS NULL OR EXISTS (
                 SELECT FROM exam_papers p WHERE p.school_id = $1 AND p.id = g.paper_id)) ON CONFLICT DO NOTHING"
                => self.helpers.insert;
        );
        Ok(())
    }

    async fn write_lessons(&self, scope: &Scope, tx: &mut PgConnection, kept: MemberId) -> Result<()> {
        write_rows!(scope, tx;
            "UPDATE timetable_assignments t SET teacher_id = g.teacher_id
             FROM jsonb_populate_recordset(NULL::timetable_assignments, $2) g
             WHERE t.school_id = $1 AND t.id = g.id AND t.teacher_id = $3" => self.assignments.owner, kept;
            "INSERT INTO timetable_assignments
             SELECT g.* FROM jsonb_populate_recordset(NULL::timetable_assignments, $2) g
             JOIN classes c ON c.school_id = $1 AND c.id = g.class_id
             JOIN timetable_subjects s ON s.school_id = $1 AND s.id = g.subject_id
             WHERE g.school_id = $1 AND (g.room_id IS NULL OR EXISTS (
                 SELECT FROM timetable_rooms r WHERE r.school_id = $1 AND r.id = g.room_id)) ON CONFLICT DO NOTHING"
                => self.assignments.insert;
            "UPDATE timetable_lessons t SET teacher_id = g.teacher_id
             FROM jsonb_populate_recordset(NULL::timetable_lessons, $2) g
             WHERE t.school_id = $1 AND t.version_id = g.version_id AND t.class_id = g.class_id AND t.day = g.day
                 AND t.session = g.session AND t.period = g.period AND t.teacher_id = $3" => self.lessons.owner, kept;
        );
        Ok(())
    }

    async fn write_absences(&self, scope: &Scope, tx: &mut PgConnection, kept: MemberId) -> Result<()> {
        write_rows!(scope, tx;
            "UPDATE timetable_absences t SET teacher_id = g.teacher_id
             FROM jsonb_populate_recordset(NULL::timetable_absences, $2) g
             WHERE t.school_id = $1 AND t.id = g.id AND t.teacher_id = $3" => self.absences.owner, kept;
            "UPDATE timetable_substitutions t SET substitute_id = g.substitute_id
             FROM jsonb_populate_recordset(NULL::timetable_substitutions, $2) g
             WHERE t.school_id = $1 AND t.absence_id = g.absence_id AND t.day = g.day AND t.session = g.session
                 AND t.period = g.period AND t.substitute_id = $3" => self.substitutions.owner, kept;
            "DELETE FROM timetable_wishes t USING jsonb_populate_recordset(NULL::timetable_wishes, $2) g
             WHERE t.school_id = $1 AND t.teacher_id = g.teacher_id" => self.wishes.delete;
            "INSERT INTO timetable_wishes SELECT g.* FROM jsonb_populate_recordset(NULL::timetable_wishes, $2) g
             WHERE g.school_id = $1 ON CONFLICT DO NOTHING" => self.wishes.insert;
            "UPDATE timetable_spellings t SET target_id = g.target_id
             FROM jsonb_populate_recordset(NULL::timetable_spellings, $2) g
             WHERE t.school_id = $1 AND t.kind = g.kind AND t.spelling = g.spelling AND t.target_id = $3"
                => self.spellings.owner, kept;
        );
        Ok(())
    }
}

/// Rows of one table before a merge, after it and now.
type Rows = fn(&PlannedRows) -> &Vec<SnapshotRow>;

fn owned(all: [&PlannedRows; 3], rows: Rows, key: &[&str], owner: &str) -> RowHandback {
    let [before, after, now] = all.map(rows);
    handback(before, after, now, key, owner)
}

fn whole(all: [&PlannedRows; 3], rows: Rows, key: &[&str]) -> RowTakeback {
    let [before, after, now] = all.map(rows);
    takeback_of_these(before, after, now, key)
}
