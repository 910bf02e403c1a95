//! Usernames of pupils: from the name, unique in the school that makes them, and as logins unique for ever.

use std::collections::HashSet;

use sqlx::PgConnection;

use crate::{access::Scope, error::Result, identity::accounts, vietnam::name};

/// The login of a username: `khaintm@79000701`. It stays the same for life, whatever becomes of the school's code.
#[must_use]
pub fn login(username: &str, school_code: &str) -> String {
    format!("{username}@{}", school_code.to_lowercase())
}

/// A username for each name, in order; `wanted` ones are kept where they are free.
///
/// # Errors
/// When the database cannot be reached.
pub async fn choose(scope: &Scope, tx: &mut PgConnection, people: &[(&str, Option<&str>)]) -> Result<Vec<String>> {
    let mut taken = in_school(scope, tx).await?;
    let code = &scope.school.code;
    loop {
        let mut reserved = taken.clone();
        let chosen: Vec<String> = people.iter().map(|(name, wanted)| next_free(name, *wanted, &mut reserved)).collect();
        // A login outlives its member: somebody who was moved away keeps his.
        let logins: Vec<String> = chosen.iter().map(|username| login(username, code)).collect();
        let used = accounts::taken_logins(tx, &logins).await?;
        if used.is_empty() {
            return Ok(chosen);
        }
        taken.extend(used.iter().filter_map(|login| login.split_once('@')).map(|(username, _)| username.to_owned()));
    }
}

async fn in_school(scope: &Scope, tx: &mut PgConnection) -> Result<HashSet<String>> {
    let names = sqlx::query_scalar!(
        r#"SELECT username AS "username!" FROM members WHERE school_id = $1 AND username IS NOT NULL"#,
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    Ok(names.into_iter().collect())
}

fn next_free(full_name: &str, wanted: Option<&str>, taken: &mut HashSet<String>) -> String {
    let stem = wanted.map_or_else(|| name::username_stem(full_name), str::to_owned);
    let numbered = (2_u32..).map(|number| format!("{stem}{number}"));
    let free = std::iter::once(stem.clone()).chain(numbered).find(|candidate| !taken.contains(candidate));
    let username = free.unwrap_or(stem);
    taken.insert(username.clone());
    username
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_namesakes_apart() {
        let mut taken = HashSet::from(["khaintm".to_owned(), "khaintm2".to_owned()]);
        assert_eq!(next_free("Nguyễn Trần Minh Khải", None, &mut taken), "khaintm3");
        assert_eq!(next_free("Nguyễn Trần Minh Khải", None, &mut taken), "khaintm4");
        assert_eq!(next_free("Đỗ Đức Đạt", None, &mut taken), "datdd");
        assert_eq!(next_free("Đỗ Đức Đạt", Some("dat.do"), &mut taken), "dat.do");
    }
}
