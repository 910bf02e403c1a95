//! What coverage-guided fuzzing found (`fuzz` beside the program's own folder), file by file.

use schoolgate::sources::spreadsheet::{Refusal, read};

use super::child::guarded;
use super::support::{options, sample};
use schoolgate::members::fields::RosterKind;

/// Files at which the crates that open them panic: what they are is damaged, and nothing else happens.
const PANICS: &[&str] = &[];

/// Files for which a crate asks for more memory than there is: that ends the process, and must be the child.
const MEMORY: &[&str] = &["xls-chain-of-sectors.bin", "xls-directory.bin"];

fn found(name: &str) -> Vec<u8> {
    sample(&format!("fuzz/{name}"))
}

#[test]
fn damaged_files_are_refused_without_a_panic() {
    for name in PANICS {
        assert_eq!(read(&found(name), &options(RosterKind::Students)).err(), Some(Refusal::Broken), "{name}");
    }
}

#[tokio::test]
async fn memory_is_the_childs_alone() {
    for name in MEMORY {
        let refusal = guarded(found(name)).await.err();
        assert!(matches!(refusal, Some(Refusal::Memory | Refusal::Broken)), "{name}: {refusal:?}");
    }
}
