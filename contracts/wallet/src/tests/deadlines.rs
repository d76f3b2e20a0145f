use expect_test::expect;

use super::table::check;

#[test]
fn a_stranger_ends_what_is_over() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                  => ok
        bank mint EUR alice 1000                           => ok
        alice set-policy EUR approvers=bob approvals=1     => ok
        alice propose-payment dave EUR 100 - - 5000 -      => 1
        alice grant-allowance bob EUR 100 - 4000 - - -     => 1
        bob request-payment alice EUR 300 parts 3000 - - - => 1
        bob request-payment alice EUR 300 parts 6000 - - - => 2
        alice place-hold EUR 50 bob - 2000 -               => 1
        nobody sweep 32                                    => []
        nobody list-due 10                                 => []
        at 5000
        nobody list-due 10                                 => [Due { deadline-ms: 3000, matter: Matter::Request(1) }, Due { deadline-ms: 4000, matter: Matter::Allowance(1) }, Due { deadline-ms: 5000, matter: Matter::Payment(1) }]
        nobody sweep 2                                     => [Matter::Request(1), Matter::Allowance(1)]
        nobody sweep 32                                    => [Matter::Payment(1)]
        nobody sweep 32                                    => []
        nobody advance hold 1                              => ok
        nobody advance request 2                           => TooEarly(Moment { deadline-ms: 6000, now-ms: 5000 })
        balances                                           => alice 1000+0 EUR
        nobody sweep 0                                     => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 32 })
        nobody sweep 33                                    => OutOfRange(Range { parameter: "limit", given: 33, min: 1, max: 32 })
        nobody list-due 0                                  => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        nobody list-due 101                                => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        nobody advance hold 1                              => ResolvedHold(1)
        nobody advance hold 9                              => UnknownHold(9)
        nobody advance payment 9                           => UnknownPayment(9)
        nobody advance request 9                           => UnknownRequest(9)
        nobody advance allowance 9                         => UnknownAllowance(9)
    "#]]);
}
