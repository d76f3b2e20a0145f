//! What the books' checks find, by what modules might say.

use std::collections::BTreeMap;
use std::convert::Infallible;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{Reads, check};

/// What modules say: by function and arguments. What is not there they do not know.
struct Said(BTreeMap<String, Value>);

impl Said {
    fn say(&mut self, function: &str, arguments: Value, answer: Value) {
        self.0.insert(format!("{function} {arguments}"), answer);
    }

    /// Says another value at a JSON pointer of an answer.
    fn lie(&mut self, function: &str, arguments: Value, pointer: &str, value: Value) {
        let answer = self.0.get_mut(&format!("{function} {arguments}")).unwrap();
        *answer.pointer_mut(pointer).unwrap() = value;
    }
}

impl Reads for Said {
    type Error = Infallible;

    fn has(&self, module: &str, _: &str) -> bool {
        ["wallet", "credit"].contains(&module)
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

/// Ann holds 30 and Ben 20 of 100 euros. Ann's line of 100 credits was drawn by usages of 12 and 8, of
/// which the first is on a bill, and 5 are set aside; her grant of 50 has 10 used.
fn books() -> Said {
    let mut said = Said(BTreeMap::new());
    let owned = |account: &str, available: &str, held: &str| json!({"account": account, "balance": {"asset": "EUR", "available": available, "held": held}});
    let owned =
        json!({"owned": [owned("ann", "40", "30"), owned("ben", "10", "20")], "next": null});
    said.say("wallet.list-owned", page(json!({})), owned);
    let assets = json!({"assets": [{"id": "EUR"}], "next": null});
    said.say("wallet.list-assets", page(json!({})), assets);
    let supply = json!({"issued": "120", "redeemed": "20"});
    said.say("wallet.get-supply", json!({"asset": "EUR"}), supply);
    let hold = json!({"payer": "ann", "asset": "EUR", "amount": "40", "remaining": "30"});
    said.say("wallet.get-hold", json!({"hold": "1"}), hold);
    let payment = json!({"state": "pending", "payer": "ben", "asset": "EUR", "amount": "20"});
    said.say("wallet.get-payment", json!({"payment": "1"}), payment);

    let grant = |credits: &str| json!({"source": {"grant": "1"}, "credits": credits});
    let line = |credits: &str| json!({"source": {"line": "1"}, "credits": credits});
    for (id, state, credits, draws) in [
        ("1", "captured", "22", json!([grant("10"), line("15")])),
        ("2", "captured", "8", json!([line("8")])),
        ("3", "authorised", "0", json!([line("5")])),
        ("4", "voided", "0", json!([grant("40")])),
    ] {
        let usage = json!({"state": state, "credits": credits, "draws": draws});
        said.say("credit.get-usage", json!({"usage": id}), usage);
    }
    let grant =
        json!({"amount": "50", "used": "10", "held": "0", "state": "open", "purchase": null});
    said.say("credit.get-grant", json!({"grant": "1"}), grant);
    let line = json!({
        "terms": {"limit": "100", "price": "3", "per": "10"}, "held": "5", "unbilled": "8",
        "bills": 1, "bill": "1", "billed": "12", "written-off": "0",
    });
    said.say("credit.get-line", json!({"line": "1"}), line);
    let bill = json!({"id": "1", "credits": "12", "amount": "4", "paid": "1", "state": "due"});
    let bills = json!({"bills": [bill], "next": null});
    said.say("credit.list-bills", page(json!({"line": "1"})), bills);
    let items = json!({"lines": [{"credits": "7"}, {"credits": "5"}], "next": null});
    said.say("credit.list-bill-lines", page(json!({"bill": "1"})), items);
    said
}

fn found(mut said: Said, expected: Expect) {
    let mut told = String::new();
    let counted = check(&mut said, |it| {
        told.push_str(&format!("{} {}: {}\n", it.code, it.subject, it.message));
    });
    assert_eq!(counted.unwrap().holds, 1);
    expected.assert_eq(&told);
}

#[test]
fn books_that_add_up_are_in_order() {
    found(books(), expect![""]);
}

/// The sums of the asset are right, so that only a look at each account finds it.
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
    said.lie("credit.get-line", json!({"line": "1"}), "/held", json!("0"));
    said.lie("credit.get-line", json!({"line": "1"}), "/unbilled", json!("90"));
    found(
        said,
        expect![[r#"
        CREDIT grant 1: 9 credits are used, but by the usages it is 10
        CREDIT line 1: 0 held, 90 unbilled and 12 billed are more than the limit of 100
        CREDIT line 1: 0 credits are held, but by the usages it is 5
        CREDIT line 1: 102 credits are unbilled, billed or written off, but by the usages it is 20
    "#]],
    );
}

#[test]
fn a_usage_of_nothing_that_there_is_is_found() {
    let mut said = books();
    let (arguments, draws) =
        (json!({"usage": "2"}), json!([{"source": {"line": "7"}, "credits": "3"}]));
    said.lie("credit.get-usage", arguments, "/draws", draws);
    found(
        said,
        expect![[r#"
        CREDIT usage 2: 5 credits were charged to no grant and no line
        CREDIT line 1: 20 credits are unbilled, billed or written off, but by the usages it is 12
        CREDIT line 7: usage draws on it, but there is none
    "#]],
    );
}

#[test]
fn a_bill_that_is_wrong_is_found() {
    let arguments = || page(json!({"line": "1"}));
    let mut said = books();
    said.lie("credit.list-bills", arguments(), "/bills/0/amount", json!("3"));
    said.lie("credit.list-bills", arguments(), "/bills/0/paid", json!("3"));
    said.lie("credit.list-bill-lines", page(json!({"bill": "1"})), "/lines/0/credits", json!("8"));
    found(
        said,
        expect![[r#"
        CREDIT bill 1: 12 credits cost 4, but the bill is over 3
        CREDIT bill 1: 3 is paid of 3, and it is due
        CREDIT bill 1: 12 credits are on it, but its items add up to 13
    "#]],
    );
    let mut said = books();
    said.lie("credit.list-bills", arguments(), "/bills/0/state", json!("written-off"));
    found(
        said,
        expect![[r#"
        CREDIT line 1: 0 is written off, but the bills of 12 are
    "#]],
    );
    let mut said = books();
    said.lie("credit.get-line", json!({"line": "1"}), "/bill", Value::Null);
    said.lie("credit.get-line", json!({"line": "1"}), "/bills", json!(2));
    found(
        said,
        expect![[r#"
        CREDIT line 1: its unpaid bills are [(1, 12)] (number, credits), but it says []
        CREDIT line 1: it has 1 bills, but says 2
    "#]],
    );
}
