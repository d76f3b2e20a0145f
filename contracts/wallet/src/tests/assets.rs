//! Assets: creation, minting, burning, issuers and caps on the supply.

use expect_test::expect;

use super::table::check;

#[test]
fn issuers_create_mint_and_burn() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank => ok
        bank mint EUR alice 1000          => ok
        bank mint EUR bank 500            => ok
        bank burn EUR 200                 => ok
        bank get-asset EUR                => Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } }
        bank get-supply EUR               => Supply { minted: 1500, burned: 200, circulating: 1300 }
        balances                          => bank 300+0 EUR, alice 1000+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
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
        bank create-asset EUR Euro 13 bank                    => OutOfRange(Range { parameter: "decimals", given: 13, min: 0, max: 12 })
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
        alice mint EUR alice 1            => WrongParty(Party { account: Some(bank), organisation: None, role: None })
        market/bank mint EUR alice 1      => WrongParty(Party { account: Some(bank), organisation: None, role: None })
        bank mint USD alice 1             => UnknownAsset("USD")
        bank mint usd alice 1             => MalformedAssetId("usd")
        bank mint EUR alice 0             => ZeroAmount
        bank mint EUR nobody 1            => InactiveAccount(nobody)
        bank mint EUR alice 10            => ok
        alice burn EUR 5                  => WrongParty(Party { account: Some(bank), organisation: None, role: None })
        bank burn EUR 0                   => ZeroAmount
        bank burn EUR 5                   => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 5 })
        bank burn USD 5                   => UnknownAsset("USD")
        balances                          => alice 10+0 EUR
    "#]]);
}

#[test]
fn an_issuer_hands_over() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank => ok
        alice set-issuer EUR alice        => WrongParty(Party { account: Some(bank), organisation: None, role: None })
        bank set-issuer EUR nobody        => InactiveAccount(nobody)
        bank set-issuer USD alice         => UnknownAsset("USD")
        bank set-issuer EUR alice         => ok
        bank mint EUR bob 1               => WrongParty(Party { account: Some(alice), organisation: None, role: None })
        alice mint EUR bob 1              => ok
        alice set-issuer EUR market       => ok
        market/bob mint EUR bob 1         => ok
        balances                          => bob 2+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
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
        bank mint EUR alice 1             => SupplyOverflow(SupplyExcess { asset: "EUR", minted: 18446744073709551615, added: 1 })
        alice transfer bank EUR max       => ok
        bank burn EUR max                 => ok
        bank mint EUR alice 1             => SupplyOverflow(SupplyExcess { asset: "EUR", minted: 18446744073709551615, added: 1 })
        bank get-supply EUR               => Supply { minted: 18446744073709551615, burned: 18446744073709551615, circulating: 0 }
    "#]]);
}

#[test]
fn a_supply_is_capped_and_closed() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued cap:1000 fixed - => ok
        bank mint EUR alice 1001                                      => SupplyCapped(LimitUsage { limit: 1000, used: 0, needed: 1001 })
        bank mint EUR alice 900                                       => ok
        bank mint EUR alice 101                                       => SupplyCapped(LimitUsage { limit: 1000, used: 900, needed: 101 })
        bank restrict-supply EUR cap:1000                             => NotNarrower("EUR")
        bank restrict-supply EUR cap:899                              => SupplyCapped(LimitUsage { limit: 899, used: 900, needed: 0 })
        bank restrict-supply EUR cap:0                                => ZeroAmount
        bank restrict-supply EUR unlimited                            => NotNarrower("EUR")
        alice restrict-supply EUR closed                              => WrongParty(Party { account: Some(bank), organisation: None, role: None })
        bank restrict-supply USD closed                               => UnknownAsset("USD")
        bank restrict-supply usd closed                               => MalformedAssetId("usd")
        bank restrict-supply EUR cap:950                              => ok
        bank mint EUR bank 50                                         => ok
        bank burn EUR 50                                              => ok
        bank mint EUR bank 51                                         => SupplyCapped(LimitUsage { limit: 950, used: 900, needed: 51 })
        bank mint EUR bank 50                                         => ok
        bank restrict-supply EUR closed                               => ok
        bank mint EUR bank 1                                          => SupplyClosed("EUR")
        bank burn EUR 50                                              => ok
        bank mint EUR bank 1                                          => SupplyClosed("EUR")
        bank restrict-supply EUR closed                               => SupplyClosed("EUR")
        bank restrict-supply EUR cap:1                                => SupplyClosed("EUR")
        bank get-asset EUR                                            => Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Closed, freezable: false } }
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Capped(1000), freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 900 })
          | SupplyRestricted(SupplyRestriction { asset: "EUR", supply: SupplyPolicy::Capped(950) })
          | Minted(Issuance { asset: "EUR", account: bank, amount: 50 })
          | Burned(Issuance { asset: "EUR", account: bank, amount: 50 })
          | Minted(Issuance { asset: "EUR", account: bank, amount: 50 })
          | SupplyRestricted(SupplyRestriction { asset: "EUR", supply: SupplyPolicy::Closed })
          | Burned(Issuance { asset: "EUR", account: bank, amount: 50 })
    "#]]);
}

#[test]
fn there_is_one_native_asset() {
    check(expect![[r#"
        bank get-native-asset                                                   => None
        bank create-asset-with-terms EHB Ehb native cap:1000000 fixed -         => MissingRole("platform-admin")
        alice create-asset-with-terms EUR Euro issued unlimited fixed -         => MissingRole("issuer")
        admin create-asset-with-terms EHB Ehb native cap:0 fixed -              => ZeroAmount
        admin create-asset-with-terms EHB Ehb native closed fixed -             => SupplyClosed("EHB")
        admin create-asset-with-terms EHB Ehb native cap:1000000 fixed genesis  => ok
        admin create-asset-with-terms EHB Ehb native cap:1000000 fixed genesis  => ok
        admin create-asset-with-terms EHB Ehb native cap:1000000 fixed -        => AssetExists("EHB")
        admin create-asset-with-terms EHB2 Ehb native cap:1000000 fixed -       => NativeExists("EHB")
        admin create-asset-with-terms EHB2 Ehb native cap:1000000 fixed genesis => KeyReused
        admin create-asset-with-terms EHB2 Ehb issued cap:1000000 fixed -       => MissingRole("issuer")
        bank get-native-asset                                                   => Some(Asset { id: "EHB", name: "Ehb", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Native, supply: SupplyPolicy::Capped(1000000), freezable: false } })
    "#]]);
}
