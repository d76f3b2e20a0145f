//! The violations that the checks find, with made-up answers of the modules.

use std::collections::BTreeMap;
use std::convert::Infallible;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{ModuleReader, check};

/// The modules' answers, by function and arguments. Anything else does not exist.
struct Said(BTreeMap<String, Value>);

impl Said {
    fn say(&mut self, function: &str, arguments: Value, answer: Value) {
        self.0.insert(format!("{function} {arguments}"), answer);
    }

    /// Replaces the value at a JSON pointer of an answer.
    fn lie(&mut self, function: &str, arguments: Value, pointer: &str, value: Value) {
        let answer = self.0.get_mut(&format!("{function} {arguments}")).unwrap();
        *answer.pointer_mut(pointer).unwrap() = value;
    }
}

impl ModuleReader for Said {
    type Error = Infallible;

    fn has(&self, module: &str, _: &str) -> bool {
        ["wallet", "credit", "marketplace", "jobs"].contains(&module)
    }

    fn read(
        &mut self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Result<Value, Value>, Infallible> {
        let found = self.0.get(&format!("{module}.{function} {arguments}"));
        Ok(found.cloned().ok_or_else(|| json!({"unknown": function})))
    }

    fn time_ms(&self) -> u64 {
        1_000
    }
}

fn page(of: Value) -> Value {
    let mut arguments = of;
    arguments["after"] = Value::Null;
    arguments["limit"] = 100.into();
    arguments
}

/// Of an order of 5 pieces 2 are shipped, of which 1 is delivered; 3 of 10 pieces are reserved. A contract
/// has a milestone that was paid and one that is not funded.
fn trade(said: &mut Said) {
    let line = json!({
        "variant": "1", "location": "2", "unit-price": "4", "ordered": 5, "reserved": 3, "shipped": 2,
        "delivered": 1, "returned": 0, "refunded": "8", "goodwill": "0",
    });
    let part = json!({
        "state": "partially-shipped", "hold": "2", "hold-expires-ms": "0", "lines": [line],
        "escrow": {"funded": "20", "refunded": "8", "paid": "0", "fee": "0"},
    });
    said.say("marketplace.get-order", json!({"order": "1"}), json!({"sub-orders": ["1"]}));
    said.say("marketplace.get-sub-order", json!({"sub-order": "1"}), part);
    said.say("marketplace.get-variant", json!({"variant": "1"}), json!({}));
    let level = json!({"location": "2", "on-hand": "10", "reserved": "3", "available": "7"});
    let levels = json!({"levels": [level], "next": null});
    said.say("marketplace.list-stock", page(json!({"variant": "1"})), levels);
    let escrow = json!({
        "funded": "9", "paid": "6", "fee": "1", "refunded": "2", "hold": "3", "hold-expires-ms": "0",
    });
    let paid = json!({"contract": "1", "state": "resolved", "escrow": escrow});
    said.say("jobs.get-milestone", json!({"milestone": "1"}), paid);
    let pending = json!({"contract": "1", "state": "pending", "escrow": null});
    said.say("jobs.get-milestone", json!({"milestone": "2"}), pending);
    said.say(
        "jobs.get-contract",
        json!({"contract": "1"}),
        json!({"open-milestones": 1, "paid": "7"}),
    );
}

/// Ann holds 30 and Ben 20 of 100 euros. Ann's line of 100 credits was drawn by usages of 12 and 8, of
/// which the first is on a bill, and 5 are set aside; her grant of 50 has 10 used.
fn books() -> Said {
    let mut said = Said(BTreeMap::new());
    let owned = |account: &str, available: &str, held: &str| json!({"account": account, "balance": {"asset": "EUR", "available": available, "held": held}});
    let owned =
        json!({"balances": [owned("ann", "40", "30"), owned("ben", "10", "20")], "next": null});
    said.say("wallet.list-all-balances", page(json!({})), owned);
    let assets = json!({"assets": [{"id": "EUR"}], "next": null});
    said.say("wallet.list-assets", page(json!({})), assets);
    let supply = json!({"minted": "120", "burned": "20"});
    said.say("wallet.get-supply", json!({"asset": "EUR"}), supply);
    let hold = json!({"payer": "ann", "asset": "EUR", "amount": "40", "remaining": "30"});
    said.say("wallet.get-hold", json!({"hold": "1"}), hold);
    let payment = json!({"state": "pending", "payer": "ben", "asset": "EUR", "amount": "20"});
    said.say("wallet.get-payment", json!({"payment": "1"}), payment);

    let grant = |credits: &str| json!({"source": {"grant": "1"}, "credits": credits});
    let line = |credits: &str| json!({"source": {"credit-line": "1"}, "credits": credits});
    for (id, state, credits, draws) in [
        ("1", "captured", "22", json!([grant("10"), line("15")])),
        ("2", "captured", "8", json!([line("8")])),
        ("3", "authorised", "0", json!([line("5")])),
        ("4", "voided", "0", json!([grant("40")])),
    ] {
        let usage = json!({"state": state, "credits": credits, "draws": draws});
        said.say("credit.get-usage", json!({"usage": id}), usage);
    }
    let grant = json!({"amount": "50", "used": "10", "used-removed": "0", "held": "0", "state": "open", "purchase": null});
    said.say("credit.get-grant", json!({"grant": "1"}), grant);
    let line = json!({
        "terms": {"limit": "100", "price": "3", "per": "10"}, "held": "5", "unbilled": "8",
        "used-removed": "0",
        "bills": 1, "bill": "1", "billed": "12", "written-off": "0",
    });
    said.say("credit.get-credit-line", json!({"credit-line": "1"}), line);
    let bill = json!({"id": "1", "credits": "12", "amount": "4", "paid": "1", "state": "due"});
    let bills = json!({"bills": [bill], "next": null});
    said.say("credit.list-bills", page(json!({"credit-line": "1"})), bills);
    let services = json!({"lines": [{"credits": "7"}, {"credits": "5"}], "next": null});
    said.say("credit.list-bill-lines", page(json!({"bill": "1"})), services);
    trade(&mut said);
    said
}

fn found(mut said: Said, expected: Expect) {
    let mut text = String::new();
    let counted = check(&mut said, |it| {
        text.push_str(&format!("{} {}: {}\n", it.code, it.subject, it.message));
    });
    assert_eq!(counted.unwrap().holds, 1);
    expected.assert_eq(&text);
}

#[test]
fn books_that_add_up_are_in_order() {
    found(books(), expect![""]);
}

/// The asset's sums are right, so that only the check of each account finds it.
#[test]
fn what_one_account_holds_for_another_is_found() {
    let mut said = books();
    said.lie("wallet.get-hold", json!({"hold": "1"}), "/remaining", json!("20"));
    said.lie("wallet.get-payment", json!({"payment": "1"}), "/amount", json!("30"));
    found(
        said,
        expect![[r#"
        HELD account ann: 30 is held of EUR, but open holds and pending payments have set aside 20
        HELD account ben: 20 is held of EUR, but open holds and pending payments have set aside 30
    "#]],
    );
}

#[test]
fn a_grant_or_line_that_is_not_what_was_used_is_found() {
    let mut said = books();
    said.lie("credit.get-grant", json!({"grant": "1"}), "/used", json!("9"));
    said.lie("credit.get-credit-line", json!({"credit-line": "1"}), "/held", json!("0"));
    said.lie("credit.get-credit-line", json!({"credit-line": "1"}), "/unbilled", json!("90"));
    found(
        said,
        expect![[r#"
            CREDIT grant 1: 9 credits are used, but by the usages it is 10
            CREDIT credit line 1: 0 held, 90 unbilled and 12 billed are more than the limit of 100
            CREDIT credit line 1: 0 credits are held, but by the usages it is 5
            CREDIT credit line 1: 102 credits are unbilled, billed or written off, but by the usages it is 20
        "#]],
    );
}

#[test]
fn a_usage_of_nothing_that_there_is_is_found() {
    let mut said = books();
    let (arguments, draws) =
        (json!({"usage": "2"}), json!([{"source": {"credit-line": "7"}, "credits": "3"}]));
    said.lie("credit.get-usage", arguments, "/draws", draws);
    found(
        said,
        expect![[r#"
            CREDIT usage 2: 5 credits were charged to no grant and no line
            CREDIT credit line 1: 20 credits are unbilled, billed or written off, but by the usages it is 12
            CREDIT credit line 7: usage draws on it, but there is none
        "#]],
    );
}

#[test]
fn a_bill_that_is_wrong_is_found() {
    let arguments = || page(json!({"credit-line": "1"}));
    let mut said = books();
    said.lie("credit.list-bills", arguments(), "/bills/0/amount", json!("3"));
    said.lie("credit.list-bills", arguments(), "/bills/0/paid", json!("3"));
    said.lie("credit.list-bill-lines", page(json!({"bill": "1"})), "/lines/0/credits", json!("8"));
    found(
        said,
        expect![[r#"
        CREDIT bill 1: 12 credits cost 4, but the bill is over 3
        CREDIT bill 1: 3 is paid of 3, and it is due
        CREDIT bill 1: 12 credits are on it, but its services add up to 13
    "#]],
    );
    let mut said = books();
    said.lie("credit.list-bills", arguments(), "/bills/0/state", json!("written-off"));
    found(
        said,
        expect![[r#"
            CREDIT credit line 1: 0 is written off, but the bills of 12 are
        "#]],
    );
    let mut said = books();
    said.lie("credit.get-credit-line", json!({"credit-line": "1"}), "/bill", Value::Null);
    said.lie("credit.get-credit-line", json!({"credit-line": "1"}), "/bills", json!(2));
    found(
        said,
        expect![[r#"
            CREDIT credit line 1: its unpaid bills are [(1, 12)] (number, credits), but it says []
            CREDIT credit line 1: it has 1 bills, but says 2
        "#]],
    );
}

#[test]
fn goods_that_are_not_as_orders_say_are_found() {
    let (order, stock) = (json!({"sub-order": "1"}), page(json!({"variant": "1"})));
    let mut said = books();
    said.lie("marketplace.list-stock", stock.clone(), "/levels/0/reserved", json!("4"));
    said.lie("marketplace.get-sub-order", order.clone(), "/lines/0/delivered", json!(3));
    found(
        said,
        expect![[r#"
            STOCK sub-order 1: line 0 does not add up: {"delivered":3,"goodwill":"0","location":"2","ordered":5,"refunded":"8","reserved":3,"returned":0,"shipped":2,"unit-price":"4","variant":"1"}
            STOCK variant 1 at location 2: 4 reserved and 7 available are not 10
            STOCK variant 1 at location 2: 4 are reserved, but the orders have reserved 3
        "#]],
    );
    let mut said = books();
    said.lie("marketplace.list-stock", stock, "/levels", json!([]));
    said.lie("marketplace.get-sub-order", order, "/state", json!("completed"));
    found(
        said,
        expect![[r#"
            STOCK sub-order 1: line 0 does not add up: {"delivered":1,"goodwill":"0","location":"2","ordered":5,"refunded":"8","reserved":3,"returned":0,"shipped":2,"unit-price":"4","variant":"1"}
            ESCROW sub-order 1: 12 is left of 20, but it is completed
            STOCK variant 1 at location 2: orders have reserved 3, but there is no such stock
        "#]],
    );
}

#[test]
fn a_contract_that_is_not_what_its_milestones_are_is_found() {
    let contract = || json!({"contract": "1"});
    let mut said = books();
    said.lie("jobs.get-contract", contract(), "/open-milestones", json!(2));
    said.lie("jobs.get-contract", contract(), "/paid", json!("6"));
    found(
        said,
        expect![[r#"
            ESCROW contract 1: it has 2 open milestones and paid 6, but by the milestones it is 1 and 7
        "#]],
    );
}
