//! Sign-in with the keys of an account, sessions that the chain ends, and rows that are limited to an organisation.

use std::collections::BTreeSet;

use ehb_devnet::DevNet;
use ehb_indexer::index::Settings as Indexing;
use ehb_indexer::schema::organisation;
use ehb_indexer::serve::{Access, Settings};
use ehb_sdk::{Client, Draft, SignIn, Signer};
use ehb_workload::ASSET;
use serde_json::{Value, json};

use crate::database::{TestDatabase, execute, one};
use crate::http::{Answer, Site};
use crate::real;

/// The name under which the tests address the server.
const HOST: &str = "host: localhost\r\n";

/// Accounts that the business of the chain does not need.
const STAFF: [(&str, &str, &str); 2] =
    [("club-admin", "club", "administrator"), ("audit", "audit", "auditor")];

fn signer(net: &DevNet, name: &str) -> Signer {
    Signer::of_key(net.account(name).unwrap().key.clone())
}

pub(crate) fn address(net: &DevNet, name: &str) -> String {
    net.account(name).unwrap().text()
}

/// The tables of a chain with business, and a server on them.
pub(crate) struct Stage {
    pub(crate) net: DevNet,
    client: Client,
    pub(crate) test: TestDatabase,
    pub(crate) site: Site,
}

impl Stage {
    pub(crate) async fn new(name: &str, access: Access) -> Self {
        let net = real::chain_with(&STAFF);
        let client = Client::connect(net.url()).await.unwrap();
        let test = TestDatabase::new(name).await;
        let height = net.produce_block().unwrap();
        net.produce_block().unwrap();
        real::index(&test, &net, &Indexing::default(), height).await;
        organisation::limit(&mut test.connect().await).await.unwrap();
        let site = Site::start(&test.options, Settings { access, ..Settings::default() }).await;
        Self { net, client, test, site }
    }

    /// The challenge for an account.
    async fn challenge(&self, account: &str) -> SignIn {
        let answer = self.site.get(&format!("/v1/challenge?account={account}")).await;
        answer.json()["challenge"].as_str().unwrap().parse().unwrap()
    }

    async fn post(&self, body: &Value) -> Answer {
        self.send("POST /v1/session", "", body).await
    }

    /// Sends a body.
    pub(crate) async fn send(&self, request: &str, session: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let headers = format!("{HOST}{session}content-length: {}\r\n\r\n{body}", body.len());
        self.site.ask(request, &headers).await
    }

    /// A payment, which is indexed.
    pub(crate) async fn pay(&self, from: &str, to: &str, memo: &str) -> u64 {
        let payment = json!({"to": address(&self.net, to), "asset": ASSET, "amount": "7"});
        let call = self.client.call("wallet", "transfer", &payment).await.unwrap();
        let draft = Draft::new(call).memo(memo);
        self.client.execute(&signer(&self.net, from), draft).await.unwrap();
        self.index().await
    }

    /// Indexes up to the block after the last one.
    async fn index(&self) -> u64 {
        let height = self.net.produce_block().unwrap();
        self.net.produce_block().unwrap();
        real::index(&self.test, &self.net, &Indexing::default(), height).await;
        height
    }

    /// Signs in, and returns the header with the session.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let challenge = self.challenge(&address(&self.net, name)).await;
        let answer = self.post(&answered(&challenge, &signer(&self.net, name))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        format!("authorization: Bearer {}\r\n", answer.json()["token"].as_str().unwrap())
    }

    pub(crate) async fn get(&self, path: &str, session: &str) -> Answer {
        self.site.ask(&format!("GET {path}"), &format!("{HOST}{session}")).await
    }

    async fn rows(&self, path: &str, session: &str) -> Vec<Value> {
        let answer = self.get(path, session).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()["data"].as_array().unwrap().clone()
    }

    /// Executes a call of the kernel, which is indexed.
    pub(crate) async fn administer(&self, from: &str, function: &str, arguments: Value) {
        let call = self.client.call("kernel", function, &arguments).await.unwrap();
        self.client.execute(&signer(&self.net, from), Draft::new(call)).await.unwrap();
        self.index().await;
    }
}

/// The body that opens a session.
fn answered(challenge: &SignIn, signer: &Signer) -> Value {
    let signatures = signer.sign_in(challenge);
    let signatures: Vec<Value> = signatures
        .iter()
        .map(|it| json!({"key": it.key.to_string(), "signature": it.signature.to_string()}))
        .collect();
    json!({"challenge": challenge.to_string(), "signatures": signatures})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_signs_in_with_its_key_and_nobody_else_does() {
    let stage = Stage::new("sign_in", Access::SignedIn).await;
    let alice = address(&stage.net, "alice");
    let refused = stage.site.get("/v1/blocks").await;
    assert_eq!(refused.error(), "401 SIGN_IN");
    assert!(refused.body.contains("accounts of the chain"), "{refused:?}");
    for open in ["/health", "/openapi.json", "/metrics", "/status"] {
        assert_eq!(stage.site.get(open).await.status, 200, "{open}");
    }
    let challenge = stage.challenge(&alice).await;
    assert_eq!(
        (challenge.host.as_str(), challenge.account.as_str()),
        ("localhost", alice.as_str())
    );
    let other_host = SignIn { host: "shop.example".to_owned(), ..challenge.clone() };
    let other_account = SignIn { account: address(&stage.net, "bob"), ..challenge.clone() };
    let later = SignIn { expires_s: challenge.expires_s + 9_999, ..challenge.clone() };
    let (alices, bobs) = (signer(&stage.net, "alice"), signer(&stage.net, "bob"));
    let mut changed = answered(&challenge, &alices);
    changed["challenge"] = later.to_string().into();
    for body in [
        answered(&challenge, &bobs),
        answered(&other_host, &alices),
        answered(&other_account, &bobs),
        answered(&later, &alices),
        json!({"challenge": challenge.to_string(), "signatures": []}),
        changed,
    ] {
        assert_eq!(stage.post(&body).await.error(), "401 SIGN_IN", "{body}");
    }
    for body in [json!({}), json!({"challenge": "Sign this", "signatures": []})] {
        assert_eq!(stage.post(&body).await.error(), "400 BAD_BODY", "{body}");
    }
    let long = json!({"challenge": "a".repeat(20 << 10), "signatures": []});
    assert_eq!(stage.post(&long).await.error(), "400 BAD_BODY");

    let session = stage.sign_in("alice").await;
    assert_eq!(stage.get("/v1/blocks", &session).await.status, 200);
    let member = stage.get("/v1/session", &session).await.json()["data"].clone();
    assert_eq!((&member["account"], &member["organisation"]), (&json!(alice), &json!("home")));
    assert_eq!((&member["roles"], &member["seesAll"]), (&json!([]), &json!(false)));
    // A browser sends it as a cookie, which its pages cannot read.
    let answer = stage.post(&answered(&stage.challenge(&alice).await, &alices)).await;
    let cookie = &answer.headers["set-cookie"];
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = format!("cookie: a=b; {}\r\n", cookie.split(';').next().unwrap());
    assert_eq!(stage.get("/v1/blocks", &cookie).await.status, 200);
    let removed = stage.site.ask("DELETE /v1/session", HOST).await;
    assert!(removed.status == 204 && removed.headers["set-cookie"].contains("Max-Age=0"));
    // A session is only what this server sealed.
    let forged = session.replacen("Bearer ", "Bearer A", 1);
    assert_eq!(stage.get("/v1/blocks", &forged).await.error(), "401 SIGN_IN");
    stage.test.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_the_block_that_suspends_its_account() {
    let stage = Stage::new("sign_in_ends", Access::SignedIn).await;
    let session = stage.sign_in("bob").await;
    let others = stage.sign_in("alice").await;
    let mut live = stage.site.open("GET /v1/live", &format!("{HOST}{session}")).await;
    crate::live::read_until(&mut live, "event: block").await;
    assert_eq!(stage.get("/v1/blocks", &session).await.status, 200);
    let bob = address(&stage.net, "bob");
    let suspended = json!({"account": bob, "status": "suspended"});
    stage.administer("club-admin", "set-status", suspended).await;
    let ended = stage.get("/v1/blocks", &session).await;
    assert!(ended.error() == "401 SIGN_IN" && ended.body.contains("not active"), "{ended:?}");
    // A stream that is open ends as well.
    crate::live::read_to_end(&mut live).await;
    assert_eq!(stage.get("/v1/blocks", &others).await.status, 200);
    let challenge = stage.challenge(&bob).await;
    let again = stage.post(&answered(&challenge, &signer(&stage.net, "bob"))).await;
    assert_eq!(again.error(), "401 SIGN_IN");
    stage.test.end().await;
}

/// The values of a column.
fn column(rows: &[Value], name: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_sees_its_own_rows_and_what_a_market_shows() {
    let stage = Stage::new("rows", Access::Organisation).await;
    let height = stage.pay("alice", "bob", "zebra crossing").await;
    assert_eq!(stage.site.get("/v1/blocks").await.error(), "401 SIGN_IN");
    let [alice, bob, sam, audit] = ["alice", "bob", "sam", "audit"];
    let (alice_at, bob_at) = (address(&stage.net, alice), address(&stage.net, bob));
    let [alice, bob, sam, audit] = [
        stage.sign_in(alice).await,
        stage.sign_in(bob).await,
        stage.sign_in(sam).await,
        stage.sign_in(audit).await,
    ];
    let balances = stage.rows("/v1/balances?limit=200", &alice).await;
    assert_eq!(column(&balances, "account"), BTreeSet::from([alice_at.clone()]));
    let entries = stage.rows(&format!("/v1/entries?account={alice_at}"), &bob).await;
    assert!(entries.is_empty(), "{entries:?}");
    // The store sees its orders, and a buyer those that it placed.
    let sold = stage.rows("/v1/sub-orders?limit=200", &sam).await;
    assert_eq!(column(&sold, "organisation"), BTreeSet::from(["acme".to_owned()]));
    let bought = stage.rows("/v1/sub-orders?limit=200", &alice).await;
    assert_eq!(column(&bought, "buyer"), BTreeSet::from([alice_at.clone()]));
    let lines = stage.rows("/v1/order-lines?limit=200", &alice).await;
    assert_eq!(column(&lines, "subOrder"), column(&bought, "id"));
    assert!(stage.rows("/v1/stock-movements", &alice).await.is_empty());
    assert!(!stage.rows("/v1/stock-movements", &sam).await.is_empty());
    assert!(!stage.rows("/v1/products", &bob).await.is_empty());
    // A transaction is seen by the organisations whose accounts occur in it, by each way to it.
    for (session, seen, own) in [
        (&alice, true, &alice_at),
        (&bob, true, &bob_at),
        (&sam, false, &bob_at),
        (&audit, true, &bob_at),
    ] {
        let found = stage.rows("/v1/search?q=zebra", session).await;
        assert_eq!(!found.is_empty(), seen, "{found:?}");
        let listed =
            stage.rows(&format!("/v1/transactions?sender={alice_at}&from=1"), session).await;
        assert_eq!(!listed.is_empty(), seen, "{listed:?}");
        let csv = stage.get("/v1/transactions?format=csv&from=1", session).await;
        assert_eq!(csv.body.contains("zebra"), seen, "{}", csv.body);
        let after = height - 2;
        let mut live = stage
            .site
            .open(&format!("GET /v1/live?after={after}"), &format!("{HOST}{session}"))
            .await;
        let text = crate::live::read_until(&mut live, &format!("\"height\":{}", height - 1)).await;
        // Of the accounts in a block, an organisation sees its own.
        assert_eq!(text.contains(own.as_str()), seen, "{text}");
    }
    stage.test.end().await;
}

/// The lines of a CSV without its last column where that is the id of a transaction, which not everybody can see.
fn without_transactions(csv: &str) -> BTreeSet<&str> {
    let has_ids = csv.lines().next().is_some_and(|header| header.ends_with(",transaction"));
    let row = |line| {
        if has_ids { str::rsplit_once(line, ',').map_or(line, |(row, _)| row) } else { line }
    };
    csv.lines().map(row).collect()
}

/// Each list works for each caller, and shows to an organisation no more than to an auditor.
#[tokio::test(flavor = "multi_thread")]
async fn each_list_is_limited_and_an_auditor_sees_all_rows() {
    let stage = Stage::new("rows_all", Access::Organisation).await;
    let (sam, audit) = (stage.sign_in("sam").await, stage.sign_in("audit").await);
    let document = stage.site.get("/openapi.json").await.json();
    let (mut fewer, mut of_all) = (BTreeSet::new(), BTreeSet::new());
    let mut connection = stage.test.connect().await;
    for path in crate::serving::lists(&document) {
        let all = stage.get(&format!("{path}?format=csv"), &audit).await;
        let some = stage.get(&format!("{path}?format=csv"), &sam).await;
        if some.status == 403 {
            // What adds the rows of all organisations is for auditors alone.
            let page = stage.get(&path, &sam).await;
            assert_eq!((all.status, page.error()), (200, "403 FORBIDDEN".to_owned()), "{path}");
            assert!(some.body.contains("role auditor"), "{some:?}");
            of_all.insert(path);
            continue;
        }
        assert_eq!((all.status, some.status), (200, 200), "{path}: {some:?}");
        let (all, some) = (without_transactions(&all.body), without_transactions(&some.body));
        assert!(some.is_subset(&all), "{path}");
        if some.len() < all.len() {
            fewer.insert(path);
        }
    }
    for path in ["accounts", "balances", "entries", "holds", "contracts", "grants", "events"] {
        assert!(fewer.contains(&format!("/v1/{path}")), "{path} is not limited: {fewer:?}");
    }
    for path in ["sales-days", "network-days", "failures", "escrow-exposures", "proposals"] {
        assert_eq!(of_all.contains(&format!("/v1/{path}")), path != "proposals", "{of_all:?}");
    }
    // The role itself cannot do more.
    execute(&mut connection, &format!("set role {}", organisation::ROLE)).await;
    let set = format!("select set_config('{}', 'acme', false)", organisation::SETTING);
    assert_eq!(one(&mut connection, &set).await.unwrap(), "acme");
    assert_eq!(
        one(
            &mut connection,
            "select count(*) from emo.balance b join edr.account a on a.address = b.account
        where a.organisation <> 'acme'"
        )
        .await
        .unwrap(),
        "0"
    );
    for sql in [
        "delete from emo.balance",
        "update emo.balance set available = 0",
        "insert into emo.supply values ('X', 1, 0, 0, 0, 0)",
        "select * from service.secret",
        "select * from report.balances",
        "create table chain.mine (a integer)",
    ] {
        let ran = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await;
        let error = ran.unwrap_err().to_string();
        assert!(error.contains("permission denied"), "{sql}: {error}");
    }
    // Without an organisation there are no rows at all.
    execute(&mut connection, &format!("reset {}", organisation::SETTING)).await;
    let none = sqlx::raw_sql("select * from emo.balance").fetch_all(&mut connection).await;
    assert!(none.is_ok_and(|rows| rows.is_empty()));
    stage.test.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_not_limited_yet_are_not_shown() {
    let stage = Stage::new("rows_unprepared", Access::Organisation).await;
    let session = stage.sign_in("sam").await;
    let mut owner = stage.test.connect().await;
    execute(&mut owner, "revoke all on all tables in schema emo from ehb_organisation").await;
    let refused = stage.get("/v1/balances", &session).await;
    assert_eq!(refused.error(), "503 DATABASE");
    assert!(refused.body.contains("db limit-rows"), "{refused:?}");
    // Tables that are made again are limited again.
    ehb_indexer::schema::reset(&mut owner).await.unwrap();
    ehb_indexer::schema::migrate(&mut owner).await.unwrap();
    let limited = "select bool_and(relrowsecurity) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('chain', 'edr', 'emo', 'pss') and c.relkind in ('r', 'p') and not c.relispartition";
    assert_eq!(one(&mut owner, limited).await.unwrap(), "t");
    stage.test.end().await;
}
