//! What calls cost in reads and writes of the state, those of the wallet included: the same however
//! much there is.

use ehb_contract::Host;
use expect_test::expect;

use super::actions::act;
use super::scene::{CAST, shop};

fn cost(host: &mut Host, row: &str) -> String {
    let words: Vec<&str> = row.split_whitespace().collect();
    let [who, action, arguments @ ..] = &words[..] else { return String::new() };
    CAST.act_as(host, who);
    let (reads, writes) = host.storage_calls();
    let result = act(host, action, arguments);
    assert!(result == "ok" || result.parse::<u64>().is_ok(), "{row}: {result}");
    let (reads_after, writes_after) = host.storage_calls();
    format!("{row}: {} reads, {} writes\n", reads_after - reads, writes_after - writes)
}

fn costs(host: &mut Host, id: u64) -> String {
    [
        "alice place-order EUR 1@1x1,2@1x1 2000 1:1 1".to_owned(),
        format!("carl accept {id}"),
        format!("carl ship {id} 0x1,1x1 -"),
        format!("carl deliver {id} 1"),
        format!("alice confirm {id}"),
    ]
    .iter()
    .map(|row| cost(host, row))
    .collect()
}

#[test]
fn an_order_costs_the_same_however_many_there_are() {
    let mut host = shop();
    let first = costs(&mut host, 1);
    expect![[r#"
        alice place-order EUR 1@1x1,2@1x1 2000 1:1 1: 11 reads, 13 writes
        carl accept 1: 1 reads, 3 writes
        carl ship 1 0x1,1x1 -: 3 reads, 6 writes
        carl deliver 1 1: 2 reads, 4 writes
        alice confirm 1: 10 reads, 10 writes
    "#]]
    .assert_eq(&first);
    for id in 2..40 {
        cost(&mut host, "bob place-order EUR 1@1x1,3@3x1 2000 1:1,2:1 1");
        cost(&mut host, &format!("carl accept {}", 2 * (id - 1)));
    }
    let later = costs(&mut host, 78).replace(" 78", " 1");
    assert_eq!(first, later);
}

/// A key costs one read and two writes more.
#[test]
fn a_key_costs_little() {
    let mut host = shop();
    let row = "alice place-order EUR 1@1x1,2@1x1 2000 1:1 1 key=a";
    expect![[r#"
        alice place-order EUR 1@1x1,2@1x1 2000 1:1 1 key=a: 12 reads, 15 writes
    "#]]
    .assert_eq(&cost(&mut host, row));
}
