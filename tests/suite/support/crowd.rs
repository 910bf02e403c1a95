//! A school of a hundred thousand, and hundreds of schools beside it: written into the tables past everything that the
//! program does for a single person, so that it takes seconds.

use schoolgate::ids::{SchoolId, YearId};
use sqlx::{AssertSqlSafe, PgConnection};

use super::app::TestApp;
use super::people::School;

/// Indexes are made anew over the rows, which is quicker than to keep them while rows come.
const WITHOUT_INDEXES: &str = "
    CREATE TEMPORARY TABLE made_anew AS
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
    WHERE indrelid IN ('members'::regclass, 'member_words'::regclass)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid);
    DO $$ DECLARE each text; BEGIN
        FOR each IN SELECT name FROM made_anew LOOP EXECUTE 'DROP INDEX ' || each; END LOOP;
    END $$;
    SET session_replication_role = replica;
    SET synchronous_commit = off;
    SET maintenance_work_mem = '256MB';";

const WITH_INDEXES: &str = "
    DO $$ DECLARE each text; BEGIN
        FOR each IN SELECT definition FROM made_anew LOOP EXECUTE each; END LOOP;
    END $$";

/// What the database does by itself sooner or later: on a table that it has not looked at yet, plans are others.
const LOOKED_AT: &str = "VACUUM (ANALYZE) members, member_words, enrolments, classes";

/// Other schools, each with its year, in which some people are.
const NEIGHBOURS: &str = "
    INSERT INTO schools (id, code, kind, name, province_code, managing_unit_id, teachers_may_create_students, created_at)
    SELECT md5('neighbour' || n)::uuid, 'NB' || n, 'k12', 'Trường ' || n, '79', md5('unit')::uuid, false, '2026-08-01'
    FROM generate_series(1, 200) n;
    INSERT INTO school_years (school_id, id, name, starts_on, ends_on)
    SELECT id, id, '2026-2027', '2026-08-01', '2027-05-31' FROM schools WHERE code LIKE 'NB%';";

/// $1: the schools, $2: their years, $3: how many people, $4: how many classes.
///
/// What a person is and is called follows from numbers that have little to do with each other; every word of a name
/// stands beside itself without marks.
const PEOPLE: [&str; 5] = [
    "INSERT INTO classes (school_id, id, school_year_id, name, sort_key, created_at)
     SELECT s.id, md5(s.id::text || n)::uuid, s.year, (1 + n % 12) || 'A' || n / 12,
         lpad((1 + n % 12)::text, 2, '0') || 'A' || lpad((n / 12)::text, 4, '0'), '2026-08-01'
     FROM unnest($1::uuid[], $2::uuid[]) s (id, year), generate_series(0, $4 - 1) n",
    "INSERT INTO members (school_id, id, role, status, full_name, given_name, family_name, middle_name, birth_date,
         username, temporary_until, slip_printed_at, first_signed_in_at, last_signed_in_at, created_at, words)
     SELECT s.id, md5(s.id::text || 'member' || n)::uuid, CASE WHEN n % 20 = 0 THEN 'teacher' ELSE 'student' END,
         CASE WHEN n % 37 = 0 THEN 'left' WHEN n % 97 = 0 THEN 'suspended' WHEN n % 101 = 0 THEN 'invited'
              WHEN n % 103 = 0 THEN 'pending' ELSE 'active' END,
         family.name || ' ' || middle.name || ' ' || given.name, given.name, family.name, middle.name,
         CASE WHEN n % 211 <> 0 THEN DATE '2009-01-01' + (n * 7919 % 3000) END, 'u' || n,
         CASE WHEN n % 3 = 0 THEN TIMESTAMPTZ '2026-12-01' END, CASE WHEN n % 6 = 0 THEN TIMESTAMPTZ '2026-09-01' END,
         seen.at, seen.at, '2026-08-01',
         (SELECT string_agg(DISTINCT ' ' || word, '') FROM unnest(string_to_array(translate(
              lower(family.name || ' ' || middle.name || ' ' || given.name),
              'Đđàáảãâầấẩậăằắặẻẽêềếểễệìíỉĩịòóôốồỗộơờớùúủũụưừứữựỳýỷỹế', 'ddaaaaaaaaaaaaaeeeeeeeeiiiiioooooooooouuuuuuuuuuyyyye'),
              ' ') || ('u' || n)) word)
     FROM unnest($1::uuid[], $2::uuid[]) s (id, year), generate_series(1, $3) n,
         LATERAL (SELECT CASE WHEN n % 3 <> 0 THEN TIMESTAMPTZ '2026-09-01' - n::bigint * 104729 % 90000 * INTERVAL '1 minute' END)
             seen (at),
         LATERAL (SELECT (ARRAY['Nguyễn', 'Trần', 'Nguyễn', 'Lê', 'Phạm', 'Nguyễn', 'Huỳnh', 'Võ'])[1 + n / 7 % 8])
             family (name),
         LATERAL (SELECT (ARRAY['Văn', 'Thị', 'Minh', 'Gia', 'Ngọc', 'Thanh', 'Bảo'])[1 + n / 3 % 7]) middle (name),
         LATERAL (SELECT (ARRAY['An', 'Anh', 'Bình', 'Châu', 'Chi', 'Cường', 'Dung', 'Dũng', 'Duy', 'Dương', 'Đạt',
             'Đức', 'Giang', 'Hà', 'Hải', 'Hân', 'Hằng', 'Hiếu', 'Hoa', 'Huy', 'Hùng', 'Khang', 'Khánh', 'Khoa', 'Kiệt',
             'Lan', 'Linh', 'Long', 'Mai', 'My', 'Nam', 'Ngân', 'Nhi', 'Như', 'Phong', 'Phúc', 'Phương', 'Quân', 'Quỳnh',
             'Sơn', 'Tâm', 'Thảo', 'Thư', 'Tiên', 'Trang', 'Trí', 'Tú', 'Tuấn', 'Uyên', 'Vy', 'Yến'])[1 + n / 56 % 51])
             given (name)",
    "INSERT INTO member_words (school_id, word, member_id, words)
     SELECT m.school_id, w.word, m.id, m.words FROM members m, string_to_table(ltrim(m.words), ' ') w (word)
     WHERE m.school_id = ANY($1) AND cardinality($2::uuid[]) + $3 + $4 > 0",
    // Some are in no class.
    "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
     SELECT s.id, s.year, md5(s.id::text || 'member' || n)::uuid, md5(s.id::text || (n::bigint * 7919 + n / 13) % $4)::uuid
     FROM unnest($1::uuid[], $2::uuid[]) s (id, year), generate_series(1, $3) n
     WHERE n % 20 <> 0 AND n % 37 <> 0 AND n % 499 <> 0",
    // What triggers would have counted.
    "INSERT INTO counters (school_id, counter, value)
     SELECT school_id, 'member:' || role || ':' || status, count(*) FROM members
     WHERE school_id = ANY($1) AND cardinality($2::uuid[]) + $3 + $4 > 0 GROUP BY school_id, role, status",
];

/// How many people have other words beside their name than those by which they are found.
pub async fn with_other_words(test: &TestApp) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM members m WHERE m.words IS DISTINCT FROM (
             SELECT ' ' || string_agg(w.word, ' ' ORDER BY w.word) FROM member_words w
             WHERE w.school_id = m.school_id AND w.member_id = m.id)
             OR EXISTS (SELECT FROM member_words w
                 WHERE w.school_id = m.school_id AND w.member_id = m.id AND w.words <> m.words)",
    )
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap()
}

/// Fills a school with people, and two hundred others beside it.
pub async fn crowd(test: &TestApp, school: &School, people: i32, classes: i32) {
    let mut admin = test.admin().await;
    sqlx::raw_sql(AssertSqlSafe(WITHOUT_INDEXES)).execute(&mut admin).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(NEIGHBOURS)).execute(&mut admin).await.unwrap();
    let neighbours: Vec<SchoolId> =
        sqlx::query_scalar("SELECT id FROM schools WHERE code LIKE 'NB%'").fetch_all(&mut admin).await.unwrap();
    // Their years are given the ids of the schools.
    let years: Vec<YearId> = neighbours.iter().map(|school| school.uuid().into()).collect();
    write(&mut admin, &neighbours, &years, 50, 2).await;
    write(&mut admin, &[school.id()], &[school.year_id], people, classes).await;
    sqlx::raw_sql(AssertSqlSafe(WITH_INDEXES)).execute(&mut admin).await.unwrap();
    sqlx::raw_sql(LOOKED_AT).execute(&mut admin).await.unwrap();
}

async fn write(admin: &mut PgConnection, schools: &[SchoolId], years: &[YearId], people: i32, classes: i32) {
    for statement in PEOPLE {
        let query = sqlx::query(statement).bind(schools).bind(years).bind(people).bind(classes);
        query.execute(&mut *admin).await.unwrap();
    }
}
