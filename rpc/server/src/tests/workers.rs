//! Where blocking work runs, and what becomes of its panics.

use std::thread;

use ehb_types::Code;

use crate::backend::Refusal;
use crate::workers::{run_here, run_with};

/// Short work needs no other thread, and its panic is an error like that of other work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_work_runs_where_the_call_is() {
    let call = async {
        let here = thread::current().id();
        let (ran, permit) = run_here(move || Ok(thread::current().id()), 7).await.unwrap();
        assert_eq!((ran, permit), (here, 7));
        let failed = run_here(|| -> Result<(), Refusal> { panic!("a bug") }, ()).await;
        assert_eq!(failed.unwrap_err().code, Code::Internal);
        let failed = run_with(|| -> Result<(), Refusal> { panic!("a bug") }, ()).await;
        assert_eq!(failed.unwrap_err().code, Code::Internal);
    };
    tokio::spawn(call).await.unwrap();
}

/// A runtime of one thread goes on with other tasks while the work runs.
#[tokio::test]
async fn short_work_does_not_stop_a_runtime_of_one_thread() {
    let (done, other) = std::sync::mpsc::sync_channel(1);
    let work = run_here(move || other.recv().map_err(|_| Refusal::new(Code::Internal, "")), ());
    let meanwhile = async { done.send(1).unwrap() };
    assert_eq!(tokio::join!(work, meanwhile).0.unwrap(), (1, ()));
}
