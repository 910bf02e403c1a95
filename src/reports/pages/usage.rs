//! How people sign in: who has done so and who never, when, and by what.

use axum::extract::State;

use super::{
    FigureTile, Report, ReportHead, ReportPage, current, first_classes, for_file, grade_label, people, workbook_of,
};
use crate::{
    access::{Granted, Role, Scope, may},
    app::App,
    identity::user_agent::DeviceKind,
    reports::{
        days,
        figures::{Figures, InShare, Usage},
        section::{self, Cell, Section, Table},
    },
    web::{PageResult, RequestContext, Translator, html},
};

/// The days of the week, from Monday on, as keys of their names.
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::SeeReports>) -> PageResult {
    let (figures, is_kept) = current(&app, &granted).await?;
    let l = visitor.l;
    let head = ReportHead::new(&l, &granted, Report::Use, &figures, is_kept, app.clock.today());
    let usage = &figures.usage;
    let never = |share: InShare| share.active - share.signed_in;
    let tile = |count: i64, key: &str, role: Role, status: &str| FigureTile {
        count: l.number(count),
        title: l.t1(key, "count", count),
        href: Some(those(&granted, role, status)),
    };
    let mut page = ReportPage::new(&visitor, &granted, head);
    page.tiles = vec![
        tile(usage.pupils.signed_in, "reports-pupils-in", Role::Student, "in"),
        tile(never(usage.pupils), "reports-pupils-never", Role::Student, "never"),
        tile(usage.teachers.signed_in, "reports-teachers-in", Role::Teacher, "in"),
        tile(never(usage.teachers), "reports-teachers-never", Role::Teacher, "never"),
    ];
    page.sections = sections(&l, &granted, &figures);
    html(&page)
}

pub async fn xlsx(State(app): State<App>, visitor: RequestContext, granted: Granted<may::SeeReports>) -> PageResult {
    let figures = for_file(&app, &granted).await?;
    let sections = sections(&visitor.l, &granted, &figures);
    workbook_of(&granted, &app, Report::Use, sections).await
}

/// The active people of a role who have signed in (`in`), or never have (`never`).
fn those(scope: &Scope, role: Role, status: &str) -> String {
    people(scope, &[("role", role.key()), ("status", status)])
}

fn sections(l: &Translator, scope: &Scope, figures: &Figures) -> Vec<Section> {
    let usage = &figures.usage;
    let sections = [
        Some(by_grade(l, scope, usage)),
        (!usage.first.is_empty()).then(|| first_sign_ins(l, usage)),
        Some(by_hour(l, usage)),
        Some(by_weekday(l, usage)),
        Some(by_device(l, usage)),
        Some(resets(l, usage)),
        (!usage.classes.is_empty()).then(|| first_classes(l, &figures.size, by_class(l, scope, usage))),
    ];
    sections.into_iter().flatten().collect()
}

fn share_heads(l: &Translator, of: &str) -> [String; 5] {
    [
        l.t(of),
        l.t("reports-head-may-sign-in"),
        l.t("home-chart-signed-in"),
        l.t("reports-head-never"),
        l.t("reports-head-share"),
    ]
}

/// Where the numbers of a row lead: those who have signed in, and those who never have.
type Ways = [Option<String>; 2];

fn share_row(label: Cell, share: InShare, [signed_in, never]: Ways) -> [Cell; 5] {
    let linked = |count: i64, href: Option<String>| match href {
        Some(href) if count > 0 => Cell::count(count).to(href),
        _ => Cell::count(count),
    };
    [
        label,
        Cell::count(share.active),
        linked(share.signed_in, signed_in),
        linked(share.active - share.signed_in, never),
        Cell::share(share.signed_in, share.active),
    ]
}

fn by_grade(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let title = l.t("reports-use-grades");
    let mut table = Table::new(share_heads(l, "reports-head-group"));
    let mut bars = Vec::new();
    let mut add = |label: String, share: InShare, ways: Ways| {
        table.push(share_row(Cell::text(label.clone()), share, ways));
        bars.push((label, share.signed_in, share.active));
    };
    for (grade, share) in &usage.grades {
        // The list knows classes and no grades: the table of classes leads on.
        let to_classes = || Some("#use-classes".to_owned());
        add(grade_label(l, grade), *share, [to_classes(), to_classes()]);
    }
    let groups = [
        (l.t("reports-all-pupils"), usage.pupils, Role::Student),
        (l.t("reports-all-teachers"), usage.teachers, Role::Teacher),
        (l.t("reports-all-managers"), usage.managers, Role::Manager),
    ];
    for (label, share, role) in groups {
        add(label, share, ["in", "never"].map(|status| Some(those(scope, role, status))));
    }
    let picture = section::shares(l, "by-grade", &title, &bars);
    Section::new("use-grades", title, table).with(picture, &[4])
}

fn first_sign_ins(l: &Translator, usage: &Usage) -> Section {
    let title = l.t("reports-use-first");
    let mut table = Table::new([l.t("reports-head-day"), l.t("reports-head-first")]);
    let mut columns = Vec::new();
    for (day, count) in &usage.first {
        table.push([Cell::day(*day), Cell::count(*count)]);
        columns.push((day.format("%d/%m").to_string(), *count));
    }
    let picture = section::columns(l, "first", &title, &columns);
    Section::new("use-first", title, table).saying(l.t("reports-use-first-text")).with(picture, &[1])
}

fn by_hour(l: &Translator, usage: &Usage) -> Section {
    let title = l.t("reports-use-hours");
    let mut table = Table::new([l.t("reports-head-hour"), l.t("reports-head-sign-ins")]);
    let mut columns = Vec::new();
    for (hour, count) in usage.days.hours.iter().enumerate() {
        let label = l.t1("reports-hour", "hour", hour);
        table.push([Cell::text(label.clone()), Cell::count(*count)]);
        columns.push((hour.to_string(), *count));
    }
    let picture = section::columns(l, "hours", &title, &columns);
    Section::new("use-hours", title, table).saying(recent(l)).with(picture, &[1])
}

fn by_weekday(l: &Translator, usage: &Usage) -> Section {
    let title = l.t("reports-use-weekdays");
    let mut table = Table::new([l.t("reports-head-weekday"), l.t("reports-head-sign-ins")]);
    let mut columns = Vec::new();
    for (weekday, count) in WEEKDAYS.into_iter().zip(&usage.days.weekdays) {
        table.push([Cell::text(l.tk("weekday", weekday)), Cell::count(*count)]);
        columns.push((l.tk("weekday-short", weekday), *count));
    }
    let picture = section::columns(l, "weekdays", &title, &columns);
    Section::new("use-weekdays", title, table).saying(recent(l)).with(picture, &[1])
}

fn by_device(l: &Translator, usage: &Usage) -> Section {
    let title = l.t("reports-use-devices");
    let mut table = Table::new([l.t("reports-head-device"), l.t("reports-head-sign-ins")]);
    let mut bars = Vec::new();
    for kind in DeviceKind::ALL {
        let count = usage.days.devices.get(kind.key()).copied().unwrap_or_default();
        let label = l.tk("device-kind", kind.key());
        table.push([Cell::text(label.clone()), Cell::count(count)]);
        bars.push((label, count));
    }
    let picture = section::amounts(l, "devices", &title, &bars);
    Section::new("use-devices", title, table).saying(recent(l)).with(picture, &[1])
}

fn resets(l: &Translator, usage: &Usage) -> Section {
    let title = l.t("reports-use-resets");
    let mut table = Table::new([l.t("reports-head-cause"), l.t("reports-head-times")]);
    let mut bars = Vec::new();
    for cause in days::RESETS {
        let count = usage.days.resets.get(cause).copied().unwrap_or_default();
        let label = l.tk("reset-cause", cause);
        table.push([Cell::text(label.clone()), Cell::count(count)]);
        bars.push((label, count));
    }
    let picture = section::amounts(l, "resets", &title, &bars);
    let text = l.t1("reports-recent-days", "days", days::RECENT_DAYS);
    Section::new("use-resets", title, table).saying(text).with(picture, &[1])
}

fn by_class(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let mut table = Table::new(share_heads(l, "accounts-class"));
    for (id, name, share) in &usage.classes {
        let id = id.to_string();
        let ways = ["in", "never"]
            .map(|status| Some(people(scope, &[("role", Role::Student.key()), ("class", &id), ("status", status)])));
        table.push(share_row(Cell::text(name), *share, ways));
    }
    Section::new("use-classes", l.t("reports-use-classes"), table)
}

fn recent(l: &Translator) -> String {
    l.t1("reports-recent", "days", days::RECENT_DAYS)
}
