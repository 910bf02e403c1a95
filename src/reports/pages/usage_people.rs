//! The people behind a number of the report on use: who signed in on that day, at that hour, by that device. It has
//! no links to their accounts.

use std::collections::HashMap;

use askama::Template;
use chrono::{NaiveDate, Weekday};
use serde::Deserialize;

use super::grade_label;
use crate::{
    access::{Granted, Scope, may},
    app::App,
    identity::user_agent::DeviceKind,
    ids::MemberId,
    paths::{self, Address},
    reports::{
        days,
        people::{self, CountedPage, CountedPerson, UsageNumber},
    },
    roster::store::{self, SlipName},
    schools::years,
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, html},
};

/// From Monday on.
pub const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// Which number: one of these says so; `from` is where the page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct UsagePeopleQuery {
    first: String,
    hour: String,
    weekday: String,
    device: String,
    reset: String,
    /// Empty for the classes without one.
    grade: Option<String>,
    /// Of a grade: `in`, `never`, or all.
    status: String,
    from: String,
}

impl UsagePeopleQuery {
    /// None where no number is asked for, or none that there is.
    pub fn number(&self) -> Option<UsageNumber> {
        let day = || self.first.parse::<NaiveDate>().ok().filter(|day| people::is_told(*day));
        let hour = || self.hour.parse::<u32>().ok().filter(|hour| *hour < 24);
        let weekday = || WEEKDAYS.into_iter().find(|day| weekday_key(*day) == self.weekday);
        let device = || DeviceKind::ALL.into_iter().find(|kind| kind.key() == self.device);
        let reset = || days::RESETS.into_iter().find(|cause| is_listed(cause) && *cause == self.reset);
        let grade = |grade: &String| UsageNumber::Grade {
            grade: grade.clone(),
            has_signed_in: match self.status.as_str() {
                "in" => Some(true),
                "never" => Some(false),
                _ => None,
            },
        };
        day()
            .map(UsageNumber::First)
            .or_else(|| hour().map(UsageNumber::Hour))
            .or_else(|| weekday().map(UsageNumber::Weekday))
            .or_else(|| device().map(UsageNumber::Device))
            .or_else(|| reset().map(UsageNumber::Reset))
            .or_else(|| self.grade.as_ref().filter(|grade| !grade.contains(char::is_control)).map(grade))
    }
}

/// Whether the people of a cause are known still.
pub fn is_listed(cause: &str) -> bool {
    cause != "gone"
}

/// The day of the week as the key of its name.
pub fn weekday_key(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}

/// Where the people of a number are.
pub fn address(scope: &Scope, number: &UsageNumber) -> Address {
    let code = &scope.school.code;
    match number {
        UsageNumber::First(day) => paths::ReportUse::of(code).with("first", day),
        UsageNumber::Hour(hour) => paths::ReportUse::of(code).with("hour", hour),
        UsageNumber::Weekday(weekday) => paths::ReportUse::of(code).with("weekday", weekday_key(*weekday)),
        UsageNumber::Device(device) => paths::ReportUse::of(code).with("device", device.key()),
        UsageNumber::Reset(cause) => paths::ReportUse::of(code).with("reset", cause),
        UsageNumber::Grade { grade, has_signed_in } => {
            let address = paths::ReportUse::of(code).with("grade", grade);
            match has_signed_in {
                Some(true) => address.with("status", "in"),
                Some(false) => address.with("status", "never"),
                None => address,
            }
        }
    }
}

/// What the number is of, and what is to be known of its people.
fn words(l: &Translator, number: &UsageNumber) -> (String, String) {
    let titled = |title: &str, what: String| format!("{}: {what}", l.t(title));
    let recent = || format!("{} {}", l.t1("reports-recent", "days", days::RECENT_DAYS), l.t("reports-people-gone"));
    match number {
        UsageNumber::First(day) => (titled("reports-head-first", l.date(day)), l.t("reports-use-first-text")),
        UsageNumber::Hour(hour) => {
            (titled("reports-use-hours", l.t1("reports-hour", "hour", i64::from(*hour))), recent())
        }
        UsageNumber::Weekday(weekday) => {
            (titled("reports-use-weekdays", l.tk("weekday", weekday_key(*weekday))), recent())
        }
        UsageNumber::Device(device) => (titled("reports-use-devices", l.tk("device-kind", device.key())), recent()),
        UsageNumber::Reset(cause) => (
            titled("reports-people-resets", l.tk("reset-cause", cause)),
            l.t1("reports-recent-days", "days", days::RECENT_DAYS),
        ),
        UsageNumber::Grade { grade, has_signed_in } => {
            let which = match has_signed_in {
                Some(true) => "home-chart-signed-in",
                Some(false) => "reports-head-never",
                None => "reports-head-may-sign-in",
            };
            (format!("{}: {}", grade_label(l, grade), l.t(which)), String::new())
        }
    }
}

/// A row of the page.
struct UsagePersonRow {
    name: SlipName,
    at: Option<String>,
    device: Option<String>,
}

#[derive(Template)]
#[template(path = "reports/people.html")]
struct UsagePeoplePage {
    l: Translator,
    shell: Shell,
    code: String,
    school: String,
    printed: String,
    title: String,
    text: String,
    rows: Vec<UsagePersonRow>,
    /// Which columns there are beside the name and the class.
    has_moments: bool,
    has_devices: bool,
    /// The address of the first page, unless this is it.
    first: Option<String>,
    next: Option<String>,
}

pub async fn show(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::SeeReports>,
    number: &UsageNumber,
    query: &UsagePeopleQuery,
) -> PageResult {
    let l = visitor.l;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let CountedPage { rows, next } =
        people::page(granted, &mut tx, (year.id, app.clock.now()), number, &query.from).await?;
    let ids: Vec<MemberId> = rows.iter().map(|row| row.id).collect();
    let names = store::names(granted, &mut tx, year.id, &ids).await?;
    tx.commit().await?;
    let names: HashMap<MemberId, SlipName> = names.into_iter().map(|name| (name.id, name)).collect();
    let row = |row: CountedPerson| {
        Some(UsagePersonRow {
            name: names.get(&row.id)?.clone(),
            at: row.at.map(|at| l.moment(&at)),
            device: row.device.map(|kind| l.tk("device-kind", &kind)),
        })
    };
    let rows: Vec<UsagePersonRow> = rows.into_iter().filter_map(row).collect();
    let (title, text) = words(&l, number);
    html(&UsagePeoplePage {
        l,
        shell: shell::of_school(visitor, granted, MenuPage::Reports),
        code: granted.school.code.clone(),
        school: granted.school.name.clone(),
        printed: l.date(&app.clock.today()),
        title,
        text,
        has_moments: !matches!(number, UsageNumber::Grade { .. }),
        has_devices: matches!(number, UsageNumber::Hour(_) | UsageNumber::Weekday(_)),
        rows,
        first: (!query.from.is_empty()).then(|| address(granted, number).to_string()),
        next: next.map(|next| address(granted, number).with("from", next).to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_asked_for_by_one_field() {
        let asked = |query: UsagePeopleQuery| query.number();
        let hour = |hour: &str| asked(UsagePeopleQuery { hour: hour.to_owned(), ..UsagePeopleQuery::default() });
        assert_eq!(hour("7"), Some(UsageNumber::Hour(7)));
        assert_eq!([hour("24"), hour("-1"), hour("")], [None, None, None]);
        let first = |day: &str| asked(UsagePeopleQuery { first: day.to_owned(), ..UsagePeopleQuery::default() });
        assert!(first("2026-09-07").is_some());
        assert_eq!([first("+262142-12-31"), first("1999-12-31"), first("7/9")], [None, None, None]);
        let weekday = |key: &str| asked(UsagePeopleQuery { weekday: key.to_owned(), ..UsagePeopleQuery::default() });
        assert_eq!(weekday("sunday"), Some(UsageNumber::Weekday(Weekday::Sun)));
        assert_eq!(weekday_key(Weekday::Sun), "sunday");
        let reset = |key: &str| asked(UsagePeopleQuery { reset: key.to_owned(), ..UsagePeopleQuery::default() });
        assert_eq!(reset("staff"), Some(UsageNumber::Reset("staff")));
        assert_eq!(reset("gone"), None, "there is nobody left to show");
        let none = asked(UsagePeopleQuery { grade: Some(String::new()), ..UsagePeopleQuery::default() });
        assert_eq!(none, Some(UsageNumber::Grade { grade: String::new(), has_signed_in: None }));
        assert_eq!(asked(UsagePeopleQuery { grade: Some("1\0".to_owned()), ..UsagePeopleQuery::default() }), None);
        assert_eq!(asked(UsagePeopleQuery::default()), None);
    }
}
