//! Texts and numbers at which databases break, in the business tables: those that are appended and those that are changed.

use ehb_indexer::index::IndexError;
use ehb_indexer::project::ProjectError;
use ehb_indexer::project::text::escape;
use ehb_indexer::write::WriteError;
use serde_json::json;

use crate::chain::{Done, TestChain, account, event, sold, text};
use crate::database::{TestDatabase, index_to, one};
use crate::ledger::wallet;
use crate::node::TestNode;

/// A transaction with events of the wallet.
fn emitted(values: &[serde_json::Value]) -> Done {
    let events = values.iter().map(|value| event(&wallet(), "wallet", 0, value)).collect();
    Done { events, ..sold(account(60), "nothing", 0) }
}

fn hold(id: u64, reference: &str) -> serde_json::Value {
    json!({"hold-placed": {"id": id, "payer": text(account(60)), "controller": text(account(61)),
        "payee": null, "asset": "EUR", "amount": 1, "remaining": 1, "expires-ms": u64::MAX,
        "reference": reference}})
}

#[tokio::test]
async fn extreme_texts_and_numbers_arrive_in_business_tables_as_they_are() {
    let long = "\u{241b}\\".repeat((64 << 10) / 4);
    let texts = [
        "before\0after",
        "\u{241b}0",
        "\\N",
        "\\.",
        "a\tb\nc\rd\\e\\\\x41",
        "'; drop schema emo cascade; -- \" $1 %s",
        "=HYPERLINK(\"http://example.org\"),\"x\"\"y\"",
        "<script>alert(1)</script>",
        "\u{feff}\u{202e}e\u{301}\u{10ffff}",
        "{\"a\":\"\\u0000\"}",
        &long,
    ];
    let asset = json!({"asset-created": {"id": "EUR", "name": "a\0b", "decimals": 2,
        "issuer": text(account(1)),
        "terms": {"kind": "issued", "supply": {"capped": u64::MAX}, "freezable": false}}});
    let minted =
        json!({"minted": {"asset": "EUR", "account": text(account(60)), "amount": u64::MAX}});
    let mut events = vec![asset, minted];
    events.extend(texts.iter().zip(1..).map(|(text, id)| hold(id, text)));
    events.push(hold(u64::MAX, "the last number"));
    let mut chain = TestChain::new("rare");
    chain.push(vec![emitted(&events)]);
    chain.push(Vec::new());
    let test = TestDatabase::new("business_extremes").await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 1).await.unwrap();
    let mut connection = test.connect().await;
    for (text, id) in texts.iter().zip(1i64..) {
        // In the table whose rows change, and in the history.
        for table in ["emo.hold where id", "emo.entry where hold"] {
            let sql = format!("select reference from {table} = $1");
            let found: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
                .bind(id)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(found, escape(text), "{table} {id}");
        }
        // A text is found by its escaped form.
        let found: i64 = sqlx::query_scalar("select id::bigint from emo.hold where reference = $1")
            .bind(escape(text).into_owned())
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(found, id);
    }
    let mut ask = async |sql: &str| one(&mut connection, sql).await.unwrap();
    let largest = u64::MAX.to_string();
    assert_eq!(ask("select max(id) from emo.hold").await, largest);
    assert_eq!(ask("select min(expires_ms) from emo.hold").await, largest);
    assert_eq!(ask("select supply_policy ->> 'capped' from emo.asset").await, largest);
    assert_eq!(ask("select name from emo.asset").await, "a\u{241b}0b");
    let owned = u128::from(u64::MAX) - u128::from(texts.len() as u64) - 1;
    assert_eq!(ask("select available from emo.balance").await, owned.to_string());
    test.end().await;
}

/// An event about a hold that no event created, and one that lacks a field: the indexer stops with the place, and what was
/// written before stays.
#[tokio::test]
async fn an_event_that_contradicts_the_rows_stops_with_the_place() {
    let mut chain = TestChain::new("contradiction");
    chain.push(vec![emitted(&[json!({"hold-released": {"hold": 7, "amount": 1}})])]);
    chain.push(Vec::new());
    let test = TestDatabase::new("contradiction").await;
    let error =
        index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 1).await.unwrap_err();
    let IndexError::Write(WriteError::Project(ProjectError::MissingRow { table, id, at })) = &error
    else {
        panic!("{error}");
    };
    assert_eq!((*table, id.as_str(), at.height), ("emo.hold", "7", 1));
    assert_eq!(error.code(), "DATABASE");
    let mut connection = test.connect().await;
    assert_eq!(one(&mut connection, "select count(*) from chain.event").await.unwrap(), "0");
    test.end().await;
}

/// An interface of another wallet, in which a field has another name.
#[tokio::test]
async fn an_interface_without_a_needed_field_stops_with_the_field() {
    let mut chain = TestChain::new("lacking");
    let minted = json!({"minted": {"asset": "EUR", "account": text(account(60)), "amount": 1}});
    chain.push(vec![emitted(&[minted])]);
    chain.push(Vec::new());
    let test = TestDatabase::new("lacking").await;
    let node = TestNode::new("a", &chain);
    {
        let mut answers = node.answers();
        let wallet = answers.interfaces.iter_mut().find(|((name, _), _)| name.as_str() == "wallet");
        let Some(ehb_abi::Type::Variant(cases)) = &mut wallet.unwrap().1.1.event else { panic!() };
        let minted = cases.iter_mut().find(|case| case.name == "minted").unwrap();
        let Some(ehb_abi::Type::Record(fields)) = &mut minted.kind else { panic!() };
        fields.iter_mut().find(|field| field.name == "amount").unwrap().name = "sum".to_owned();
    }
    let error = index_to(&mut test.database(), &[&node], 1).await.unwrap_err().to_string();
    assert!(error.contains("the event minted of the module wallet at height 1"), "{error}");
    assert!(error.contains("amount: it is missing"), "{error}");
    test.end().await;
}
