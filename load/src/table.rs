//! The latencies of both rounds beside each other.

use std::collections::BTreeSet;

use goose::metrics::{GooseMetrics, GooseRequestMetricAggregate};

/// How many requests failed.
pub fn failed(metrics: &GooseMetrics) -> usize {
    metrics.requests.values().map(|request| request.fail_count).sum()
}

fn named<'a>(metrics: &'a GooseMetrics, name: &str) -> Option<&'a GooseRequestMetricAggregate> {
    metrics.requests.values().find(|request| request.path == name)
}

/// In milliseconds.
fn percentile(request: Option<&GooseRequestMetricAggregate>, percent: f32) -> String {
    request.map_or_else(
        || "-".to_owned(),
        |request| format!("{:.1}", request.raw_data.percentile_us(percent) as f64 / 1_000.0),
    )
}

/// A line for each kind of request: how many there were, how many failed, and the 50th and 99th percentile of both
/// rounds, in milliseconds.
pub fn print(idle: &GooseMetrics, busy: &GooseMetrics) {
    println!(
        "{:<24}{:>9}{:>8}{:>11}{:>11}{:>11}{:>11}",
        "", "requests", "failed", "idle p50", "idle p99", "p50", "p99"
    );
    let names: BTreeSet<&str> =
        idle.requests.values().chain(busy.requests.values()).map(|one| one.path.as_str()).collect();
    for name in names {
        let (alone, together) = (named(idle, name), named(busy, name));
        let count = |of: fn(&GooseRequestMetricAggregate) -> usize| alone.map_or(0, of) + together.map_or(0, of);
        println!(
            "{name:<24}{:>9}{:>8}{:>11}{:>11}{:>11}{:>11}",
            count(|request| request.raw_data.counter),
            count(|request| request.fail_count),
            percentile(alone, 0.5),
            percentile(alone, 0.99),
            percentile(together, 0.5),
            percentile(together, 0.99),
        );
    }
}
