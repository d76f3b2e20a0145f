//! Input out of range, and its refusals.

use ehb_contract::Host;

use super::table::{CAST, Play, START_MS, details, document, terms};
use crate::bindings::ehb::jobs::types::{
    ContractTerms, Error, MilestonePlan, PostingDetails, Requirement, Side,
};
use crate::rules;
use ehb_dispute::types::{Arbiter, Document};

/// The refusal of a posting that was changed.
fn posting(change: impl FnOnce(&mut PostingDetails)) -> String {
    let mut host = Play::new().host;
    let mut details = details();
    change(&mut details);
    host.act_as(CAST.address("client"));
    refusal("post-job", host.call(|host| rules::post_job(host, details, String::new())))
}

/// The refusal, after the function that refused.
fn refusal<T: std::fmt::Debug>(function: &str, result: Result<T, Error>) -> String {
    format!("{function}: {}", CAST.named(&result.unwrap_err()))
}

#[test]
fn postings_that_are_refused() {
    let long = |bytes| "x".repeat(bytes);
    let requirement = |organisation, kind| Requirement { organisation, kind };
    let results = [
        posting(|it| it.title = String::new()),
        posting(|it| it.title = long(101)),
        posting(|it| it.summary = long(1_001)),
        posting(|it| it.skills = vec![long(1); 17]),
        posting(|it| it.skills = vec![String::new()]),
        posting(|it| it.skills = vec![long(41)]),
        posting(|it| it.place = long(141)),
        posting(|it| it.documents = vec![document(); 5]),
        posting(|it| {
            it.documents = vec![document()];
            it.documents[0].cid = "Qm".to_owned();
        }),
        posting(|it| {
            it.documents = vec![document()];
            it.documents[0].media_type = "pdf".to_owned();
        }),
        posting(|it| it.requirements = vec![requirement(long(1), long(1)); 5]),
        posting(|it| it.requirements = vec![requirement(String::new(), long(1))]),
        posting(|it| it.requirements = vec![requirement(long(65), long(1))]),
        posting(|it| it.requirements = vec![requirement(long(1), long(41))]),
        posting(|it| it.asset = String::new()),
        posting(|it| it.asset = long(13)),
        posting(|it| it.budget = 0),
        posting(|it| it.positions = 0),
        posting(|it| it.positions = 101),
        posting(|it| it.apply_until_ms = START_MS),
        posting(|it| it.apply_until_ms = u64::MAX),
        posting(|it| it.decide_until_ms = START_MS),
        posting(|it| it.decide_until_ms = u64::MAX),
    ];
    expect_test::expect![[r#"
        post-job: OutOfRange(Range { parameter: "title", given: 0, min: 1, max: 100 })
        post-job: OutOfRange(Range { parameter: "title", given: 101, min: 1, max: 100 })
        post-job: OutOfRange(Range { parameter: "summary", given: 1001, min: 0, max: 1000 })
        post-job: OutOfRange(Range { parameter: "skills", given: 17, min: 0, max: 16 })
        post-job: OutOfRange(Range { parameter: "skill", given: 0, min: 1, max: 40 })
        post-job: OutOfRange(Range { parameter: "skill", given: 41, min: 1, max: 40 })
        post-job: OutOfRange(Range { parameter: "place", given: 141, min: 0, max: 140 })
        post-job: OutOfRange(Range { parameter: "documents", given: 5, min: 0, max: 4 })
        post-job: MalformedCid("Qm")
        post-job: MalformedMediaType("pdf")
        post-job: OutOfRange(Range { parameter: "requirements", given: 5, min: 0, max: 4 })
        post-job: OutOfRange(Range { parameter: "organisation", given: 0, min: 1, max: 64 })
        post-job: OutOfRange(Range { parameter: "organisation", given: 65, min: 1, max: 64 })
        post-job: OutOfRange(Range { parameter: "kind", given: 41, min: 1, max: 40 })
        post-job: MalformedAssetId("")
        post-job: MalformedAssetId("xxxxxxxxxxxxx")
        post-job: ZeroAmount
        post-job: OutOfRange(Range { parameter: "positions", given: 0, min: 1, max: 100 })
        post-job: OutOfRange(Range { parameter: "positions", given: 101, min: 1, max: 100 })
        post-job: OutOfRange(Range { parameter: "apply-until-ms", given: 1000, min: 1001, max: 15552001000 })
        post-job: OutOfRange(Range { parameter: "apply-until-ms", given: 18446744073709551615, min: 1001, max: 15552001000 })
        post-job: OutOfRange(Range { parameter: "decide-until-ms", given: 1000, min: 11000, max: 7776011000 })
        post-job: OutOfRange(Range { parameter: "decide-until-ms", given: 18446744073709551615, min: 11000, max: 7776011000 })
    "#]]
    .assert_eq(&(results.join("\n") + "\n"));
}

/// The refusal of an offer that was changed.
fn offer(change: impl FnOnce(&mut ContractTerms, &mut Vec<MilestonePlan>, &mut u64)) -> String {
    let mut host = Play::new().host;
    host.act_as(CAST.address("client"));
    rules::post_job(&mut host, details(), String::new()).unwrap();
    let plan = MilestonePlan { title: "a door".to_owned(), amount: 100, due_ms: 50_000 };
    let (mut terms, mut plans, mut until_ms) = (terms(), vec![plan], 9_000);
    change(&mut terms, &mut plans, &mut until_ms);
    let worker = CAST.address("worker");
    refusal(
        "make-offer",
        host.call(|host| rules::make_offer(host, 1, worker, terms, plans, until_ms, String::new())),
    )
}

#[test]
fn offers_that_are_refused() {
    let worker = CAST.address("worker");
    let results = [
        offer(|it, _, _| it.asset = String::new()),
        offer(|it, _, _| it.specification = Some(Document { size: 0, ..document() })),
        offer(|it, _, _| it.specification = Some(Document { cid: "Qm".to_owned(), ..document() })),
        offer(|it, _, _| {
            it.specification = Some(Document { media_type: "pdf".to_owned(), ..document() })
        }),
        offer(|it, _, _| it.review_window_ms = 999),
        offer(|it, _, _| it.revision_window_ms = u64::MAX),
        offer(|it, _, _| it.payment_window_ms = 0),
        offer(|it, _, _| it.idle_window_ms = 0),
        offer(|it, _, _| it.revisions_max = 6),
        offer(|it, _, _| it.dispute.default_to_payer = 10_001),
        offer(|it, _, _| it.dispute.windows.ruling_ms = 0),
        offer(|it, _, _| it.dispute.arbiter = Arbiter::Account(worker)),
        offer(|_, plans, _| plans.clear()),
        offer(|_, plans, _| *plans = vec![plans[0].clone(); 11]),
        offer(|_, plans, _| plans[0].title = String::new()),
        offer(|_, plans, _| plans[0].amount = 0),
        offer(|_, plans, _| plans[0].due_ms = 9_000),
        offer(|_, plans, _| plans[0].due_ms = u64::MAX),
        offer(|_, plans, _| {
            plans[0].amount = u64::MAX;
            plans.push(plans[0].clone());
        }),
        offer(|_, _, until_ms| *until_ms = START_MS),
        offer(|_, _, until_ms| *until_ms = 21_001),
        offer(|_, _, until_ms| *until_ms = u64::MAX),
    ];
    expect_test::expect![[r#"
        make-offer: MalformedAssetId("")
        make-offer: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        make-offer: MalformedCid("Qm")
        make-offer: MalformedMediaType("pdf")
        make-offer: OutOfRange(Range { parameter: "review-window-ms", given: 999, min: 1000, max: 2592000000 })
        make-offer: OutOfRange(Range { parameter: "revision-window-ms", given: 18446744073709551615, min: 1000, max: 2592000000 })
        make-offer: OutOfRange(Range { parameter: "payment-window-ms", given: 0, min: 1000, max: 2592000000 })
        make-offer: OutOfRange(Range { parameter: "idle-window-ms", given: 0, min: 1000, max: 63072000000 })
        make-offer: OutOfRange(Range { parameter: "revisions-max", given: 6, min: 0, max: 5 })
        make-offer: OutOfRange(Range { parameter: "default-to-payer", given: 10001, min: 0, max: 10000 })
        make-offer: OutOfRange(Range { parameter: "ruling-ms", given: 0, min: 1000, max: 2592000000 })
        make-offer: Dispute(ConflictOfInterest(worker))
        make-offer: OutOfRange(Range { parameter: "milestones", given: 0, min: 1, max: 10 })
        make-offer: OutOfRange(Range { parameter: "milestones", given: 11, min: 1, max: 10 })
        make-offer: OutOfRange(Range { parameter: "title", given: 0, min: 1, max: 100 })
        make-offer: ZeroAmount
        make-offer: OutOfRange(Range { parameter: "due-ms", given: 9000, min: 9001, max: 63072001000 })
        make-offer: OutOfRange(Range { parameter: "due-ms", given: 18446744073709551615, min: 9001, max: 63072001000 })
        make-offer: AmountOverflow
        make-offer: OutOfRange(Range { parameter: "accept-until-ms", given: 1000, min: 1001, max: 21000 })
        make-offer: OutOfRange(Range { parameter: "accept-until-ms", given: 21001, min: 1001, max: 21000 })
        make-offer: OutOfRange(Range { parameter: "accept-until-ms", given: 18446744073709551615, min: 1001, max: 21000 })
    "#]]
    .assert_eq(&(results.join("\n") + "\n"));
}

#[test]
fn other_input_that_is_refused() {
    let mut play = Play::new();
    let client = CAST.address("client");
    for row in [
        "client post-job public 2 11000 21000",
        "client make-offer 1 worker 9000 300@50000 2000000@50000",
        "worker accept-offer 1",
        "client fund 1",
        "worker submit 1",
    ] {
        play.row(row);
    }
    let mut results = Vec::new();
    for row in [
        "client set-platform-fee 1 platform",
        "admin set-platform-fee 1001 platform",
        "admin set-platform-fee 1 nobody",
        "worker apply 1 0",
        "client make-offer 1 client 9000 300@50000",
        "client make-offer 1 nobody 9000 300@50000",
        "client fund 2",
        "client reveal 1 0 -",
        "client dispute 1 max-16",
    ] {
        let row = row.replace("max-16", &u16::MAX.to_string());
        results.push(format!("{row}: {}", play.row(&row)));
    }
    let host = &mut play.host;
    let too_long = "x".repeat(1_001);
    host.act_as(client);
    let call = |host: &mut Host, function: &str, run: &dyn Fn(&mut Host) -> Result<(), Error>| {
        refusal(function, host.call(|host| run(host)))
    };
    let revise = "request-revision";
    results.push(call(host, revise, &|host| rules::request_revision(host, 1, String::new())));
    results.push(call(host, revise, &|host| rules::request_revision(host, 1, "x".repeat(501))));
    results.push(call(host, "open-dispute", &|host| {
        rules::open_dispute(host, 1, 0, "x".repeat(501), String::new()).map(drop)
    }));
    host.act_as(CAST.address("rival"));
    results.push(call(host, "submit-application", &|host| {
        rules::submit_application(host, 1, too_long.clone(), 1, vec![], String::new()).map(drop)
    }));
    results.push(call(host, "submit-application", &|host| {
        rules::submit_application(host, 1, String::new(), 1, vec![document(); 5], String::new())
            .map(drop)
    }));
    results.push(call(host, "rating-commitment", &|host| {
        let (comment, salt) = ("x".repeat(281), ehb_contract::Hash::default());
        rules::rating_commitment(host, 1, Side::Client, 5, comment, salt).map(drop)
    }));
    expect_test::expect![[r#"
        client set-platform-fee 1 platform: MissingRole("platform-admin")
        admin set-platform-fee 1001 platform: OutOfRange(Range { parameter: "fee", given: 1001, min: 0, max: 1000 })
        admin set-platform-fee 1 nobody: InactiveAccount(nobody)
        worker apply 1 0: ZeroAmount
        client make-offer 1 client 9000 300@50000: SameAccount(client)
        client make-offer 1 nobody 9000 300@50000: InactiveAccount(nobody)
        client fund 2: Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 999700, needed: 2000000 }))
        client reveal 1 0 -: UnknownItem(Item { kind: "rating", id: 1 })
        client dispute 1 65535: OutOfRange(Range { parameter: "to-payer", given: 65535, min: 0, max: 10000 })
        request-revision: OutOfRange(Range { parameter: "note", given: 0, min: 1, max: 500 })
        request-revision: OutOfRange(Range { parameter: "note", given: 501, min: 1, max: 500 })
        open-dispute: OutOfRange(Range { parameter: "reason", given: 501, min: 1, max: 500 })
        submit-application: OutOfRange(Range { parameter: "note", given: 1001, min: 0, max: 1000 })
        submit-application: OutOfRange(Range { parameter: "documents", given: 5, min: 0, max: 4 })
        rating-commitment: OutOfRange(Range { parameter: "comment", given: 281, min: 0, max: 280 })
    "#]].assert_eq(&(results.join("\n") + "\n"));
}
