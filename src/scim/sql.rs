//! A filter as a condition in SQL, over the columns of a kind of resource.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};

use super::filter::{AttributePath, CompareOperator, ScimFilter, moment};
use crate::{
    ids::{AccountId, MemberId},
    scim::patch::shown,
    web::scim::{ScimError, ScimType},
};

/// What an attribute is compared as.
#[derive(Clone, Copy, Debug)]
pub enum AttributeColumn {
    /// Without regard to case.
    Text(&'static str),
    Exact(&'static str),
    Bool(&'static str),
    Moment(&'static str),
    /// Several texts, of which one is enough.
    Texts(&'static [&'static str]),
    /// Several exact values, of which one is enough.
    Exacts(&'static [&'static str]),
    /// The login.
    UserName,
    /// The members of a class.
    Members,
}

/// The pupils of a class; open, for more conditions.
const ENROLLED: &str = "EXISTS (SELECT FROM enrolments e WHERE e.school_id = c.school_id
    AND e.school_year_id = c.school_year_id AND e.class_id = c.id AND e.ended_at IS NULL";

/// What the resources of a schema are filtered by.
#[derive(Clone, Copy)]
pub struct FilterColumns {
    pub schema: &'static str,
    /// The column of an attribute, by its name in small letters.
    pub of: fn(&str) -> Option<AttributeColumn>,
}

/// What is told as the user name. The logins are joined as `l`.
const USER_NAME: &str = "coalesce(l.login, m.username, m.email, m.id::text)";

/// What conditions on user names depend on beside the filter. Logins are kept with the accounts, which no statement joins
/// with a school's data.
#[derive(Default)]
pub struct Logins {
    /// The accounts of the logins that the filter asks for, found by an index.
    pub named: HashMap<String, AccountId>,
    /// The login of each person who has a username, where the filter compares them other than by equality.
    pub of_people: Option<(Vec<MemberId>, Vec<String>)>,
}

/// The user names that a filter compares, and how.
#[must_use]
pub fn user_names(filter: &ScimFilter) -> Vec<(CompareOperator, String)> {
    match filter {
        ScimFilter::And(one, other) | ScimFilter::Or(one, other) => [user_names(one), user_names(other)].concat(),
        ScimFilter::Not(other) => user_names(other),
        ScimFilter::Compare(path, operator, Value::String(text)) if path.key() == "username" => {
            vec![(*operator, text.to_lowercase())]
        }
        ScimFilter::Within(..) | ScimFilter::Compare(..) => Vec::new(),
    }
}

/// Adds the condition, which is never NULL.
///
/// # Errors
/// An attribute that is not filtered by, or a comparison that makes no sense for it.
pub fn push(
    query: &mut QueryBuilder<Postgres>,
    filter: &ScimFilter,
    columns: FilterColumns,
    logins: &Logins,
) -> Result<(), ScimError> {
    within(query, filter, columns, logins, None)
}

fn within(
    query: &mut QueryBuilder<Postgres>,
    filter: &ScimFilter,
    columns: FilterColumns,
    logins: &Logins,
    outer: Option<&AttributePath>,
) -> Result<(), ScimError> {
    match filter {
        ScimFilter::And(one, other) | ScimFilter::Or(one, other) => {
            query.push("(");
            within(query, one, columns, logins, outer)?;
            query.push(if matches!(filter, ScimFilter::And(..)) { " AND " } else { " OR " });
            within(query, other, columns, logins, outer)?;
            query.push(")");
        }
        ScimFilter::Not(other) => {
            query.push("NOT (");
            within(query, other, columns, logins, outer)?;
            query.push(")");
        }
        ScimFilter::Within(path, inner) => within(query, inner, columns, logins, Some(path))?,
        ScimFilter::Compare(path, operator, value) => {
            let path = match outer {
                Some(outer) => AttributePath { part: Some(path.name.clone()), ..outer.clone() },
                None => path.clone(),
            };
            let column = (columns.of)(&path.key()).filter(|_| path.schema.is(columns.schema));
            let column = column.ok_or_else(|| {
                let named = format!("{}{}", path.schema, path.key());
                ScimError::wrong(ScimType::InvalidFilter, format!("nothing is filtered by {}", shown(&named)))
            })?;
            query.push("coalesce(");
            if *operator == CompareOperator::Ne {
                query.push("NOT coalesce(");
                compare(query, column, CompareOperator::Eq, value, logins)?;
                query.push(", false)");
            } else {
                compare(query, column, *operator, value, logins)?;
            }
            query.push(", false)");
        }
    }
    Ok(())
}

fn compare(
    query: &mut QueryBuilder<Postgres>,
    column: AttributeColumn,
    operator: CompareOperator,
    value: &Value,
    logins: &Logins,
) -> Result<(), ScimError> {
    let senseless = || ScimError::wrong(ScimType::InvalidFilter, "the attribute cannot be compared like this");
    let sign = match operator {
        CompareOperator::Eq => "=",
        CompareOperator::Gt => ">",
        CompareOperator::Ge => ">=",
        CompareOperator::Lt => "<",
        CompareOperator::Le => "<=",
        _ => "",
    };
    match (column, value) {
        (AttributeColumn::UserName, Value::String(name)) if operator == CompareOperator::Eq => {
            let name = name.to_lowercase();
            query.push("(m.username = ").push_bind(name.clone());
            query.push(" OR x.user_name = ").push_bind(name.clone());
            query.push(" OR m.username IS NULL AND lower(m.email) = ").push_bind(name.clone());
            let id = name.parse::<MemberId>().ok();
            query.push(" OR m.username IS NULL AND m.email IS NULL AND m.id = ").push_bind(id);
            query.push(" OR m.username IS NOT NULL AND m.account_id = ").push_bind(logins.named.get(&name).copied());
            query.push(")");
        }
        // Everybody has one.
        (AttributeColumn::UserName, _) if operator == CompareOperator::Pr => {
            query.push("true");
        }
        (AttributeColumn::UserName, Value::Null) if operator == CompareOperator::Eq => {
            query.push("false");
        }
        (AttributeColumn::UserName, _) => {
            return compare(query, AttributeColumn::Text(USER_NAME), operator, value, logins);
        }
        (AttributeColumn::Members, Value::String(id)) if operator == CompareOperator::Eq => {
            // A value that is no id matches no member.
            let id = id.parse::<MemberId>().ok();
            query.push("(c.homeroom_member_id = ").push_bind(id).push(" OR ").push(ENROLLED);
            query.push(" AND e.member_id = ").push_bind(id).push("))");
        }
        (AttributeColumn::Members, _) if operator == CompareOperator::Pr => {
            query.push("(c.homeroom_member_id IS NOT NULL OR ").push(ENROLLED).push("))");
        }
        (AttributeColumn::Texts(columns) | AttributeColumn::Exacts(columns), _) => {
            query.push("(false");
            for each in columns {
                query.push(" OR ");
                let is_text = matches!(column, AttributeColumn::Texts(_));
                let each = if is_text { AttributeColumn::Text(each) } else { AttributeColumn::Exact(each) };
                compare(query, each, operator, value, logins)?;
            }
            query.push(")");
        }
        (AttributeColumn::Bool(sql), _) if operator == CompareOperator::Pr => {
            query.push(sql).push(" IS NOT NULL");
        }
        (AttributeColumn::Text(sql) | AttributeColumn::Exact(sql) | AttributeColumn::Moment(sql), _)
            if operator == CompareOperator::Pr =>
        {
            query.push("(").push(sql).push(") IS NOT NULL");
        }
        (AttributeColumn::Bool(sql), Value::Bool(value)) if operator == CompareOperator::Eq => {
            query.push(sql).push(" = ").push_bind(*value);
        }
        (AttributeColumn::Moment(sql), value) if !sign.is_empty() => {
            let at = moment(value).ok_or_else(senseless)?;
            query.push(sql).push(" ").push(sign).push(" ").push_bind(at);
        }
        (AttributeColumn::Text(sql), Value::String(text)) => {
            text_compare(query, &format!("lower(({sql}) COLLATE \"vi-x-icu\")"), operator, sign, text.to_lowercase());
        }
        (AttributeColumn::Exact(sql), Value::String(text)) => text_compare(query, sql, operator, sign, text.clone()),
        // Nothing is nothing.
        (AttributeColumn::Text(sql) | AttributeColumn::Exact(sql), Value::Null) if operator == CompareOperator::Eq => {
            query.push("(").push(sql).push(") IS NULL");
        }
        _ => return Err(senseless()),
    }
    Ok(())
}

fn text_compare(query: &mut QueryBuilder<Postgres>, sql: &str, operator: CompareOperator, sign: &str, text: String) {
    match operator {
        CompareOperator::Co => {
            query.push("strpos(").push(sql).push(", ").push_bind(text).push(") > 0");
        }
        CompareOperator::Sw => {
            query.push("starts_with(").push(sql).push(", ").push_bind(text).push(")");
        }
        CompareOperator::Ew => {
            query.push("right(").push(sql).push(", length(").push_bind(text.clone()).push(")) = ").push_bind(text);
        }
        _ => {
            query.push("(").push(sql).push(") COLLATE \"C\" ").push(sign).push(" ").push_bind(text);
        }
    }
}
