//! How people sign in: who has done so and who never, when, and by what.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use chrono::NaiveDate;

use super::{
    FigureTile, Report, ReportHead, ReportPage, current, first_classes, for_file, grade_label, people,
    usage_people::{self, UsagePeopleQuery},
    workbook_of,
};
use crate::{
    access::{Granted, Role, Scope, may},
    app::App,
    identity::user_agent::DeviceKind,
    reports::{
        days,
        figures::{Figures, InShare, Usage},
        people::UsageNumber,
        section::{self, FigureCell, FigureTable, Section},
    },
    web::{PageResult, RequestContext, Translator, html},
};

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::SeeReports>,
    Query(query): Query<UsagePeopleQuery>,
) -> PageResult {
    if let Some(number) = query.number() {
        return usage_people::show(&app, &visitor, &granted, &number, &query).await;
    }
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

/// The active people of a role (`active`), those of them who have signed in (`in`), or who never have (`never`).
fn those(scope: &Scope, role: Role, status: &str) -> String {
    people(scope, &[("role", role.key()), ("status", status)])
}

fn sections(l: &Translator, scope: &Scope, figures: &Figures) -> Vec<Section> {
    let usage = &figures.usage;
    let sections = [
        Some(by_grade(l, scope, usage)),
        (!usage.first.is_empty()).then(|| first_sign_ins(l, scope, usage)),
        Some(by_hour(l, scope, usage)),
        Some(by_weekday(l, scope, usage)),
        Some(by_device(l, scope, usage)),
        Some(resets(l, scope, usage)),
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

/// Where the numbers of a row lead: all who may sign in, those who have, and those who never have.
type Ways = [String; 3];

/// A number that leads to its people, where there are any.
fn linked(count: i64, href: impl std::fmt::Display) -> FigureCell {
    let cell = FigureCell::count(count);
    if count > 0 { cell.to(href) } else { cell }
}

/// The same, of the people of a number of this report.
fn counted(scope: &Scope, count: i64, number: &UsageNumber) -> FigureCell {
    linked(count, usage_people::address(scope, number))
}

fn share_row(label: FigureCell, share: InShare, [all, signed_in, never]: Ways) -> [FigureCell; 5] {
    [
        label,
        linked(share.active, all),
        linked(share.signed_in, signed_in),
        linked(share.active - share.signed_in, never),
        FigureCell::share(share.signed_in, share.active),
    ]
}

fn by_grade(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let title = l.t("reports-use-grades");
    let mut table = FigureTable::new(share_heads(l, "reports-head-group"));
    let mut bars = Vec::new();
    let mut add = |label: String, share: InShare, ways: Ways| {
        table.push(share_row(FigureCell::text(label.clone()), share, ways));
        bars.push((label, share.signed_in, share.active));
    };
    for (grade, share) in &usage.grades {
        let to = |has_signed_in: Option<bool>| {
            let number = UsageNumber::Grade { grade: grade.clone(), has_signed_in };
            usage_people::address(scope, &number).to_string()
        };
        add(grade_label(l, grade), *share, [None, Some(true), Some(false)].map(to));
    }
    let groups = [
        (l.t("reports-all-pupils"), usage.pupils, Role::Student),
        (l.t("reports-all-teachers"), usage.teachers, Role::Teacher),
        (l.t("reports-all-managers"), usage.managers, Role::Manager),
    ];
    for (label, share, role) in groups {
        add(label, share, ["active", "in", "never"].map(|status| those(scope, role, status)));
    }
    let picture = section::shares(l, "by-grade", &title, &bars);
    Section::new("use-grades", title, table).with(picture, &[4])
}

fn first_sign_ins(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let title = l.t("reports-use-first");
    let mut table = FigureTable::new([l.t("reports-head-day"), l.t("reports-head-first")]);
    let mut columns = Vec::new();
    for (day, count) in every_day(&usage.first) {
        table.push([FigureCell::day(day), counted(scope, count, &UsageNumber::First(day))]);
        columns.push((day.format("%d/%m").to_string(), count));
    }
    let picture = section::columns(l, "first", &title, &columns);
    Section::new("use-first", title, table).saying(l.t("reports-use-first-text")).with(picture, &[1])
}

/// From the first day to the last, the days on which nothing was counted too: a chart shows how far they are apart.
fn every_day(counts: &BTreeMap<NaiveDate, i64>) -> Vec<(NaiveDate, i64)> {
    let (Some((first, _)), Some((last, _))) = (counts.first_key_value(), counts.last_key_value()) else {
        return Vec::new();
    };
    let days = first.iter_days().take_while(|day| day <= last);
    days.map(|day| (day, counts.get(&day).copied().unwrap_or_default())).collect()
}

fn by_hour(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let title = l.t("reports-use-hours");
    let mut table = FigureTable::new([l.t("reports-head-hour"), l.t("reports-head-sign-ins")]);
    let mut columns = Vec::new();
    for (hour, count) in (0u32..).zip(&usage.days.hours) {
        let label = l.t1("reports-hour", "hour", i64::from(hour));
        table.push([FigureCell::text(label), counted(scope, *count, &UsageNumber::Hour(hour))]);
        columns.push((hour.to_string(), *count));
    }
    let picture = section::columns(l, "hours", &title, &columns);
    Section::new("use-hours", title, table).saying(recent(l)).with(picture, &[1])
}

fn by_weekday(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let title = l.t("reports-use-weekdays");
    let mut table = FigureTable::new([l.t("reports-head-weekday"), l.t("reports-head-sign-ins")]);
    let mut columns = Vec::new();
    for (weekday, count) in usage_people::WEEKDAYS.into_iter().zip(&usage.days.weekdays) {
        let key = usage_people::weekday_key(weekday);
        table.push([FigureCell::text(l.tk("weekday", key)), counted(scope, *count, &UsageNumber::Weekday(weekday))]);
        columns.push((l.tk("weekday-short", key), *count));
    }
    let picture = section::columns(l, "weekdays", &title, &columns);
    Section::new("use-weekdays", title, table).saying(recent(l)).with(picture, &[1])
}

fn by_device(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let title = l.t("reports-use-devices");
    let mut table = FigureTable::new([l.t("reports-head-device"), l.t("reports-head-sign-ins")]);
    let mut bars = Vec::new();
    for kind in DeviceKind::ALL {
        let count = usage.days.devices.get(kind.key()).copied().unwrap_or_default();
        let label = l.tk("device-kind", kind.key());
        table.push([FigureCell::text(label.clone()), counted(scope, count, &UsageNumber::Device(kind))]);
        bars.push((label, count));
    }
    let picture = section::amounts(l, "devices", &title, &bars);
    Section::new("use-devices", title, table).saying(recent(l)).with(picture, &[1])
}

fn resets(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let title = l.t("reports-use-resets");
    let mut table = FigureTable::new([l.t("reports-head-cause"), l.t("reports-head-times")]);
    let mut bars = Vec::new();
    for cause in days::RESETS {
        let count = usage.days.resets.get(cause).copied().unwrap_or_default();
        let label = l.tk("reset-cause", cause);
        let number = match usage_people::is_listed(cause) {
            true => counted(scope, count, &UsageNumber::Reset(cause)),
            false => FigureCell::count(count),
        };
        table.push([FigureCell::text(label.clone()), number]);
        bars.push((label, count));
    }
    let picture = section::amounts(l, "resets", &title, &bars);
    let text = l.t1("reports-recent-days", "days", days::RECENT_DAYS);
    Section::new("use-resets", title, table).saying(text).with(picture, &[1])
}

fn by_class(l: &Translator, scope: &Scope, usage: &Usage) -> Section {
    let mut table = FigureTable::new(share_heads(l, "accounts-class"));
    for (id, name, share) in &usage.classes {
        let id = id.to_string();
        let ways = ["active", "in", "never"]
            .map(|status| people(scope, &[("role", Role::Student.key()), ("class", &id), ("status", status)]));
        table.push(share_row(FigureCell::text(name), *share, ways));
    }
    Section::new("use-classes", l.t("reports-use-classes"), table)
}

fn recent(l: &Translator) -> String {
    l.t1("reports-recent", "days", days::RECENT_DAYS)
}
