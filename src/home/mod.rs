//! The school's home: what needs doing, each with its number and its link.

use askama::Template;
use axum::extract::State;

use crate::{
    access::{Action, Granted, Role, may},
    app::App,
    members::store as members,
    schools::{
        classes,
        shell::{self, Entry},
        years,
    },
    web::{Access, L, Reply, Routes, Shell, Visitor, html},
};

#[must_use]
pub fn routes() -> Routes {
    Routes::new().get("/schools/{code}", Access::School(Action::Enter), show)
}

/// One line of what needs doing.
struct ToDo {
    count: i64,
    title: String,
    text: String,
    href: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    l: L,
    shell: Shell,
    code: String,
    school: String,
    line: String,
    manages_accounts: bool,
    to_do: Vec<ToDo>,
    name: String,
}

async fn show(State(app): State<App>, visitor: Visitor, granted: Granted<may::Enter>) -> Reply {
    let l = visitor.l;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let counts = members::counts(&granted, &mut tx).await?;
    let classes = classes::of_year(&granted, &mut tx, year.id).await?;
    tx.commit().await?;
    let manages_accounts = granted.may::<may::ManageAccounts>();
    let line = l.t1("accounts-year", "year", year.label());
    html(&HomePage {
        l,
        shell: shell::of_school(&visitor, &granted, Entry::Home),
        code: granted.school.code.clone(),
        school: granted.school.name.clone(),
        line,
        manages_accounts,
        to_do: if manages_accounts { to_do(&l, &granted, &counts, classes.len()) } else { Vec::new() },
        name: granted.member().map(|member| member.full_name.clone()).unwrap_or_default(),
    })
}

fn to_do(l: &L, granted: &Granted<may::Enter>, counts: &members::Counts, classes: usize) -> Vec<ToDo> {
    let base = format!("/schools/{}", granted.school.code);
    let line = |key: &str, count: i64, href: &str| ToDo {
        count,
        title: l.t1(&format!("to-do-{key}"), "count", count),
        text: l.t(&format!("to-do-{key}-text")),
        href: format!("{base}{href}"),
    };
    let mut lines = Vec::new();
    if classes == 0 && granted.may::<may::ManageClasses>() {
        lines.push(line("classes", 0, "/classes/new"));
    }
    if counts.of_role(Role::Student) == 0 {
        lines.push(line("students", 0, "/plans/new?source=students"));
    }
    if counts.slips_waiting(Role::Student) > 0 {
        lines.push(line("slips", counts.slips_waiting(Role::Student), "/accounts?role=student&status=slips"));
    }
    if counts.never_signed_in(Role::Student) > 0 {
        lines.push(line("never", counts.never_signed_in(Role::Student), "/accounts?role=student&status=never"));
    }
    lines
}
