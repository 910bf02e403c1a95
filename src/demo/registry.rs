//! The registry of a demo school: what it has handed in, five differences that wait to be synced, one submission that
//! waits for an operator and one that was returned.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    error::{Error, Result},
    ids::{PlanId, RegistryPersonId, YearId},
    plan::{
        book::Book,
        draft::{self, SealedUpload},
        upload::Sealing,
    },
    registry::{
        identifiers::{self, IdentifierHash, IdentifierKey},
        submissions::{self, SubmissionKind, SubmissionState},
    },
    schools::years,
    sources::import,
    submissions::actions,
};

/// Why the operator has returned the list of classes.
const REMARK: &str = "Lớp 12A99 không có trong kế hoạch năm học. Đề nghị kiểm tra và nộp lại.";

/// Fills the registry with what the school has, as if it had been synced two days ago.
pub async fn fill(app: &App, scope: &Scope) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    let year = years::current(scope, &mut tx, app.clock.today()).await?;
    copy(scope, &mut tx, year.id, now - Duration::days(3)).await?;
    take_identifiers(app, scope, &mut tx).await?;
    link(app, scope, &mut tx, year.id, now - Duration::days(2)).await?;
    differ(app, scope, &mut tx, now - Duration::days(1)).await?;
    tx.commit().await?;
    let staff = listed(scope, app, SubmissionKind::Staff).await?;
    hand_in(app, scope, SubmissionKind::Staff, "giao-vien.csv", &staff).await?;
    let classes = listed(scope, app, SubmissionKind::Classes).await?;
    let returned = hand_in(app, scope, SubmissionKind::Classes, "lop.csv", &classes).await?;
    give_back(scope, app, returned).await
}

/// Each person's rows are looked up by their keys: the tables have just been filled, and no statistics know of them.
async fn copy(scope: &Scope, tx: &mut PgConnection, year_id: YearId, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO registry_classes (school_id, id, school_year_id, name, sort_key, grade, origin, created_at, changed_at)
         SELECT school_id, id, school_year_id, name, sort_key, grade, 'submission', $3, $3 FROM classes
         WHERE school_id = $1 AND school_year_id = $2
         RETURNING id",
        scope.school_id(),
        year_id,
        at,
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name, birth_date,
             email, moet_id, class_id, fields, origin, created_at, changed_at, words)
         SELECT $1, m.id, CASE m.role WHEN 'student' THEN 'student' ELSE 'staff' END, m.full_name, m.given_name,
             m.family_name, m.middle_name, m.birth_date, m.email, m.moet_id, e.class_id,
             jsonb_strip_nulls(jsonb_build_object('full_name', m.full_name, 'gender', m.gender,
                 'birth_date', m.birth_date, 'email', m.email, 'phone', m.phone, 'address', m.address,
                 'national_id', m.national_id, 'moet_id', m.moet_id, 'department', m.department,
                 'mother_name', g.full_name, 'mother_birth_year', g.birth_year::text,
                 'guardian_name', h.full_name, 'guardian_birth_year', h.birth_year::text)),
             'submission', $3, $3, m.words
         FROM members m
         LEFT JOIN LATERAL (SELECT class_id FROM enrolments WHERE school_id = $1 AND member_id = m.id
             AND school_year_id = $2 AND ended_at IS NULL OFFSET 0) e ON true
         LEFT JOIN LATERAL (SELECT full_name, birth_year FROM guardians WHERE school_id = $1 AND member_id = m.id
             AND relation = 'mother' OFFSET 0) g ON true
         LEFT JOIN LATERAL (SELECT full_name, birth_year FROM guardians WHERE school_id = $1 AND member_id = m.id
             AND relation = 'guardian' OFFSET 0) h ON true
         WHERE m.school_id = $1 AND m.status IN ('active', 'invited', 'suspended')
         RETURNING id",
        scope.school_id(),
        year_id,
        at,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

async fn take_identifiers(app: &App, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
    let key = IdentifierKey::load(app, tx).await?;
    let people = sqlx::query!(
        r#"SELECT id, moet_id AS "moet_id!" FROM registry_people WHERE school_id = $1 AND moet_id IS NOT NULL"#,
        scope.school_id(),
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut held: Vec<(IdentifierHash, RegistryPersonId)> =
        people.into_iter().map(|person| (key.hash(&person.moet_id), person.id)).collect();
    held.sort_unstable();
    identifiers::take(scope, tx, &held).await
}

/// The sync that was: everybody is linked, and nothing differs.
async fn link(app: &App, scope: &Scope, tx: &mut PgConnection, year_id: YearId, at: DateTime<Utc>) -> Result<()> {
    let linked = sqlx::query!(
        "INSERT INTO registry_links (school_id, registry_person_id, member_id, base, synced_version, synced_at,
             member_version, school_year_id)
         SELECT $1, p.id, m.id,
             p.fields || jsonb_strip_nulls(jsonb_build_object('class', c.name, 'status', 'active')), p.version, $3,
             m.version, $2
         FROM registry_people p
         CROSS JOIN LATERAL (SELECT id, version FROM members WHERE school_id = $1 AND id = p.id OFFSET 0) m
         LEFT JOIN registry_classes c ON c.school_id = $1 AND c.id = p.class_id
         WHERE p.school_id = $1
         RETURNING member_id",
        scope.school_id(),
        year_id,
        at,
    )
    .fetch_all(&mut *tx)
    .await?;
    let plan_id: PlanId = app.randomness.uuid_v7(at);
    let linked = i64::try_from(linked.len()).unwrap_or(i64::MAX);
    sqlx::query!(
        "INSERT INTO plans (school_id, id, source, state, school_year_id, created_at, applied_at, counts)
         VALUES ($1, $2, 'registry', 'applied', $3, $4, $4, jsonb_build_object('unchanged', $5::bigint))",
        scope.school_id(),
        plan_id,
        year_id,
        at,
        linked,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO registry_syncs (school_id, what, plan_id, read_at) VALUES ($1, 'accounts', $2, $3)",
        scope.school_id(),
        plan_id,
        at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Five differences: another phone, another class, a person gone, an address that both have changed, a person new.
async fn differ(app: &App, scope: &Scope, tx: &mut PgConnection, at: DateTime<Utc>) -> Result<()> {
    let pupils = sqlx::query_scalar!(
        "SELECT id FROM registry_people WHERE school_id = $1 AND kind = 'student' AND class_id IS NOT NULL
         ORDER BY class_id, id LIMIT 4",
        scope.school_id(),
    )
    .fetch_all(&mut *tx)
    .await?;
    let [phone, class, gone, both] = pupils[..] else { return Ok(()) };
    let changes = sqlx::query!(
        r#"UPDATE registry_people p SET version = version + 1, changed_at = $2,
               fields = p.fields || CASE p.id WHEN $3 THEN '{"phone": "0912345678"}'::jsonb
                   WHEN $6 THEN '{"address": "12 Nguyễn Huệ, Phường Sài Gòn"}' ELSE '{}' END,
               class_id = CASE p.id WHEN $4 THEN coalesce((
                   SELECT c.id FROM registry_classes c
                   JOIN registry_classes own ON own.school_id = $1 AND own.id = p.class_id
                   WHERE c.school_id = $1 AND c.id <> own.id
                   ORDER BY c.grade IS DISTINCT FROM own.grade, c.sort_key LIMIT 1), p.class_id) ELSE p.class_id END,
               left_at = CASE p.id WHEN $5 THEN $2::timestamptz END, left_reason = CASE p.id WHEN $5 THEN 'gone' END
           WHERE p.school_id = $1 AND p.id IN ($3, $4, $5, $6)"#,
        scope.school_id(),
        at,
        phone,
        class,
        gone,
        both,
    );
    changes.execute(&mut *tx).await?;
    sqlx::query!(
        "UPDATE members SET address = '34 Lê Lợi, Phường Bến Thành', version = version + 1
         WHERE school_id = $1 AND id = $2",
        scope.school_id(),
        both,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name, birth_date,
               class_id, fields, origin, created_at, changed_at, words)
           SELECT $1, $2, 'student', 'Trịnh Hoài Nam', 'Nam', 'Trịnh', 'Hoài', p.birth_date, p.class_id,
               jsonb_build_object('full_name', 'Trịnh Hoài Nam', 'gender', 'male', 'birth_date', p.birth_date,
                   'mother_name', 'Vũ Thị Thanh', 'mother_birth_year', '1985'),
               'submission', $4, $4, ' trinh hoai nam'
           FROM registry_people p WHERE p.school_id = $1 AND p.id = $3
           RETURNING id"#,
        scope.school_id(),
        app.randomness.uuid_v7::<RegistryPersonId>(at),
        phone,
        at,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// The list that the school would hand in: what the registry has, and one more.
async fn listed(scope: &Scope, app: &App, kind: SubmissionKind) -> Result<Vec<u8>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let mut sheet = csv::Writer::from_writer(Vec::new());
    let mut write = |cells: &[&str]| sheet.write_record(cells).map_err(anyhow::Error::new);
    if kind == SubmissionKind::Classes {
        write(&["Lớp"])?;
        let names = sqlx::query_scalar!(
            "SELECT name FROM registry_classes WHERE school_id = $1 ORDER BY sort_key",
            scope.school_id(),
        );
        for name in names.fetch_all(&mut *tx).await? {
            write(&[&name])?;
        }
        write(&["12A99"])?;
    } else {
        write(&["Họ và tên", "Giới tính", "Ngày sinh", "Email", "Mã định danh Bộ GD&ĐT"])?;
        let staff = sqlx::query!(
            r#"SELECT full_name, CASE fields ->> 'gender' WHEN 'female' THEN 'Nữ' ELSE 'Nam' END AS "gender!",
                   to_char(birth_date, 'DD/MM/YYYY') AS born, email, moet_id
               FROM registry_people WHERE school_id = $1 AND kind = 'staff' ORDER BY given_name, id"#,
            scope.school_id(),
        );
        for person in staff.fetch_all(&mut *tx).await? {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let (born, email, moet_id) = (text(&person.born), text(&person.email), text(&person.moet_id));
            write(&[&person.full_name, &person.gender, &born, &email, &moet_id])?;
        }
        write(&["Đoàn Thị Minh Nguyệt", "Nữ", "14/03/1996", "minh.nguyet@lequydon.example.vn", ""])?;
    }
    sheet.into_inner().map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))
}

/// Hands a list in, here and at once.
async fn hand_in(app: &App, scope: &Scope, kind: SubmissionKind, name: &str, file: &[u8]) -> Result<PlanId> {
    let granted: Granted<may::ManageRegistry> = scope.grant()?;
    let mut sealing = Sealing::begin(app)?;
    sealing.push(file).await?;
    let file = sealing.finish().await?;
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let upload = SealedUpload { source: actions::source_of(kind), file_name: name, file, year_id: None };
    let plan_id = draft::begin(&granted, app, &mut tx, Book::Registry, upload).await?;
    submissions::insert(scope, &mut tx, plan_id, kind, None, app.clock.now()).await?;
    tx.commit().await?;
    import::read(scope, app, plan_id).await?;
    // A demo without it is still one.
    let _ = actions::submit(&granted, app, plan_id, true).await?;
    Ok(plan_id)
}

async fn give_back(scope: &Scope, app: &App, plan_id: PlanId) -> Result<()> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    actions::take_back(scope, app, &mut tx, plan_id, SubmissionState::Returned).await?;
    sqlx::query!(
        "UPDATE submissions SET remark = $3 WHERE school_id = $1 AND plan_id = $2",
        scope.school_id(),
        plan_id,
        REMARK,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
