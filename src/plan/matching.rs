//! Whom a row is about: matched within the school and nowhere else.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    access::Scope,
    error::Result,
    members::fields::{Field, Values},
    vietnam::name,
};

/// The people of a school by what tells them apart, read once for a plan.
#[derive(Debug, Default)]
pub struct RosterIndex {
    by_moet_id: HashMap<String, Uuid>,
    by_username: HashMap<String, Uuid>,
    by_email: HashMap<String, Uuid>,
    by_name_and_birth: HashMap<(String, String), Uuid>,
}

/// What the index says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    Nobody,
    Somebody(Uuid),
    /// Somebody of this name and birth date, or an earlier row of the sheet: a person must decide.
    Perhaps(Option<Uuid>),
}

impl RosterIndex {
    /// Reads the index.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn read(scope: &Scope, tx: &mut PgConnection) -> Result<Self> {
        let rows = sqlx::query!(
            "SELECT id, full_name, birth_date, username, moet_id, lower(email) AS email, role FROM members
             WHERE school_id = $1",
            scope.school_id(),
        )
        .fetch_all(tx)
        .await?;
        let mut index = Self::default();
        for row in rows {
            index.by_moet_id.extend(row.moet_id.map(|id| (id, row.id)));
            index.by_username.extend(row.username.map(|username| (username, row.id)));
            // A pupil's e-mail is the family's: siblings share it.
            let own_email = row.email.filter(|_| row.role != "student");
            index.by_email.extend(own_email.map(|email| (email, row.id)));
            if let Some(birth) = row.birth_date {
                index.by_name_and_birth.insert((name::match_key(&row.full_name), birth.to_string()), row.id);
            }
        }
        Ok(index)
    }

    /// Whom the row is about; `by_email` where these people sign in with an address of their own.
    #[must_use]
    pub fn find(&self, values: &Values, by_email: bool) -> Match {
        let get = |field: Field| values.get(&field).map(String::as_str).unwrap_or_default();
        let email = get(Field::Email).to_lowercase();
        let certain = self
            .by_moet_id
            .get(get(Field::MoetId))
            .or_else(|| self.by_username.get(get(Field::Username)))
            .or_else(|| self.by_email.get(&email).filter(|_| by_email));
        if let Some(id) = certain {
            return Match::Somebody(*id);
        }
        match self.by_name_and_birth.get(&name_and_birth(values)) {
            Some(id) => Match::Perhaps(Some(*id)),
            None => Match::Nobody,
        }
    }
}

/// The people of the sheet so far: twins inside it are told too.
#[derive(Debug, Default)]
pub struct Seen {
    keys: HashSet<(Field, String)>,
    people: HashSet<(String, String)>,
}

impl Seen {
    /// Whether an earlier row is about the same person; remembers this one.
    pub fn again(&mut self, values: &Values, by_email: bool) -> bool {
        let own = [Field::MoetId, Field::Username, Field::Email];
        let mut again = false;
        for field in own.into_iter().filter(|field| *field != Field::Email || by_email) {
            if let Some(value) = values.get(&field) {
                again |= !self.keys.insert((field, value.to_lowercase()));
            }
        }
        let person = name_and_birth(values);
        again | (!person.1.is_empty() && !self.people.insert(person))
    }
}

fn name_and_birth(values: &Values) -> (String, String) {
    let get = |field: Field| values.get(&field).map(String::as_str).unwrap_or_default();
    (name::match_key(get(Field::FullName)), get(Field::BirthDate).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, birth: &str) -> Values {
        Values::from([(Field::FullName, name.to_owned()), (Field::BirthDate, birth.to_owned())])
    }

    #[test]
    fn twins_in_one_sheet_are_told() {
        let mut seen = Seen::default();
        assert!(!seen.again(&person("Nguyễn Thúy Hằng", "2011-11-15"), false));
        assert!(!seen.again(&person("Nguyễn Thúy Hằng", "2011-11-16"), false));
        assert!(seen.again(&person("NGUYỄN THÚY HẰNG", "2011-11-15"), false));
    }

    #[test]
    fn a_name_and_birth_date_alone_are_not_certain() {
        let id = Uuid::from_u128(1);
        let mut index = RosterIndex::default();
        index.by_name_and_birth.insert((name::match_key("Nguyễn Thúy Hằng"), "2011-11-15".to_owned()), id);
        index.by_moet_id.insert("7900000001".to_owned(), id);
        let mut row = person("Nguyễn Thúy Hằng", "2011-11-15");
        assert_eq!(index.find(&row, false), Match::Perhaps(Some(id)));
        row.insert(Field::MoetId, "7900000001".to_owned());
        assert_eq!(index.find(&row, false), Match::Somebody(id));
        assert_eq!(index.find(&person("Nguyễn Thúy Hằng", "2011-11-16"), false), Match::Nobody);
    }
}
