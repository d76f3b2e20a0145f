//! Disputes over sub-orders: settlement, rulings, appeals, silence and arbiters.

use expect_test::expect;

use super::table::check;

#[test]
fn a_dispute_is_ruled_and_appealed() {
    check(expect![[r#"
        alice place-order EUR 1@1x3 3000         => 1
        carl accept 1                            => ok
        carl ship 1 0x2 -                        => 1
        alice open-dispute 1 10000 "wrong goods" => ok
        sub 1                                    => disputed 61000; 3000 0 0 0; 3/1/2/0/0 0
        tess respond 1 0                         => ok
        alice add-evidence 1 photo               => ok
        tess add-evidence 1 "delivery note"      => ok
        alice finish-phase 1                     => ok
        tess finish-phase 1                      => ok
        alice offer 1 9000                       => ok
        tess offer 1 2000                        => ok
        alice request 1                          => ok
        alice get-dispute 1                      => (State::Arbitration, Some(61000))
        judge rule 1 3333                        => ok
        jury set-arbiter jury yes                => ok
        alice appeal 1 unfair                    => ok
        judge rule 1 5000                        => Dispute(NotArbiter(judge))
        jury rule 1 3335                         => ok
        sub 1                                    => resolved 1000; 3000 1000 1950 50; 3/0/2/0/0 0
        balances                                 => till 1950+0, alice 998000+0, bob 1000000+0, plat 50+0
        stock                                    => 1@1 98-0, 1@2 10-0, 2@1 100-0, 3@3 100-0
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 3000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 3000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 3, reserved: 3, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 2 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::PartiallyShipped, deadline-ms: Some(21000), by: carl })
          | DisputeOpened(Dispute { id: 1, item-id: 1, payer: alice, payee: till, payer-organisation: Some("home"), payee-organisation: Some("acme"), arbiter-agreed: false, claimant: Side::Payer, amount: 3000, reason: "wrong goods", terms: Terms { arbiter: Arbiter::Registered, fee: 0, default-to-payer: 6667, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } }, state: State::Open, deadline-ms: Some(61000), offers: [Offer { by: Side::Payer, to-payer: 10000, at-ms: 1000 }], evidence: [], payer-finished: false, payee-finished: false, deposits: [], assigned: [], rulings: [], appeal: None, outcome: None })
          | OrderDisputeChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Disputed, deadline-ms: Some(61000), by: alice })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeResponded(Offer { by: Side::Payee, to-payer: 0, at-ms: 1000 }), state: State::Evidence, deadline-ms: Some(61000), deposit: None, assigned: None, outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeEvidenceAdded(Evidence { by: Side::Payer, account: alice, document: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }, note: "photo", at-ms: 1000 }), state: State::Evidence, deadline-ms: Some(61000), deposit: None, assigned: None, outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeEvidenceAdded(Evidence { by: Side::Payee, account: tess, document: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }, note: "delivery note", at-ms: 1000 }), state: State::Evidence, deadline-ms: Some(61000), deposit: None, assigned: None, outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payer), state: State::Evidence, deadline-ms: Some(61000), deposit: None, assigned: None, outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payee), state: State::Settlement, deadline-ms: Some(61000), deposit: None, assigned: None, outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeOffered(Offer { by: Side::Payer, to-payer: 9000, at-ms: 1000 }), state: State::Settlement, deadline-ms: Some(61000), deposit: None, assigned: None, outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeOffered(Offer { by: Side::Payee, to-payer: 2000, at-ms: 1000 }), state: State::Settlement, deadline-ms: Some(61000), deposit: None, assigned: None, outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeArbitrationRequested(Side::Payer), state: State::Arbitration, deadline-ms: Some(61000), deposit: None, assigned: Some(Assignment { arbiter: Some(judge), organisation: Some("court"), on-appeal: false, at-ms: 1000 }), outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeRuled(Ruling { arbiter: Some(judge), organisation: Some("court"), to-payer: 3333, reasons: Some(Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }), at-ms: 1000 }), state: State::Ruled, deadline-ms: Some(61000), deposit: None, assigned: None, outcome: None })
          | ArbiterRegistered(ArbiterRegistration { account: jury, registered: true })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeAppealed(Appeal { by: Side::Payer, reason: "unfair", at-ms: 1000 }), state: State::Appealed, deadline-ms: Some(61000), deposit: None, assigned: Some(Assignment { arbiter: Some(jury), organisation: Some("appeals"), on-appeal: true, at-ms: 1000 }), outcome: None })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeRuled(Ruling { arbiter: Some(jury), organisation: Some("appeals"), to-payer: 3335, reasons: Some(Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }), at-ms: 1000 }), state: State::Final, deadline-ms: None, deposit: None, assigned: None, outcome: Some(Outcome { reason: OutcomeReason::AppealRuling, to-payer: 3335, split: Split { to-payer: 1000, to-payee: 2000 }, payer-costs: 0, payee-costs: 0, at-ms: 1000 }) })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 1000, paid: 1950, fee: 50, lines: [] })
          | OrderDisputeChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Resolved, deadline-ms: None, by: jury })
    "#]]);
}

#[test]
fn a_dispute_is_settled() {
    check(expect![[r#"
        alice place-order EUR 2@1x1 3000    => 1
        carl accept 1                       => ok
        carl ship 1 0x1 -                   => 1
        carl deliver 1 1                    => ok
        alice open-dispute 1 8000 scratched => ok
        tess accept-settlement 1 key=a      => ok
        tess accept-settlement 1 key=a      => ok
        sub 1                               => resolved 1000; 333 266 66 1; 1/0/1/1/0 0
        balances                            => till 66+0, alice 999933+0, bob 1000000+0, plat 1+0
    "#]]);
}

#[test]
fn a_store_disputes_what_came_back() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000          => 1
        carl accept 1                             => ok
        carl ship 1 0x1 -                         => 1
        carl deliver 1 1                          => ok
        alice request-return 1 0x1 broken         => ok
        carl approve-return 1                     => ok
        alice ship-return 1 Post                  => ok
        alice open-dispute 1 10000 "no money yet" => Dispute(WrongSide(Side::Payee))
        carl open-dispute 1 0 "another hammer"    => NotAParty(Item { kind: "sub-order", id: 1 })
        tess open-dispute 1 0 "another hammer"    => ok
        sub 1                                     => disputed 61000; 1000 0 0 0; 1/0/1/1/0 0
        alice respond 1 5000                      => ok
        tess accept-settlement 1                  => ok
        sub 1                                     => resolved 1000; 1000 500 488 12; 1/0/1/1/0 0
    "#]]);
}

#[test]
fn silence_ends_a_dispute() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        carl accept 1                    => ok
        alice open-dispute 1 10000 late  => ok
        stranger advance 1               => TooEarly(Deadline { item: Item { kind: "sub-order", id: 1 }, deadline-ms: 61000, now-ms: 1000 })
        at 61000
        stranger advance 1               => ok
        sub 1                            => disputed 121000; 1000 0 0 0; 1/1/0/0/0 0
        at 121000
        stranger advance 1               => ok
        sub 1                            => resolved 121000; 1000 1000 0 0; 1/0/0/0/0 0
        bob place-order EUR 1@1x1 3000   => 2
        carl accept 2                    => ok
        bob open-dispute 2 10000 late    => ok
        tess respond 2 0                 => ok
        at 181000
        stranger advance 2               => ok
        sub 2                            => disputed 241000; 1000 0 0 0; 1/1/0/0/0 0
        at 241000
        stranger advance 2               => ok
        sub 2                            => resolved 241000; 1000 1000 0 0; 1/0/0/0/0 0
        balances                         => alice 1000000+0, bob 1000000+0
        stock                            => 1@1 100-0, 1@2 10-0, 2@1 100-0, 3@3 100-0
    "#]]);
}

/// A dispute has the deadline of its sub-order, and is advanced as that.
#[test]
fn a_dispute_is_advanced_as_its_sub_order() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        carl accept 1                    => ok
        stranger advance-dispute 1       => UnknownItem(Item { kind: "dispute", id: 1 })
        alice open-dispute 1 10000 late  => ok
        stranger advance-dispute 1       => TooEarly(Deadline { item: Item { kind: "sub-order", id: 1 }, deadline-ms: 61000, now-ms: 1000 })
        at 61000
        stranger advance-dispute 1       => ok
        sub 1                            => disputed 121000; 1000 0 0 0; 1/1/0/0/0 0
        at 121000
        stranger advance-dispute 1       => ok
        sub 1                            => resolved 121000; 1000 1000 0 0; 1/0/0/0/0 0
        stranger advance-dispute 1       => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "resolved", action: "expire" })
        at 34560121000
        stranger advance-dispute 1       => ok
        stranger advance-dispute 1       => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        stranger advance-dispute 2       => UnknownItem(Item { kind: "dispute", id: 2 })
    "#]]);
}

#[test]
fn parties_and_states_are_checked() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        alice open-dispute 1 10000 late  => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "open-dispute" })
        alice respond 1 5000             => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "respond" })
        alice rule 1 5000                => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "rule" })
        carl accept 1                    => ok
        bob open-dispute 1 10000 late    => NotAParty(Item { kind: "sub-order", id: 1 })
        tess open-dispute 1 10000 late   => Dispute(WrongSide(Side::Payer))
        carl open-dispute 1 10000 late   => NotAParty(Item { kind: "sub-order", id: 1 })
        nina open-dispute 1 10000 late   => NotAParty(Item { kind: "sub-order", id: 1 })
        alice open-dispute 1 10001 late  => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
        alice open-dispute 1 10000 -     => OutOfRange(Range { parameter: "reason", given: 0, min: 1, max: 500 })
        alice open-dispute 1 10000 501*x => OutOfRange(Range { parameter: "reason", given: 501, min: 1, max: 500 })
        alice open-dispute 1 10000 late  => ok
        alice open-dispute 1 10000 late  => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "disputed", action: "open-dispute" })
        alice respond 1 5000             => Dispute(WrongSide(Side::Payee))
        bob respond 1 5000               => NotAParty(Item { kind: "sub-order", id: 1 })
        carl respond 1 5000              => NotAParty(Item { kind: "sub-order", id: 1 })
        tess respond 1 10001             => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
        alice accept-settlement 1        => Dispute(WrongSide(Side::Payee))
        alice offer 1 5000               => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "open", action: "offer" })
        judge rule 1 5000                => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "open", action: "rule" })
        tess respond 1 5000              => ok
        tess refund 1 0 1                => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "disputed", action: "refund" })
        carl ship 1 0x1 -                => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "disputed", action: "ship-part" })
        alice confirm 1                  => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "disputed", action: "confirm" })
        alice finish-phase 1             => ok
        alice finish-phase 1             => Dispute(PhaseFinished(Side::Payer))
        tess finish-phase 1              => ok
        tess offer 1 5000                => Dispute(WrongSide(Side::Payer))
        alice request 1                  => ok
        grant carl arbiter
        grant alice arbiter
        carl rule 1 0                    => Dispute(NotArbiter(carl))
        alice rule 1 10000               => Dispute(NotArbiter(alice))
        stranger rule 1 5000             => Dispute(NotArbiter(stranger))
        judge rule 1 10001               => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
        judge rule 1 5000                => ok
        judge appeal 1 why               => NotAParty(Item { kind: "sub-order", id: 1 })
        tess appeal 1 -                  => OutOfRange(Range { parameter: "reason", given: 0, min: 1, max: 500 })
        tess finish-phase 1              => ok
        alice finish-phase 1             => ok
        sub 1                            => resolved 1000; 1000 500 488 12; 1/0/0/0/0 0
        alice get-dispute 2              => UnknownItem(Item { kind: "dispute", id: 2 })
    "#]]);
}

/// Where arbiters are silent, goods that were never shipped are not paid for, and those that were are as agreed.
#[test]
fn silent_arbiters_pay_for_nothing_that_was_not_shipped() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        carl accept 1                    => ok
        alice open-dispute 1 10000 late  => ok
        tess respond 1 0                 => ok
        bob place-order EUR 1@1x4 4000   => 2
        carl accept 2                    => ok
        carl ship 2 0x3 -                => 1
        tess refund 2 0 400              => ok
        bob open-dispute 2 10000 late    => ok
        tess respond 2 0                 => ok
        alice place-order EUR 1@1x1 3000 => 3
        carl accept 3                    => ok
        carl ship 3 0x1 -                => 1
        alice open-dispute 3 10000 late  => ok
        tess respond 3 0                 => ok
        at 61000
        stranger advance-due 32          => 3
        alice request 1                  => ok
        bob request 2                    => ok
        alice request 3                  => ok
        at 121000
        stranger advance-due 32          => 3
        at 181000
        stranger advance-due 32          => 3
        at 241000
        stranger advance-due 32          => 3
        sub 1                            => resolved 241000; 1000 1000 0 0; 1/0/0/0/0 0
        sub 2                            => resolved 241000; 4000 2650 1317 33; 4/0/3/0/0 400
        sub 3                            => resolved 241000; 1000 500 488 12; 1/0/1/0/0 0
    "#]]);
}

/// Nobody of a party's organisation rules, and no court rules twice.
#[test]
fn arbiters_are_of_no_party() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000  => 1
        carl accept 1                     => ok
        alice open-dispute 1 10000 late   => ok
        tess respond 1 0                  => ok
        alice finish-phase 1              => ok
        tess finish-phase 1               => ok
        grant till arbiter
        till set-arbiter till yes         => ok
        tess request 1                    => ok
        till rule 1 0                     => Dispute(NotArbiter(till))
        judge rule 1 10000                => ok
        grant stranger arbiter
        stranger set-arbiter stranger yes => ok
        tess appeal 1 unfair              => ok
        till rule 1 0                     => Dispute(NotArbiter(till))
        judge rule 1 0                    => Dispute(NotArbiter(judge))
        stranger rule 1 9000              => ok
        sub 1                             => resolved 1000; 1000 900 98 2; 1/0/0/0/0 0
    "#]]);
}

/// An arbiter finds what waits for one, and nothing else.
#[test]
fn disputes_that_wait_for_an_arbiter_are_listed() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        alice place-order EUR 1@1x1 3000 => 2
        alice place-order EUR 1@1x1 3000 => 3
        carl accept 1                    => ok
        carl accept 2                    => ok
        carl accept 3                    => ok
        alice open-dispute 1 10000 late  => ok
        alice open-dispute 2 10000 late  => ok
        alice open-dispute 3 10000 late  => ok
        tess respond 1 0                 => ok
        tess respond 2 0                 => ok
        tess respond 3 0                 => ok
        at 61000
        stranger advance-due 32          => 3
        judge list-awaiting - 10         => ([], None)
        alice request 1                  => ok
        tess request 2                   => ok
        alice request 3                  => ok
        judge list-awaiting - 2          => ([1, 2], Some(2))
        judge list-awaiting 2 2          => ([3], None)
        judge list-awaiting - 0          => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        judge rule 1 5000                => ok
        judge rule 2 5000                => ok
        judge list-awaiting - 10         => ([3], None)
        jury set-arbiter jury yes        => ok
        alice appeal 2 unfair            => ok
        jury list-awaiting - 10          => ([2, 3], None)
        jury rule 2 10000                => ok
        jury list-awaiting - 10          => ([3], None)
        at 158112001000
        stranger advance-due 32          => 3
        jury list-awaiting - 10          => ([], None)
    "#]]);
}

/// Both deposit what two rulings can cost, the loser bears it, and the arbiters that ruled get it.
#[test]
fn the_loser_pays_the_arbiters() {
    check(expect![[r#"
        admin set-arbiter-fee 500         => ok
        jury set-arbiter jury yes         => ok
        stranger list-arbiters            => [judge, jury]
        at 11000
        alice place-order EUR 1@1x4 4000  => 1
        carl accept 1                     => ok
        carl ship 1 0x4 -                 => 1
        alice open-dispute 1 10000 broken => ok
        ben respond 1 0                   => Dispute(WrongSide(Side::Payee))
        fay respond 1 0                   => Dispute(WrongSide(Side::Payee))
        tess respond 1 2000               => ok
        alice finish-phase 1              => ok
        tess finish-phase 1               => ok
        tess request 1                    => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 400 }))
        bob request 1                     => NotAParty(Item { kind: "sub-order", id: 1 })
        bank give tess 1000               => ok
        tess request 1                    => ok
        tess request 1                    => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "arbitration-requested", action: "request" })
        tess join 1                       => Dispute(WrongSide(Side::Payer))
        balances                          => tess 600+400, alice 995000+4000, bob 1000000+0
        alice join 1 key=j                => ok
        alice join 1 key=j                => ok
        balances                          => tess 600+400, alice 994600+4400, bob 1000000+0
        jury rule 1 8000                  => Dispute(NotArbiter(jury))
        judge rule 1 8000                 => ok
        jury rule 1 6000                  => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "ruled", action: "rule" })
        judge rule 1 6000                 => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "ruled", action: "rule" })
        tess appeal 1 unfair key=a        => ok
        judge rule 1 4000                 => Dispute(NotArbiter(judge))
        jury rule 1 4000                  => ok
        sub 1                             => resolved 11000; 4000 1600 2340 60; 4/0/4/0/0 0
        balances                          => tess 900+0, till 2340+0, alice 996300+0, bob 1000000+0, judge 200+0, jury 200+0, plat 60+0
    "#]]);
}

/// What was deposited goes back where the wallet's hold of the order expires before the dispute ends.
#[test]
fn deposits_go_back_when_the_escrow_is_gone() {
    check(expect![[r#"
        admin set-arbiter-fee 500         => ok
        at 11000
        alice place-order EUR 1@1x4 4000  => 1
        carl accept 1                     => ok
        carl ship 1 0x4 -                 => 1
        alice open-dispute 1 10000 broken => ok
        tess respond 1 2000               => ok
        alice finish-phase 1              => ok
        tess finish-phase 1               => ok
        alice request 1                   => ok
        balances                          => alice 995600+4400, bob 1000000+0
        at 158112011000
        stranger advance 1                => ok
        sub 1                             => hold-expired 158112011000; 4000 4000 0 0; 4/0/4/0/0 0
        balances                          => alice 1000000+0, bob 1000000+0
    "#]]);
}
