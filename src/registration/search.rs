//! Finding a school by typing: words of its name, code and province, without marks, from fifty thousand.

use crate::{db::Db, error::Result, schools::directory, vietnam::text};

/// How many schools are shown.
const MOST: i64 = 10;

/// How many words are used: nobody types more.
const MOST_WORDS: usize = 10;

/// A school as the search shows it.
#[derive(Clone, Debug)]
pub struct FoundSchool {
    pub code: String,
    pub name: String,
    pub province: String,
}

/// The schools in whose names, codes and provinces all the words begin a word; one whose code, of today or an old one,
/// was typed comes first.
///
/// The candidates come from the rarest word, and each is checked for the others: the words of "Trường THPT" alone would
/// match most of the country. Where more than enough match, not all of them are read.
pub async fn schools(db: &Db, typed: &str) -> Result<Vec<FoundSchool>> {
    let typed = directory::searched(typed);
    let words: Vec<String> = text::words(&typed).into_iter().take(MOST_WORDS).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as!(
        FoundSchool,
        r#"WITH typed AS (
               SELECT word, word || U&'\+10FFFF' COLLATE "C" AS behind FROM unnest($1::text[]) AS t (word)
           ), rarest AS MATERIALIZED (
               SELECT word, behind FROM typed t ORDER BY (
                   SELECT count(*) FROM (
                       SELECT FROM school_words w WHERE w.word >= t.word AND w.word < t.behind LIMIT 5000) AS first_ones
               ) LIMIT 1
           ), found AS (
               SELECT c.school_id, true AS is_code FROM school_codes c WHERE c.folded = lower($2)
               UNION ALL
               (SELECT w.school_id, false FROM school_words w
               WHERE w.word >= (SELECT word FROM rarest) AND w.word < (SELECT behind FROM rarest) AND NOT EXISTS (
                   SELECT FROM typed t WHERE NOT EXISTS (
                       SELECT FROM school_words o
                       WHERE o.school_id = w.school_id AND o.word >= t.word AND o.word < t.behind))
               LIMIT 50)
           )
           SELECT s.code, s.name, p.name AS province
           FROM (SELECT school_id, bool_or(is_code) AS is_code FROM found GROUP BY school_id) AS f
           JOIN schools s ON s.id = f.school_id
           JOIN provinces p ON p.code = s.province_code
           WHERE s.suspended_at IS NULL
           ORDER BY f.is_code DESC, s.folded_code LIMIT $3"#,
        &words,
        typed,
        MOST,
    )
    .fetch_all(db.pool())
    .await?)
}
