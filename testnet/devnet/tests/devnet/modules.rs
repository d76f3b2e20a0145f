//! A module that ships is installed while its chain runs.

use ehb_devnet::DevNet;
use ehb_sdk::api::{At, ModuleClient};
use ehb_sdk::{Client, Code, Draft, Name, SecretKey};
use ehb_types::Parameters;
use serde_json::json;

use crate::signer;
use crate::upgrade::run;

/// A chain with the wallet alone, and an account that installs modules without a vote.
fn chain() -> DevNet {
    let mut parameters = Parameters::default();
    parameters.modules.deployers_install = 1;
    DevNet::builder()
        .modules(&["wallet"])
        .parameters(parameters)
        .account("deployer", SecretKey::from_seed(&[0x77; 32]), "platform", &["deployer"])
        .start()
        .unwrap()
}

async fn names(client: &Client, at: Option<At>) -> Vec<String> {
    let listed = ModuleClient::list(client.rpc(), at).await.unwrap();
    listed.into_iter().map(|it| it.name.to_string()).collect()
}

#[tokio::test]
async fn a_module_is_installed_described_and_called() {
    let net = chain();
    let client = Client::connect(net.url()).await.unwrap();
    let (credit, deployer) = (Name::new("credit").unwrap(), signer(&net, "deployer").address());
    let unknown = client.module("credit").await.unwrap_err();
    assert!(unknown.is(Code::UnknownModule), "{unknown:?}");

    let code = ehb_catalog::get("credit").unwrap().code;
    let execute = async |draft| run((&net, &client), "deployer", draft).await;
    let uploading = client.upload_code_by(&deployer, "credit", code, |_| (), execute);
    let hash = uploading.await.unwrap();
    assert!(client.module("credit").await.is_err(), "uploaded code is not installed");
    let draft = client.install_draft(&credit, &hash).await.unwrap();
    let done = run((&net, &client), "deployer", draft).await.unwrap();
    let event = &done.receipt.events[0].value.value["module-installed"];
    assert_eq!(*event, json!({ "module": "credit", "code": hash }));

    // It is described, listed, read and called; before its block there is none.
    assert_eq!(names(&client, None).await, ["credit", "kernel", "wallet"]);
    let height = done.position.height;
    assert_eq!(names(&client, Some(At::Height(height))).await, ["credit", "kernel", "wallet"]);
    assert_eq!(names(&client, Some(At::Height(height - 1))).await, ["kernel", "wallet"]);
    let history = ModuleClient::history(client.rpc(), Some(credit.clone())).await.unwrap();
    let history: Vec<_> = history.iter().map(|it| (it.code_hash, it.from, it.until)).collect();
    assert_eq!(history, [(hash, done.position, None)]);
    let due = json!({ "after": null, "limit": 10 });
    let read = client.read("credit", "list-due", &due).await.unwrap();
    assert_eq!(read.height, net.height());
    let call = client.call("credit", "advance-due", &json!({ "limit": 1 })).await.unwrap();
    let called = run((&net, &client), "deployer", Draft::new(call).gas_limit(2_000_000)).await;
    called.unwrap();

    // Its name is taken.
    let execute = async |draft| run((&net, &client), "deployer", draft).await;
    let again = client.upload_code_by(&deployer, "credit", code, |_| (), execute);
    assert!(again.await.unwrap_err().is(Code::PermissionDenied), "it is upgraded now");
}
