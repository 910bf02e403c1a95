//! The program's statements, as `.sqlx` describes them, are ones that a cluster can run: each asks one school by its value,
//! and none joins a school's data with what the coordinator keeps. Nor does one join counters: behind row-level
//! security their index would not be used.

use std::collections::BTreeSet;
use std::path::Path;

use schoolgate::db::placement::{self, Placement};

use crate::catalogue::{planned_by_a_cluster, tenant_tables};
use crate::support::TestApp;

/// Parts of statements that may do otherwise, and why.
const EXCEPTIONS: [(&str, &str); 0] = [];

/// Functions that give something else each time: a cluster takes them in no UPDATE or DELETE, nor in what an INSERT does
/// where the row is there.
const VOLATILE: [&str; 4] = ["moment", "clock_timestamp", "gen_random_uuid", "random"];

/// Functions whose outcome depends on settings: of columns, a cluster takes them in no UPDATE, and in DO UPDATE not at all.
const STABLE: [&str; 10] = [
    "array_to_string",
    "concat",
    "concat_ws",
    "format",
    "jsonb_build_array",
    "jsonb_build_object",
    "now",
    "to_char",
    "to_json",
    "to_jsonb",
];

/// Words before which no alias stands.
const KEYWORDS: [&str; 40] = [
    "and",
    "as",
    "by",
    "conflict",
    "cross",
    "default",
    "do",
    "for",
    "from",
    "full",
    "group",
    "having",
    "inner",
    "into",
    "join",
    "lateral",
    "left",
    "limit",
    "natural",
    "not",
    "nothing",
    "offset",
    "on",
    "or",
    "order",
    "returning",
    "right",
    "select",
    "set",
    "union",
    "update",
    "using",
    "values",
    "when",
    "where",
    "with",
    "window",
    "then",
    "else",
    "end",
];

/// Words, parameters, and everything else letter by letter; texts and comments are left out.
fn tokens(statement: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let length = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            '$' => 1 + rest[1..].find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len() - 1),
            first if is_word(first) => rest.find(|letter: char| !is_word(letter)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        if !first.is_whitespace() && first != '\'' && !token.starts_with("--") {
            tokens.push(token.trim_matches('"').to_lowercase());
        }
        rest = after;
    }
    tokens
}

/// The statement and each of its subqueries, without the subqueries in it: Citus asks each of them for the school.
fn queries(tokens: &[String]) -> Vec<Vec<&str>> {
    let mut done = Vec::new();
    let mut open: Vec<Vec<&str>> = vec![Vec::new()];
    let mut are_queries = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map_or("", String::as_str);
        let last = open.len() - 1;
        match token.as_str() {
            "(" => {
                let is_query = ["select", "with", "insert", "update", "delete"].contains(&next);
                are_queries.push(is_query);
                open[last].push("(");
                if is_query {
                    open.push(Vec::new());
                }
            }
            ")" if are_queries.pop() == Some(true) => done.extend(open.pop()),
            "union" => done.push(std::mem::take(&mut open[last])),
            token => open[last].push(token),
        }
    }
    done.extend(open);
    done
}

/// A table in a query, and what it is called there.
#[derive(Debug)]
struct Named<'a> {
    table: &'a str,
    alias: &'a str,
    is_written_to: bool,
}

fn named<'a>(query: &[&'a str], tables: &BTreeSet<String>) -> Vec<Named<'a>> {
    let mut found = Vec::new();
    for (at, table) in query.iter().enumerate().skip(1).filter(|(_, word)| tables.contains(**word)) {
        let before = query[at - 1];
        let is_on_conflict = before == "update" && at > 1 && query[at - 2] == "do";
        let next = query.get(at + 1).copied().unwrap_or_default();
        let follows_a_comma =
            before == "," && query[..at].contains(&"from") && !KEYWORDS.contains(&next) && next.len() == 1;
        if is_on_conflict || !(["from", "join", "into", "update", "using", "only"].contains(&before) || follows_a_comma)
        {
            continue;
        }
        let alias = match next {
            "as" => query.get(at + 2).copied().unwrap_or(table),
            word if word.starts_with(|first: char| first.is_alphabetic()) && !KEYWORDS.contains(&word) => word,
            _ => table,
        };
        found.push(Named { table, alias, is_written_to: before == "into" });
    }
    found
}

/// The names whose school is a parameter, or is that of such a one in the same query.
fn bound<'a>(query: &[&'a str], named: &[Named<'a>]) -> BTreeSet<&'a str> {
    let mut bound = BTreeSet::new();
    let mut equal = Vec::new();
    for at in 0..query.len() {
        match query[at..] {
            [alias, ".", "school_id", "=", value, ..] if value.starts_with('$') => {
                bound.insert(alias);
            }
            [alias, ".", "school_id", "=", other, ".", "school_id", ..] => equal.push((alias, other)),
            ["school_id", "=", value, ..] if value.starts_with('$') && (at == 0 || query[at - 1] != ".") => {
                bound.extend(named.iter().map(|each| each.alias));
            }
            _ => {}
        }
    }
    let is_here = |alias: &str| named.iter().any(|each| each.alias == alias);
    for _ in 0..named.len() {
        for (one, other) in equal.iter().filter(|(one, other)| is_here(one) && is_here(other)) {
            if bound.contains(one) || bound.contains(other) {
                bound.extend([*one, *other]);
            }
        }
    }
    bound
}

/// What a cluster would refuse in a statement, or ask all its nodes.
fn faults(statement: &str, schools: &BTreeSet<String>) -> Vec<String> {
    let coordinators = placement::GLOBAL.iter().filter(|(_, place)| *place == Placement::Coordinator);
    let coordinators: BTreeSet<String> = coordinators.map(|(table, _)| (*table).to_owned()).collect();
    let tables: BTreeSet<String> = schools.union(&coordinators).cloned().collect();
    let tokens = tokens(statement);
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    for query in queries(&tokens) {
        let named = named(&query, &tables);
        let bound = bound(&query, &named);
        for each in &named {
            seen.insert(each.table.to_owned());
            if schools.contains(each.table) && !each.is_written_to && !bound.contains(each.alias) {
                faults.push(format!("{} as {}: without school_id = $n", each.table, each.alias));
            }
        }
    }
    let (of_schools, others): (Vec<&String>, Vec<&String>) = seen.iter().partition(|table| schools.contains(*table));
    if !of_schools.is_empty() && !others.is_empty() {
        faults.push(format!("joins {of_schools:?} with {others:?}, which are elsewhere"));
    }
    // The name of a counter is concatenated, which is not leakproof: in a join, row-level security is checked first, on all
    // counters of the school for each row. In a lateral subquery the name is a parameter, which the index takes.
    if tokens.windows(2).any(|pair| pair[0] == "join" && pair[1] == "counters") {
        faults.push("joins counters, which are not found by their index then".to_owned());
    }
    let has = |word: &str| tokens.iter().any(|token| token == word);
    faults.extend(changing(&tokens, schools));
    // Rows that come so would be copied, which row-level security refuses, unless something is given back.
    if let [insert, into, table, ..] = &tokens[..]
        && insert == "insert"
        && into == "into"
        && schools.contains(table)
        && has("select")
        && !has("returning")
        && !has("conflict")
    {
        faults.push(format!("INSERT INTO {table} … SELECT without RETURNING"));
    }
    faults
}

/// The functions by which a school's rows are changed, of those that a cluster does not take.
fn changing(tokens: &[String], schools: &BTreeSet<String>) -> Option<String> {
    let is_schools = |at: usize| tokens.get(at).is_some_and(|table| schools.contains(table));
    let changes = match tokens.first().map(String::as_str) {
        Some("update") if is_schools(1) => tokens,
        Some("delete") if is_schools(2) => tokens,
        Some("insert") if is_schools(2) => {
            let at = tokens.windows(2).position(|pair| pair[0] == "do" && pair[1] == "update")?;
            &tokens[at..]
        }
        _ => return None,
    };
    let is_asked = |pair: &&[String]| {
        pair[1] == "(" && (VOLATILE.contains(&pair[0].as_str()) || STABLE.contains(&pair[0].as_str()))
    };
    changes.windows(2).find(is_asked).map(|pair| format!("changes rows by {}()", pair[0]))
}

/// Whether rows are inserted by a subquery in their values, or in what is done where the row is there: with tables for
/// which a cluster plans, it refuses that.
fn inserts_by_a_subquery(tokens: &[String], planned: &BTreeSet<String>) -> bool {
    let at = |word: &str| tokens.iter().position(|token| token == word);
    // A list of rows to select from is in brackets, and there are columns of that name.
    let values = tokens.windows(3).position(|near| near[0] != "(" && near[1] == "values" && near[2] == "(");
    let from = [values, at("conflict")].into_iter().flatten().min().filter(|_| at("insert") == Some(0));
    from.is_some_and(|from| tokens[from..].contains(&"select".to_owned()))
        && tokens.iter().any(|token| planned.contains(token))
}

#[tokio::test]
async fn statements_are_ones_that_a_cluster_can_run() {
    let test = TestApp::new().await;
    let schools = tenant_tables(&mut test.admin().await).await;
    let planned = planned_by_a_cluster(&mut test.admin().await).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let (mut wrong, mut looked_at, mut excused) = (Vec::new(), 0, BTreeSet::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let described: serde_json::Value = serde_json::from_str(&text).unwrap();
        let statement = described["query"].as_str().unwrap();
        looked_at += 1;
        let mut found = faults(statement, &schools);
        let tokens = tokens(statement);
        if inserts_by_a_subquery(&tokens, &planned) {
            found.push("inserts by a subquery".to_owned());
        }
        found.extend(changing(&tokens, &planned));
        if found.is_empty() {
            continue;
        }
        match EXCEPTIONS.iter().find(|(part, _)| statement.contains(part)) {
            Some((part, _)) => {
                excused.insert(*part);
            }
            None => wrong.push(format!("{}\n    {statement}", found.join("; "))),
        }
    }
    assert!(looked_at > 400, "{looked_at}");
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (part, why) in EXCEPTIONS {
        assert!(excused.contains(part), "{part} needs no exception: {why}");
    }
}

#[test]
fn what_a_cluster_minds_is_seen() {
    let schools = BTreeSet::from(["members", "classes", "grants"].map(str::to_owned));
    let faults = |statement: &str| faults(statement, &schools).len();
    assert_eq!(
        faults("SELECT m.id FROM members m JOIN classes c ON c.school_id = m.school_id WHERE m.school_id = $1"),
        0
    );
    assert_eq!(faults("SELECT id FROM members WHERE school_id = $1 AND full_name = 'school_id = $2'"), 0);
    assert_eq!(faults("SELECT s.name FROM schools s JOIN members m ON m.school_id = $1"), 0, "on every node");
    assert_eq!(faults("SELECT id FROM members WHERE id = $1"), 1);
    assert_eq!(faults("UPDATE members m SET status = $2 FROM unnest($3) n WHERE m.id = n"), 1);
    let nested = "SELECT ARRAY(SELECT g.\"grant\" FROM grants g WHERE g.school_id = m.school_id) FROM members m";
    assert_eq!(faults(&format!("{nested} WHERE m.school_id = $1")), 1, "the inner one has no value");
    assert_eq!(faults("SELECT 1 FROM members m, accounts a WHERE m.school_id = $1 AND a.id = m.account_id"), 1);
    let joined =
        "SELECT n.value FROM classes c LEFT JOIN counters n ON n.school_id = $1 AND n.counter = 'class:' || c.id";
    assert_eq!(faults(&format!("{joined} WHERE c.school_id = $1")), 1);
    assert_eq!(faults("INSERT INTO grants (school_id) SELECT $1 FROM unnest($2::uuid[])"), 1);
    assert_eq!(faults("INSERT INTO grants (school_id) SELECT $1 FROM unnest($2::uuid[]) RETURNING school_id"), 0);
    assert_eq!(faults("INSERT INTO grants (school_id) SELECT $1 ON CONFLICT DO UPDATE SET at = excluded.at"), 0);
    assert_eq!(faults("INSERT INTO grants (school_id, at) VALUES ($1, moment()) ON CONFLICT DO NOTHING"), 0);
    assert_eq!(faults("INSERT INTO grants (school_id) VALUES ($1) ON CONFLICT DO UPDATE SET at = now()"), 1);
    assert_eq!(faults("UPDATE grants SET at = moment() WHERE school_id = $1"), 1);
    assert_eq!(faults("UPDATE grants SET moment = $2 WHERE school_id = $1"), 0);
    let planned = BTreeSet::from(["accounts".to_owned()]);
    let inserts = |statement: &str| inserts_by_a_subquery(&tokens(statement), &planned);
    assert!(inserts("INSERT INTO events (id) VALUES (coalesce((SELECT id FROM accounts), $1))"));
    assert!(inserts("INSERT INTO accounts (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET n = (SELECT max(n) FROM t)"));
    assert!(!inserts("INSERT INTO events (id) SELECT a.id FROM accounts a ON CONFLICT DO NOTHING"));
    assert!(!inserts("INSERT INTO accounts (id) SELECT n FROM (VALUES ($1)) AS v (n) WHERE (SELECT true)"));
    assert!(!inserts("INSERT INTO attempts (id) VALUES ((SELECT 1))"), "the coordinator plans by itself");
}
