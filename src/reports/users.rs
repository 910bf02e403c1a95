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
    figures::{Genders, gender_place},
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
    if let Some(username) = values.get_mut(&Field::Username) {
        *username = username_shown(username);
    }
    values
}

/// A username, masked where it is a personal number: some schools have people sign in with theirs.
#[must_use]
pub fn username_shown(username: &str) -> String {
    let is_number = username.len() >= FEWEST_FIGURES && username.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { national_id::masked(username) } else { username.to_owned() }
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

/// The genders of the pupils of a class.
pub async fn genders_of_class(scope: &Scope, tx: &mut PgConnection, class_id: ClassId) -> Result<Genders> {
    let rows = sqlx::query!(
        r#"SELECT m.gender, count(*) AS "count!" FROM enrolments e
           CROSS JOIN LATERAL (
               SELECT gender FROM members WHERE school_id = $1 AND id = e.member_id AND status <> 'left' OFFSET 0) m
           WHERE e.school_id = $1 AND e.class_id = $2 AND e.ended_at IS NULL GROUP BY m.gender"#,
        scope.school_id(),
        class_id,
    )
    .fetch_all(tx)
    .await?;
    let mut genders = Genders::default();
    for row in rows {
        if let Some(count) = genders.get_mut(gender_place(row.gender.as_deref())) {
            *count += row.count;
        }
    }
    Ok(genders)
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
        ]
        .map(|(field, value)| (field, value.to_owned()))
        .into();
        let shown: Vec<String> = masked(values).into_values().collect();
        assert_eq!(shown, ["Lê An", "•••••••678", "•••••••••234", "•••••••678", "•••••••••234"]);
        assert_eq!(username_shown("anlv2011"), "anlv2011");
        assert_eq!(username_shown("20261234"), "20261234");
    }
}
