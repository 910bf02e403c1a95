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

/// What conditions depend on beside the filter: the accounts of the logins that it names.
#[derive(Default)]
pub struct Logins(pub HashMap<String, AccountId>);

/// The user names that a filter asks for.
#[must_use]
pub fn user_names(filter: &ScimFilter) -> Vec<String> {
    match filter {
        ScimFilter::And(one, other) | ScimFilter::Or(one, other) => [user_names(one), user_names(other)].concat(),
        ScimFilter::Not(other) => user_names(other),
        ScimFilter::Compare(path, _, Value::String(text)) if path.key() == "username" => vec![text.to_lowercase()],
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
    columns: fn(&str) -> Option<AttributeColumn>,
    logins: &Logins,
) -> Result<(), ScimError> {
    within(query, filter, columns, logins, None)
}

fn within(
    query: &mut QueryBuilder<Postgres>,
    filter: &ScimFilter,
    columns: fn(&str) -> Option<AttributeColumn>,
    logins: &Logins,
    outer: Option<&str>,
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
        ScimFilter::Within(name, inner) => within(query, inner, columns, logins, Some(name))?,
        ScimFilter::Compare(path, operator, value) => {
            let path = match outer {
                Some(outer) => AttributePath { name: outer.to_owned(), part: Some(path.name.clone()) },
                None => path.clone(),
            };
            let unknown =
                || ScimError::wrong(ScimType::InvalidFilter, format!("nothing is filtered by {}", shown(&path.key())));
            let column = columns(&path.key()).ok_or_else(unknown)?;
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
            query.push(" OR m.username IS NOT NULL AND m.account_id = ").push_bind(logins.0.get(&name).copied());
            query.push(")");
        }
        (AttributeColumn::UserName, _) => {
            return compare(query, AttributeColumn::Text("coalesce(m.username, m.email)"), operator, value, logins);
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
