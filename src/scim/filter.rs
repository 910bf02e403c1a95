//! Filters and paths as SCIM writes them (RFC 7644, 3.4.2.2 and 3.5.2): read, and held against a resource.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::schema::NamedSchema;

/// How deep brackets may lie within each other.
const DEEPEST: usize = 20;

/// The most comparisons of a filter.
const MOST_COMPARISONS: usize = 50;

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub enum CompareOperator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
    /// It has a value.
    Pr,
}

/// An attribute, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributePath {
    pub schema: NamedSchema,
    pub name: String,
    pub part: Option<String>,
}

impl AttributePath {
    /// The name with its part, in small letters: names of attributes are told apart without regard to case.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.part {
            Some(part) => format!("{}.{part}", self.name).to_ascii_lowercase(),
            None => self.name.to_ascii_lowercase(),
        }
    }
}

/// A filter that has been read.
#[derive(Clone, Debug, PartialEq)]
pub enum ScimFilter {
    And(Box<ScimFilter>, Box<ScimFilter>),
    Or(Box<ScimFilter>, Box<ScimFilter>),
    Not(Box<ScimFilter>),
    /// A condition on one of several values, which names parts of them.
    Within(AttributePath, Box<ScimFilter>),
    Compare(AttributePath, CompareOperator, Value),
}

/// What a change is about: an attribute or, of several values, those that fit a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchTarget {
    pub schema: NamedSchema,
    pub name: String,
    pub filter: Option<ScimFilter>,
    pub part: Option<String>,
}

/// What is no filter, or no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableFilter;

/// Reads a filter.
///
/// # Errors
/// Where it is none, or a larger one than any program needs.
pub fn read(text: &str) -> Result<ScimFilter, UnreadableFilter> {
    let mut reader = FilterParser::of(text);
    let filter = reader.either()?;
    reader.space();
    if reader.rest.is_empty() { Ok(filter) } else { Err(UnreadableFilter) }
}

/// Reads the path of a change.
///
/// # Errors
/// Where it is none.
pub fn target(text: &str) -> Result<PatchTarget, UnreadableFilter> {
    let mut reader = FilterParser::of(text.trim());
    let (schema, name) = reader.attribute()?;
    let filter = if reader.takes("[") { Some(reader.condition()?) } else { None };
    let part = if reader.takes(".") { Some(reader.name()?.to_owned()) } else { None };
    if reader.rest.is_empty() { Ok(PatchTarget { schema, name, filter, part }) } else { Err(UnreadableFilter) }
}

struct FilterParser<'t> {
    rest: &'t str,
    comparisons: usize,
    depth: usize,
    /// Between square brackets, where parts of the values are named, and nothing else.
    is_within: bool,
}

impl<'t> FilterParser<'t> {
    fn of(text: &'t str) -> Self {
        Self { rest: text, comparisons: 0, depth: 0, is_within: false }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    fn takes(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// The next word, where it is this one.
    fn takes_word(&mut self, word: &str) -> bool {
        let Some(next) = self.rest.get(..word.len()).filter(|next| next.eq_ignore_ascii_case(word)) else {
            return false;
        };
        let behind = self.rest.get(next.len()..).unwrap_or_default();
        if !behind.starts_with([' ', '(']) {
            return false;
        }
        self.rest = behind;
        true
    }

    fn name(&mut self) -> Result<&'t str, UnreadableFilter> {
        let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
        let end = self.rest.find(|c| !is_sign(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$') { Ok(name) } else { Err(UnreadableFilter) }
    }

    /// An attribute's name, and the schema before it.
    fn attribute(&mut self) -> Result<(NamedSchema, String), UnreadableFilter> {
        // Schemas have signs that names do not.
        let end = self.rest.find([' ', '[', '"']).unwrap_or(self.rest.len());
        let (word, _) = self.rest.split_at(end);
        let (schema, name) = NamedSchema::split(word);
        self.rest = self.rest.get(word.len() - name.len()..).unwrap_or_default();
        Ok((schema, self.name()?.to_owned()))
    }

    fn either(&mut self) -> Result<ScimFilter, UnreadableFilter> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(UnreadableFilter);
        }
        let mut filter = self.both()?;
        loop {
            self.space();
            if !self.takes_word("or") {
                self.depth -= 1;
                return Ok(filter);
            }
            filter = ScimFilter::Or(Box::new(filter), Box::new(self.both()?));
        }
    }

    fn both(&mut self) -> Result<ScimFilter, UnreadableFilter> {
        let mut filter = self.one()?;
        loop {
            self.space();
            if !self.takes_word("and") {
                return Ok(filter);
            }
            filter = ScimFilter::And(Box::new(filter), Box::new(self.one()?));
        }
    }

    fn one(&mut self) -> Result<ScimFilter, UnreadableFilter> {
        self.space();
        if self.takes_word("not") {
            self.space();
            if !self.takes("(") {
                return Err(UnreadableFilter);
            }
            return Ok(ScimFilter::Not(Box::new(self.closed(")")?)));
        }
        if self.takes("(") {
            return self.closed(")");
        }
        self.comparisons += 1;
        if self.comparisons > MOST_COMPARISONS {
            return Err(UnreadableFilter);
        }
        let path = self.path()?;
        if !self.is_within && path.part.is_none() && self.takes("[") {
            return Ok(ScimFilter::Within(path, Box::new(self.condition()?)));
        }
        self.space();
        let operator = self.name()?.parse().map_err(|_| UnreadableFilter)?;
        if operator == CompareOperator::Pr {
            return Ok(ScimFilter::Compare(path, operator, Value::Null));
        }
        self.space();
        Ok(ScimFilter::Compare(path, operator, self.value()?))
    }

    /// What is compared.
    fn path(&mut self) -> Result<AttributePath, UnreadableFilter> {
        if self.is_within {
            let name = self.name()?.to_owned();
            return Ok(AttributePath { schema: NamedSchema::default(), name, part: None });
        }
        let (schema, name) = self.attribute()?;
        let part = if self.takes(".") { Some(self.name()?.to_owned()) } else { None };
        Ok(AttributePath { schema, name, part })
    }

    /// The condition between square brackets, of which the first has been read.
    fn condition(&mut self) -> Result<ScimFilter, UnreadableFilter> {
        self.is_within = true;
        let filter = self.closed("]")?;
        self.is_within = false;
        Ok(filter)
    }

    fn closed(&mut self, sign: &str) -> Result<ScimFilter, UnreadableFilter> {
        let filter = self.either()?;
        self.space();
        if self.takes(sign) { Ok(filter) } else { Err(UnreadableFilter) }
    }

    /// A value in JSON: text, a number, true, false or null.
    fn value(&mut self) -> Result<Value, UnreadableFilter> {
        if !self.rest.starts_with('"') {
            return self.literal();
        }
        let mut texts = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
        let text = texts.next().and_then(Result::ok).ok_or(UnreadableFilter)?;
        self.rest = self.rest.get(texts.byte_offset()..).ok_or(UnreadableFilter)?;
        // PostgreSQL has no text with it.
        if text.contains('\0') { Err(UnreadableFilter) } else { Ok(Value::String(text)) }
    }

    /// A number, true, false or null, up to the end of the word: a bracket may follow, which serde_json refuses behind it.
    fn literal(&mut self) -> Result<Value, UnreadableFilter> {
        let end = self.rest.find([' ', ')', ']']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let value: Value = serde_json::from_str(word).map_err(|_| UnreadableFilter)?;
        if value.is_array() || value.is_object() { Err(UnreadableFilter) } else { Ok(value) }
    }
}

/// The value of a field, by its name without regard to case.
#[must_use]
pub fn field<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    object.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Whether a resource, or one of several values, fits a filter.
#[must_use]
pub fn fits(filter: &ScimFilter, object: &Value) -> bool {
    match filter {
        ScimFilter::And(one, other) => fits(one, object) && fits(other, object),
        ScimFilter::Or(one, other) => fits(one, object) || fits(other, object),
        ScimFilter::Not(other) => !fits(other, object),
        ScimFilter::Within(path, inner) => each(field(object, &path.name)).iter().any(|value| fits(inner, value)),
        ScimFilter::Compare(path, operator, wanted) => {
            let values = each(field(object, &path.name));
            let parts: Vec<&Value> = match &path.part {
                Some(part) => values.into_iter().filter_map(|value| field(value, part)).collect(),
                // Of several values, that is their `value`.
                None => values.into_iter().map(|value| field(value, "value").unwrap_or(value)).collect(),
            };
            match operator {
                CompareOperator::Pr => parts.iter().any(|value| !value.is_null()),
                CompareOperator::Ne => !parts.iter().any(|value| compare(value, CompareOperator::Eq, wanted)),
                operator => parts.iter().any(|value| compare(value, *operator, wanted)),
            }
        }
    }
}

fn each(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

fn compare(value: &Value, operator: CompareOperator, wanted: &Value) -> bool {
    if let (Some(value), Some(wanted)) = (moment(value), moment(wanted)) {
        return ordered(operator, value.cmp(&wanted));
    }
    let (Some(value), Some(wanted)) = (folded(value), folded(wanted)) else {
        return operator == CompareOperator::Eq && value == wanted;
    };
    match operator {
        CompareOperator::Co => value.contains(&wanted),
        CompareOperator::Sw => value.starts_with(&wanted),
        CompareOperator::Ew => value.ends_with(&wanted),
        operator => ordered(operator, value.cmp(&wanted)),
    }
}

fn ordered(operator: CompareOperator, order: std::cmp::Ordering) -> bool {
    match operator {
        CompareOperator::Eq => order.is_eq(),
        CompareOperator::Gt => order.is_gt(),
        CompareOperator::Ge => order.is_ge(),
        CompareOperator::Lt => order.is_lt(),
        CompareOperator::Le => order.is_le(),
        CompareOperator::Ne | CompareOperator::Co | CompareOperator::Sw | CompareOperator::Ew | CompareOperator::Pr => {
            false
        }
    }
}

fn folded(value: &Value) -> Option<String> {
    value.as_str().map(str::to_lowercase)
}

/// A moment, where the value is one.
#[must_use]
pub fn moment(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|moment| moment.to_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_so(text: &str) -> bool {
        let person = json!({
            "id": "7", "userName": "khaintm@79000701", "active": true, "name": { "familyName": "Nguyễn" },
            "emails": [{ "value": "a@b.vn", "type": "work" }, { "value": "c@d.vn", "type": "home" }],
            "meta": { "lastModified": "2026-11-30T04:00:00Z" },
        });
        fits(&read(text).unwrap(), &person)
    }

    #[test]
    fn filters_say_what_they_say() {
        for so in [
            r#"userName eq "KHAINTM@79000701""#,
            r#"username sw "khai" and active eq true"#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName co "ntm""#,
            r#"name.familyName eq "nguyễn""#,
            r#"emails[type eq "work" and value ew "b.vn"]"#,
            r#"emails eq "c@d.vn""#,
            r#"emails.type eq "home""#,
            r#"not (externalId pr)"#,
            r#"(active eq true)"#,
            r#"not (active eq false)"#,
            r#"(userName sw "khai") and (active eq true)"#,
            r#"not ((externalId eq null and (id eq 7)) or active eq false)"#,
            r#"emails[type eq "work" and not (primary eq true)]"#,
            r#"URN:ietf:params:scim:schemas:core:2.0:user:name.familyName sw "N""#,
            r#"not (urn:ietf:params:scim:schemas:core:2.0:User:externalId pr)"#,
            r#"externalId ne "1""#,
            r#"meta.lastModified gt "2026-11-29T00:00:00+07:00""#,
            r#"id eq "8" or (id eq "7" and (active pr))"#,
            r#"id eq "7" or id eq "8" and active eq false"#,
        ] {
            assert!(is_so(so), "{so}");
        }
        for not_so in [
            r#"userName eq "khaintm""#,
            r#"emails[type eq "work" and value eq "c@d.vn"]"#,
            r#"active eq false"#,
            r#"externalId pr"#,
            r#"meta.lastModified lt "2026-11-29T00:00:00Z""#,
            r#"(id eq "7" or id eq "8") and active eq false"#,
            r#"active eq "true""#,
        ] {
            assert!(!is_so(not_so), "{not_so}");
        }
    }

    #[test]
    fn what_is_no_filter_is_none() {
        for text in [
            "",
            "userName",
            "userName eq",
            "userName eq khai",
            r#"userName like "x""#,
            r#"userName eq "x" and"#,
            r#"userName eq "x"; drop"#,
            r#"(userName eq "x""#,
            r#"emails[value eq "x""#,
            r#"emails.value[type eq "x"]"#,
            r#"emails[groups[value eq "x"]]"#,
            r#"emails[value.type eq "x"]"#,
            r#"emails[urn:ietf:params:scim:schemas:core:2.0:User:type eq "x"]"#,
            "(active eq tru)",
            "active eq true)",
            "(active eq )",
            "active eq [true]",
            r#"userName eq {"a":1}"#,
            r#"userName eq "a\u0000b""#,
            r#"not userName eq "x""#,
            &"(".repeat(100),
            &vec![r#"id eq "1""#; 60].join(" or "),
        ] {
            assert_eq!(read(text), Err(UnreadableFilter), "{text}");
        }
    }

    #[test]
    fn paths_name_an_attribute_a_part_or_some_of_several_values() {
        let told = |text: &str| {
            let target = target(text).unwrap();
            (target.name, target.filter.is_some(), target.part.unwrap_or_default())
        };
        let path = |name: &str, has_filter: bool, part: &str| (name.to_owned(), has_filter, part.to_owned());
        assert_eq!(told("active"), path("active", false, ""));
        assert_eq!(told("name.familyName"), path("name", false, "familyName"));
        assert_eq!(told(r#"members[value eq "7"]"#), path("members", true, ""));
        assert_eq!(told(r#"emails[type eq "work"].value"#), path("emails", true, "value"));
        let user = "urn:ietf:params:scim:schemas:core:2.0:User";
        assert_eq!(told(&format!("{user}:name.givenName")), path("name", false, "givenName"));
        let emails = format!("{user}:emails[value eq \"urn:x:y\"].value");
        assert_eq!(told(&emails), path("emails", true, "value"));
        assert!(target(&emails).unwrap().schema.is(user) && !target("urn:x:emails").unwrap().schema.is(user));
        for wrong in ["", "7", "name.", "members[", "members[]", r#"members[value eq "7"] x"#, "a b"] {
            assert_eq!(target(wrong), Err(UnreadableFilter), "{wrong}");
        }
    }
}
