//! A whole chain in this process, whose nodes the indexer reads as it reads a network's.

use std::time::Duration;

use ehb_devnet::DevNet;
use ehb_indexer::index::Settings;
use ehb_indexer::progress::Progress;
use ehb_indexer::source::Source;
use ehb_indexer::verify::{self, NodeReads, Report, Scope};
use ehb_sdk::{Client, Draft, Signer};
use ehb_types::SecretKey;
use ehb_workload::{ASSET, Call, PEOPLE, business, order};
use serde_json::json;
use sqlx::PgConnection;
use tokio::time::{Instant, sleep};

use crate::database::{PATIENCE, TestDatabase, execute, index_source, one};

const START_MS: u64 = 1_800_000_000_000;

/// A chain whose genesis has business under way.
pub(crate) fn chain() -> DevNet {
    chain_with(&[])
}

/// The same with further accounts: name, organisation and role.
pub(crate) fn chain_with(more: &[(&str, &str, &str)]) -> DevNet {
    let mut builder = DevNet::builder().genesis_ms(START_MS);
    for (place, (name, organisation, role)) in more.iter().enumerate() {
        let key = SecretKey::from_seed(&[u8::try_from(place + 100).unwrap(); 32]);
        builder = builder.account(name, key, organisation, &[role]);
    }
    for (place, person) in PEOPLE.iter().enumerate().filter(|(_, it)| it.name != "bank") {
        let key = SecretKey::from_seed(&[u8::try_from(place + 1).unwrap(); 32]);
        builder = builder.account(person.name, key, person.organisation, person.roles);
    }
    for Call { who, module, function, arguments } in business(1_000_000, START_MS) {
        builder = builder.call(who, module, function, arguments);
    }
    builder.start().unwrap()
}

/// Some more business, a block each. Returns the last height whose successor exists.
pub(crate) async fn trade(net: &DevNet, client: &Client) -> u64 {
    let alice = Signer::of_key(net.account("alice").unwrap().key.clone());
    let payment = json!({"to": net.account("bob").unwrap().text(), "asset": ASSET, "amount": "12"});
    for quantity in 1..6 {
        let pay = client.call("wallet", "transfer", &payment).await.unwrap();
        let place = client.call("marketplace", "place-order", &order(quantity)).await.unwrap();
        client.execute(&alice, Draft::new(pay).and(place)).await.unwrap();
    }
    net.produce_block().unwrap();
    net.produce_block().unwrap() - 1
}

pub(crate) async fn index(
    test: &TestDatabase,
    net: &DevNet,
    settings: &Settings,
    height: u64,
) -> Progress {
    let source = Source::new(&[net.url().to_owned()], None).unwrap();
    let progress = Progress::default();
    index_source(&mut test.database(), source, settings, &progress, height).await.unwrap();
    progress
}

pub(crate) async fn verify(connection: &mut PgConnection, client: &Client, scope: Scope) -> Report {
    let reads = |height| NodeReads::new(client.clone(), height);
    verify::run(connection, reads, scope).await.unwrap()
}

/// Changes that no module made, what finds them, and how they are undone.
const WRONG: [(&str, &str, &str); 9] = [
    (
        "update emo.hold set remaining = remaining + 1 where id = 1",
        "emo.hold 1: remaining",
        "update emo.hold set remaining = remaining - 1 where id = 1",
    ),
    (
        "update emo.balance set available = available + 1 where account like '%a%'",
        "balances add up to the supply",
        "update emo.balance set available = available - 1 where account like '%a%'",
    ),
    (
        "update emo.sub_order set state = state || 'x' where id = 2",
        "emo.sub_order 2: state",
        "update emo.sub_order set state = replace(state, 'x', '') where id = 2",
    ),
    (
        "update emo.order_line set shipped = shipped + 1 where sub_order = 3",
        "emo.sub_order 3: emo.order_line",
        "update emo.order_line set shipped = shipped - 1 where sub_order = 3",
    ),
    (
        "update pss.stock set reserved = reserved - 1",
        "reserved stock is what orders reserve",
        "update pss.stock set reserved = reserved + 1",
    ),
    (
        "update emo.milestone set paid = coalesce(paid, 0) + 1 where id = 1",
        "emo.milestone 1: paid",
        "update emo.milestone set paid = paid - 1 where id = 1",
    ),
    (
        "update emo.\"grant\" set used = used + 1 where id = 1",
        "emo.grant 1: used",
        "update emo.\"grant\" set used = used - 1 where id = 1",
    ),
    (
        "create table saved as select * from emo.posting where id = 2; alter table saved drop column words;\
         delete from emo.posting where id = 2",
        "emo.posting: the last number is 6, and there are 5 rows",
        "insert into emo.posting select * from saved",
    ),
    (
        "delete from emo.rating_sum; update pss.store set name = 'x' where id = 1",
        "pss.store 1: name: the tables have x, the chain has Acme",
        "update pss.store set name = 'Acme' where id = 1",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_of_a_real_chain_are_what_its_modules_return() {
    let net = chain();
    let client = Client::connect(net.url()).await.unwrap();
    let height = trade(&net, &client).await;
    let test = TestDatabase::new("real").await;
    index(&test, &net, &Settings::default(), height).await;
    let mut connection = test.connect().await;
    let report = verify(&mut connection, &client, Scope::default()).await;
    assert_eq!(report.differences, Vec::<String>::new());
    assert_eq!((report.differing, report.skipped), (0, 0));
    assert!(report.compared > 100 && report.sums > 10, "{report:?}");
    // In an earlier state: rows that changed later are skipped.
    let scope = Scope { at: Some(i64::try_from(height - 3).unwrap()), since: None };
    let earlier = verify(&mut connection, &client, scope).await;
    assert_eq!(earlier.differences, Vec::<String>::new());
    assert!(earlier.skipped > 0 && earlier.compared > 100, "{earlier:?}");
    // Only what changed since.
    let scope = Scope { at: None, since: Some(0) };
    let later = verify(&mut connection, &client, scope).await;
    assert_eq!(later.differences, Vec::<String>::new());
    assert!(later.compared > 0 && later.compared < report.compared, "{later:?}");
    for (wrong, found, undo) in WRONG {
        execute(&mut connection, wrong).await;
        let report = verify(&mut connection, &client, Scope::default()).await;
        let found = report.differences.iter().any(|it| it.starts_with(found));
        assert!(found, "{wrong}: {report:?}");
        execute(&mut connection, undo).await;
    }
    let report = verify(&mut connection, &client, Scope::default()).await;
    assert_eq!(report.differences, Vec::<String>::new());
    // The kernel's tables have no read by id: all accounts and roles of genesis are there.
    let mut ask = async |sql: &str| one(&mut connection, sql).await.unwrap();
    let accounts = ask("select count(*) from edr.account where kind = 'account'").await;
    assert_eq!(accounts, PEOPLE.len().to_string());
    assert_eq!(ask("select count(*) from edr.account where kind = 'module'").await, "4");
    let roles: usize = PEOPLE.iter().map(|person| person.roles.len()).sum();
    let role = "select count(*) from edr.role where until_height is null and from_height = 0";
    assert_eq!(ask(role).await, roles.to_string());
    let alice = net.account("alice").unwrap().text();
    let member = format!("select organisation from edr.membership where account = '{alice}'");
    assert_eq!(ask(&member).await, "home");
    test.end().await;
}

/// The indexer verifies by itself, and reports a difference instead of repairing it.
#[tokio::test(flavor = "multi_thread")]
async fn an_indexer_verifies_by_itself_and_reports_what_differs() {
    let net = chain();
    let client = Client::connect(net.url()).await.unwrap();
    let height = trade(&net, &client).await;
    let test = TestDatabase::new("automatic").await;
    index(&test, &net, &Settings::default(), height).await;
    let mut connection = test.connect().await;
    execute(&mut connection, "update pss.store set name = 'x'").await;
    let height = trade(&net, &client).await;
    let settings = Settings { verify_every: Some(1), ..Settings::default() };
    let (mut database, progress) = (test.database(), Progress::default());
    let source = Source::new(&[net.url().to_owned()], None).unwrap();
    let indexed = async {
        let deadline = Instant::now() + PATIENCE;
        while progress.state().verified_height.is_none() {
            assert!(Instant::now() < deadline, "not verified: {progress:?}");
            sleep(Duration::from_millis(10)).await;
        }
    };
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    tokio::select! {
        ended = ehb_indexer::index::run(&settings, source, &mut database, &progress, stopped) => {
            panic!("{ended:?}");
        }
        () = indexed => {}
    }
    assert!(progress.state().differences > 0, "{progress:?}, {height}");
    let recorded =
        "select count(*) from indexer.difference where difference like 'pss.store 1: name%'";
    assert_ne!(one(&mut connection, recorded).await.unwrap(), "0");
    assert_eq!(one(&mut connection, "select name from pss.store").await.unwrap(), "x");
    test.end().await;
}
