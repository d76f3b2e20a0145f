//! Contracts belong to organisations: who acts for a side is decided by its roles now.

use expect_test::expect;

use super::table::check;

#[test]
fn an_account_that_leaves_takes_nothing_along() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        worker apply 1 400                         => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        agent accept-offer 1                       => 1
        treasurer fund 1                           => ok
        move worker corp
        worker submit 1                            => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        rival submit 1                             => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        agent submit 1                             => ok
        move client bolt
        client approve 1                           => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        client dispute 1 10000                     => NotAParty(Item { kind: "contract", id: 1 })
        clerk approve 1                            => ok
        move agent acme
        agent refund 1                             => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        treasurer pay 1                            => ok
        worker commit-hash 1                       => NotAParty(Item { kind: "contract", id: 1 })
        clerk commit-hash 1                        => ok
        teacher attest worker welding 50000        => 1
        move teacher acme
        teacher revoke-attestation 1               => WrongParty(Party { account: Some(teacher), organisation: None, role: Some("certifier") })
    "#]]);
}

/// Who keeps the shop does not sign contracts, and who reviews the work does not certify.
#[test]
fn duties_have_roles_of_their_own() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        clerk attest worker welding 5000           => MissingRole("certifier")
        kin attest worker welding 5000             => 1
        clerk revoke-attestation 1                 => WrongParty(Party { account: Some(kin), organisation: None, role: Some("certifier") })
        kin revoke-attestation 1                   => ok
        rival accept-offer 1                       => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        agent accept-offer 1                       => 1
    "#]]);
}

/// Lists and scores are an organisation's: who leaves takes nothing along.
#[test]
fn lists_and_scores_belong_to_organisations() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        kin post-job public 1 11000 21000          => 2
        worker apply 1 400                         => 1
        agent apply 2 400                          => 2
        client make-offer 1 worker 9000 1000@50000 => 1
        kin make-offer 2 agent 9000 1000@50000     => 2
        nobody list-postings acme - 10             => ([1, 2], None)
        nobody list-applications-of bolt - 10      => ([1, 2], None)
        nobody list-applications-of bolt 1 1       => ([2], None)
        nobody list-applications-of bolt - 0       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        nobody list-offers bolt - 10               => ([1, 2], None)
        worker accept-offer 1                      => 1
        nobody list-contracts acme client - 10     => ([1], None)
        nobody list-contracts bolt contractor - 10 => ([1], None)
        client fund 1                              => ok
        worker submit 1                            => ok
        client approve 1                           => ok
        client pay 1                               => ok
        agent commit 1 contractor 4 fine           => ok
        client commit 1 client 5 good              => ok
        move worker corp
        agent reveal 1 4 fine                      => ok
        client reveal 1 5 good                     => ok
        nobody reputation bolt                     => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 1, sum: 5 } }
        nobody reputation corp                     => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 0, sum: 0 } }
        nobody reputation acme                     => OrganisationRating { as-client: RatingSum { count: 1, sum: 4 }, as-contractor: RatingSum { count: 0, sum: 0 } }
        nobody list-contracts corp contractor - 10 => ([], None)
    "#]]);
}
