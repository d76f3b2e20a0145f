//! Payment requests: payment in parts or as a whole, and their ends.

use expect_test::expect;

use super::table::{check, row, scene};

#[test]
fn a_request_is_paid_in_parts() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                                                                                            => ok
        bank mint EUR alice 1000                                                                                                                     => ok
        bob request-payment alice EUR 300 parts 5000 "invoice 7" bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy:application/pdf:20480 - => 1
        alice pay-request 1 100 - -                                                                                                                  => ok
        alice get-request 1                                                                                                                          => Request { id: 1, state: RequestState::PartiallyPaid, payee: bob, payer: Some(alice), asset: "EUR", amount: 300, paid: 100, partial-allowed: true, due-ms: 5000, reference: "invoice 7", document: Some(Document { cid: "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", media-type: "application/pdf", size: 20480 }) }
        alice pay-request 1 201 - -                                                                                                                  => OverRequest(LimitUsage { limit: 300, used: 100, needed: 201 })
        alice pay-request 1 200 - -                                                                                                                  => ok
        alice pay-request 1 1 - -                                                                                                                    => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "paid", action: "pay-rest" })
        balances                                                                                                                                     => alice 700+0 EUR, bob 300+0 EUR
        carol list-requests alice no - 10                                                                                                            => RequestPage { requests: [], next: None }
        carol list-requests bob no 1 10                                                                                                              => RequestPage { requests: [], next: None }
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | RequestCreated(Request { id: 1, state: RequestState::Open, payee: bob, payer: Some(alice), asset: "EUR", amount: 300, paid: 0, partial-allowed: true, due-ms: 5000, reference: "invoice 7", document: Some(Document { cid: "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", media-type: "application/pdf", size: 20480 }) })
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 100, reference: Some("invoice 7") })
          | RequestPaid(RequestPaymentMade { request: 1, payer: alice, amount: 100, state: RequestState::PartiallyPaid })
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 200, reference: Some("invoice 7") })
          | RequestPaid(RequestPaymentMade { request: 1, payer: alice, amount: 200, state: RequestState::Paid })
    "#]]);
}

#[test]
fn a_request_is_paid_as_a_whole_by_anyone() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                      => ok
        bank mint EUR alice 1000                               => ok
        bob request-payment - EUR 300 whole 5000 "table 4" - - => 1
        alice pay-request 1 100 - -                            => PartialNotAllowed(300)
        bob pay-request 1 300 - -                              => SameAccount(bob)
        alice pay-request 1 300 - key                          => ok
        alice pay-request 1 300 - key                          => ok
        bob decline-request 1                                  => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "paid", action: "decline" })
        bob request-payment - EUR 300 whole 5000 "table 5" - - => 2
        alice decline-request 2                                => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        bob decline-request 2                                  => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        bob cancel-request 2                                   => ok
        balances                                               => alice 700+0 EUR, bob 300+0 EUR
    "#]]);
}

#[test]
fn an_agent_pays_a_request_on_an_allowance() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                             => ok
        bank create-asset USD Dollar 2 bank                           => ok
        bank mint EUR alice 1000                                      => ok
        alice grant-allowance carol EUR 250 - 90000 bob - -           => 1
        alice grant-allowance carol USD 250 - 90000 - - -             => 2
        bob request-payment alice EUR 300 parts 5000 "invoice 7" - -  => 1
        dave request-payment alice EUR 300 parts 5000 "invoice 8" - - => 2
        carol pay-request 1 200 - -                                   => WrongParty(Party { account: Some(alice), organisation: None, role: None })
        carol pay-request 1 200 1 -                                   => ok
        carol pay-request 1 100 1 -                                   => OverAllowance(LimitUsage { limit: 250, used: 200, needed: 100 })
        carol pay-request 2 10 1 -                                    => PayeeNotAllowed(dave)
        carol pay-request 1 10 2 -                                    => RequestMismatch(1)
        dave pay-request 1 10 1 -                                     => WrongParty(Party { account: Some(carol), organisation: None, role: None })
        carol pay-request 1 10 3 -                                    => UnknownItem(Item { kind: "allowance", id: 3 })
        alice get-allowance 1                                         => Allowance { id: 1, owner: alice, spender: carol, asset: "EUR", limit: 250, period-ms: None, spent: 200, period-start-ms: 1000, granted-ms: 1000, expires-ms: 90000, payees: [bob], reference: "" }
        balances                                                      => alice 800+0 EUR, bob 200+0 EUR
    "#]]);
}

#[test]
fn a_request_ends_unpaid() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                  => ok
        bank mint EUR alice 1000                           => ok
        bob request-payment alice EUR 300 parts 5000 - - - => 1
        bob request-payment alice EUR 300 parts 5000 - - - => 2
        bob request-payment alice EUR 300 parts 5000 - - - => 3
        carol cancel-request 1                             => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        alice cancel-request 1                             => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        bob cancel-request 1                               => ok
        bob decline-request 2                              => WrongParty(Party { account: Some(alice), organisation: None, role: None })
        alice decline-request 2                            => ok
        alice pay-request 3 10 - -                         => ok
        alice decline-request 3                            => WrongState(WrongState { item: Item { kind: "request", id: 3 }, state: "partially-paid", action: "decline" })
        nobody advance request 3                           => TooEarly(Deadline { item: Item { kind: "request", id: 3 }, deadline-ms: 5000, now-ms: 1000 })
        at 5000
        alice pay-request 3 10 - -                         => TooLate(Deadline { item: Item { kind: "request", id: 3 }, deadline-ms: 5000, now-ms: 5000 })
        freeze alice
        freeze bob
        nobody advance request 3                           => ok
        bob list-requests alice no - 10                    => RequestPage { requests: [], next: None }
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | RequestCreated(Request { id: 1, state: RequestState::Open, payee: bob, payer: Some(alice), asset: "EUR", amount: 300, paid: 0, partial-allowed: true, due-ms: 5000, reference: "", document: None })
          | RequestCreated(Request { id: 2, state: RequestState::Open, payee: bob, payer: Some(alice), asset: "EUR", amount: 300, paid: 0, partial-allowed: true, due-ms: 5000, reference: "", document: None })
          | RequestCreated(Request { id: 3, state: RequestState::Open, payee: bob, payer: Some(alice), asset: "EUR", amount: 300, paid: 0, partial-allowed: true, due-ms: 5000, reference: "", document: None })
          | RequestEnded(RequestEnd { request: 1, state: RequestState::Cancelled })
          | RequestEnded(RequestEnd { request: 2, state: RequestState::Declined })
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 10, reference: None })
          | RequestPaid(RequestPaymentMade { request: 3, payer: alice, amount: 10, state: RequestState::PartiallyPaid })
          | RequestEnded(RequestEnd { request: 3, state: RequestState::Expired })
    "#]]);
}

#[test]
fn requesting_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                                                                                      => ok
        bob request-payment alice eur 300 parts 5000 - - -                                                                                     => MalformedAssetId("eur")
        bob request-payment alice USD 300 parts 5000 - - -                                                                                     => UnknownAsset("USD")
        bob request-payment alice EUR 0 parts 5000 - - -                                                                                       => ZeroAmount
        bob request-payment alice EUR 300 parts 1000 - - -                                                                                     => OutOfRange(Range { parameter: "due-ms", given: 1000, min: 1001, max: 31622401000 })
        bob request-payment alice EUR 300 parts 31622401001 - - -                                                                              => OutOfRange(Range { parameter: "due-ms", given: 31622401001, min: 1001, max: 31622401000 })
        bob request-payment alice EUR 300 parts 5000 141*x - -                                                                                 => OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })
        bob request-payment alice EUR 300 parts 5000 - Qm:text/plain:1 -                                                                       => MalformedCid("Qm")
        bob request-payment alice EUR 300 parts 5000 - bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy:-:1 -                       => OutOfRange(Range { parameter: "media-type", given: 0, min: 3, max: 127 })
        bob request-payment alice EUR 300 parts 5000 - bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy:text/plain:0 -              => OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        bob request-payment bob EUR 300 parts 5000 - - -                                                                                       => SameAccount(bob)
        bob request-payment nobody EUR 300 parts 5000 - - -                                                                                    => InactiveAccount(nobody)
        bob request-payment alice EUR max parts 31622401000 140*x bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy:text/plain:1 key => 1
        bob request-payment alice EUR max parts 31622401000 140*x bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy:text/plain:1 key => 1
        bob request-payment alice EUR 1 parts 31622401000 140*x - key                                                                          => KeyReused
        alice pay-request 1 0 - -                                                                                                              => ZeroAmount
        alice pay-request 1 1 - -                                                                                                              => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 1 })
        alice pay-request 2 1 - -                                                                                                              => UnknownItem(Item { kind: "request", id: 2 })
        carol pay-request 1 1 - -                                                                                                              => WrongParty(Party { account: Some(alice), organisation: None, role: None })
        alice cancel-request 2                                                                                                                 => UnknownItem(Item { kind: "request", id: 2 })
        alice decline-request 2                                                                                                                => UnknownItem(Item { kind: "request", id: 2 })
        alice advance request 2                                                                                                                => UnknownItem(Item { kind: "request", id: 2 })
        alice get-request 2                                                                                                                    => UnknownItem(Item { kind: "request", id: 2 })
    "#]]);
}

/// An organisation does not flood an account with requests, no matter which accounts ask and where they go meanwhile.
#[test]
fn open_requests_of_an_organisation_are_bounded() {
    let mut host = scene();
    let mut row = |words: &str| row(&mut host, words);
    row("bank create-asset EUR Euro 2 bank");
    let ask = "request-payment alice EUR 300 parts 5000 - - -";
    for number in 1..=100 {
        assert_eq!(row(&format!("bob {ask}")), number.to_string());
    }
    expect![[r#"TooMany(Bound { what: "open-requests", max: 100 })"#]]
        .assert_eq(&row(&format!("carol {ask}")));
    // Another organisation, another payer, and a request that anyone can pay.
    row("move dave elsewhere");
    assert_eq!(row(&format!("dave {ask}")), "101");
    assert_eq!(row("bob request-payment carol EUR 300 parts 5000 - - -"), "102");
    assert_eq!(row("bob request-payment - EUR 300 parts 5000 - - -"), "103");
    // One that ends makes room for the organisation that its payee was of.
    row("move bob elsewhere");
    assert_eq!(row("alice decline-request 7"), "ok");
    assert_eq!(row(&format!("carol {ask}")), "104");
    assert_eq!(row(&format!("bob {ask}")), "105");
    assert!(row(&format!("carol {ask}")).starts_with("TooMany"));
}
