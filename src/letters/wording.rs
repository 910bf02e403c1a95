//! The wording of letters: one layout, and for each letter its sentences in Fluent (`mail-{letter}-…`).

use askama::Template;
use url::Url;

use super::outbox::Letter;
use crate::{error::Result, paths, web::Translator};

/// A letter, rendered.
#[derive(Clone, Debug)]
pub struct WrittenLetter {
    pub to_name: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What the layouts show.
struct LetterContent {
    to_name: String,
    subject: String,
    paragraphs: Vec<String>,
    button: String,
    address: String,
    closing: String,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    l: Translator,
    content: &'a LetterContent,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    l: Translator,
    content: &'a LetterContent,
}

/// Renders a letter.
///
/// # Errors
/// When a template cannot be rendered.
pub fn write(letter: &Letter, l: &Translator, base_url: &Url, token: Option<&str>) -> Result<WrittenLetter> {
    let content = content(letter, l, base_url, token.unwrap_or_default());
    let html = Html { l: *l, content: &content }.render()?;
    let text = Text { l: *l, content: &content }.render()?;
    Ok(WrittenLetter { to_name: content.to_name, subject: content.subject, text, html })
}

fn content(letter: &Letter, l: &Translator, base_url: &Url, token: &str) -> LetterContent {
    let at = |path: String| base_url.join(&path).map_or_else(|_| base_url.to_string(), |url| url.to_string());
    match letter {
        Letter::OwnerInvitation { school } => LetterContent {
            to_name: String::new(),
            subject: l.t1("mail-owner-invitation-subject", "school", school.as_str()),
            paragraphs: vec![l.t1("mail-owner-invitation-text", "school", school.as_str())],
            button: l.t("mail-owner-invitation-button"),
            address: at(paths::Invitation::of(token).to_string()),
            closing: l.t("mail-owner-invitation-closing"),
        },
        Letter::MemberInvitation { school } => LetterContent {
            to_name: String::new(),
            subject: l.t1("mail-member-invitation-subject", "school", school.as_str()),
            paragraphs: vec![l.t1("mail-member-invitation-text", "school", school.as_str())],
            button: l.t("mail-owner-invitation-button"),
            address: at(paths::Invitation::of(token).to_string()),
            closing: l.t("mail-member-invitation-closing"),
        },
        Letter::OwnerNamed { name, school, school_code } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-owner-named-subject", "school", school.as_str()),
            paragraphs: vec![l.t1("mail-owner-named-text", "school", school.as_str())],
            button: l.t("mail-owner-named-button"),
            address: at(paths::School::of(school_code).to_string()),
            closing: l.t("mail-owner-named-closing"),
        },
        Letter::OwnersChanged { name, school, school_code, new_owner, replaced } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-owners-changed-subject", "school", school.as_str()),
            paragraphs: std::iter::once(l.t2(
                "mail-owners-changed-text",
                "owner",
                new_owner.as_str(),
                "school",
                school.as_str(),
            ))
            .chain(replaced.as_deref().map(|replaced| l.t1("mail-owners-changed-replaced", "owner", replaced)))
            .collect(),
            button: l.t("mail-owner-named-button"),
            address: at(paths::School::of(school_code).to_string()),
            closing: l.t("mail-owners-changed-closing"),
        },
        Letter::PasswordReset => LetterContent {
            to_name: String::new(),
            subject: l.t("mail-password-reset-subject"),
            paragraphs: vec![l.t("mail-password-reset-text")],
            button: l.t("mail-password-reset-button"),
            address: at(paths::PasswordReset::of(token).to_string()),
            closing: l.t("mail-password-reset-closing"),
        },
        Letter::PasswordResetBySchool { school, person } => LetterContent {
            to_name: String::new(),
            subject: l.t1("mail-password-reset-by-subject", "school", school.as_str()),
            paragraphs: vec![l.t2("mail-password-reset-by", "person", person.as_str(), "school", school.as_str())],
            button: l.t("mail-password-reset-button"),
            address: at(paths::PasswordReset::of(token).to_string()),
            closing: l.t("mail-password-reset-closing"),
        },
        Letter::PasswordChanged { name } => LetterContent {
            to_name: name.clone(),
            subject: l.t("mail-password-changed-subject"),
            paragraphs: vec![l.t("mail-password-changed-text")],
            button: l.t("mail-password-changed-button"),
            address: at(paths::PasswordForgotten::PATH.to_owned()),
            closing: l.t("mail-password-changed-closing"),
        },
        Letter::SignInLinked { name, provider } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-sign-in-linked-subject", "provider", provider.as_str()),
            paragraphs: vec![l.t1("mail-sign-in-linked-text", "provider", provider.as_str())],
            button: l.t("mail-sign-in-linked-button"),
            address: at(paths::MyProviders::PATH.to_owned()),
            closing: l.t("mail-sign-in-linked-closing"),
        },
        Letter::PasswordRenewed { name, school, person } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-password-renewed-subject", "school", school.as_str()),
            paragraphs: vec![
                l.t2("mail-password-renewed-text", "person", person.as_str(), "school", school.as_str()),
                l.t("mail-password-renewed-slip"),
            ],
            button: l.t("mail-password-renewed-button"),
            address: at(paths::SignIn::PATH.to_owned()),
            closing: l.t("mail-password-renewed-closing"),
        },
        Letter::EmailVerification { place } => LetterContent {
            to_name: String::new(),
            subject: l.t("mail-verification-subject"),
            paragraphs: vec![match place {
                Some(place) => l.t1("mail-verification-text", "place", place.as_str()),
                None => l.t("mail-verification-plain"),
            }],
            button: l.t("mail-verification-button"),
            address: at(paths::VerifyEmail::of(token).to_string()),
            closing: l.t("mail-verification-closing"),
        },
        Letter::AccountExists { place, next } => LetterContent {
            to_name: String::new(),
            subject: l.t("mail-account-exists-subject"),
            paragraphs: vec![
                match place {
                    Some(place) => l.t1("mail-account-exists-text", "place", place.as_str()),
                    None => l.t("mail-account-exists-plain"),
                },
                l.t("mail-account-exists-forgot"),
            ],
            button: l.t("mail-account-exists-button"),
            address: at(sign_in_to(next)),
            closing: l.t("mail-account-exists-closing"),
        },
        Letter::RegistrationsWaiting { name, school, school_code, count } => LetterContent {
            to_name: name.clone(),
            subject: l.t2("mail-registrations-subject", "count", *count, "school", school.as_str()),
            paragraphs: vec![l.t1("mail-registrations-text", "count", *count)],
            button: l.t("mail-registrations-button"),
            address: at(paths::Accounts::of(school_code).with("status", "pending").to_string()),
            closing: l.t("mail-registrations-closing"),
        },
        Letter::RegistrationAccepted { name, place, home } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-accepted-subject", "place", place.as_str()),
            paragraphs: vec![l.t1("mail-accepted-text", "place", place.as_str())],
            button: l.t("mail-accepted-button"),
            address: at(sign_in_to(home)),
            closing: l.t("mail-accepted-closing"),
        },
        Letter::RegistrationRefused { name, place, reason } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-refused-subject", "place", place.as_str()),
            paragraphs: vec![
                l.t1("mail-refused-text", "place", place.as_str()),
                l.t1("mail-refused-reason", "reason", reason.as_str()),
            ],
            button: l.t("mail-refused-button"),
            address: at(paths::Register::PATH.to_owned()),
            closing: l.t("mail-refused-closing"),
        },
        Letter::RolloverNotApplied { name, school, school_code, year, plan_id, why } => LetterContent {
            to_name: name.clone(),
            subject: l.t2("mail-rollover-not-applied-subject", "year", year.as_str(), "school", school.as_str()),
            paragraphs: vec![l.tk("rollover-not-applied", why), l.t("mail-rollover-not-applied-text")],
            button: l.t("mail-rollover-not-applied-button"),
            address: at(match plan_id {
                Some(plan_id) => paths::Plan::of(school_code, plan_id).to_string(),
                None => paths::Rollover::of(school_code).to_string(),
            }),
            closing: l.t("mail-rollover-not-applied-closing"),
        },
        Letter::MonthlyReport { name, school, school_code, pupils, signed_in, to_mend } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-monthly-report-subject", "school", school.as_str()),
            paragraphs: vec![
                l.t2("mail-monthly-report-text", "pupils", *pupils, "in", *signed_in),
                l.t1("mail-monthly-report-mend", "count", *to_mend),
            ],
            button: l.t("mail-monthly-report-button"),
            address: at(paths::ReportUse::of(school_code).to_string()),
            closing: l.t("mail-monthly-report-closing"),
        },
        Letter::SyncPrepared { name, school, school_code, plan_id, changes } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-sync-prepared-subject", "changes", *changes),
            paragraphs: vec![l.t2("mail-sync-prepared-text", "changes", *changes, "school", school.as_str())],
            button: l.t("mail-sync-prepared-button"),
            address: at(paths::Plan::of(school_code, plan_id).to_string()),
            closing: l.t("mail-sync-prepared-closing"),
        },
        Letter::CompaniesDue { count, first } => LetterContent {
            to_name: String::new(),
            subject: l.t1("mail-companies-due-subject", "count", *count),
            paragraphs: vec![l.t1("mail-companies-due-text", "count", *count), first.clone()],
            button: l.t("mail-companies-due-button"),
            address: at(paths::OperatorCompanies::PATH.to_owned()),
            closing: l.t("mail-companies-due-closing"),
        },
        Letter::MarkCorrected { name, school, school_code, exam, subject } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-mark-corrected-subject", "exam", exam.as_str()),
            paragraphs: vec![l.t2("mail-mark-corrected-text", "subject", subject.as_str(), "school", school.as_str())],
            button: l.t("mail-mark-corrected-button"),
            address: at(paths::OwnExams::of(school_code).to_string()),
            closing: l.t("mail-mark-corrected-closing"),
        },
        Letter::TimetablePublished { name, school, school_code, from, changes } => LetterContent {
            to_name: name.clone(),
            subject: l.t2("mail-timetable-published-subject", "school", school.as_str(), "date", l.date(from)),
            paragraphs: vec![
                l.t2("mail-timetable-published-text", "school", school.as_str(), "date", l.date(from)),
                l.t1("mail-timetable-published-changes", "count", *changes),
            ],
            button: l.t("mail-timetable-published-button"),
            address: at(paths::Timetable::of(school_code).with("week", from).to_string()),
            closing: l.t("mail-timetable-published-closing"),
        },
        Letter::PlanApplied { name, school, school_code, plan_id, of, done, left_out } => LetterContent {
            to_name: name.clone(),
            subject: l.t3("mail-plan-applied-subject", ("of", of.key()), ("done", *done), ("school", school.as_str())),
            paragraphs: vec![l.t3("plan-applied-text", ("of", of.key()), ("done", *done), ("left", *left_out))],
            button: l.t("mail-plan-applied-button"),
            address: at(paths::Plan::of(school_code, plan_id).to_string()),
            closing: l.t1("mail-plan-applied-closing", "of", of.key()),
        },
        Letter::SubmissionApproved { name, school, school_code, plan_id, done, dropped } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-submission-approved-subject", "school", school.as_str()),
            paragraphs: std::iter::once(l.t1("mail-submission-approved-text", "done", *done))
                .chain((*dropped > 0).then(|| l.t1("mail-submission-approved-dropped", "count", *dropped)))
                .collect(),
            button: l.t("mail-submission-button"),
            address: at(paths::Submission::of(school_code, plan_id).to_string()),
            closing: l.t("mail-submission-approved-closing"),
        },
        Letter::SubmissionToCorrect { name, school, school_code, plan_id, rows } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-submission-to-correct-subject", "school", school.as_str()),
            paragraphs: vec![l.t1("mail-submission-to-correct-text", "rows", *rows)],
            button: l.t("mail-submission-button"),
            address: at(paths::Submission::of(school_code, plan_id).to_string()),
            closing: l.t("mail-submission-to-correct-closing"),
        },
        Letter::SubmissionReturned { name, school, school_code, plan_id, remark } => LetterContent {
            to_name: name.clone(),
            subject: l.t1("mail-submission-returned-subject", "school", school.as_str()),
            paragraphs: vec![
                l.t("mail-submission-returned-text"),
                l.t1("mail-submission-returned-remark", "remark", remark.as_str()),
            ],
            button: l.t("mail-submission-button"),
            address: at(paths::Submission::of(school_code, plan_id).to_string()),
            closing: l.t("mail-submission-returned-closing"),
        },
    }
}

/// Signing in, and then on to that page.
fn sign_in_to(next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    paths::SignIn::of().with_query(&query).to_string()
}
