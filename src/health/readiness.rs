//! Whether this process can serve, part by part: transactions, the job queue and, on a cluster, each node.

use std::{fmt::Write as _, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    db,
    error::{Error, Result, faults},
    jobs,
};

/// How long a probe may take: a process that needs longer for a small transaction is not ready.
const PROBE: Duration = Duration::from_millis(900);

/// One part, and what is wrong with it.
struct ReadinessPart {
    name: String,
    fault: Option<&'static str>,
}

impl ReadinessPart {
    fn new(name: impl Into<String>, is_ready: bool, fault: &'static str) -> Self {
        Self { name: name.into(), fault: (!is_ready).then_some(fault) }
    }
}

/// Ready as long as transactions can be run and jobs enqueued. On a cluster the schools of a node that is away wait, and
/// the others do not: it is ready with any of its nodes, and says which are away.
pub async fn ready(State(app): State<App>) -> Response {
    let (nodes, probed, queue) =
        tokio::join!(within(db::cluster::nodes(app.db.pool())), within(db::probe(&app.db)), within(queue(&app)));
    let (nodes, enqueues) = (nodes.unwrap_or_default(), queue.is_some());
    let runs = probed.is_some() || enqueues && nodes.iter().any(|node| node.answers);
    let mut parts = vec![
        ReadinessPart::new("transactions", runs, "cannot be run"),
        ReadinessPart::new("jobs", enqueues, "cannot be enqueued"),
    ];
    parts.extend(
        nodes.into_iter().map(|node| ReadinessPart::new(format!("node {}", node.name), node.answers, "is away")),
    );
    if parts.iter().all(|part| part.fault.is_none()) {
        return "ok".into_response();
    }
    let status = if runs && enqueues { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, told(&parts)).into_response()
}

/// What is wrong first: one line each.
fn told(parts: &[ReadinessPart]) -> String {
    let mut told = String::new();
    for part in parts {
        let _ = match part.fault {
            Some(fault) => writeln!(told, "{} {fault}", part.name),
            None => writeln!(told, "{} ok", part.name),
        };
    }
    told
}

/// The answer, if it comes in time.
async fn within<T>(probe: impl Future<Output = Result<T>>) -> Option<T> {
    match tokio::time::timeout(PROBE, probe).await {
        Ok(Ok(answer)) => return Some(answer),
        Ok(Err(Error::Internal(fault) | Error::Unavailable(fault))) => {
            tracing::warn!("not ready: {}", faults::told(&fault));
        }
        Ok(Err(refusal)) => tracing::warn!("not ready: {refusal}"),
        Err(_) => tracing::warn!("not ready: a transaction takes too long"),
    }
    None
}

async fn queue(app: &App) -> Result<()> {
    jobs::backlog(&mut *app.db.pool().acquire().await?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_line() {
        let parts = [
            ReadinessPart::new("transactions", true, "cannot be run"),
            ReadinessPart::new("node two:5432", false, "is away"),
        ];
        assert_eq!(told(&parts), "transactions ok\nnode two:5432 is away\n");
    }
}
