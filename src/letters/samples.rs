//! One sample of every letter: for the demo's page of letters, and for the test that renders each of them.

use chrono::NaiveDate;

use super::outbox::{Letter, PlanWrote};

use crate::{ids::PlanId, paths};

/// The values used in the samples.
#[derive(Clone, Copy, Debug)]
pub struct SampleWords<'a> {
    pub name: &'a str,
    pub school: &'a str,
    pub school_code: &'a str,
    pub company: &'a str,
}

/// Every letter that there is.
#[must_use]
pub fn letters(words: SampleWords<'_>) -> Vec<Letter> {
    let (name, school) = (words.name.to_owned(), words.school.to_owned());
    let (school_code, company) = (words.school_code.to_owned(), words.company.to_owned());
    vec![
        Letter::OwnerInvitation { school: school.clone() },
        Letter::MemberInvitation { school: school.clone() },
        Letter::OwnerNamed { name: name.clone(), school: school.clone(), school_code: school_code.clone() },
        Letter::OwnersChanged {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            new_owner: "Lê Thị Mới".to_owned(),
            replaced: Some("Trần Văn Cũ".to_owned()),
        },
        Letter::PasswordReset,
        Letter::PasswordResetBySchool { school: school.clone(), person: name.clone() },
        Letter::PasswordChanged { name: name.clone() },
        Letter::SignInLinked { name: name.clone(), provider: "Google".to_owned() },
        Letter::PasswordRenewed { name: name.clone(), school: school.clone(), person: "Hoàng Thị Thu".to_owned() },
        Letter::EmailVerification { place: Some(school.clone()) },
        Letter::AccountExists {
            place: Some(school.clone()),
            next: paths::RegisterTeacher::of().with("school", &school_code).to_string(),
        },
        Letter::RegistrationsWaiting {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            count: 3,
        },
        Letter::RegistrationAccepted {
            name: name.clone(),
            place: school.clone(),
            home: paths::School::of(&school_code).to_string(),
        },
        Letter::RegistrationRefused {
            name: name.clone(),
            place: company,
            reason: "Không có người này trong danh sách nhân sự.".to_owned(),
        },
        Letter::CompaniesDue { count: 2, first: format!("{}, Công ty Cổ phần Hoa Sen", words.company) },
        Letter::SyncPrepared {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            plan_id: PlanId::nil(),
            changes: 5,
        },
        Letter::RolloverNotApplied {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            year: "2027–2028".to_owned(),
            plan_id: Some(PlanId::nil()),
            why: "leaves".to_owned(),
        },
        Letter::MonthlyReport {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            pupils: 1_240,
            signed_in: 1_102,
            to_mend: 37,
        },
        Letter::MarkCorrected {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            exam: "Kiểm tra học kỳ I".to_owned(),
            subject: "Toán".to_owned(),
        },
        Letter::TimetablePublished {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            from: NaiveDate::from_ymd_opt(2026, 9, 7).unwrap_or_default(),
            changes: 4,
        },
        Letter::PlanApplied {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            plan_id: PlanId::nil(),
            of: PlanWrote::Students,
            done: 1_200,
            left_out: 3,
        },
        Letter::SubmissionApproved {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            plan_id: PlanId::nil(),
            done: 1_200,
            dropped: 2,
        },
        Letter::SubmissionToCorrect {
            name: name.clone(),
            school: school.clone(),
            school_code: school_code.clone(),
            plan_id: PlanId::nil(),
            rows: 3,
        },
        Letter::SubmissionReturned {
            name,
            school,
            school_code,
            plan_id: PlanId::nil(),
            remark: "Lớp 10A3 chưa có học sinh nào.".to_owned(),
        },
    ]
}
