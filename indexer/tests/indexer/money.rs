//! Tables of money against the state of the rules.

use std::collections::BTreeMap;

use ehb_indexer::verify::Report;
use ehb_indexer::verify::balances::{self, Owned};
use sqlx::PgConnection;

use crate::chain::TestChain;
use crate::database::{TestDatabase, execute, index_to, one};
use crate::ledger::Ledger;
use crate::node::TestNode;

const HEIGHTS: u64 = 120;

/// The chain, the ledger after its last indexed block, and what the accounts had after each height.
fn business() -> (TestChain, Ledger, Vec<Vec<Owned>>) {
    let (mut chain, mut ledger) = (TestChain::new("money"), Ledger::default());
    let mut owned = vec![Vec::new()];
    for _ in 1..HEIGHTS {
        chain.push(vec![ledger.step()]);
        owned.push(owned_of(&ledger));
    }
    chain.push(Vec::new());
    (chain, ledger, owned)
}

fn owned_of(ledger: &Ledger) -> Vec<Owned> {
    let some = ledger.balances.iter().filter(|(_, balance)| **balance != (0, 0));
    some.map(|((account, asset), (available, held))| Owned {
        account: account.clone(),
        asset: asset.clone(),
        available: available.to_string(),
        held: held.to_string(),
    })
    .collect()
}

async fn compare(connection: &mut PgConnection, height: u64, owned: &[Owned]) -> Report {
    let mut report = Report::default();
    balances::compare(connection, i64::try_from(height).unwrap(), owned, &mut report)
        .await
        .unwrap();
    report
}

#[tokio::test]
async fn the_tables_of_money_are_those_of_the_rules() {
    let (chain, ledger, owned) = business();
    let test = TestDatabase::new("money").await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], HEIGHTS - 1).await.unwrap();
    let mut connection = test.connect().await;
    // Balances now and as of every height, from the entries.
    for (height, owned) in owned.iter().enumerate() {
        let report = compare(&mut connection, height as u64, owned).await;
        assert_eq!(report.differences, Vec::<String>::new(), "height {height}");
        assert_eq!(report.compared, owned.len() as u64);
    }
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select account || ' ' || asset, available::text, held::text from emo.balance where available + held > 0",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let rows: BTreeMap<String, (String, String)> =
        rows.into_iter().map(|(owner, available, held)| (owner, (available, held))).collect();
    let expected: BTreeMap<String, (String, String)> = owned_of(&ledger)
        .into_iter()
        .map(|it| (format!("{} {}", it.account, it.asset), (it.available, it.held)))
        .collect();
    assert_eq!(rows, expected);
    let mut ask = async |sql: &str| one(&mut connection, sql).await.unwrap();
    for (asset, issued) in &ledger.issued {
        let sum = format!("select sum(available + held) from emo.balance where asset = '{asset}'");
        assert_eq!(ask(&sum).await, issued.to_string());
        let supply = format!("select minted - burned from emo.supply where asset = '{asset}'");
        assert_eq!(ask(&supply).await, issued.to_string());
    }
    assert_eq!(
        ask("select count(*) from emo.hold where state = 'open'").await,
        ledger.holds.len().to_string()
    );
    let remaining: u64 = ledger.holds.values().map(|it| it.2).sum();
    assert_eq!(
        ask("select coalesce(sum(remaining), 0) from emo.hold").await,
        remaining.to_string()
    );
    let pending = "select count(*) from emo.pending_payment where state = 'pending'";
    assert_eq!(ask(pending).await, ledger.payments.len().to_string());
    test.end().await;
}

#[tokio::test]
async fn a_wrong_row_is_found_with_both_values() {
    let (chain, _, owned) = business();
    let test = TestDatabase::new("wrong_row").await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], HEIGHTS - 1).await.unwrap();
    let mut connection = test.connect().await;
    let owned = owned.last().unwrap();
    let wrong = "update emo.entry e set available = available + 1 from (
        select account, asset, max(n) as n from emo.entry group by 1, 2 order by 1, 2 limit 1) last
        where (e.account, e.asset, e.n) = (last.account, last.asset, last.n)";
    execute(&mut connection, wrong).await;
    let report = compare(&mut connection, HEIGHTS - 1, owned).await;
    assert_eq!(report.differences.len(), 1, "{report:?}");
    execute(&mut connection, "delete from emo.entry").await;
    let report = compare(&mut connection, HEIGHTS - 1, owned).await;
    assert_eq!(report.differing, owned.len() as u64);
    test.end().await;
}
