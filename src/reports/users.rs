//! The users of a school as a report: the list of accounts with masked numbers and no way to a person's page.

use std::{collections::HashMap, fs::File};

use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event, FileForm},
    error::Result,
    ids::{ClassId, MemberId},
    roster::{
        fields::{Field, Values},
        list_query::ListQuery,
    },
    sources::export::{self, ExportFormat, ListFile, MoreSheets},
    vietnam::{national_id, search},
    web::Translator,
};

use super::{
    figures::{OfRole, gender_place},
    section::Section,
    workbook,
};

/// The shortest personal number: a CMND. Numbers of pupils within a school are shorter.
const FEWEST_FIGURES: usize = 9;

/// The query as a report takes it: by names alone. The list finds people by the beginnings of their numbers too, and who
/// may try those one by one reads the number off in the end.
#[must_use]
pub fn by_names(query: ListQuery) -> ListQuery {
    let words = search::words(&query.q);
    let names: Vec<String> = words.into_iter().filter(|word| !word.contains(|c: char| c.is_ascii_digit())).collect();
    ListQuery { q: names.join(" "), ..query }
}

/// The values with their numbers masked.
#[must_use]
pub fn masked(mut values: Values) -> Values {
    // Numbers that tell who a person is, or by which a family is called.
    for (_, value) in values.iter_mut().filter(|(field, _)| field.info().is_masked) {
        *value = national_id::masked(value);
    }
    for field in [Field::Username, Field::Email] {
        if let Some(login) = values.get_mut(&field) {
            *login = login_shown(login);
        }
    }
    values
}

/// A username or an e-mail address, with the numbers in it masked that are as long as a personal one: some schools have
/// people sign in with theirs.
#[must_use]
pub fn login_shown(login: &str) -> String {
    let mut shown = String::with_capacity(login.len());
    let mut rest = login;
    while let Some(begins) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from) = rest.split_at(begins);
        let ends = from.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(from.len());
        let (number, after) = from.split_at(ends);
        shown.push_str(before);
        match number.len() >= FEWEST_FIGURES {
            true => shown.push_str(&national_id::masked(number)),
            false => shown.push_str(number),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// What a row of the report shows beyond the list of accounts.
#[derive(Clone, Debug, Default)]
pub struct UserDetails {
    pub gender: Option<String>,
    /// Masked.
    pub national_id: Option<String>,
}

/// The details of these people.
pub async fn details(scope: &Scope, tx: &mut PgConnection, ids: &[MemberId]) -> Result<HashMap<MemberId, UserDetails>> {
    let rows = sqlx::query!(
        "SELECT id, gender, national_id FROM members WHERE school_id = $1 AND id = ANY($2)",
        scope.school_id(),
        ids,
    )
    .fetch_all(tx)
    .await?;
    let details = |gender, number: Option<String>| UserDetails {
        gender,
        national_id: number.map(|number| national_id::masked(&number)),
    };
    Ok(rows.into_iter().map(|row| (row.id, details(row.gender, row.national_id))).collect())
}

/// The pupils of a class who have not left.
pub async fn of_class(scope: &Scope, tx: &mut PgConnection, class_id: ClassId) -> Result<OfRole> {
    let rows = sqlx::query!(
        r#"SELECT m.gender, m.status AS "status!", count(*) AS "count!" FROM enrolments e
           CROSS JOIN LATERAL (
               SELECT gender, status FROM members WHERE school_id = $1 AND id = e.member_id AND status <> 'left' OFFSET 0
           ) m
           WHERE e.school_id = $1 AND e.class_id = $2 AND e.ended_at IS NULL GROUP BY m.gender, m.status"#,
        scope.school_id(),
        class_id,
    )
    .fetch_all(tx)
    .await?;
    let mut of_class = OfRole::default();
    for row in rows {
        if let Some(count) = of_class.genders.get_mut(gender_place(row.gender.as_deref())) {
            *count += row.count;
        }
        *of_class.statuses.entry(row.status).or_default() += row.count;
    }
    Ok(of_class)
}

/// Writes the people that the query finds, with masked numbers; in a workbook, sections behind them. The audit says who took
/// them.
///
/// # Errors
/// When the file cannot be written.
pub async fn write(
    granted: &Granted<may::SeeReports>,
    app: &App,
    query: &ListQuery,
    form: ExportFormat,
    l: Translator,
    sections: Vec<Section>,
) -> Result<File> {
    let edges = workbook::Edges { of: granted.school.name.clone(), day: app.clock.today() };
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let more: MoreSheets = Box::new(move |workbook| workbook::append(workbook, &sections, &edges));
    let list = ListFile { query, form, l, shown: masked, more: Some(more) };
    let (file, people) = export::write_list(granted, app, &mut tx, list).await?;
    let form = match form {
        ExportFormat::Xlsx => FileForm::Xlsx,
        ExportFormat::Csv => FileForm::Csv,
    };
    let action = AuditAction::ReportTaken { report: "users".into(), form, people: Some(people) };
    audit::record(granted, app, &mut tx, Event::new(action)).await?;
    tx.commit().await?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_not_searched_for() {
        let query = |q: &str| by_names(ListQuery { q: q.to_owned(), ..ListQuery::default() }).q;
        assert_eq!(query("Nguyễn 0793"), "nguyen");
        assert_eq!(query("079-311 hs0012"), "");
        assert_eq!(query("lê văn"), "le van");
    }

    #[test]
    fn numbers_are_masked_and_names_are_not() {
        let values: Values = [
            (Field::FullName, "Lê An"),
            (Field::NationalId, "079211001234"),
            (Field::MoetId, "7912345678"),
            (Field::Phone, "0912345678"),
            (Field::Username, "079211001234"),
            (Field::Email, "an.079211001234@thcs1.example.vn"),
        ]
        .map(|(field, value)| (field, value.to_owned()))
        .into();
        let shown: Vec<String> = masked(values).into_values().collect();
        let email = "an.•••••••••234@thcs1.example.vn";
        assert_eq!(shown, ["Lê An", email, "•••••••678", "•••••••••234", "•••••••678", "•••••••••234"]);
        for login in ["anlv2011", "20261234", "hs2026-0001", "lê.an@thpt.example.vn", ""] {
            assert_eq!(login_shown(login), login);
        }
        assert_eq!(login_shown("hs079211001234"), "hs•••••••••234");
    }
}
