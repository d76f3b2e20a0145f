//! A company that pays within its policy, from start to end.

use expect_test::expect;

use super::table::check;

/// The example of the README: `alice` is the company, `bob` its agent, `market` the computing centre,
/// `dave` sells steel, `bank`, `carol` and `platform-admin` approve.
#[test]
fn a_company_pays_within_its_policy() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                                                                                => ok
        bank mint EUR alice 2000000                                                                                                      => ok
        alice set-policy EUR daily=500000 above=100000 approvers=bank,carol,admin approvals=2 tier=2000000:-:treasurer:1 notice=86400000 => ok
        alice grant-allowance bob EUR 20000 86400000 7776000000 - compute grant-1                                                        => 1
        bob transfer-from 1 market 1250 "run 77" run-77                                                                                  => ok
        bob transfer-from 1 market 1250 "run 77" run-77                                                                                  => ok
        dave request-payment alice EUR 750000 parts 2592000000 "invoice 7" - inv-7                                                       => 1
        alice pay-request 1 750000 - -                                                                                                   => ApprovalNeeded(LimitUsage { limit: 100000, used: 1250, needed: 750000 })
        alice propose-payment dave EUR 750000 "invoice 7" 1 604800000 pay-7                                                              => 1
        bank approve-payment 1                                                                                                           => ok
        carol approve-payment 1                                                                                                          => ok
        alice get-request 1                                                                                                              => Request { id: 1, state: RequestState::Paid, payee: dave, payer: Some(alice), asset: "EUR", amount: 750000, paid: 750000, partial-allowed: true, due-ms: 2592000000, reference: "invoice 7", document: None }
        balances                                                                                                                         => alice 1248750+0 EUR, dave 750000+0 EUR, market 1250+0 EUR
    "#]]);
}
