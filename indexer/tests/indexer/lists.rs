//! What clients ask of lists besides their pages: filters, orders, counts, and rows that belong to a row.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::database::execute;
use crate::http::{Site, misfits};
use crate::serving::{busy, lists};

/// The rows of all pages of two rows.
async fn all(site: &Site, path: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = site.get(&format!("{path}&limit=2{cursor}")).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let page = answer.json();
        rows.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { return rows };
        cursor = format!("&cursor={next}");
    }
}

/// A valid value for a parameter.
fn value_of(schema: &Value) -> &'static str {
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("integer"), _) => "1",
        (Some("boolean"), _) => "true",
        (_, Some("date-time")) => "2027-01-15T08:00:00Z",
        (_, Some("date")) => "2027-01-15",
        _ if schema["pattern"].is_string() => "1",
        _ => "x",
    }
}

#[tokio::test]
async fn each_filter_and_each_order_of_each_list_runs() {
    let (test, site) = busy("filters", 8).await;
    let document = site.get("/openapi.json").await.json();
    let (mut filters, mut orders) = (0, 0);
    for path in lists(&document) {
        let get = &document["paths"][&path]["get"];
        for parameter in get["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            if ["cursor", "limit", "format", "order", "include"].contains(&name) {
                continue;
            }
            let value = value_of(&parameter["schema"]);
            let answer = site.get(&format!("{path}?{name}={value}&limit=1")).await;
            assert_eq!(answer.status, 200, "{path} {name}: {answer:?}");
            filters += 1;
        }
        let name = get["operationId"].as_str().unwrap().trim_start_matches("list-");
        let words = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
        let schema = &document["components"]["schemas"][words.collect::<String>()];
        for (column, schema) in schema["properties"].as_object().unwrap() {
            let is_json = match &schema["type"] {
                Value::Array(kinds) => kinds.contains(&"object".into()),
                _ => true,
            };
            let ordered = site.get(&format!("{path}?order=-{column}&limit=1")).await;
            let expected = if is_json { 400 } else { 200 };
            assert_eq!(ordered.status, expected, "{path} {column}: {ordered:?}");
            if let Some(next) = ordered.json()["next"].as_str() {
                let next = format!("{path}?order=-{column}&limit=1&cursor={next}");
                let next = site.get(&next).await;
                assert_eq!(next.status, 200, "{path} {column}: {next:?}");
            }
            orders += 1;
        }
    }
    assert!(filters > 200 && orders > 500, "{filters} filters, {orders} orders");
    test.end().await;
}

#[tokio::test]
async fn rows_are_ordered_by_a_column_page_by_page() {
    let (test, site) = busy("orders", 20).await;
    let number = |row: &Value| row["available"].as_str().unwrap().parse::<u64>().unwrap();
    let by_key = all(&site, "/v1/balances?").await;
    for order in ["available", "-available"] {
        let rows = all(&site, &format!("/v1/balances?order={order}")).await;
        let numbers: Vec<u64> = rows.iter().map(number).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        if order.starts_with('-') {
            sorted.reverse();
        }
        assert_eq!(numbers, sorted, "{order}");
        assert_eq!(rows.len(), by_key.len());
        assert!(rows.iter().all(|row| by_key.contains(row)), "{order}: {rows:?}");
    }
    // What has no value comes last in both orders.
    let mut connection = test.connect().await;
    execute(&mut connection, "update chain.transaction set lane = null where height = 5").await;
    for order in ["lane", "-lane"] {
        let rows = all(&site, &format!("/v1/transactions?order={order}")).await;
        let missing: Vec<bool> = rows.iter().map(|row| row["lane"].is_null()).collect();
        assert!(missing.is_sorted() && missing.contains(&true), "{order}: {missing:?}");
    }
    // A cursor belongs to its order.
    let page = site.get("/v1/balances?order=available&limit=1").await.json();
    let cursor = page["next"].as_str().unwrap();
    for other in ["", "order=-available&", "order=held&"] {
        let answer = site.get(&format!("/v1/balances?{other}cursor={cursor}")).await;
        assert_eq!(answer.error(), "400 BAD_CURSOR", "{other}");
    }
    for wrong in ["nothing", "", "-", "available,held", "value"] {
        let answer = site.get(&format!("/v1/parameters?order={wrong}")).await;
        assert_eq!(answer.error(), "400 BAD_VALUE", "{wrong}");
    }
    test.end().await;
}

#[tokio::test]
async fn rows_are_counted_by_the_values_of_a_column() {
    let (test, site) = busy("counts", 20).await;
    let mut expected = BTreeMap::<String, u64>::new();
    for row in all(&site, "/v1/events?from=3").await {
        *expected.entry(row["module"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let answer = site.get("/v1/events/counts?column=module&from=3").await;
    let document = site.get("/openapi.json").await.json();
    let schema = &document["paths"]["/v1/{list}/counts"]["get"]["responses"]["200"]["content"]["application/json"]
        ["schema"];
    let counts = answer.json();
    assert_eq!(misfits(&document, schema, &counts, "counts"), [""; 0]);
    let rows = counts["data"].as_array().unwrap();
    let found: BTreeMap<String, u64> = rows
        .iter()
        .map(|row| (row["value"].as_str().unwrap().to_owned(), row["count"].as_u64().unwrap()))
        .collect();
    assert!(expected.len() > 1, "{expected:?}");
    assert_eq!(found, expected);
    let sizes: Vec<u64> = rows.iter().map(|row| row["count"].as_u64().unwrap()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    for (path, error) in [
        ("/v1/events/counts", "400 BAD_VALUE"),
        ("/v1/events/counts?column=value", "400 BAD_VALUE"),
        ("/v1/events/counts?column=module&limit=3", "400 UNKNOWN_PARAMETER"),
        ("/v1/nothing/counts?column=module", "404 NO_PATH"),
    ] {
        assert_eq!(site.get(path).await.error(), error, "{path}");
    }
    test.end().await;
}

#[tokio::test]
async fn transactions_come_with_their_first_calls_and_events() {
    let (test, site) = busy("included", 12).await;
    let document = site.get("/openapi.json").await.json();
    let schema = &document["paths"]["/v1/transactions"]["get"]["responses"]["200"]["content"]["application/json"]
        ["schema"];
    let page = site.get("/v1/transactions?include=firstCalls,firstEvents&limit=30").await.json();
    assert_eq!(misfits(&document, schema, &page, "transactions"), [""; 0]);
    for row in page["data"].as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        for (first, all) in [("firstCalls", "calls"), ("firstEvents", "events")] {
            let some = row[first].as_array().unwrap();
            assert_eq!(some.len() as u64, row[all].as_u64().unwrap().min(8), "{row}");
            if row["kind"] == "transaction" {
                let whole = site.get(&format!("/v1/transactions/{id}")).await.json();
                let whole = whole["data"][all].as_array().unwrap().clone();
                assert_eq!(some[..], whole[..some.len()], "{id}");
            }
        }
    }
    let plain = site.get("/v1/transactions?limit=1").await.json();
    assert_eq!(plain["data"][0]["firstCalls"], json!(null));
    for (path, error) in [
        ("/v1/transactions?include=calls", "400 BAD_VALUE"),
        ("/v1/transactions?include=firstCalls&format=csv", "400 BAD_QUERY"),
        ("/v1/blocks?include=firstCalls", "400 UNKNOWN_PARAMETER"),
    ] {
        assert_eq!(site.get(path).await.error(), error, "{path}");
    }
    test.end().await;
}

/// The value that is in force differs from those that later ones replaced.
#[tokio::test]
async fn a_list_can_have_only_what_is_in_force() {
    let (test, site) = busy("inforce", 6).await;
    let mut connection = test.connect().await;
    let insert = "insert into chain.parameter values ('limit', 0, '1'), ('limit', 3, '2');
        insert into chain.validator select key, 4, name, node_key, 0 from chain.validator where name = 'validator-0'";
    execute(&mut connection, insert).await;
    let values = async |path: &str, column: &str| {
        let rows = all(&site, path).await;
        rows.iter().map(|row| row[column].to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(values("/v1/parameters?name=limit&current=true", "value").await, "2");
    assert_eq!(values("/v1/parameters?name=limit&current=false", "value").await, "1");
    let powers = values("/v1/validators?name=validator-0&current=true", "power").await;
    assert_eq!(powers, "\"0\"");
    assert_eq!(all(&site, "/v1/validators?current=true").await.len(), 4);
    test.end().await;
}
