//! Changing what the school knows of a member.

use sqlx::PgConnection;

use super::{creation::taken, forms::ParsedForm, suspension};
use crate::{
    access::{Granted, MemberAction, SchoolKind, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    ids::MemberId,
    invitations::{self, Mailed},
    roster::{
        fields::{self, Field, RosterKind, Values},
        model::Status,
        records::{self, ChangedMember},
        store::MemberRecord,
        subject::LockedMember,
    },
    schools::{classes, years::Year},
    web::forms::FormErrors,
};

/// Whether the school may change the address: the one that an account signs in with is the person's to change. An
/// invited person's address is still the school's: the invitation may have gone to a wrong one.
#[must_use]
pub fn may_change_email(known: &MemberRecord) -> bool {
    !known.signs_in_by_email || known.status == Status::Invited || suspension::is_withheld(known)
}

/// Stores the values of a form, if the member still has the version that the form showed. Fields that the form does not
/// ask for stay.
///
/// # Errors
/// As [`LockedMember::find`]. The inner error: what is wrong with the form.
pub async fn change(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    year: &Year,
    id: MemberId,
    version: i64,
    typed: &ParsedForm,
) -> Result<Result<(), FormErrors>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let changed = change_in(granted, app, &mut tx, year, id, version, typed).await?;
    if changed.is_ok() {
        tx.commit().await?;
    }
    Ok(changed)
}

/// The same in the caller's transaction, which comes to nothing where there is an inner error.
pub async fn change_in(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut PgConnection,
    year: &Year,
    id: MemberId,
    version: i64,
    typed: &ParsedForm,
) -> Result<Result<(), FormErrors>> {
    let subject = LockedMember::find(granted, tx, year.id, id, MemberAction::Edit).await?;
    if subject.version != version {
        return Ok(Err(FormErrors::one("full_name", "fault-changed-meanwhile")));
    }
    let values = merged(granted.school.kind, &subject, &typed.values);
    if !values.contains_key(&Field::FullName) {
        return Ok(Err(FormErrors::one("full_name", "fault-missing")));
    }
    let changed: Vec<Field> =
        Field::ALL.into_iter().filter(|field| values.get(field) != subject.values.get(field)).collect();
    if changed.is_empty() {
        return Ok(Ok(()));
    }
    let member = ChangedMember {
        id,
        version,
        status: subject.status,
        username: subject.values.get(&Field::Username).cloned(),
        class_id: typed.class_id,
        values,
    };
    if let Err(error) = records::update(granted, tx, year.id, std::slice::from_ref(&member)).await {
        return taken(error).map(Err);
    }
    if changed.contains(&Field::Email) && suspension::is_withheld(&subject) {
        invitations::revoke(granted, app, tx, id).await?;
    } else if changed.contains(&Field::Email) && subject.signs_in_by_email {
        let mailed = invitations::ask(granted, app, tx, id, &member.values).await?;
        if mailed == Mailed::Enough {
            return Ok(Err(FormErrors::one("email", "fault-invited-enough")));
        }
    }
    let (mut from_class, mut to_class) = (None, None);
    if changed.contains(&Field::Class) {
        let from = subject.values.get(&Field::Class).map_or("", String::as_str);
        from_class = classes::named(granted, tx, year.id, from).await?.map(|class| class.id);
        to_class = typed.class_id;
    }
    let fields = changed.iter().map(|field| field.key().to_owned()).collect();
    let action = AuditAction::MemberChanged { fields, from_class, to_class };
    audit::record(granted, app, tx, Event::about(action, id)).await?;
    Ok(Ok(()))
}

/// The values that the form asks for as typed, the others unchanged. An empty class field takes no pupil out of their
/// class.
fn merged(school: SchoolKind, subject: &LockedMember, typed: &Values) -> Values {
    let kind = RosterKind::of(school, !subject.is_staff());
    let is_asked =
        |field: &Field| fields::of_forms(kind).contains(field) && (*field != Field::Email || may_change_email(subject));
    let stays = |field: &Field| !is_asked(field) || *field == Field::Class && !typed.contains_key(field);
    let kept = subject.values.iter().filter(|(field, _)| stays(field));
    let new = typed.iter().filter(|(field, _)| is_asked(field));
    kept.chain(new).map(|(field, value)| (*field, value.clone())).collect()
}
