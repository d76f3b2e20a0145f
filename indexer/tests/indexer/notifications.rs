//! An account chooses of which events it is notified, and gets these, in the API and by a webhook.

use ehb_indexer::hook;
use ehb_indexer::serve::Access;
use serde_json::{Value, json};

use crate::database::one;
use crate::hooks::{Endpoint, OK, endpoint, quick, send_until};
use crate::sign_in::{Stage, address};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_gets_the_events_that_it_chose() {
    let stage = Stage::new("notifications", Access::Organisation).await;
    let (alice, bob) = (stage.sign_in("alice").await, stage.sign_in("bob").await);
    assert_eq!(stage.get("/v1/notifications", "").await.error(), "401 SIGN_IN");
    let before = stage.get("/v1/notifications", &bob).await.json();
    assert_eq!((&before["data"], &before["unread"]), (&json!([]), &json!(0)));
    let shop = endpoint(|_, _| OK).await;
    let chosen = json!({
        "events": [
            {"module": "wallet", "name": "transferred", "inApp": true, "webhook": true},
            {"module": "kernel", "name": null, "inApp": true, "webhook": true},
        ],
        "webhookUrl": format!("http://{}/mine", shop.address),
    });
    let set = stage.send("PUT /v1/preferences", &bob, &chosen).await;
    assert_eq!(set.status, 204, "{set:?}");
    let known = stage.get("/v1/preferences", &bob).await.json()["data"].clone();
    let secret = known["webhookSecret"].as_str().unwrap().to_owned();
    assert_eq!(known["webhookUrl"], chosen["webhookUrl"]);
    assert_eq!(known["events"].as_array().unwrap().len(), 2);
    // Those of another account are its own.
    let others = stage.get("/v1/preferences", &alice).await.json()["data"].clone();
    assert_eq!(others, json!({"events": [], "webhookUrl": null, "webhookSecret": null}));

    let height = stage.pay("alice", "bob", "").await;
    let bob_at = address(&stage.net, "bob");
    let listed = stage.get("/v1/notifications", &bob).await.json();
    let newest = &listed["data"][0];
    assert_eq!((&newest["module"], &newest["name"]), (&json!("wallet"), &json!("transferred")));
    assert_eq!((&newest["height"], &newest["unread"]), (&json!(height - 1), &json!(true)));
    assert!(newest["value"].to_string().contains(&bob_at), "{newest}");
    let unread = listed["unread"].as_u64().unwrap();
    assert!(unread >= 1);
    let read = stage.send("PUT /v1/notifications", &bob, &json!({"readTo": height})).await;
    assert_eq!(read.status, 204, "{read:?}");
    let listed = stage.get("/v1/notifications", &bob).await.json();
    assert_eq!((&listed["unread"], &listed["data"][0]["unread"]), (&json!(0), &json!(false)));
    let older = format!("/v1/notifications?before={}", listed["data"][0]["id"].as_str().unwrap());
    let older = stage.get(&older, &bob).await.json();
    assert_eq!(
        older["data"].as_array().unwrap().len() + 1,
        listed["data"].as_array().unwrap().len()
    );
    assert!(
        stage.get("/v1/notifications", &alice).await.json()["data"].as_array().unwrap().is_empty()
    );

    webhook_is_silent_once_suspended(&stage, &shop, &bob, &chosen, &secret).await;
    stage.test.end().await;
}

/// The webhook gets what was chosen for it, and nothing once the account is suspended.
async fn webhook_is_silent_once_suspended(
    stage: &Stage,
    shop: &Endpoint,
    bob: &str,
    chosen: &Value,
    secret: &str,
) {
    let bob_at = address(&stage.net, "bob");
    send_until(&stage.test, quick(), async |_| !shop.ids().is_empty()).await;
    let (head, body) = shop.got.lock().unwrap()[0].clone();
    assert!(head.starts_with("POST /mine") && body.contains(&bob_at), "{head} {body}");
    assert_eq!(shop.ids().len(), 1);
    stage.send("PUT /v1/preferences", bob, chosen).await;
    let kept = stage.get("/v1/preferences", bob).await.json()["data"]["webhookSecret"].clone();
    assert_eq!(kept, secret, "the same URL keeps its secret");
    stage
        .administer("club-admin", "set-status", json!({"account": bob_at, "status": "suspended"}))
        .await;
    // What is about it goes on, and is not sent.
    stage
        .administer("club-admin", "set-status", json!({"account": bob_at, "status": "closed"}))
        .await;
    let mut connection = stage.test.connect().await;
    let head = one(&mut connection, "select height from chain.cursor").await.unwrap();
    let head: i64 = head.parse().unwrap();
    let all = json!({"events": [{"module": "kernel", "webhook": true}], "webhookUrl": chosen["webhookUrl"]});
    assert_eq!(stage.send("PUT /v1/preferences", bob, &all).await.error(), "401 SIGN_IN");
    send_until(&stage.test, quick(), async |it| {
        let hooks = hook::list(it).await.unwrap();
        hooks.iter().all(|it| it.next_height > head && it.waiting == 0)
    })
    .await;
    assert_eq!(shop.ids().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn preferences_that_are_not_valid_are_refused_with_the_reason() {
    let stage = Stage::new("preferences", Access::Open).await;
    let bob = stage.sign_in("bob").await;
    let many: Vec<_> =
        (0..65).map(|n| json!({"module": "wallet", "name": format!("n{n}")})).collect();
    for (body, reason) in [
        (json!({"events": many}), "more than 64 events"),
        (json!({"events": [{"module": "Wallet"}]}), "no valid names"),
        (json!({"events": [{"module": "wallet", "name": "a'; drop"}]}), "no valid names"),
        (json!({"events": [{"module": "a"}, {"module": "a"}]}), "twice"),
        (json!({"events": [{"module": "a", "webhook": true}]}), "webhookUrl is missing"),
        (json!({"events": [], "webhookUrl": "ftp://a"}), "is not a URL"),
        (json!({"events": [], "colour": 1}), "unknown field"),
    ] {
        let refused = stage.send("PUT /v1/preferences", &bob, &body).await;
        assert!(refused.error() == "400 BAD_BODY" && refused.body.contains(reason), "{refused:?}");
    }
    assert_eq!(
        stage.send("PUT /v1/preferences", "", &json!({"events": []})).await.error(),
        "401 SIGN_IN"
    );
    let bad = stage.get("/v1/notifications?before=x", &bob).await;
    assert_eq!(bad.error(), "400 BAD_VALUE");
    assert!(hook::list(&mut stage.test.connect().await).await.unwrap().is_empty());
    stage.test.end().await;
}
