//! What is copied in a spreadsheet is pasted into many fields at once.

use super::driver::Browser;
use crate::support::say::{vi, vi1};
use crate::support::{TestServer, sheets};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_of_cells_is_pasted_into_the_grid() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let manager = server.test.signed_in(&cast.manager).await;
    let rows = [
        ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh"],
        ["Hoàng Văn An", "Nam", "10A1", "04/04/2011"],
        ["Trần Thị Bình", "Nữ", "10A1", "05/04/2011"],
        ["Đỗ Thị Cúc", "Nữ", "10A1", "06/04/2011"],
    ];
    let file = sheets::written(&rows.map(|row| row.map(str::to_owned).to_vec()));
    let plan = manager.upload(&cast.school.path("/plans/new?source=students"), "10a1.xlsx", &file).await.location();

    let browser = Browser::open(&server.url, true).await;
    browser.come_in(&manager.cookie("session").unwrap()).await;
    browser.goto(&plan).await;
    browser.says(&vi("plan-title-ready")).await;
    browser.press(&vi1("plan-missing", "count", 3)).await;
    browser.arrives(&format!("{plan}/missing")).await;
    // Over the edge on the right, where there is no column, and below, where there is no row; one name on two lines.
    let copied =
        "Lê Thị Hoa\t1980\t\t\tGhi chú\r\n\"Phạm Thị\nLan\"\t1981\r\n\t\tĐỗ Văn Ông\t1950\r\nVũ Thị Thừa\t1982\r\n";
    browser.paste("mother_name_2", copied).await;
    browser.says(&vi1("missing-pasted", "n", 6)).await;
    browser.says(&vi1("missing-pasted-rest", "n", 1)).await;
    browser.press(&vi("missing-save")).await;
    browser.arrives(&format!("{plan}?done=missing-filled&n=3")).await;
    browser.says("Phạm Thị Lan, 1981").await;
    browser.says("Đỗ Văn Ông, 1950").await;
    browser.quit().await;
}
