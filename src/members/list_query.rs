//! What the address of a list says: shared by the list and by whatever is done with all that it shows.

use serde::Deserialize;

use super::model::{Filter, Narrowing, Status};
use crate::access::Role;

/// What the address says, as it came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    pub q: String,
    pub role: String,
    pub class: String,
    pub status: String,
    pub after: String,
}

impl ListQuery {
    /// What cannot be read filters nothing: an old bookmark still shows people.
    #[must_use]
    pub fn filter(&self) -> Filter {
        let narrowing = Narrowing::from_key(&self.status);
        Filter {
            role: Role::from_key(&self.role).unwrap_or(if narrowing == Some(Narrowing::Status(Status::Pending)) {
                // Only teachers register themselves.
                Role::Teacher
            } else {
                Role::Student
            }),
            class_id: self.class.parse().ok(),
            narrowing,
            words: Vec::new(),
        }
        .searching(&self.q)
    }

    /// The query of the same list, with another page or role.
    #[must_use]
    pub fn link(&self, changes: &[(&str, &str)]) -> String {
        let kept = [("role", &self.role), ("class", &self.class), ("status", &self.status), ("q", &self.q)];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in kept {
            if !value.is_empty() && !changes.iter().any(|(changed, _)| *changed == name) {
                query.append_pair(name, value);
            }
        }
        query.extend_pairs(changes.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }
}
