//! Where each table belongs on a cluster. One list for `distribute`, `doctor` and the tests.
//!
//! A table with row-level security is a school's and is spread by the school: that needs no entry. Every other table is
//! listed here, with what it is for.

use strum::Display;

/// Where a table is kept on a cluster.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, PartialOrd, Ord)]
#[strum(serialize_all = "lowercase")]
pub enum Placement {
    /// Over the workers, by `school_id`, beside all else of the school.
    Distributed,
    /// On every node: read by all, written seldom.
    Reference,
    /// On the coordinator: written all day, or not a school's.
    Coordinator,
}

use Placement::{Coordinator, Reference};

/// The tables that belong to no school. What is not here has `school_id` first and row-level security
/// (`CALL make_tenant_table`), or is a partition and lies where its table does.
pub const GLOBAL: [(&str, Placement); 56] = [
    // The same for everybody.
    ("provinces", Reference),
    ("managing_units", Reference),
    // The directory: which schools there are and how they are found. Read before there is a scope.
    ("schools", Reference),
    ("school_codes", Reference),
    ("school_words", Reference),
    ("school_counts", Coordinator),
    // Accounts are global; a school's data is not in them. Read by identity alone.
    ("accounts", Coordinator),
    ("account_events", Coordinator),
    ("sessions", Coordinator),
    // Forms of an account: sent ones by their digest, so that none creates twice; one that waits until its sender is signed
    // in again, sealed for the account.
    ("ended_sessions", Coordinator),
    ("sent_forms", Coordinator),
    ("kept_forms", Coordinator),
    // How a person proves who they are, beside the password.
    ("second_factors", Coordinator),
    ("recovery_codes", Coordinator),
    ("pending_sign_ins", Coordinator),
    ("linked_sign_ins", Coordinator),
    ("sign_in_events", Coordinator),
    ("links", Coordinator),
    ("attempts", Coordinator),
    ("mails", Coordinator),
    ("operators", Coordinator),
    ("operator_provinces", Coordinator),
    // The way from an account into the scopes of its schools, and where to look for members who left when it goes.
    ("memberships", Coordinator),
    ("former_memberships", Coordinator),
    // A person who registers is in no school before it says yes; what is found out about the address belongs to accounts.
    ("registration_forms", Coordinator),
    ("unverified_addresses", Coordinator),
    // The way from an account to the schools that it waits for, and when those were last told.
    ("registrations", Coordinator),
    ("registration_digests", Coordinator),
    // Which account goes to another school by which code: ids, read before it is known which school lets go.
    ("releases", Coordinator),
    // Which school a token belongs to: hashes and ids, read before there is a scope.
    ("token_hashes", Coordinator),
    // Programs that ask by OAuth 2, of a school or of the operators, and the hashes that they ask with.
    ("oauth_clients", Coordinator),
    ("oauth_access_tokens", Coordinator),
    ("oauth_client_logos", Coordinator),
    // Sign-ins of accounts to other applications, and the keys that sign for them: of accounts, as sessions are.
    ("signing_keys", Coordinator),
    ("openid_subjects", Coordinator),
    ("openid_consents", Coordinator),
    ("openid_school_consents", Coordinator),
    ("openid_grants", Coordinator),
    ("openid_codes", Coordinator),
    ("openid_refresh_tokens", Coordinator),
    // Where logins of accounts lead that were merged into others: logins and ids.
    ("login_aliases", Coordinator),
    // Under which private address an account's timetable is read: hashes, found before anything else is known.
    ("calendar_feeds", Coordinator),
    // Which accounts let their schools know when they are busy elsewhere.
    ("busy_time_consents", Coordinator),
    // Companies and their representatives belong to no school.
    ("companies", Coordinator),
    ("company_words", Coordinator),
    ("company_members", Coordinator),
    // Which plan is to be purged when: ids and a time.
    ("plan_purges", Coordinator),
    // Which school holds which identifier of the ministry, as a keyed hash, and the key of those hashes, sealed.
    ("registry_identifiers", Coordinator),
    ("registry_hash_key", Coordinator),
    // Which of them a second school names, and what became of that: for the operators of both.
    ("registry_conflicts", Coordinator),
    // What operators list of several schools at once: ids and counts, no word about a person.
    ("submission_queue", Coordinator),
    ("submission_counts", Coordinator),
    // What is counted of schools, for operators: numbers only.
    ("school_figures", Coordinator),
    ("area_figures", Coordinator),
    // The months whose mails with figures have been begun.
    ("report_months", Coordinator),
    // The migrations' own book.
    ("_sqlx_migrations", Coordinator),
];

/// Where a table belongs; nothing is said of those that are not listed, which are schools' or unknown.
#[must_use]
pub fn of_global(table: &str) -> Option<Placement> {
    GLOBAL.iter().find(|(name, _)| *name == table).map(|(_, placement)| *placement)
}

/// Where a table belongs, by what the catalogue says of it.
///
/// # Errors
/// What to do about a table of which nothing is known.
pub fn of(table: &str, has_row_security: bool) -> Result<Placement, String> {
    match (of_global(table), has_row_security) {
        (None, true) => Ok(Placement::Distributed),
        (Some(placement), false) => Ok(placement),
        (Some(_), true) => Err(format!(
            "{table} has row-level security and is listed as belonging to no school: take it out of db::placement::GLOBAL"
        )),
        (None, false) => Err(format!(
            "it is not known where {table} belongs on a cluster: a school's table has school_id first and \
             CALL make_tenant_table(…) in its migration; any other stands in db::placement::GLOBAL, as Reference where \
             all nodes read it and it is seldom written, else as Coordinator"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_placed_or_it_is_said_what_to_do() {
        assert_eq!(of("members", true), Ok(Placement::Distributed));
        assert_eq!(of("provinces", false), Ok(Placement::Reference));
        assert_eq!(of("sessions", false), Ok(Placement::Coordinator));
        assert!(of("new_table", false).is_err_and(|what| what.contains("CALL make_tenant_table")));
        assert!(of("sessions", true).is_err());
    }
}
