//! What coverage-guided fuzzing found (`fuzz` beside the program's own folder), file by file.

use schoolgate::sources::spreadsheet::{Refusal, read};

use super::child::guarded;
use super::support::{options, sample};
use schoolgate::members::fields::RosterKind;

/// Files at which reading went astray once: they are read or refused now, and nothing else happens.
const STRANGE: &[&str] = &["sheet-out-of-order-1.bin", "text-unclosed-quote.bin", "text-utf16.bin"];

/// Files for which a crate asks for more memory than there is: that ends the process, and must be the child.
const MEMORY: &[&str] = &["xls-chain-of-sectors.bin", "xls-directory.bin"];

fn found(name: &str) -> Vec<u8> {
    sample(&format!("fuzz/{name}"))
}

#[test]
fn strange_files_are_read_or_refused() {
    for name in STRANGE {
        match read(&found(name), &options(RosterKind::Students)) {
            Ok(table) => assert!(table.rows.len() <= 100_000, "{name}"),
            Err(refusal) => assert!(!refusal.key().is_empty(), "{name}"),
        }
    }
}

#[tokio::test]
async fn memory_is_the_childs_alone() {
    for name in MEMORY {
        let refusal = guarded(found(name)).await.err();
        assert!(matches!(refusal, Some(Refusal::Memory | Refusal::Broken)), "{name}: {refusal:?}");
    }
}
