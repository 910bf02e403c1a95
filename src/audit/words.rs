//! The audit log in words.

use serde_json::Value;

use super::list::Recorded;
use crate::{
    access::{Grant, Role},
    web::Translator,
};

/// Actions with a sentence of their own on a person's page (`history-{action}`); others go by their name.
pub const TOLD: [&str; 20] = [
    "came_back",
    "grants_changed",
    "invitation_accepted",
    "invitation_declined",
    "invitation_sent_again",
    "invitation_withdrawn",
    "left",
    "member_changed",
    "member_created",
    "national_id_shown",
    "owner_invited",
    "owner_replaced",
    "password_reset",
    "registered",
    "registration_accepted",
    "role_changed",
    "signed_out_everywhere",
    "slips_printed",
    "suspended",
    "suspension_lifted",
];

/// Who did it.
#[must_use]
pub fn actor(l: &Translator, event: &Recorded) -> String {
    match (&event.actor_name, event.actor_kind.as_str()) {
        (Some(name), "token") => l.t1("audit-token", "name", name.as_str()),
        (Some(name), _) => name.clone(),
        (None, "operator") => l.t("shell-operator"),
        (None, "system") => l.t("plans-system"),
        (None, _) => l.t("audit-someone"),
    }
}

/// The event, as a sentence on the page of the person it is about.
#[must_use]
pub fn sentence(l: &Translator, event: &Recorded) -> String {
    let who = actor(l, event);
    let key = format!("history-{}", event.action.replace('_', "-"));
    if TOLD.contains(&event.action.as_str()) {
        l.t1(&key, "who", who)
    } else {
        l.t2("history-other", "what", l.tk("audit", &event.action), "who", who)
    }
}

/// The event's details: which rights, which role, which fields, how many people, for what reason. Nothing where there
/// is nothing to add.
#[must_use]
pub fn detail(l: &Translator, event: &Recorded) -> String {
    let texts = |name: &str| -> Vec<&str> {
        event.detail.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let mut parts = Vec::new();
    match event.action.as_str() {
        "grants_changed" => {
            let grants = texts("grants");
            let grants: Vec<String> =
                grants.into_iter().filter_map(Grant::from_key).map(|grant| l.tk("grant", grant.key())).collect();
            parts.push(if grants.is_empty() { l.t("history-no-grants") } else { grants.join(", ") });
        }
        "role_changed" | "member_created" => {
            let role = event.detail.get("role").and_then(Value::as_str);
            parts.extend(role.filter(|key| Role::from_key(key).is_some()).map(|key| l.tk("role", key)));
        }
        "member_changed" => {
            let labels = texts("fields").into_iter().map(|field| format!("field-{}", field.replace('_', "-")));
            let fields: Vec<String> = labels.filter(|label| l.knows(label)).map(|label| l.t(&label)).collect();
            if !fields.is_empty() {
                parts.push(fields.join(", "));
            }
            if event.detail.get("to_class").is_some() {
                let named = |class: &Option<String>| class.clone().unwrap_or_else(|| l.t("history-no-class"));
                parts.push(l.t2("history-moved", "from", named(&event.from_class), "to", named(&event.to_class)));
            }
        }
        _ => {}
    }
    if let Some(people) = event.detail.get("members").and_then(Value::as_array) {
        parts.push(l.t1("accounts-total", "count", people.len()));
    }
    parts.extend(event.reason.as_deref().map(|reason| l.t1("audit-reason", "reason", reason)));
    if event.detail.get("bulk").and_then(Value::as_bool) == Some(true) {
        parts.push(l.t("history-bulk"));
    }
    parts.join(" · ")
}
