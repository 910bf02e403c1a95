//! A school whose people do all that hurts, at the same time and through two processes, beside schools that work as every
//! day: these notice nothing. `benches/hostile.rs` does the same at full strength and takes the time.

use futures_util::future::{join, join_all};

use crate::support::sheets;
use crate::support::{Client, TestApp};

/// How often each of its people asks.
const ROUNDS: usize = 4;

async fn attack(client: Client, school: String, number: usize) -> Vec<u16> {
    let path = |rest: &str| format!("/schools/{school}{rest}");
    let many_words = vec!["nguyen"; 5_000].join("+");
    let garbage = vec![b'x'; 256 * 1024];
    let rows = [["Họ và tên", "Giới tính", "Lớp", "Ngày sinh"], ["Lê Văn Tý", "Nam", "10A1", "05/09/2011"]];
    let list = sheets::written(&rows.map(|row| row.map(str::to_owned).to_vec()));
    let name = format!("Lê Văn Tấn {number}");
    let form = [("full_name", name.as_str()), ("gender", "male"), ("birth_date", "2011-09-05")];
    let ids = vec![("ids", "01a07961-1280-7ce1-9a33-ace122fc2db5"); 25_000];
    let mut statuses = Vec::new();
    for round in 0..ROUNDS {
        let page = match (number + round) % 8 {
            0 => client.get(&path(&format!("/accounts?q={many_words}"))).await,
            1 => client.get(&path("/accounts?q=n+t+v+h+l+a+d+m+p+q")).await,
            2 => client.upload(&path("/plans/new?source=students"), "a.xlsx", &garbage).await,
            3 => client.upload(&path("/plans/new?source=students"), "a.xlsx", &list).await,
            4 => client.post(&path("/accounts/students"), &form).await,
            5 => client.get(&path("/accounts/export.xlsx")).await,
            6 => client.post(&path("/accounts/bulk"), &ids).await,
            _ => client.get(&path("/slips?status=slips")).await,
        };
        statuses.push(page.status.as_u16());
    }
    statuses
}

async fn a_day(client: Client, school: String) {
    for _ in 0..ROUNDS {
        for page in ["", "/accounts", "/accounts?q=an", "/classes", "/plans"] {
            client.get(&format!("/schools/{school}{page}")).await.expect(200);
        }
    }
}

fn days(people: Vec<(Client, String)>) -> impl Iterator<Item = tokio::task::JoinHandle<()>> {
    people.into_iter().map(|(client, school)| tokio::spawn(a_day(client, school)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hostile_school_takes_nothing_from_the_others() {
    let mut test = TestApp::with_many_connections().await;
    test.leaves_jobs();
    let other = test.other_process();
    let hostile = test.cast("79000001").await;
    let calm = [test.cast("79000002").await, test.cast("79000003").await, test.cast("79000004").await];
    let mut attackers = Vec::new();
    for number in 0..12 {
        let client = test.signed_in(&hostile.owner).await;
        attackers.push(if number % 2 == 0 { client } else { other.takes(client) });
    }
    let mut people = Vec::new();
    for (number, cast) in calm.iter().chain(&calm).enumerate() {
        let client = test.signed_in(&cast.owner).await;
        let client = if number < 3 { client } else { other.takes(client) };
        people.push((client, cast.school.code().to_owned()));
    }
    let code = hostile.school.code();
    let attacks = attackers.into_iter().enumerate();
    let attacks = attacks.map(|(number, client)| tokio::spawn(attack(client, code.to_owned(), number)));
    let (attacks, days) = (join_all(attacks), join_all(days(people)));
    let (statuses, days) = join(attacks, days).await;
    days.into_iter().for_each(|day| day.unwrap());
    let statuses: Vec<u16> = statuses.into_iter().flat_map(Result::unwrap).collect();

    // What it may do is done, or it is told to come back; nothing breaks.
    let expected = [200, 303, 413, 422, 503];
    let odd: Vec<u16> = statuses.into_iter().filter(|status| !expected.contains(status)).collect();
    assert_eq!(odd, [] as [u16; 0]);
    let kept = "SELECT count(DISTINCT plan_id), coalesce(sum(octet_length(content)), 0)::bigint FROM plan_uploads";
    let (files, bytes): (i64, i64) = sqlx::query_as(kept).fetch_one(&mut test.admin().await).await.unwrap();
    assert!(files <= 10 && bytes <= 60 * 1024 * 1024, "{files} files of {bytes} bytes");
    let queues = "SELECT count(DISTINCT coalesce(jobs.job_queue_id, -jobs.id)) FROM graphile_worker._private_jobs jobs
        JOIN graphile_worker._private_tasks tasks ON tasks.id = jobs.task_id WHERE tasks.identifier = 'read_upload'";
    let queues: i64 = sqlx::query_scalar(queues).fetch_one(&mut test.admin().await).await.unwrap();
    assert!(queues <= 1, "its files are read one after another, not from {queues} queues");
}
