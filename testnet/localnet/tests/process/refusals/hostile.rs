//! Hostile modules on a live node.

use ehb_crypto::{Domain, hash};
use ehb_sdk::api::{ModuleClient, OutcomeView, Strict};
use ehb_sdk::{Draft, Error};
use ehb_types::{Genesis, GenesisModule, Name};
use serde_json::json;

use super::World;
use crate::net::Net;

/// A module that would stop a node if it could: it spins, swallows memory, and calls itself.
const BOMB: &str = r#"(component
    (core module $m
      (memory (export "memory") 1)
      (func (export "spin") (loop $again (br $again)))
      (func (export "swallow")
        (loop $again (drop (memory.grow (i32.const 1))) (br $again)))
      (func $recurse (export "recurse") (call $recurse)))
    (core instance $i (instantiate $m))
    (func $spin (canon lift (core func $i "spin")))
    (func $swallow (canon lift (core func $i "swallow")))
    (func $recurse (canon lift (core func $i "recurse")))
    (instance $api
      (export "spin" (func $spin))
      (export "swallow" (func $swallow))
      (export "recurse" (func $recurse)))
    (export "ehb:bomb/api@1.0.0" (instance $api)))"#;

/// What becomes of each of its functions: the code and the words.
const ENDS: [(&str, &str, &str); 3] = [
    ("spin", "OUT_OF_GAS", "the gas ran out"),
    ("swallow", "OUT_OF_GAS", "the gas ran out"),
    ("recurse", "TRAP", "bomb.recurse: its calls nest too deeply"),
];

/// A network of one validator whose genesis has the module.
fn network() -> Net {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let code = wat::parse_str(BOMB).unwrap();
    let name = Name::new("bomb").unwrap();
    std::fs::create_dir(data_dir.join("modules")).unwrap();
    std::fs::write(data_dir.join("modules/bomb.wasm"), &code).unwrap();
    let path = data_dir.join("genesis.json");
    let mut genesis = Genesis::from_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
    genesis.modules.push(GenesisModule { name, code: hash(Domain::ModuleCode, &code) });
    std::fs::write(&path, genesis.to_json().unwrap()).unwrap();
    net.note_genesis(genesis.hash());
    net.start_all();
    net
}

#[test]
fn a_live_node_outlives_hostile_modules() {
    let world = World::on(network());
    let before = world.state();
    for (function, code, words) in ENDS {
        let (call, simulated, executed) = world.net.runtime().block_on(async {
            let rpc = world.client.rpc();
            let (module, name) = (Name::new("bomb").unwrap(), Name::new(function).unwrap());
            let read = ModuleClient::call(rpc, module, name, Strict(json!({})), None, None).await;
            let call = world.client.call("bomb", function, &json!({})).await.unwrap();
            let draft = Draft::new(call).gas_limit(1_000_000);
            let sender = world.signer.address();
            let transaction = world.client.build(&sender, draft.clone()).await.unwrap();
            world.client.forget_sequence(&sender, 0).await;
            let simulated = world.client.simulate(&transaction).await.unwrap();
            let executed = world.client.execute(&world.signer, draft).await.unwrap_err();
            (world.client.error(read.unwrap_err()), simulated, executed)
        });
        let Error::Refused(refused) = &call else { panic!("{function}: {call}") };
        assert_eq!(refused.code, code, "{function}: {call}");
        assert!(refused.message.contains(words), "{function}: {call}");
        let Error::Failed(located) = &executed else { panic!("{function}: {executed}") };
        for receipt in [&simulated, &located.receipt] {
            let OutcomeView::Failure { code: found, message, .. } = &receipt.outcome else {
                panic!("{function}: it succeeded")
            };
            assert_eq!(found, code, "{function}: {message}");
            assert!(message.contains(words), "{function}: {message}");
            assert!(receipt.gas_used.0 <= 1_000_000 && receipt.events.is_empty(), "{function}");
        }
    }
    let (sender, other, sequence) = before;
    assert_eq!(world.state(), (sender, other, sequence + 3));
    world.net.pay(1, 2);
    assert_eq!(world.net.audit().transactions, 4);
}
