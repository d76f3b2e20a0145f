//! Tables of the chain: extreme values, upgrades, partitions and heights.

use ehb_types::Hash;
use serde_json::json;

use crate::chain::{
    Done, SHOP_CODE, TestChain, account, event, kernel, name, shop, shop_three, shop_two, sold,
    text,
};
use crate::database::{TestDatabase, execute, index_to, one};
use crate::node::TestNode;

const SHOP_TWO: Hash = Hash([2; 32]);

/// Texts and numbers at which databases, SQL and JSON break.
#[tokio::test]
async fn extreme_values_arrive_as_they_are() {
    let nul = "before\0after";
    let attack = "'; drop schema chain cascade; -- \" \\ \u{241b} <script>";
    let long = "x".repeat(64 << 10);
    let mut chain = TestChain::new("extremes");
    let mut done = sold(account(60), nul, u64::MAX);
    done.memo = attack.to_owned();
    chain.push(vec![
        done,
        sold(account(61), attack, 1 << 53),
        sold(account(62), &long, (1 << 53) + 1),
    ]);
    chain.push(Vec::new());
    let test = TestDatabase::new("extremes").await;
    let node = TestNode::new("a", &chain);
    index_to(&mut test.database(), &[&node], 1).await.unwrap();
    let mut connection = test.connect().await;
    let mut ask = async |sql: &str| one(&mut connection, sql).await.unwrap();
    let sum = "select sum(amount) from ext_shop.sold where amount > 9007199254740991";
    assert_eq!(ask(sum).await, ((u128::from(u64::MAX)) + (1 << 53) + (1 << 53) + 1).to_string());
    assert_eq!(
        ask("select amount from ext_shop.sold where at_index = 2").await,
        "9007199254740993"
    );
    assert_eq!(ask("select max(terms_until_ms) from ext_shop.sold").await, u64::MAX.to_string());
    assert_eq!(ask("select length(item) from ext_shop.sold where at_index = 2").await, "65536");
    let escaped = ehb_indexer::project::text::escape(nul);
    let found = format!("select count(*) from ext_shop.sold where item = '{escaped}'");
    assert_eq!(ask(&found).await, "1");
    let memo = attack.replace('\u{241b}', "\u{241b}\u{241b}").replace('\'', "''");
    let memo = format!("select count(*) from chain.transaction where memo = '{memo}'");
    assert_eq!(ask(&memo).await, "1");
    let buyer =
        format!("select count(*) from chain.mention where address = '{}'", text(account(61)));
    assert_eq!(ask(&buyer).await, "1");
    // A field with the name of a column of the position does not hide it.
    assert_eq!(ask("select height from ext_shop.sold where at_height = 1 limit 1").await, "t");
    test.end().await;
}

#[tokio::test]
async fn views_follow_an_upgrade_and_keep_what_others_built_on_them() {
    let mut chain = TestChain::new("views");
    let counted = |value| Done {
        events: vec![event(&shop(), "shop", 0, &value)],
        ..sold(account(60), "a", 1)
    };
    chain.push(vec![counted(json!({"counted": "7"}))]);
    chain.push(Vec::new());
    let test = TestDatabase::new("views").await;
    let node = TestNode::new("a", &chain);
    index_to(&mut test.database(), &[&node], 1).await.unwrap();
    let mut connection = test.connect().await;
    execute(
        &mut connection,
        "create view mine as select sum(value) as total from ext_shop.counted",
    )
    .await;
    let upgrade = json!({"module-upgraded": {"module": "shop", "before": SHOP_CODE.to_string(),
        "after": SHOP_TWO.to_string(), "by": text(account(50))}});
    let mut done = sold(account(60), "lamp", 1);
    done.calls.push(done.calls[0].clone());
    done.outcome = ehb_types::Outcome::Success(vec![1u64.to_le_bytes().to_vec(); 2]);
    done.events.push(event(&kernel(), "kernel", 0, &upgrade));
    done.events.push(event(&shop_two(), "shop", 1, &json!({"opened": text(account(61))})));
    // The sale before the upgrade in the same call has the same form in both versions.
    chain.push(vec![done]);
    chain.push(Vec::new());
    node.answers().blocks = chain.blocks.clone();
    node.answers().interfaces.insert((name("shop"), SHOP_TWO), (3, shop_two()));
    index_to(&mut test.database(), &[&node], 3).await.unwrap();
    let mut ask = async |sql: &str| one(&mut connection, sql).await.unwrap();
    assert_eq!(ask("select value from ext_shop.opened").await, text(account(61)));
    assert_eq!(ask("select pg_typeof(value) from ext_shop.counted").await, "text");
    assert_eq!(ask("select total from mine").await, "7");
    assert_eq!(ask("select count(*) from chain.module_version where module = 'shop'").await, "2");
    test.end().await;
}

/// A node that has upgraded a module long ago serves an index that begins at genesis.
#[tokio::test]
async fn old_calls_and_events_are_decoded_by_the_interface_of_their_height() {
    let mut chain = TestChain::new("history");
    chain.push(vec![sold(account(60), "old lamp", 1)]);
    let upgrade = json!({"module-upgraded": {"module": "shop", "before": SHOP_CODE.to_string(),
        "after": SHOP_TWO.to_string(), "by": text(account(50))}});
    let mut upgraded = sold(account(61), "last old lamp", 1);
    upgraded.calls.push(upgraded.calls[0].clone());
    upgraded.outcome = ehb_types::Outcome::Success(vec![1u64.to_le_bytes().to_vec(), Vec::new()]);
    upgraded.events.push(event(&kernel(), "kernel", 1, &upgrade));
    upgraded.calls[1].module = name("kernel");
    upgraded.calls[1].function = name("upgrade");
    upgraded.calls[1].arguments = Vec::new();
    chain.push(vec![upgraded]);
    let mut sale = crate::chain::sale(account(62), "new lamp", 1);
    sale["sold"]["warranty-days"] = json!(730);
    let mut done = Done { calls: Vec::new(), ..sold(account(62), "new lamp", 1) };
    done.outcome = ehb_types::Outcome::Success(Vec::new());
    done.events = vec![event(&shop_three(), "shop", 0, &sale)];
    chain.push(vec![done]);
    chain.push(Vec::new());
    let test = TestDatabase::new("history").await;
    let node = TestNode::new("a", &chain);
    node.answers().interfaces.insert((name("shop"), SHOP_TWO), (2, shop_three()));
    index_to(&mut test.database(), &[&node], 3).await.unwrap();
    let mut connection = test.connect().await;
    let mut ask = async |sql: &str| one(&mut connection, sql).await.unwrap();
    let call = "select arguments ->> 'item' from chain.call where module = 'shop' and height =";
    assert_eq!(ask(&format!("{call} 1")).await, "\"old lamp\"");
    assert_eq!(ask(&format!("{call} 2")).await, "\"last old lamp\"");
    let sales = "select string_agg(item || coalesce(warranty_days, 0), ',' order by at_height) from ext_shop.sold";
    assert_eq!(ask(sales).await, "\"old lamp0,last old lamp0,new lamp730\"");
    test.end().await;
}

#[tokio::test]
async fn partitions_are_made_as_the_chain_grows() {
    let chain = TestChain::busy("partitions", 163);
    let test = TestDatabase::new("partitions").await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 161).await.unwrap();
    let mut connection = test.connect().await;
    let count = "select count(*) from pg_inherits where inhparent = 'chain.block'::regclass";
    // Of fifty heights each: from 0, 50, 100 and 150 on.
    assert_eq!(one(&mut connection, count).await.unwrap(), "4");
    assert_eq!(one(&mut connection, "select count(*) from chain.block_2").await.unwrap(), "50");
    test.end().await;
}

#[tokio::test]
async fn validators_nodes_and_parameters_have_the_height_from_which_they_hold() {
    let mut chain = TestChain::new("sets");
    let smaller = chain.smaller_set();
    chain.push_with(Vec::new(), Some(&smaller));
    (0..3).for_each(|_| drop(chain.push(Vec::new()).clone()));
    let test = TestDatabase::new("sets").await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 3).await.unwrap();
    let mut connection = test.connect().await;
    let mut ask = async |sql: &str| one(&mut connection, sql).await.unwrap();
    assert_eq!(ask("select count(*) from chain.validator where from_height = 0").await, "4");
    let gone = "select from_height from chain.validator where power = 0";
    assert_eq!(ask(gone).await, "2");
    let heartbeat = "select value from chain.parameter where name = 'consensus.heartbeat_ms'";
    assert_eq!(ask(heartbeat).await, "10000");
    test.end().await;
}
