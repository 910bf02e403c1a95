//! How many pupils there are: by grade, class, gender and age, and in the years before.

use std::collections::BTreeSet;

use axum::extract::State;

use super::{
    FigureTile, Report, ReportHead, ReportPage, current, first_classes, for_file, gender_heads, grade_label, people,
    table_of_classes, workbook_of,
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    paths,
    reports::{
        figures::{Figures, Genders, SchoolSize},
        quality::QualityLine,
        section::{self, FigureCell, FigureTable, Picture, Section},
        size,
    },
    web::{
        PageResult, RequestContext, Translator,
        chart::{ChartPair, Pyramid},
        html,
    },
};

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::SeeReports>) -> PageResult {
    let (figures, is_kept) = current(&app, &granted).await?;
    let l = visitor.l;
    let head = ReportHead::new(&l, &granted, Report::Size, &figures, is_kept, app.clock.today());
    let pupils = pupils_of(&figures.size);
    let average =
        if figures.size.class_count > 0 { (pupils - figures.size.without_class) / figures.size.class_count } else { 0 };
    let tile = |count: i64, key: &str, href: Option<String>| FigureTile {
        count: l.number(count),
        title: l.t1(key, "count", count),
        href,
    };
    let mut page = ReportPage::new(&visitor, &granted, head);
    page.tiles = vec![
        tile(pupils, "reports-pupils", Some(people(&granted, &[("role", "student")]))),
        tile(figures.size.class_count, "reports-classes", None),
        tile(average, "reports-class-average", None),
        tile(figures.size.without_class, "reports-without-class", Some(line(&granted, QualityLine::NoClass))),
    ];
    if pupils == 0 {
        page.empty = l.t("reports-empty-pupils");
    } else {
        page.sections = sections(&l, &granted, &figures);
    }
    html(&page)
}

pub async fn xlsx(State(app): State<App>, visitor: RequestContext, granted: Granted<may::SeeReports>) -> PageResult {
    let figures = for_file(&app, &granted).await?;
    let sections = sections(&visitor.l, &granted, &figures);
    workbook_of(&granted, &app, Report::Size, sections).await
}

fn pupils_of(size: &SchoolSize) -> i64 {
    size.grades.iter().map(|grade| sum(&grade.genders)).sum::<i64>() + size.without_class
}

/// The list of a line of the quality report.
fn line(scope: &Scope, line: QualityLine) -> String {
    paths::ReportQuality::of(&scope.school.code).with("line", line.key()).to_string()
}

fn sum(genders: &Genders) -> i64 {
    genders.iter().sum()
}

fn sections(l: &Translator, scope: &Scope, figures: &Figures) -> Vec<Section> {
    let size = &figures.size;
    let sections = [
        Some(by_grade(l, scope, size)),
        (!size.ages.is_empty()).then(|| by_age(l, size)),
        (size.class_count > 0).then(|| by_band(l, size)),
        (!size.classes.is_empty()).then(|| by_class(l, scope, size)),
        (size.years.len() > 1).then(|| by_year(l, size)),
    ];
    sections.into_iter().flatten().collect()
}

fn by_grade(l: &Translator, scope: &Scope, size: &SchoolSize) -> Section {
    let title = l.t("reports-size-grades");
    let heads = [l.t("home-chart-grade"), l.t("reports-head-classes"), l.t("home-chart-pupils")];
    let mut table = FigureTable::new(heads.into_iter().chain(gender_heads(l)));
    let mut bars = Vec::new();
    for grade in &size.grades {
        let label = grade_label(l, &grade.grade);
        let counts = [grade.classes, sum(&grade.genders)].into_iter().chain(grade.genders);
        table.push(std::iter::once(FigureCell::text(label.clone())).chain(counts.map(FigureCell::count)));
        bars.push((label, sum(&grade.genders)));
    }
    if size.without_class > 0 {
        let without = FigureCell::count(size.without_class).to(line(scope, QualityLine::NoClass));
        table.push([FigureCell::text(l.t("reports-no-class")), FigureCell::count(0), without]);
    }
    let picture = section::amounts(l, "by-grade", &title, &bars);
    Section::new("size-grades", title, table).with(picture, &[2])
}

fn by_age(l: &Translator, size: &SchoolSize) -> Section {
    let title = l.t("reports-size-ages");
    let mut table = FigureTable::new(
        std::iter::once(l.t("reports-head-age")).chain(gender_heads(l)).chain([l.t("reports-head-expected")]),
    );
    let mut pairs = Vec::new();
    for (age, of_age) in &size.ages {
        let label = l.t1("reports-age", "age", *age);
        let counts = of_age.genders.into_iter().chain([of_age.expected]);
        table.push(std::iter::once(FigureCell::text(label)).chain(counts.map(FigureCell::count)));
        let [male, female, ..] = of_age.genders;
        pairs.push(ChartPair {
            label: age.to_string(),
            left: male,
            right: female,
            figures: [male, female].map(|count| l.number(count)),
            expected: Some(of_age.expected),
        });
    }
    let sides = ["male", "female"].map(|gender| l.tk("reports-gender", gender));
    let picture = Picture::Pyramid(Pyramid { id: "by-age", title: title.clone(), sides, pairs });
    let unknown = match size.without_birth_date {
        0 => String::new(),
        count => format!(" {}", l.t1("reports-size-ages-unknown", "count", count)),
    };
    let text = format!("{}{unknown}", l.t("reports-size-ages-text"));
    Section::new("size-ages", title, table).saying(text).with(picture, &[1, 2, 5])
}

fn by_band(l: &Translator, size: &SchoolSize) -> Section {
    let title = l.t("reports-size-bands");
    let mut table = FigureTable::new([l.t("reports-head-band"), l.t("reports-head-classes")]);
    let mut columns = Vec::new();
    for (lower, classes) in &size.bands {
        let label = match size::band_ends(*lower) {
            (0, _) => "0".to_owned(),
            (lower, Some(upper)) => format!("{lower}–{upper}"),
            (lower, None) => format!("≥ {lower}"),
        };
        table.push([FigureCell::text(label.clone()), FigureCell::count(*classes)]);
        columns.push((label, *classes));
    }
    let picture = section::columns(l, "by-band", &title, &columns);
    Section::new("size-bands", title, table).with(picture, &[1])
}

fn by_class(l: &Translator, scope: &Scope, size: &SchoolSize) -> Section {
    let table = table_of_classes(l, scope, size);
    first_classes(l, size, Section::new("size-classes", l.t("reports-size-classes"), table))
}

fn by_year(l: &Translator, size: &SchoolSize) -> Section {
    let title = l.t("reports-size-years");
    let mut seen = BTreeSet::new();
    // The grades as the latest year has them, and then those that only earlier years had.
    let named = size.years.iter().rev().flat_map(|year| year.grades.iter().map(|(grade, _)| grade.as_str()));
    let grades: Vec<&str> = named.filter(|grade| seen.insert(*grade)).collect();
    let heads = [l.t("reports-head-year"), l.t("home-chart-pupils")];
    let mut table = FigureTable::new(heads.into_iter().chain(grades.iter().map(|grade| grade_label(l, grade))));
    let mut columns = Vec::new();
    for year in &size.years {
        let of = |grade: &str| year.grades.iter().find(|(each, _)| each == grade).map_or(0, |(_, count)| *count);
        let total: i64 = year.grades.iter().map(|(_, count)| count).sum();
        let label = year.name.replace('-', "–");
        table.push(
            [FigureCell::text(label.clone()), FigureCell::count(total)]
                .into_iter()
                .chain(grades.iter().map(|grade| FigureCell::count(of(grade)))),
        );
        columns.push((label, total));
    }
    let picture = section::columns(l, "by-year", &title, &columns);
    Section::new("size-years", title, table).with(picture, &[1])
}
