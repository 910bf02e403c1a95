//! Schools and people to test with, made by the program's own functions.

mod programs;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use schoolgate::{
    access::{self, Grant, Role, SchoolKind, Scope},
    companies::store::{self as companies, NewRepresentative},
    crypto::token::Token,
    identity::{
        accounts::{self, NewAccounts},
        operators,
        password::TemporaryPassword,
        sessions::{self, Device, Proof},
    },
    ids::{AccountId, ClassId, CompanyId, MemberId, PlanId, SchoolId, YearId},
    invitations, operator,
    plan::{draft::Upload, model::Source, upload::Sealing},
    registry::submissions::SubmissionKind,
    roster::{
        fields::{Field, Values},
        model::Status,
        records::{self, NewMember},
        usernames,
    },
    schools::{classes, years},
    sources::import,
    submissions::actions::{self, NewSubmission},
    vietnam::name,
};
use tokio::sync::OnceCell;

use super::app::TestApp;
use super::client::Client;
use super::sheets;

/// The own password of everybody who has one.
pub const PASSWORD: &str = "trời xanh mây trắng nắng vàng";

/// For how long a temporary password is good.
pub const TEMPORARY: Duration = Duration::days(90);

/// A school with its year of today.
pub struct School {
    /// The system's scope in it.
    pub scope: Scope,
    pub year_id: YearId,
}

impl School {
    pub fn id(&self) -> SchoolId {
        self.scope.school_id()
    }

    pub fn code(&self) -> &str {
        &self.scope.school.code
    }

    /// A path below the school's own.
    pub fn path(&self, rest: &str) -> String {
        format!("/schools/{}{rest}", self.code())
    }

    /// Makes a class.
    pub async fn class(&self, test: &TestApp, name: &str) -> ClassId {
        let mut tx = test.db.begin_in(self.id()).await.unwrap();
        let made = classes::insert(&self.scope, test, &mut tx, self.year_id, &[name.to_owned()], None).await.unwrap();
        tx.commit().await.unwrap();
        made[0].id
    }

    pub async fn add(&self, test: &TestApp, someone: Someone) -> Person {
        self.add_all(test, &[someone]).await.remove(0)
    }

    /// Brings people in, all in one transaction.
    pub async fn add_all(&self, test: &TestApp, people: &[Someone]) -> Vec<Person> {
        let now = test.clock.now();
        let mut tx = test.db.begin_in(self.id()).await.unwrap();
        let pupils: Vec<_> =
            people.iter().filter(|each| each.is_pupil()).map(|each| (each.name.as_str(), None)).collect();
        let mut usernames = usernames::choose(&self.scope, &mut tx, &pupils).await.unwrap().into_iter();
        let (mut added, mut members, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
        for someone in people {
            let username = if someone.is_pupil() { usernames.next() } else { None };
            let (person, temporary) = self.person(test, someone, username.as_deref());
            members.push(self.member(someone, &person, username, now));
            added.push(person);
            sealed.push(temporary);
        }
        let ids: Vec<AccountId> = added.iter().map(|person| person.account_id).collect();
        let member_ids: Vec<MemberId> = added.iter().map(|person| person.member_id).collect();
        let new = NewAccounts {
            school_id: self.id(),
            ids: ids.clone(),
            logins: added.iter().map(|person| person.login.clone()).collect(),
            sealed,
            key_id: test.keys.sealing_key_id().to_owned(),
            expires_at: now + TEMPORARY,
        };
        accounts::insert(&mut tx, &new, now).await.unwrap();
        let settled: Vec<String> =
            added.iter().filter(|person| person.temporary.is_none()).map(|person| person.login.clone()).collect();
        accounts::give_demo_password(&mut tx, &settled, password_hash(test).await, now).await.unwrap();
        records::insert(&self.scope, &mut tx, Some(self.year_id), &members, now).await.unwrap();
        accounts::add_memberships(&mut tx, &ids, self.id(), &member_ids).await.unwrap();
        for (someone, person) in people.iter().zip(&added) {
            for grant in &someone.grants {
                invitations::give_grant(&self.scope, test, &mut tx, person.member_id, *grant).await.unwrap();
            }
            if let Some(class_id) = someone.homeroom_of {
                classes::set_homeroom_teacher(&self.scope, &mut tx, class_id, person.member_id).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
        added
    }

    /// Pupils sign in with a username, staff with an address made of the name and the school's code.
    fn person(&self, test: &TestApp, someone: &Someone, username: Option<&str>) -> (Person, Vec<u8>) {
        let code = self.code().to_lowercase();
        let stem = name::username_stem(&someone.name);
        let account_id = test.id();
        let temporary = TemporaryPassword::generate(&test.randomness);
        let sealed = temporary.seal(&test.keys, &test.randomness, account_id).bytes;
        let person = Person {
            member_id: test.id(),
            account_id,
            login: username.map_or_else(|| format!("{stem}.{code}@example.vn"), |name| usernames::login(name, &code)),
            name: someone.name.clone(),
            temporary: (!someone.has_own_password).then(|| temporary.as_str().to_owned()),
        };
        (person, sealed)
    }

    fn member(&self, someone: &Someone, person: &Person, username: Option<String>, now: DateTime<Utc>) -> NewMember {
        let mut values = someone.values.clone();
        values.insert(Field::FullName, someone.name.clone());
        if !someone.is_pupil() {
            values.insert(Field::Email, person.login.clone());
        }
        NewMember {
            id: person.member_id,
            account_id: Some(person.account_id),
            role: someone.role,
            status: someone.status,
            username,
            temporary_until: (!someone.has_own_password).then(|| now + TEMPORARY),
            // Who has left sits in no class.
            class_id: someone.class_id.filter(|_| someone.status != Status::Left),
            values,
        }
    }

    /// A list of classes that waits for an operator to approve it.
    pub async fn submission(&self, test: &TestApp) -> PlanId {
        let table = ["Lớp", "10A1", "10A2", "10A3"].map(|cell| vec![cell.to_owned()]);
        let file = sheets::written(&table);
        self.hand_in(test, SubmissionKind::Classes, &file).await
    }

    /// A list that waits for an operator to approve it; gives its id.
    pub async fn hand_in(&self, test: &TestApp, kind: SubmissionKind, file: &[u8]) -> PlanId {
        let granted = self.scope.grant().unwrap();
        let mut sealing = Sealing::begin(test).unwrap();
        sealing.push(file).await.unwrap();
        let file = sealing.finish().await.unwrap();
        let new = NewSubmission { kind, file_name: "danh-sach.xlsx", file, year_id: None, token_id: None };
        let id = actions::begin(&granted, test, new).await.unwrap();
        test.work().await;
        test.until(&format!("SELECT state = 'ready' FROM plans WHERE id = '{id}'")).await;
        actions::submit(&granted, test, id, false).await.unwrap().unwrap();
        id
    }

    /// A plan that can be reviewed: two good rows, one of them of a class that is not there yet, and a bad one.
    pub async fn plan(&self, test: &TestApp) -> PlanId {
        let rows = [
            ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ"],
            ["Đặng Thị Phượng", "Nữ", "10A1", "05/09/2011", "Đặng Thị Mẹ", "1984"],
            ["Đặng Văn Quyền", "Nam", "10A9", "06/09/2011", "Đặng Thị Mẹ", "1984"],
            ["Đặng Văn Rỗng", "Nam", "10A1", "31/02/2011", "Đặng Thị Mẹ", "1984"],
        ];
        let file = sheets::written(&rows.map(|row| row.map(str::to_owned).to_vec()));
        let granted = self.scope.grant().unwrap();
        let upload = Upload { source: Source::Students, file_name: "danh-sach.xlsx", file: &file, year_id: None };
        let plan_id = import::begin(&granted, test, upload).await.unwrap();
        test.work().await;
        plan_id
    }
}

/// A person to be brought into a school.
#[derive(Clone)]
pub struct Someone {
    name: String,
    role: Role,
    grants: Vec<Grant>,
    status: Status,
    class_id: Option<ClassId>,
    homeroom_of: Option<ClassId>,
    has_own_password: bool,
    values: Values,
}

impl Someone {
    fn is_pupil(&self) -> bool {
        self.role == Role::Student
    }

    fn new(name: &str, role: Role) -> Self {
        Self {
            name: name.to_owned(),
            role,
            grants: Vec::new(),
            status: Status::Active,
            class_id: None,
            homeroom_of: None,
            has_own_password: true,
            values: Values::new(),
        }
    }

    pub fn manager(name: &str) -> Self {
        Self::new(name, Role::Manager)
    }

    pub fn teacher(name: &str) -> Self {
        Self::new(name, Role::Teacher)
    }

    pub fn pupil(name: &str, class_id: ClassId) -> Self {
        Self { class_id: Some(class_id), ..Self::new(name, Role::Student) }
    }

    pub fn without_class(self) -> Self {
        Self { class_id: None, ..self }
    }

    pub fn with(mut self, grant: Grant) -> Self {
        self.grants.push(grant);
        self
    }

    pub fn value(mut self, field: Field, value: &str) -> Self {
        self.values.insert(field, value.to_owned());
        self
    }

    pub fn homeroom_of(self, class_id: ClassId) -> Self {
        Self { homeroom_of: Some(class_id), ..self }
    }

    /// Has the temporary password still.
    pub fn new_here(self) -> Self {
        Self { has_own_password: false, ..self }
    }

    pub fn who_is(self, status: Status) -> Self {
        Self { status, ..self }
    }
}

/// A person of a school, or an operator.
#[derive(Clone, Debug)]
pub struct Person {
    pub member_id: MemberId,
    pub account_id: AccountId,
    pub login: String,
    pub name: String,
    /// The temporary password of who has no own one yet.
    pub temporary: Option<String>,
}

/// A school with a person in every part.
pub struct Cast {
    pub school: School,
    pub class_id: ClassId,
    pub owner: Person,
    pub manager: Person,
    pub account_manager: Person,
    pub timetable: Person,
    pub exams: Person,
    pub reports: Person,
    pub homeroom_teacher: Person,
    pub teacher: Person,
    pub pupil: Person,
    /// A pupil who has never signed in.
    pub newcomer: Person,
    pub suspended: Person,
}

impl Cast {
    pub fn everybody(&self) -> [&Person; 11] {
        [
            &self.owner,
            &self.manager,
            &self.account_manager,
            &self.timetable,
            &self.exams,
            &self.reports,
            &self.homeroom_teacher,
            &self.teacher,
            &self.pupil,
            &self.newcomer,
            &self.suspended,
        ]
    }
}

impl TestApp {
    /// An empty school in Ho Chi Minh City.
    pub async fn school(&self, code: &str) -> School {
        self.school_of(SchoolKind::K12, code).await
    }

    pub async fn school_of(&self, kind: SchoolKind, code: &str) -> School {
        let school = access::School {
            id: self.id(),
            code: code.to_owned(),
            name: format!("Trường thử nghiệm {code}"),
            kind,
            year_starts_month: 8,
            look: access::Look::default(),
        };
        let scope = Scope::system(Arc::new(school));
        let mut tx = self.db.begin_in(scope.school_id()).await.unwrap();
        operator::insert_demo_school(&scope, self, &mut tx, "79").await.unwrap();
        let year = years::calendar_year(&scope.school, self.clock.today());
        years::add(&scope, self, &mut tx, year).await.unwrap();
        let year_id = years::current(&scope, &mut tx, self.clock.today()).await.unwrap().id;
        tx.commit().await.unwrap();
        School { scope, year_id }
    }

    /// A school with a person in every part; no two schools have a name in common.
    pub async fn cast(&self, code: &str) -> Cast {
        let school = self.school(code).await;
        let class_id = school.class(self, "10A1").await;
        // Two given names that mean nothing else anywhere, and that tell the schools apart.
        let family = if code.ends_with(['0', '2', '4', '6', '8']) { "Quách" } else { "Nghiêm" };
        let named = |given: &str| format!("{family} Thị {given}");
        let people = [
            Someone::manager(&named("Oanh")).with(Grant::Owner),
            Someone::manager(&named("Mão")),
            Someone::teacher(&named("Khoản")).with(Grant::AccountManager),
            Someone::teacher(&named("Biểu")).with(Grant::Timetable),
            Someone::teacher(&named("Khảo")).with(Grant::Exams),
            Someone::teacher(&named("Cáo")).with(Grant::Reports),
            Someone::teacher(&named("Chủ")).homeroom_of(class_id),
            Someone::teacher(&named("Giảng")),
            Someone::pupil(&named("Học"), class_id)
                .value(Field::MotherName, &named("Mẫu"))
                .value(Field::MotherBirthYear, "1983"),
            Someone::pupil(&named("Tân"), class_id).new_here(),
            Someone::teacher(&named("Đình")).who_is(Status::Suspended),
        ];
        let people: [Person; 11] = all(school.add_all(self, &people).await);
        let [
            owner,
            manager,
            account_manager,
            timetable,
            exams,
            reports,
            homeroom_teacher,
            teacher,
            pupil,
            newcomer,
            suspended,
        ] = people;
        Cast {
            school,
            class_id,
            owner,
            manager,
            account_manager,
            timetable,
            exams,
            reports,
            homeroom_teacher,
            teacher,
            pupil,
            newcomer,
            suspended,
        }
    }

    /// An operator: national, or bound to provinces.
    pub async fn operator(&self, email: &str, provinces: &[&str]) -> Person {
        let name = "Chuyên viên thử nghiệm";
        let provinces: Vec<String> = provinces.iter().map(|code| (*code).to_owned()).collect();
        operators::add(self, email, name, &provinces).await.unwrap();
        let mut tx = self.db.begin().await.unwrap();
        let logins = [email.to_owned()];
        accounts::give_demo_password(&mut tx, &logins, password_hash(self).await, self.clock.now()).await.unwrap();
        let account_id = accounts::credentials(&mut tx, email).await.unwrap().unwrap().account_id;
        tx.commit().await.unwrap();
        operators::spare_second_factor(&mut self.admin().await, email).await.unwrap();
        Person {
            member_id: MemberId::nil(),
            account_id,
            login: email.to_owned(),
            name: name.to_owned(),
            temporary: None,
        }
    }

    /// The person with this login, whatever else they are.
    pub async fn person_of(&self, login: &str) -> Person {
        let mut connection = self.db.pool().acquire().await.unwrap();
        let account_id = accounts::credentials(&mut connection, login).await.unwrap().unwrap().account_id;
        let login = login.to_owned();
        Person { member_id: MemberId::nil(), account_id, name: login.clone(), login, temporary: None }
    }

    /// A company for which a person waits.
    pub async fn company(&self) -> CompanyId {
        let (id, now) = (self.id(), self.clock.now());
        let waiting = self.operator("company@example.vn", &["01"]).await;
        let mut tx = self.db.begin().await.unwrap();
        companies::insert(&mut tx, id, "Công ty Sao Mai", None, now).await.unwrap();
        let new = NewRepresentative {
            company_id: id,
            account_id: waiting.account_id,
            full_name: "Lý Văn Chờ",
            phone: None,
            position: None,
        };
        companies::add_representative(&mut tx, &new, now).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A person who is signed in, without the sign-in's second of hashing.
    pub async fn signed_in(&self, person: &Person) -> Client {
        self.open_session(person, Proof::Password).await
    }

    /// A person who has come by a temporary password and must choose an own one.
    pub async fn signed_in_by_temporary(&self, person: &Person) -> Client {
        self.open_session(person, Proof::TemporaryPassword).await
    }

    async fn open_session(&self, person: &Person, proof: Proof) -> Client {
        let token = Token::generate(&self.randomness);
        let mut tx = self.db.begin().await.unwrap();
        let device = Device::default();
        sessions::open(&mut tx, &token, person.account_id, &device, proof, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let client = self.anonymous();
        client.set_cookie("session", &token.to_url());
        client
    }
}

fn all<const N: usize>(people: Vec<Person>) -> [Person; N] {
    people.try_into().unwrap_or_else(|_| panic!("not {N} people"))
}

/// The hash of [`PASSWORD`], made once.
async fn password_hash(test: &TestApp) -> &'static str {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(async || test.hasher.hash(PASSWORD.to_owned(), [7; 16]).await.unwrap()).await
}
