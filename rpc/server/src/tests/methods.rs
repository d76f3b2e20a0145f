//! Memory of the answers to submissions.

use ehb_rpc_api::{ERROR_TEXT_BYTES_MAX, ErrorData, METHODS, Method, SubmitResult};
use ehb_types::{Code, Hash};

use crate::follow::json_len;
use crate::limits::SHARED_BYTES_MIN;
use crate::methods::answer_bytes;

/// What a call did must not be hidden because there is no memory for its answer: so the memory is set aside before.
#[test]
fn what_submitting_answers_has_its_memory_before() {
    let changing = METHODS.iter().filter(|method| !method.is_read()).map(|method| method.name);
    assert_eq!(changing.collect::<Vec<_>>(), ["tx_submit", "tx_submitBatch"]);

    let longest = Code::ALL
        .iter()
        .map(|code| SubmitResult::Error(ErrorData::new(*code, "x".repeat(ERROR_TEXT_BYTES_MAX))));
    let longest = longest.max_by_key(json_len).unwrap();
    assert!(json_len(&longest) < SHARED_BYTES_MIN / 2);
    let batch = Method::find("tx_submitBatch").unwrap();
    for (result, kind) in [(&longest, "errors"), (&SubmitResult::Id(Hash([9; 32])), "ids")] {
        for count in [1, 10, 100, 1_000] {
            let answer = json_len(&vec![result; count]);
            let shortest = "[\"\"]".len() + (count - 1) * ",\"\"".len();
            let aside = answer_bytes(batch, shortest);
            assert!(answer <= aside.max(SHARED_BYTES_MIN / 2), "{count} {kind}: {answer} {aside}");
        }
    }
}
