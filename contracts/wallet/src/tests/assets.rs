use expect_test::expect;

use super::table::check;

#[test]
fn issuers_create_mint_and_burn() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank => ok
        bank mint EUR alice 1000          => ok
        bank mint EUR bank 500            => ok
        bank burn EUR 200                 => ok
        bank get-asset EUR                => Asset { id: "EUR", name: "Euro", precision: 2, issuer: bank }
        bank get-supply EUR               => Supply { issued: 1500, redeemed: 200, circulating: 1300 }
        balances                          => bank 300+0 EUR, alice 1000+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", precision: 2, issuer: bank })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | Minted(Issuance { asset: "EUR", account: bank, amount: 500 })
          | Burned(Issuance { asset: "EUR", account: bank, amount: 200 })
    "#]]);
}

#[test]
fn what_is_no_asset_is_refused() {
    check(expect![[r#"
        bank create-asset - Euro 2 bank                       => MalformedAssetId("")
        bank create-asset eur Euro 2 bank                     => MalformedAssetId("eur")
        bank create-asset 2EUR Euro 2 bank                    => MalformedAssetId("2EUR")
        bank create-asset E_R Euro 2 bank                     => MalformedAssetId("E_R")
        bank create-asset ABCDEFGHIJKLM Euro 2 bank           => MalformedAssetId("ABCDEFGHIJKLM")
        bank create-asset "EUR " Euro 2 bank                  => MalformedAssetId("EUR ")
        bank create-asset ÄÖÜ Euro 2 bank                     => MalformedAssetId("ÄÖÜ")
        bank create-asset EUR - 2 bank                        => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        bank create-asset EUR 65*x 2 bank                     => OutOfRange(Range { parameter: "name", given: 65, min: 1, max: 64 })
        bank create-asset EUR Euro 13 bank                    => OutOfRange(Range { parameter: "precision", given: 13, min: 0, max: 12 })
        bank create-asset EUR Euro 2 nobody                   => InactiveAccount(nobody)
        alice create-asset EUR Euro 2 alice                   => MissingRole("issuer")
        market/bank create-asset EUR Euro 2 bank              => MissingRole("issuer")
        bank create-asset ABCDEFGHIJKL "longest id" 12 market => ok
        bank create-asset E-1 "another" 0 alice               => ok
        bank create-asset E-1 "again" 0 alice                 => AssetExists("E-1")
    "#]]);
}

#[test]
fn only_the_issuer_mints_and_burns() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank => ok
        alice mint EUR alice 1            => NotIssuer(bank)
        market/bank mint EUR alice 1      => NotIssuer(bank)
        bank mint USD alice 1             => UnknownAsset("USD")
        bank mint usd alice 1             => MalformedAssetId("usd")
        bank mint EUR alice 0             => ZeroAmount
        bank mint EUR nobody 1            => InactiveAccount(nobody)
        bank mint EUR alice 10            => ok
        alice burn EUR 5                  => NotIssuer(bank)
        bank burn EUR 0                   => ZeroAmount
        bank burn EUR 5                   => InsufficientBalance(Shortfall { asset: "EUR", available: 0, needed: 5 })
        bank burn USD 5                   => UnknownAsset("USD")
        balances                          => alice 10+0 EUR
    "#]]);
}

#[test]
fn an_issuer_hands_over() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank => ok
        alice set-issuer EUR alice        => NotIssuer(bank)
        bank set-issuer EUR nobody        => InactiveAccount(nobody)
        bank set-issuer USD alice         => UnknownAsset("USD")
        bank set-issuer EUR alice         => ok
        bank mint EUR bob 1               => NotIssuer(alice)
        alice mint EUR bob 1              => ok
        alice set-issuer EUR market       => ok
        market/bob mint EUR bob 1         => ok
        balances                          => bob 2+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", precision: 2, issuer: bank })
          | IssuerChanged(IssuerChange { asset: "EUR", before: bank, after: alice })
          | Minted(Issuance { asset: "EUR", account: bob, amount: 1 })
          | IssuerChanged(IssuerChange { asset: "EUR", before: alice, after: market })
          | Minted(Issuance { asset: "EUR", account: bob, amount: 1 })
    "#]]);
}

#[test]
fn a_supply_fits_the_largest_amount() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank => ok
        bank mint EUR alice max           => ok
        bank mint EUR alice 1             => SupplyOverflow(Excess { asset: "EUR", issued: 18446744073709551615, added: 1 })
        alice transfer bank EUR max       => ok
        bank burn EUR max                 => ok
        bank mint EUR alice 1             => SupplyOverflow(Excess { asset: "EUR", issued: 18446744073709551615, added: 1 })
        bank get-supply EUR               => Supply { issued: 18446744073709551615, redeemed: 18446744073709551615, circulating: 0 }
    "#]]);
}
