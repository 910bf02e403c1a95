//! What OneRoster says of a school, as rows of the database. Each table is a SELECT whose columns have the names of the
//! standard's attributes; what is written and what is asked for choose among them.
//!
//! Ids: people, classes and years have their own. The rest is made of those, so that an id never changes: a year's term is
//! `{year}.term`, a course `{year}.{grade}`, an enrolment `{class}.{person}`, a guardian `{pupil}.{relation}`. What a class
//! is taught in a subject of the timetable is a class `{class}.{subject}` of the course `{year}.{grade}.{subject}`.

use chrono::{DateTime, Duration, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, postgres::PgArguments, query::Query};

use crate::{
    access::Scope,
    app::App,
    error::Result,
    ids::{SchoolId, YearId},
    paths,
    schools::years,
    web::Translator,
};

/// For how many days what has gone is told as gone.
pub const GONE_TOLD_DAYS: i64 = 90;

/// Forgets what has gone so long ago that it is told no longer.
pub async fn forget_gone(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let told_since = now - Duration::days(GONE_TOLD_DAYS);
    sqlx::query!(
        "DELETE FROM oneroster_tombstones WHERE school_id = $1 AND gone_at < $2",
        scope.school_id(),
        told_since,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The parameters of every table, `$1` to `$9`. What a statement asks for beside them begins behind.
pub const PARAMETERS: usize = 9;

/// What the tables depend on: the school, its year of today, and what it lets out.
#[derive(Clone, Debug)]
pub struct ExportSource {
    /// None where the schools of operators are asked for.
    school_id: Option<SchoolId>,
    year_id: Option<YearId>,
    /// What has gone since then is told as gone; never, where only what is there counts.
    gone_since: Option<DateTime<Utc>>,
    /// The address before the names of the collections, for references.
    base: String,
    demographics: bool,
    guardians: bool,
    /// Of the schools of operators: the province, none for the whole country.
    province: Option<String>,
    words: [String; 2],
}

/// What is asked for beside the school's own decision.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub demographics: bool,
    pub guardians: bool,
    pub gone_since: Option<DateTime<Utc>>,
}

impl ExportSource {
    /// Of the school in scope. Demographics and guardians are in it where they are wanted and the school shares them.
    pub async fn of(scope: &Scope, app: &App, tx: &mut PgConnection, wanted: Wanted) -> Result<Self> {
        let year = years::current(scope, tx, app.clock.today()).await?;
        let school =
            sqlx::query!("SELECT shares_demographics, shares_guardians FROM schools WHERE id = $1", scope.school_id());
        let school = school.fetch_one(tx).await?;
        Ok(Self {
            school_id: Some(scope.school_id()),
            year_id: Some(year.id),
            gone_since: wanted.gone_since,
            demographics: wanted.demographics && school.shares_demographics,
            guardians: wanted.guardians && school.shares_guardians,
            ..Self::of_operators(app, None)
        })
    }

    /// Of the schools of a province, or of the country: nothing but the schools themselves is found in it.
    #[must_use]
    pub fn of_operators(app: &App, province: Option<&str>) -> Self {
        let l = Translator::default();
        Self {
            school_id: None,
            year_id: None,
            gone_since: None,
            base: app.config.address_of(paths::ONEROSTER),
            demographics: false,
            guardians: false,
            province: province.map(str::to_owned),
            words: ["oneroster-course-of-grade", "oneroster-course-of-all"].map(|key| l.t(key)),
        }
    }

    /// A statement over the tables, with their parameters bound.
    pub fn query(&self, sql: String) -> Query<'_, Postgres, PgArguments> {
        sqlx::query(AssertSqlSafe(sql))
            .bind(self.school_id)
            .bind(self.year_id)
            .bind(self.gone_since)
            .bind(&self.base)
            .bind(self.demographics)
            .bind(self.guardians)
            .bind(&self.province)
            .bind(&self.words[0])
            .bind(&self.words[1])
    }
}

/// A table of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandardTable {
    Orgs,
    AcademicSessions,
    Courses,
    Classes,
    Users,
    Enrollments,
    Demographics,
}

impl StandardTable {
    /// Its rows: what is there, and what has gone since `$3`.
    #[must_use]
    pub fn rows(self) -> String {
        let all = match self {
            Self::Orgs => ORGS,
            Self::AcademicSessions => SESSIONS,
            Self::Courses => COURSES,
            Self::Classes => CLASSES,
            Self::Users => USERS,
            Self::Enrollments => ENROLLMENTS,
            Self::Demographics => DEMOGRAPHICS,
        };
        format!("(SELECT * FROM ({all}) t WHERE t.\"status\" = 'active' OR t.\"dateLastModified\" > $3) r")
    }
}

const ORGS: &str = r#"
    SELECT s.id::text AS "sourcedId", 'active' AS "status", s.changed_at AS "dateLastModified", s.name AS "name",
        'school' AS "type", s.code AS "identifier"
    FROM schools s
    WHERE s.id = $1
        OR $1 IS NULL AND s.suspended_at IS NULL AND ($7::text IS NULL OR s.province_code = $7)"#;

/// The years, and in each a term that is the whole of it, in which classes are held.
const SESSIONS: &str = r#"
    SELECT y.id || k.suffix AS "sourcedId", 'active' AS "status", y.changed_at AS "dateLastModified", y.name AS "title",
        k.type AS "type", y.starts_on::text AS "startDate", (y.ends_on + 1)::text AS "endDate",
        CASE k.type WHEN 'term' THEN y.id::text END AS "parent.sourcedId",
        CASE k.type WHEN 'schoolYear' THEN y.id || '.term' END AS "children.sourcedId",
        substr(y.name, 6) AS "schoolYear", y.id AS year_id
    FROM school_years y CROSS JOIN (VALUES ('schoolYear', ''), ('term', '.term')) k (type, suffix)
    WHERE y.school_id = $1"#;

const COURSES: &str = r#"
    SELECT oneroster_course(y.id, c.grade) AS "sourcedId", 'active' AS "status",
        max(c.changed_at) AS "dateLastModified",
        CASE WHEN c.grade <> '' THEN $8::text || ' ' || c.grade ELSE $9::text END AS "title",
        coalesce(nullif(c.grade, ''), 'all') AS "courseCode", oneroster_grade(c.grade) AS "grades",
        NULL::text AS "subjects", NULL::text AS "subjectCodes", y.id::text AS "schoolYear.sourcedId", y.id AS year_id
    FROM school_years y JOIN classes c ON c.school_id = $1 AND c.school_year_id = y.id
    WHERE y.school_id = $1
        AND y.starts_on >= (SELECT cy.starts_on FROM school_years cy WHERE cy.school_id = $1 AND cy.id = $2)
    GROUP BY y.id, c.grade
    UNION ALL
    SELECT oneroster_course(y.id, c.grade) || '.' || s.id, 'active', max(greatest(a.changed_at, s.changed_at)),
        concat_ws(' ', s.name, nullif(c.grade, '')), coalesce(s.code, s.short_name), oneroster_grade(c.grade),
        replace(s.name, ',', ''), replace(coalesce(s.code, s.short_name), ',', ''), y.id::text, y.id
    FROM timetable_assignments a
        JOIN classes c ON c.school_id = $1 AND c.id = a.class_id
        JOIN timetable_subjects s ON s.school_id = $1 AND s.id = a.subject_id
        JOIN school_years y ON y.school_id = $1 AND y.id = c.school_year_id
    WHERE a.school_id = $1
        AND y.starts_on >= (SELECT cy.starts_on FROM school_years cy WHERE cy.school_id = $1 AND cy.id = $2)
    GROUP BY y.id, c.grade, s.id, s.name, s.code, s.short_name"#;

/// The classes of this year and of those to come, and what each is taught. When a year ends, its classes are gone. A
/// comma in the name of a subject would make two of it. Each subject has its code: the standard wants as many of one as
/// of the other.
const CLASSES: &str = r#"
    SELECT c.id::text AS "sourcedId",
        CASE WHEN y.starts_on < cy.starts_on THEN 'tobedeleted' ELSE 'active' END AS "status",
        greatest(c.changed_at, CASE WHEN y.starts_on < cy.starts_on THEN cy.starts_on::timestamptz END)
            AS "dateLastModified",
        c.name AS "title", c.name AS "classCode", 'homeroom' AS "classType", oneroster_grade(c.grade) AS "grades",
        NULL::text AS "subjects", NULL::text AS "subjectCodes", oneroster_course(y.id, c.grade) AS "course.sourcedId",
        y.id || '.term' AS "terms.sourcedId", y.id AS year_id
    FROM classes c
        JOIN school_years y ON y.school_id = $1 AND y.id = c.school_year_id
        CROSS JOIN (SELECT starts_on FROM school_years WHERE school_id = $1 AND id = $2) cy
    WHERE c.school_id = $1 AND (y.starts_on >= cy.starts_on OR cy.starts_on::timestamptz > $3)
    UNION ALL
    SELECT c.id || '.' || s.id, CASE WHEN y.starts_on < cy.starts_on THEN 'tobedeleted' ELSE 'active' END,
        greatest(p.since, s.changed_at, c.changed_at,
            CASE WHEN y.starts_on < cy.starts_on THEN cy.starts_on::timestamptz END),
        c.name || ' ' || s.name, c.name || '.' || s.short_name, 'scheduled', oneroster_grade(c.grade),
        replace(s.name, ',', ''), replace(coalesce(s.code, s.short_name), ',', ''),
        oneroster_course(y.id, c.grade) || '.' || s.id, y.id || '.term', y.id
    FROM (SELECT a.class_id, a.subject_id, min(a.changed_at) AS since FROM timetable_assignments a
            WHERE a.school_id = $1 GROUP BY a.class_id, a.subject_id) p
        JOIN classes c ON c.school_id = $1 AND c.id = p.class_id
        JOIN timetable_subjects s ON s.school_id = $1 AND s.id = p.subject_id
        JOIN school_years y ON y.school_id = $1 AND y.id = c.school_year_id
        CROSS JOIN (SELECT starts_on FROM school_years WHERE school_id = $1 AND id = $2) cy
    WHERE y.starts_on >= cy.starts_on OR cy.starts_on::timestamptz > $3
    UNION ALL
    SELECT t.id, 'tobedeleted', t.gone_at, '-', NULL, CASE WHEN t.subject_id IS NULL THEN 'homeroom' ELSE 'scheduled' END,
        NULL, NULL, NULL, concat_ws('.', oneroster_course(t.school_year_id, NULL), t.subject_id),
        t.school_year_id || '.term', t.school_year_id
    FROM oneroster_tombstones t
    WHERE t.school_id = $1 AND t.kind = 'class' AND t.gone_at > $3
        AND NOT EXISTS (SELECT FROM timetable_assignments a
            WHERE a.school_id = $1 AND a.class_id = t.class_id AND a.subject_id = t.subject_id)"#;

/// Which members `m` are told of: those who teach or learn, and of the managers those with a homeroom class of this
/// year or of one to come.
macro_rules! is_told {
    () => {
        r#"(m.role <> 'manager' OR EXISTS (
            SELECT FROM classes h JOIN school_years hy ON hy.school_id = $1 AND hy.id = h.school_year_id
            WHERE h.school_id = $1 AND h.homeroom_member_id = m.id AND hy.starts_on >= (
                SELECT cy.starts_on FROM school_years cy WHERE cy.school_id = $1 AND cy.id = $2)))"#
    };
}

/// A note behind the name, by which schools tell namesakes apart, stays with the given name. The grade of a pupil is
/// another one when a year begins, and which guardians a pupil has is told with the pupil. Gone are members who were
/// deleted or only manage by now, and guardians who were taken away.
const USERS: &str = concat!(
    r#"
    SELECT m.id::text AS "sourcedId", CASE m.status WHEN 'left' THEN 'tobedeleted' ELSE 'active' END AS "status",
        greatest(m.changed_at, e.changed_at, c.grade_changed_at, cy.starts_on::timestamptz,
            CASE m.role WHEN 'manager' THEN (
                SELECT max(coalesce(h.homeroom_changed_at, h.changed_at)) FROM classes h
                WHERE h.school_id = $1 AND h.homeroom_member_id = m.id) END,
            CASE WHEN $6 AND m.role = 'student' THEN greatest(
                (SELECT max(g.changed_at) FROM guardians g WHERE g.school_id = $1 AND g.member_id = m.id),
                (SELECT max(t.gone_at) FROM oneroster_tombstones t WHERE t.school_id = $1 AND t.kind = 'user'
                    AND t.id IN (m.id || '.mother', m.id || '.guardian'))) END) AS "dateLastModified",
        CASE WHEN m.status IN ('suspended', 'left') THEN 'false' ELSE 'true' END AS "enabledUser",
        coalesce(m.username, lower(m.email), m.id::text) AS "username",
        m.given_name || coalesce(' ' || substring(m.full_name FROM '(\([^()]*\))$'), '') COLLATE "C" AS "givenName",
        coalesce(nullif(m.family_name, ''), '-') COLLATE "C" AS "familyName",
        nullif(m.middle_name, '') COLLATE "C" AS "middleName", m.email AS "email", m.phone AS "phone",
        CASE m.role WHEN 'student' THEN 'student' ELSE 'teacher' END AS "roles.role",
        oneroster_grade(c.grade) AS "grades", CASE WHEN $5 THEN m.moet_id END AS "userMasterIdentifier",
        CASE WHEN $6 AND m.role = 'student' THEN (
            SELECT string_agg(g.member_id || '.' || g.relation, ',' ORDER BY g.relation) FROM guardians g
            WHERE g.school_id = $1 AND g.member_id = m.id) END AS "agents.sourcedId"
    FROM members m
        LEFT JOIN enrolments e ON e.school_id = $1 AND e.school_year_id = $2 AND e.member_id = m.id
        LEFT JOIN classes c ON c.school_id = $1 AND c.id = e.class_id AND e.ended_at IS NULL
        LEFT JOIN (
            SELECT y.starts_on FROM school_years y WHERE y.school_id = $1 AND y.id = $2 AND EXISTS (
                SELECT FROM school_years py WHERE py.school_id = $1 AND py.starts_on < y.starts_on)
        ) cy ON m.role = 'student'
    WHERE m.school_id = $1 AND m.status <> 'pending' AND (m.status <> 'left' OR m.changed_at > $3) AND "#,
    is_told!(),
    r#"
    UNION ALL
    SELECT g.member_id || '.' || g.relation,
        CASE WHEN m.status = 'left' OR m.role <> 'student' THEN 'tobedeleted' ELSE 'active' END,
        greatest(g.changed_at, m.changed_at), 'true', g.member_id || '.' || g.relation,
        regexp_replace(g.full_name, '^.* ', ''),
        CASE WHEN g.full_name LIKE '% %' THEN split_part(g.full_name, ' ', 1) ELSE '-' END,
        nullif(regexp_replace(g.full_name, '^\S+ ?(.*?) ?\S*$', '\1'), ''), NULL, NULL,
        CASE g.relation WHEN 'mother' THEN 'parent' ELSE 'guardian' END, NULL, NULL, g.member_id::text
    FROM guardians g JOIN members m ON m.school_id = $1 AND m.id = g.member_id
    WHERE g.school_id = $1 AND $6 AND m.status <> 'pending'
        AND (m.status <> 'left' AND m.role = 'student' OR m.changed_at > $3)
    UNION ALL
    SELECT t.id, 'tobedeleted', max(t.gone_at), 'false', t.id, '-', '-', NULL, NULL, NULL,
        max(CASE WHEN t.role IN ('student', 'parent', 'guardian') THEN t.role ELSE 'teacher' END), NULL, NULL, NULL
    FROM (
        SELECT t.id, t.gone_at, t.role, t.member_id FROM oneroster_tombstones t
        WHERE t.school_id = $1 AND t.kind = 'user' AND t.gone_at > $3
            AND ($6 OR t.role IS NULL OR t.role NOT IN ('parent', 'guardian'))
        UNION ALL
        SELECT m.id::text, cy.starts_on::timestamptz, m.role, m.id
        FROM classes c
            JOIN members m ON m.school_id = $1 AND m.id = c.homeroom_member_id
            JOIN school_years y ON y.school_id = $1 AND y.id = c.school_year_id
            CROSS JOIN (SELECT starts_on FROM school_years WHERE school_id = $1 AND id = $2) cy
        WHERE c.school_id = $1 AND m.role = 'manager' AND y.starts_on < cy.starts_on
            AND cy.starts_on::timestamptz > $3
    ) t
    WHERE NOT EXISTS (SELECT FROM guardians g WHERE g.school_id = $1 AND g.member_id = t.member_id
            AND g.member_id || '.' || g.relation = t.id)
        AND NOT EXISTS (SELECT FROM members m WHERE m.school_id = $1 AND m.id = t.member_id AND m.id::text = t.id
            AND m.status <> 'pending' AND "#,
    is_told!(),
    r#")
    GROUP BY t.id"#,
);

/// Pupils in their classes, and homeroom teachers; and both where a class is taught one subject. A former pupil who is
/// staff by now is gone from the class, unless they teach it.
const ENROLLMENTS: &str = concat!(
    r#"
    SELECT e.class_id || '.' || e.member_id AS "sourcedId",
        CASE WHEN e.ended_at IS NOT NULL OR m.status = 'left' OR m.role <> 'student' OR y.starts_on < cy.starts_on
            THEN 'tobedeleted' ELSE 'active' END AS "status",
        greatest(e.changed_at, CASE m.status WHEN 'left' THEN m.changed_at END,
            CASE WHEN y.starts_on < cy.starts_on THEN cy.starts_on::timestamptz END) AS "dateLastModified",
        'student' AS "role", 'false' AS "primary", e.member_id::text AS "user.sourcedId",
        e.class_id::text AS "class.sourcedId", y.id AS year_id
    FROM enrolments e
        JOIN members m ON m.school_id = $1 AND m.id = e.member_id
        JOIN school_years y ON y.school_id = $1 AND y.id = e.school_year_id
        CROSS JOIN (SELECT starts_on FROM school_years WHERE school_id = $1 AND id = $2) cy
    WHERE e.school_id = $1 AND m.status <> 'pending'
        AND (y.starts_on >= cy.starts_on OR cy.starts_on::timestamptz > $3)
        AND (m.role = 'student' OR NOT EXISTS (SELECT FROM classes h
            WHERE h.school_id = $1 AND h.id = e.class_id AND h.homeroom_member_id = e.member_id))
    UNION ALL
    SELECT c.id || '.' || m.id,
        CASE WHEN m.status = 'left' OR y.starts_on < cy.starts_on THEN 'tobedeleted' ELSE 'active' END,
        greatest(coalesce(c.homeroom_changed_at, c.changed_at), CASE m.status WHEN 'left' THEN m.changed_at END,
            CASE WHEN y.starts_on < cy.starts_on THEN cy.starts_on::timestamptz END),
        'teacher', 'true', m.id::text, c.id::text, y.id
    FROM classes c
        JOIN members m ON m.school_id = $1 AND m.id = c.homeroom_member_id
        JOIN school_years y ON y.school_id = $1 AND y.id = c.school_year_id
        CROSS JOIN (SELECT starts_on FROM school_years WHERE school_id = $1 AND id = $2) cy
    WHERE c.school_id = $1 AND m.status <> 'pending'
        AND (y.starts_on >= cy.starts_on OR cy.starts_on::timestamptz > $3)
    UNION ALL
    SELECT e.class_id || '.' || p.subject_id || '.' || e.member_id,
        CASE WHEN e.ended_at IS NOT NULL OR m.status = 'left' OR m.role <> 'student' OR y.starts_on < cy.starts_on
            THEN 'tobedeleted' ELSE 'active' END,
        greatest(e.changed_at, p.since, CASE m.status WHEN 'left' THEN m.changed_at END,
            CASE WHEN y.starts_on < cy.starts_on THEN cy.starts_on::timestamptz END),
        'student', 'false', e.member_id::text, e.class_id || '.' || p.subject_id, y.id
    FROM (SELECT a.class_id, a.subject_id, min(a.changed_at) AS since FROM timetable_assignments a
            WHERE a.school_id = $1 GROUP BY a.class_id, a.subject_id) p
        JOIN enrolments e ON e.school_id = $1 AND e.class_id = p.class_id
        JOIN members m ON m.school_id = $1 AND m.id = e.member_id
        JOIN school_years y ON y.school_id = $1 AND y.id = e.school_year_id
        CROSS JOIN (SELECT starts_on FROM school_years WHERE school_id = $1 AND id = $2) cy
    WHERE m.status <> 'pending' AND (y.starts_on >= cy.starts_on OR cy.starts_on::timestamptz > $3)
        AND (m.role = 'student' OR NOT EXISTS (SELECT FROM timetable_assignments a WHERE a.school_id = $1
            AND a.class_id = e.class_id AND a.subject_id = p.subject_id AND a.teacher_id = e.member_id))
    UNION ALL
    SELECT a.class_id || '.' || a.subject_id || '.' || m.id,
        CASE WHEN m.status = 'left' OR y.starts_on < cy.starts_on THEN 'tobedeleted' ELSE 'active' END,
        greatest(a.changed_at, CASE m.status WHEN 'left' THEN m.changed_at END,
            CASE WHEN y.starts_on < cy.starts_on THEN cy.starts_on::timestamptz END),
        'teacher', 'true', m.id::text, a.class_id || '.' || a.subject_id, y.id
    FROM timetable_assignments a
        JOIN members m ON m.school_id = $1 AND m.id = a.teacher_id
        JOIN classes c ON c.school_id = $1 AND c.id = a.class_id
        JOIN school_years y ON y.school_id = $1 AND y.id = c.school_year_id
        CROSS JOIN (SELECT starts_on FROM school_years WHERE school_id = $1 AND id = $2) cy
    WHERE a.school_id = $1 AND m.status <> 'pending' AND (y.starts_on >= cy.starts_on OR cy.starts_on::timestamptz > $3)
        AND "#,
    is_told!(),
    r#"
    UNION ALL
    SELECT t.id, 'tobedeleted', t.gone_at, t.role, CASE t.role WHEN 'teacher' THEN 'true' ELSE 'false' END,
        t.member_id::text, concat_ws('.', t.class_id, t.subject_id), t.school_year_id
    FROM oneroster_tombstones t
    WHERE t.school_id = $1 AND t.kind = 'enrollment' AND t.gone_at > $3
        AND CASE WHEN t.subject_id IS NULL THEN
            NOT EXISTS (SELECT FROM enrolments x WHERE x.school_id = $1 AND x.school_year_id = t.school_year_id
                AND x.member_id = t.member_id AND x.class_id = t.class_id)
            AND NOT EXISTS (SELECT FROM classes h WHERE h.school_id = $1 AND h.id = t.class_id
                AND h.homeroom_member_id = t.member_id)
        ELSE NOT EXISTS (SELECT FROM timetable_assignments a WHERE a.school_id = $1 AND a.class_id = t.class_id
                AND a.subject_id = t.subject_id AND a.teacher_id = t.member_id) END
    UNION ALL
    SELECT e.class_id || '.' || t.subject_id || '.' || e.member_id, 'tobedeleted', t.gone_at, 'student', 'false',
        e.member_id::text, t.id, t.school_year_id
    FROM oneroster_tombstones t JOIN enrolments e ON e.school_id = $1 AND e.class_id = t.class_id
    WHERE t.school_id = $1 AND t.kind = 'class' AND t.subject_id IS NOT NULL AND t.gone_at > $3
        AND NOT EXISTS (SELECT FROM timetable_assignments a
            WHERE a.school_id = $1 AND a.class_id = t.class_id AND a.subject_id = t.subject_id)
    UNION ALL
    SELECT t.class_id || '.' || p.subject_id || '.' || t.member_id, 'tobedeleted', t.gone_at, 'student', 'false',
        t.member_id::text, t.class_id || '.' || p.subject_id, t.school_year_id
    FROM oneroster_tombstones t
        JOIN (SELECT DISTINCT a.class_id, a.subject_id FROM timetable_assignments a WHERE a.school_id = $1) p
            ON p.class_id = t.class_id
    WHERE t.school_id = $1 AND t.kind = 'enrollment' AND t.role = 'student' AND t.gone_at > $3
        AND NOT EXISTS (SELECT FROM enrolments x WHERE x.school_id = $1 AND x.school_year_id = t.school_year_id
            AND x.member_id = t.member_id AND x.class_id = t.class_id)"#,
);

const DEMOGRAPHICS: &str = concat!(
    r#"
    SELECT m.id::text AS "sourcedId", CASE m.status WHEN 'left' THEN 'tobedeleted' ELSE 'active' END AS "status",
        m.changed_at AS "dateLastModified", m.birth_date::text AS "birthDate", m.gender AS "sex"
    FROM members m
    WHERE m.school_id = $1 AND $5 AND m.status <> 'pending' AND (m.status <> 'left' OR m.changed_at > $3) AND "#,
    is_told!(),
    r#"
    UNION ALL
    SELECT t.id, 'tobedeleted', t.gone_at, NULL, NULL FROM oneroster_tombstones t
    WHERE t.school_id = $1 AND $5 AND t.kind = 'user' AND t.gone_at > $3
        AND (t.role IS NULL OR t.role NOT IN ('parent', 'guardian'))
        AND NOT EXISTS (SELECT FROM members m WHERE m.school_id = $1 AND m.id = t.member_id AND m.status <> 'pending'
            AND "#,
    is_told!(),
    ")",
);
