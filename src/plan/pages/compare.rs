//! A row that a person must decide on, beside possible matches: members of the school, or other rows of the sheet.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    ids::MemberId,
    plan::{
        matching::comparable,
        model::{Notes, Plan, PlanRow, RowOutcome},
        related_rows::RelatedRows,
        rows,
    },
    roster::{
        fields::{Field, Values},
        store::MemberRecord,
    },
    vietnam::national_id,
    web::Translator,
};

/// How many other rows stand beside one; the rest is named by their lines.
const MOST_ROWS: usize = 3;

/// A table: the people its columns are about, and what is known of each.
pub struct PeopleComparison {
    pub heads: Vec<String>,
    /// What differs.
    pub differing: Vec<ComparedField>,
    /// What is the same, or is said on one side only.
    pub rest: Vec<ComparedField>,
    /// The rows of the sheet that may be about the same person.
    pub other_rows: Vec<i32>,
}

pub struct ComparedField {
    pub label: String,
    pub cells: Vec<ComparedValue>,
}

pub struct ComparedValue {
    pub text: String,
    /// Says otherwise than the row itself.
    pub differs: bool,
}

/// What is compared first, each under the label of its first field; the other fields follow one by one.
const COMPARED_FIRST: [&[Field]; 8] = [
    &[Field::FullName],
    &[Field::BirthDate],
    &[Field::Gender],
    &[Field::Class],
    &[Field::MotherName, Field::MotherBirthYear],
    &[Field::GuardianName, Field::GuardianBirthYear],
    &[Field::Phone],
    &[Field::Email],
];

/// What is compared, in its order: all that a row says beside a password.
fn compared() -> impl Iterator<Item = Vec<Field>> {
    let is_left =
        |field: &Field| *field != Field::Password && !COMPARED_FIRST.iter().any(|group| group.contains(field));
    let first = COMPARED_FIRST.iter().map(|group| group.to_vec());
    first.chain(Field::ALL.into_iter().filter(is_left).map(|field| vec![field]))
}

/// The comparisons of those of the rows that wait for a decision, by line.
pub async fn of_rows(
    scope: &Scope,
    tx: &mut PgConnection,
    l: &Translator,
    plan: &Plan,
    rows: &[PlanRow],
    related: &RelatedRows,
) -> Result<HashMap<i32, PeopleComparison>> {
    let in_doubt: Vec<&PlanRow> = rows.iter().filter(|row| row.outcome == RowOutcome::Duplicate).collect();
    if in_doubt.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<MemberId> = in_doubt.iter().filter_map(|row| row.member_id).collect();
    let known = plan.book.known(scope, tx, plan.school_year_id, &ids).await?;
    let known: HashMap<MemberId, MemberRecord> = known.into_iter().map(|known| (known.id, known)).collect();

    let beside = in_doubt.iter().flat_map(|row| related.alike(row).iter().take(MOST_ROWS));
    let beside: BTreeSet<i32> = beside.copied().collect();
    let beside: Vec<i32> = beside.into_iter().collect();
    let beside = rows::at(scope, tx, plan.id, &beside).await?;
    let beside: HashMap<i32, PlanRow> = beside.into_iter().map(|row| (row.line, row)).collect();

    let comparison = |row: &PlanRow| {
        let other_rows = related.alike(row).to_vec();
        let member = row.member_id.and_then(|id| known.get(&id));
        let beside: Vec<&PlanRow> = other_rows.iter().take(MOST_ROWS).filter_map(|line| beside.get(line)).collect();
        (row.line, compare(l, &plan.notes, row, member, &beside, other_rows))
    };
    Ok(in_doubt.into_iter().map(comparison).collect())
}

fn compare(
    l: &Translator,
    notes: &Notes,
    row: &PlanRow,
    member: Option<&MemberRecord>,
    beside: &[&PlanRow],
    other_rows: Vec<i32>,
) -> PeopleComparison {
    let of_row = |row: &PlanRow| match row.registry {
        Some(_) => l.t("compare-registry"),
        None => l.t1("compare-row", "line", notes.line_shown(row.line)),
    };
    let mut heads = vec![of_row(row)];
    heads.extend(member.map(|_| l.t("compare-school")));
    heads.extend(beside.iter().map(|other| of_row(other)));
    let others: Vec<&Values> =
        member.map(|known| &known.values).into_iter().chain(beside.iter().map(|other| &other.values)).collect();
    let line = |fields: Vec<Field>| {
        let own = ComparedValue { text: shown(l, &fields, &row.values), differs: false };
        let other = |values: &&Values| ComparedValue {
            text: shown(l, &fields, values),
            differs: fields.iter().any(|field| differs(*field, &row.values, values)),
        };
        let cells: Vec<ComparedValue> = std::iter::once(own).chain(others.iter().map(other)).collect();
        let label = fields.first().map(|field| l.t(field.label_key())).unwrap_or_default();
        cells.iter().any(|cell| !cell.text.is_empty()).then_some(ComparedField { label, cells })
    };
    let lines = compared().filter_map(line);
    let (differing, rest) = lines.partition(|line| line.cells.iter().any(|cell| cell.differs));
    PeopleComparison { heads, differing, rest, other_rows }
}

/// Both have a value, and not the same. A missing value does not disagree.
fn differs(field: Field, one: &Values, other: &Values) -> bool {
    let said = |values: &Values| values.get(&field).map(|value| comparable(field, value));
    matches!((said(one), said(other)), (Some(one), Some(other)) if one != other)
}

/// What is known of these fields, as a reader sees it; personal numbers by their end only.
fn shown(l: &Translator, fields: &[Field], values: &Values) -> String {
    let text = |field: &Field| {
        let value = values.get(field)?;
        Some(match field {
            Field::BirthDate => value.parse().map_or_else(|_| value.clone(), |date| l.date(&date)),
            Field::Gender => l.tk("gender", value),
            Field::Status => l.tk("value-status", value),
            Field::NationalId => national_id::masked(value),
            _ => value.clone(),
        })
    };
    fields.iter().filter_map(text).collect::<Vec<_>>().join(", ")
}
