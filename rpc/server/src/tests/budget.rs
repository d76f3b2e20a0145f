use ehb_types::Code;

use crate::budget::{AnswerBudget, Workers};
use crate::limits::{ANSWER_BYTES_MAX, LARGE_ANSWER_BYTES, LARGE_ANSWERS_BYTES_MAX};

#[tokio::test(start_paused = true)]
async fn long_answers_share_a_budget_and_short_ones_need_none() {
    let budget = AnswerBudget::new();
    let mut shares = Vec::new();
    for _ in 0..LARGE_ANSWERS_BYTES_MAX / ANSWER_BYTES_MAX {
        shares.push(budget.share(ANSWER_BYTES_MAX).await.unwrap().unwrap());
    }
    assert!(budget.share(LARGE_ANSWER_BYTES - 1).await.unwrap().is_none());
    assert_eq!(budget.share(LARGE_ANSWER_BYTES).await.unwrap_err().code, Code::NotReady);
    let (waited, ()) = tokio::join!(budget.share(ANSWER_BYTES_MAX), async {
        shares.pop();
    });
    assert!(waited.is_ok());
}

#[tokio::test]
async fn a_panic_in_a_call_is_an_internal_error_and_frees_its_place() {
    let workers = Workers::new();
    for _ in 0..20 {
        let failed = workers.run::<()>(|| panic!("/secret/path")).await.unwrap_err();
        assert_eq!(failed.code, Code::Internal);
        assert!(!failed.message.contains("secret"));
    }
    assert_eq!(workers.run(|| Ok(7)).await, Ok(7));
}
