//! What an organisation can put before accounts that did not ask for it.

use expect_test::expect;

use super::table::{row, scene};
use crate::keys::{ALLOWANCES_OPEN, APPROVALS_OPEN};

/// An organisation does not flood an account's list of allowances.
#[test]
fn allowances_of_an_organisation_are_bounded() {
    let mut host = scene();
    row(&mut host, "bank create-asset EUR Euro 2 bank");
    let grant = "grant-allowance alice EUR 300 - 90000 - - -";
    for number in 1..=100 {
        assert_eq!(row(&mut host, &format!("bob {grant}")), number.to_string());
    }
    expect![[r#"TooMany(Bound { what: "allowances", max: 100 })"#]]
        .assert_eq(&row(&mut host, &format!("carol {grant}")));
    row(&mut host, "move dave elsewhere");
    assert_eq!(row(&mut host, &format!("dave {grant}")), "101", "another organisation");
    assert_eq!(row(&mut host, "bob grant-allowance carol EUR 300 - 90000 - - -"), "102");
    // One that ends makes room for the organisation that its owner was of.
    row(&mut host, "move bob elsewhere");
    assert_eq!(row(&mut host, "alice close-allowance 7"), "ok");
    assert_eq!(row(&mut host, &format!("carol {grant}")), "103");
    row(&mut host, "at 90000");
    for _ in 0..4 {
        row(&mut host, "nobody advance-due 32");
    }
    assert_eq!(ALLOWANCES_OPEN.scan(&host, None, 10), [], "nothing is left behind");
}

/// A policy can name approvers of other organisations, whose lists of what waits for them it does not flood.
#[test]
fn approvals_asked_of_strangers_are_bounded() {
    let mut host = scene();
    row(&mut host, "bank create-asset EUR Euro 2 bank");
    row(&mut host, "bank mint EUR alice 1000");
    row(&mut host, "move dave elsewhere");
    let policy = "alice set-policy EUR above=0 approvers=bob,dave approvals=1";
    assert_eq!(row(&mut host, policy), "ok");
    for number in 1..=50 {
        assert_eq!(row(&mut host, "alice request-permit carol EUR 1 - 5000 -"), number.to_string());
        let payment = row(&mut host, "alice propose-payment carol EUR 1 - - 5000 -");
        assert_eq!(payment, number.to_string());
    }
    let full = expect![[r#"TooMany(Bound { what: "open-approvals", max: 100 })"#]];
    full.assert_eq(&row(&mut host, "alice request-permit carol EUR 1 - 5000 -"));
    full.assert_eq(&row(&mut host, "alice propose-payment carol EUR 1 - - 5000 -"));
    // Colleagues are asked as often as it takes.
    assert_eq!(row(&mut host, "alice set-policy EUR above=0 approvers=bob approvals=1"), "ok");
    assert_eq!(row(&mut host, "alice request-permit carol EUR 1 - 5000 -"), "51");
    assert_eq!(row(&mut host, policy), "ok");
    // What ends makes room, whatever organisation the approver is of by then.
    row(&mut host, "move dave else");
    assert_eq!(row(&mut host, "dave reject-permit 7"), "ok");
    assert_eq!(row(&mut host, "bob reject-payment 8"), "ok");
    assert_eq!(row(&mut host, "alice request-permit carol EUR 1 - 5000 -"), "52");
    row(&mut host, "at 5000");
    for _ in 0..4 {
        row(&mut host, "nobody advance-due 32");
    }
    assert_eq!(APPROVALS_OPEN.scan(&host, None, 10), [], "nothing is left behind");
}
