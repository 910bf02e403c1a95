//! Addresses of routes with real ids in them, and the things of a school that these name.

use schoolgate::{
    access::{self, ClientScope},
    clients::{self, NewClient},
    ids::{AccountId, ClassId, ClientId, CompanyId, MemberId, PlanId, RemoteSourceId, TokenId, UnitId, YearId},
};

use crate::own_registry::RegistryThings;
use crate::support::exams::ExamThings;
use crate::support::{Cast, Someone, TestApp};
use crate::timetable::Timetable;

/// The things that an address can name, in one school.
pub struct Things<'a> {
    pub code: &'a str,
    pub member: MemberId,
    pub plan: PlanId,
    /// A list that waits for an operator.
    pub submission: PlanId,
    pub class: ClassId,
    pub year: YearId,
    pub company: CompanyId,
    /// A row of the plan.
    pub line: i32,
    /// The unit that schools answer to.
    pub unit: UnitId,
    pub token: TokenId,
    /// A program of the school that asks by OAuth 2, and one of the operators.
    pub client: ClientId,
    pub operators_client: ClientId,
    /// A OneRoster service elsewhere.
    pub source: RemoteSourceId,
    pub timetable: Timetable,
    pub exam: ExamThings,
    pub registry: RegistryThings,
    /// Another member than the one that is meant elsewhere.
    pub other: MemberId,
}

impl Things<'_> {
    /// The address of a route, with real ids in it, and the query without which it has nothing to answer.
    pub fn address(&self, path: &str, ids: &Things<'_>) -> String {
        let mut address = path.replace("{code}", self.code);
        // A well-formed token that nobody was given.
        address = address.replace("{token}", &"A".repeat(43));
        for (before, id) in [
            ("/registry/classes/{id}", ids.registry.class.uuid()),
            ("/registry/people/{id}", ids.registry.person.uuid()),
            ("/identifiers/{id}", ids.registry.conflict.uuid()),
            ("/accounts/{id}", ids.member.uuid()),
            ("/plans/{id}", ids.plan.uuid()),
            ("/submissions/{id}", ids.submission.uuid()),
            ("/timetable/teachers/{id}", ids.timetable.teacher.uuid()),
            ("/timetable/absences/{id}", ids.timetable.absence.uuid()),
            ("/timetable/rooms/{id}", ids.timetable.room.uuid()),
            ("/classes/{id}", ids.class.uuid()),
            ("/years/{id}", ids.year.uuid()),
            ("/my-classes/{id}", ids.class.uuid()),
            ("/units/{id}", ids.unit.uuid()),
            ("/owners/{id}", ids.member.uuid()),
            ("/companies/{id}", ids.company.uuid()),
            ("/tokens/{id}", ids.token.uuid()),
            ("/settings/clients/{id}", ids.client.uuid()),
            ("/settings/oneroster/{id}", ids.source.uuid()),
            ("/applications/{id}", ids.client.uuid()),
            ("/logos/{id}", ids.client.uuid()),
            ("/operator/clients/{id}", ids.operators_client.uuid()),
            // Nobody was merged.
            ("/merges/{id}", ids.member.uuid()),
        ] {
            address = address.replace(before, &before.replace("{id}", &id.to_string()));
        }
        if path.starts_with("/scim/") {
            let group = path.starts_with("/scim/v2/Groups");
            address = address.replace("{id}", &if group { ids.class.to_string() } else { ids.member.to_string() });
        }
        if path.starts_with("/ims/") {
            address = address.replace("{id}", &ids.member.to_string()).replace("{class}", &ids.class.to_string());
        }
        address = address
            .replace("{line}", &ids.line.to_string())
            .replace("{v}", &ids.timetable.version.to_string())
            .replace("{import}", &ids.timetable.import.to_string())
            .replace("{class}", &ids.class.to_string())
            .replace("{teacher}", &ids.timetable.teacher.to_string())
            .replace("{a}", &ids.member.to_string())
            .replace("{b}", &ids.other.to_string())
            .replace("{version}", "0123456789ab")
            .replace("{topic}", "import")
            .replace("{exam}", &ids.exam.exam.to_string())
            .replace("{paper}", &ids.exam.paper.to_string())
            .replace("{room}", &ids.exam.room.to_string())
            .replace("{candidate}", &ids.exam.candidate.to_string())
            .replace("{list}", "door")
            .replace("{provider}", "google");
        assert!(!address.contains('{'), "it is not known what to put into {path}");
        if path.ends_with("/slips") && !path.contains("/plans/") {
            address = format!("{address}?class={}", ids.class);
        }
        address
    }
}

/// The department of the schools' province.
pub async fn unit(test: &TestApp) -> UnitId {
    let department = "SELECT id FROM managing_units WHERE province_code = '79' AND kind = 'department'";
    sqlx::query_scalar(department).fetch_one(&mut test.admin().await).await.unwrap()
}

/// A program of the operators of the schools' province.
pub async fn operators_client(test: &TestApp) -> ClientId {
    let operator = access::Operator { name: String::new(), is_national: false, provinces: vec!["79".to_owned()] };
    let new = NewClient { name: "Sở".to_owned(), scopes: vec![ClientScope::Roster], ..NewClient::default() };
    clients::make_for_operators(&operator, AccountId::nil(), test, Some("79"), &new).await.unwrap().unwrap().id
}

/// A OneRoster service elsewhere, which stays when it is removed: a person who comes next finds it.
pub async fn lasting_source(test: &TestApp, cast: &Cast) -> RemoteSourceId {
    let stays = "CREATE OR REPLACE RULE stays AS ON DELETE TO oneroster_providers DO INSTEAD NOTHING";
    sqlx::query(stays).execute(&mut test.admin().await).await.unwrap();
    cast.school.remote_source(test).await
}

/// A pupil who makes no calls: everything may be done about them.
pub async fn target(test: &TestApp, cast: &Cast) -> MemberId {
    cast.school.add(test, Someone::pupil("Đặng Thị Phượng", cast.class_id)).await.member_id
}

/// What the addresses of a school with this plan can name.
pub async fn things<'a>(test: &TestApp, cast: &'a Cast, plan: PlanId) -> Things<'a> {
    let (member, unit, company) = (target(test, cast).await, unit(test).await, test.company().await);
    let (submission, token) = (cast.school.submission(test).await, cast.school.token(test).await);
    let (code, class) = (cast.school.code(), cast.class_id);
    let (client, operators_client) = (cast.school.client(test).await, operators_client(test).await);
    let source = lasting_source(test, cast).await;
    let timetable = Timetable::new(test, cast).await;
    let exam = ExamThings::of(test, cast).await;
    let registry = RegistryThings::of(test, cast).await;
    Things {
        code,
        member,
        plan,
        submission,
        class,
        year: cast.school.year_id,
        company,
        line: 2,
        unit,
        token,
        client,
        operators_client,
        source,
        timetable,
        exam,
        registry,
        other: cast.pupil.member_id,
    }
}
