//! All modules get their next release at once, while they are in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ehb_devnet::DevNet;
use ehb_releases::RESERVED;
use ehb_sdk::api::{At, LocatedReceipt, OutcomeView, StateClient, StateKey, TransactionClient};
use ehb_sdk::{Client, Draft, Error, Name, SecretKey};
use ehb_workload::{ASSET, Call, PEOPLE, business, hire, open_programme, order};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::signer;

const START_MS: u64 = 1_800_000_000_000;
/// The upgrade compiles all modules in one block; on a busy machine that takes minutes.
const PATIENCE: Duration = Duration::from_secs(900);
/// Enough for each call of this test, whatever release runs it.
const GAS: u64 = 20_000_000;
/// The pause after each call of the load, so that a slow upgrade does not make the chain large.
const LOAD_PAUSE: Duration = Duration::from_millis(10);
/// The successes of each kind of load that both releases must have.
const LOADED_MIN: usize = 3;

/// A record that the next release extends.
struct Grown {
    module: &'static str,
    /// Who makes one, and by which call. Its text is `%`.
    maker: &'static str,
    make: &'static str,
    arguments: fn(&str) -> Value,
    /// The read of one that release 1 made, and the new field.
    get: &'static str,
    parameter: &'static str,
    field: &'static str,
    /// The event with the record.
    event: &'static str,
    /// A call that writes the old record again, and who makes it.
    change: (&'static str, &'static str, fn(&str) -> Value),
    /// The first byte of the keys under which the records are stored.
    prefix: u8,
}

fn grown() -> [Grown; 4] {
    [
        Grown {
            module: "wallet",
            maker: "bob",
            make: "place-hold",
            arguments: |reference| {
                json!({
                    "asset": ASSET, "amount": "100", "payee": "@sam", "controller": null,
                    "expires-ms": (START_MS + 3_600_000).to_string(), "reference": reference,
                })
            },
            get: "get-hold",
            parameter: "hold",
            field: "placed-ms",
            event: "hold-placed",
            change: ("bob", "pay-back", |id| json!({"hold": id, "amount": "1"})),
            prefix: b'h',
        },
        Grown {
            module: "credit",
            maker: "cloud",
            make: "create-programme",
            arguments: |name| json!({"name": name, "unit": "token", "payout-account": "@cloud", "key": ""}),
            get: "get-programme",
            parameter: "programme",
            field: "created-ms",
            event: "programme-created",
            change: ("cloud", "set-sale-terms", |id| json!({"programme": id, "sale-terms": null})),
            prefix: b'p',
        },
        Grown {
            module: "jobs",
            maker: "alice",
            make: "post-job",
            arguments: job,
            get: "get-posting",
            parameter: "posting",
            field: "posted-ms",
            event: "job-posted",
            change: ("alice", "stop-applications", |id| json!({"posting": id})),
            prefix: b'p',
        },
        Grown {
            module: "marketplace",
            maker: "admin",
            make: "create-category",
            arguments: |name| json!({"parent": null, "name": name, "key": ""}),
            get: "get-category",
            parameter: "category",
            field: "created-ms",
            event: "category-created",
            change: ("admin", "rename-category", |id| json!({"category": id, "name": "Old"})),
            prefix: b'c',
        },
    ]
}

/// A posting with a title.
fn job(title: &str) -> Value {
    let posted = hire(START_MS).into_iter().find(|call| call.function == "post-job").unwrap();
    let mut arguments = posted.arguments;
    let until = (START_MS + 3_600_000).to_string();
    arguments["details"]["title"] = json!(title);
    arguments["details"]["apply-until-ms"] = json!(until);
    arguments["details"]["decide-until-ms"] = json!(until);
    arguments
}

/// A chain whose genesis has business under way, and an account that upgrades its modules.
fn chain() -> DevNet {
    let mut builder = DevNet::builder().genesis_ms(START_MS);
    for (place, person) in PEOPLE.iter().enumerate().filter(|(_, it)| it.name != "bank") {
        let key = SecretKey::from_seed(&[u8::try_from(place + 1).unwrap(); 32]);
        builder = builder.account(person.name, key, person.organisation, person.roles);
    }
    let key = SecretKey::from_seed(&[0x77; 32]);
    builder = builder.account("upgrader", key, "platform", &["upgrader"]);
    for Call { who, module, function, arguments } in business(1_000_000_000, START_MS) {
        builder = builder.call(who, module, function, arguments);
    }
    builder.start().unwrap()
}

/// Arguments with addresses for `@alice`.
fn addressed(net: &DevNet, value: Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('@') {
            Some(name) => json!(net.account(name).unwrap().text()),
            None => json!(text),
        },
        Value::Array(items) => items.into_iter().map(|item| addressed(net, item)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, addressed(net, value))).collect()
        }
        other => other,
    }
}

/// Sends a transaction and waits for its receipt, however long its block takes.
pub(crate) async fn run(
    (net, client): (&DevNet, &Client),
    who: &str,
    draft: Draft,
) -> Result<LocatedReceipt, Error> {
    let signed = client.sign_next(&signer(net, who), draft).await?;
    client.send(&signed, PATIENCE).await?.into_result(&signed.id())
}

async fn call(
    (net, client): (&DevNet, &Client),
    who: &str,
    (module, function): (&str, &str),
    arguments: Value,
) -> Result<LocatedReceipt, Error> {
    let call = client.call(module, function, &addressed(net, arguments)).await?;
    run((net, client), who, Draft::new(call).gas_limit(GAS)).await
}

/// The load: who calls what again and again, each in a lane of its own.
fn load() -> [(&'static str, &'static str, &'static str, Value); 5] {
    let stock = json!({"variant": "1", "location": "1", "quantity": "1", "reason": "", "key": ""});
    let sale = open_programme().into_iter().find(|call| call.function == "set-sale-terms").unwrap();
    [
        ("fast", "wallet", "transfer", json!({"to": "@till", "asset": ASSET, "amount": "1"})),
        ("alice", "jobs", "post-job", job("Load")),
        ("sam", "marketplace", "add-stock", stock),
        ("bob", "marketplace", "place-order", order(1)),
        ("cloud", "credit", "set-sale-terms", sale.arguments),
    ]
}

/// Repeats a call until it is stopped. Returns the heights at which it succeeded; it must never fail.
async fn repeat(
    (net, client): (Arc<DevNet>, Client),
    lane: u32,
    (who, module, function, arguments): (&'static str, &'static str, &'static str, Value),
    (done, stop): (Arc<AtomicUsize>, Arc<AtomicBool>),
) -> (&'static str, Vec<u64>) {
    let mut heights = Vec::new();
    let arguments = addressed(&net, arguments);
    while !stop.load(Ordering::Relaxed) {
        let call = client.call(module, function, &arguments).await.unwrap();
        let draft = Draft::new(call).lane(lane).gas_limit(GAS);
        let ran = run((&net, &client), who, draft).await;
        let located = ran.unwrap_or_else(|error| panic!("{who} {module}.{function}: {error:?}"));
        heights.push(located.position.height);
        done.fetch_add(1, Ordering::Relaxed);
        sleep(LOAD_PAUSE).await;
    }
    (function, heights)
}

async fn until_all(counts: &[Arc<AtomicUsize>], least: &[usize]) {
    let deadline = Instant::now() + PATIENCE;
    while counts.iter().zip(least).any(|(count, least)| count.load(Ordering::Relaxed) < *least) {
        assert!(Instant::now() < deadline, "the load does not go on: {counts:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn upgrade(
    (net, client): (&DevNet, &Client),
    names: &[&str],
) -> Result<LocatedReceipt, Error> {
    let mut upgrades = Vec::new();
    for it in ehb_releases::next().iter().filter(|it| names.contains(&it.name)) {
        let upgrader = signer(net, "upgrader").address();
        let execute = async |draft| run((net, client), "upgrader", draft).await;
        let hash = client.upload_code_by(&upgrader, it.name, it.code, |_| (), execute).await?;
        upgrades.push((Name::new(it.name).unwrap(), hash));
    }
    let draft = client.upgrade_draft(&upgrades).await?;
    run((net, client), "upgrader", draft).await
}

async fn get(client: &Client, it: &Grown, id: &str) -> Value {
    client.read(it.module, it.get, &json!({it.parameter: id})).await.unwrap().value
}

/// The version of the layout in which a record is stored.
async fn layout(client: &Client, it: &Grown, id: u64) -> u8 {
    let key = [[it.prefix].as_slice(), &id.to_be_bytes()].concat();
    let module = Some(Name::new(it.module).unwrap());
    let key = StateKey { module, key: ehb_sdk::api::Bytes(key) };
    let proven = StateClient::proof(client.rpc(), key, None).await.unwrap();
    proven.value.unwrap().0[0]
}

/// The record in the event of a receipt.
fn emitted<'a>(it: &Grown, located: &'a LocatedReceipt) -> &'a Value {
    let mut events = located.receipt.events.iter();
    let found = events.find_map(|event| event.value.value.get(it.event));
    found.unwrap_or_else(|| panic!("no {}: {located:?}", it.event))
}

/// The number of what a call made.
fn made(located: &LocatedReceipt) -> String {
    let OutcomeView::Success { results } = &located.receipt.outcome else { panic!("{located:?}") };
    results[0].value.as_str().unwrap().to_owned()
}

/// The refusal of a call.
fn refusal(ran: Result<LocatedReceipt, Error>) -> Value {
    ran.unwrap_err().module_error().unwrap().value.value.clone()
}

#[tokio::test]
async fn all_modules_grow_at_once_under_load() {
    let net = Arc::new(chain());
    let client = Client::connect(net.url()).await.unwrap();
    let on = (&*net, &client);
    let stock =
        json!({"variant": "1", "location": "1", "quantity": "5000", "reason": "", "key": ""});
    call(on, "sam", ("marketplace", "add-stock"), stock).await.unwrap();

    // Release 1 accepts the text that release 2 keeps to itself.
    let mut old = Vec::new();
    for it in grown() {
        let made_by_1 = call(on, it.maker, (it.module, it.make), (it.arguments)(RESERVED)).await;
        let located = made_by_1.unwrap();
        assert_eq!(emitted(&it, &located).get(it.field), None);
        old.push((it, located));
    }

    let (stop, mut tasks, mut counts) = (Arc::new(AtomicBool::new(false)), JoinSet::new(), vec![]);
    for (lane, repeated) in (1..).zip(load()) {
        let count = Arc::new(AtomicUsize::new(0));
        // Each has a client of its own, as a user does, which keeps what it knows of the modules.
        let client = Client::connect(net.url()).await.unwrap();
        tasks.spawn(repeat((net.clone(), client), lane, repeated, (count.clone(), stop.clone())));
        counts.push(count);
    }
    until_all(&counts, &[LOADED_MIN; 5]).await;
    let refused = upgrade(on, &["wallet"]).await.unwrap_err();
    let unlinked = refused.module_error().map(|error| error.value.value.to_string());
    assert!(unlinked.is_some_and(|it| it.contains("unlinked")), "{refused:?}");
    let upgraded = upgrade(on, &["wallet", "credit", "marketplace", "jobs"]).await.unwrap();
    let from = upgraded.position.height;
    let so_far: Vec<_> =
        counts.iter().map(|count| count.load(Ordering::Relaxed) + LOADED_MIN + 1).collect();
    until_all(&counts, &so_far).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(repeated) = tasks.join_next().await {
        let (function, heights) = repeated.unwrap();
        let before = heights.iter().filter(|height| **height < from).count();
        let after = heights.iter().filter(|height| **height > from).count();
        assert!(before >= LOADED_MIN && after >= LOADED_MIN, "{function}: {from}, {heights:?}");
    }

    for (it, before) in &old {
        grown_since(on, it, before, from).await;
    }
    // The wallet's new refusal reaches those who call it through another module.
    let mut reserved = order(1);
    reserved["reference"] = json!(RESERVED);
    let refused = call(on, "bob", ("marketplace", "place-order"), reserved).await;
    assert_eq!(refusal(refused), json!({"wallet": {"reserved-text": RESERVED}}));
}

/// Checks what became of a record that release 1 made, and what release 2 makes.
async fn grown_since(on: (&DevNet, &Client), it: &Grown, before: &LocatedReceipt, from: u64) {
    let client = on.1;
    // Old receipts are decoded by the interface of their height.
    let again = TransactionClient::receipt(client.rpc(), before.receipt.transaction).await.unwrap();
    assert_eq!(&again, before, "{}", it.module);

    // Old entries lack the field, until and after they are written in the new layout.
    let id = made(before);
    let number: u64 = id.parse().unwrap();
    let arguments = json!({it.parameter: id});
    let past = client.read_at(it.module, it.get, &arguments, At::Height(from - 1)).await.unwrap();
    assert_eq!(past.value.get(it.field), None, "{}", it.module);
    let mut expected = emitted(it, before).clone();
    expected[it.field] = Value::Null;
    assert_eq!(get(client, it, &id).await, expected);
    assert_eq!(layout(client, it, number).await, 1, "{}", it.module);
    let (who, function, arguments) = it.change;
    call(on, who, (it.module, function), arguments(&id)).await.unwrap();
    assert_eq!(get(client, it, &id).await[it.field], Value::Null);
    assert_eq!(layout(client, it, number).await, 2, "{}", it.module);

    // New ones have it, in results and events.
    let new = call(on, it.maker, (it.module, it.make), (it.arguments)("new")).await.unwrap();
    let time = json!(new.timestamp_ms.to_string());
    assert_eq!(emitted(it, &new)[it.field], time, "{}", it.module);
    assert_eq!(get(client, it, &made(&new)).await[it.field], time, "{}", it.module);
    assert_eq!(layout(client, it, made(&new).parse().unwrap()).await, 2);

    // What release 1 accepted is refused.
    let refused = call(on, it.maker, (it.module, it.make), (it.arguments)(RESERVED)).await;
    assert_eq!(refusal(refused), json!({"reserved-text": RESERVED}), "{}", it.module);
}
