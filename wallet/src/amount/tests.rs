//! Amounts as people write them.

use expect_test::{Expect, expect};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{format_amount, grouped_amount, parse_amount};

fn check(text: &str, decimals: u8, expected: Expect) {
    match parse_amount(text, decimals) {
        Ok(units) => expected.assert_eq(&units.to_string()),
        Err(error) => expected.assert_eq(&error.to_string()),
    }
}

#[test]
fn amounts_are_read_exactly() {
    check("0", 2, expect!["0"]);
    check("12.50", 2, expect!["1250"]);
    check("12.5", 2, expect!["1250"]);
    check("12", 2, expect!["1200"]);
    check("0.000000000001", 12, expect!["1"]);
    check("7", 0, expect!["7"]);
    check("007", 0, expect!["7"]);
    check("184467440737095516.15", 2, expect!["18446744073709551615"]);
    check("1 000.00", 2, expect!["100000"]);
    check("1 000", 2, expect!["100000"]);
    check("12 345 678", 0, expect!["12345678"]);
    check("000 007", 0, expect!["7"]);
}

#[test]
fn ambiguous_separators_are_rejected_with_an_explanation() {
    check(
        "1,000.00",
        2,
        expect![[
            r#""1,000.00" can be read in two ways: write a point before decimals, and thousands together or apart by one space, as in 1250.50 or 1 250.50"#
        ]],
    );
    for text in ["1,5", "1.000,00", "1'000", "1\u{2019}000.00", "1_000", "1 000,00"] {
        let error = parse_amount(text, 2).unwrap_err().to_string();
        assert!(error.contains("can be read in two ways"), "{text:?}: {error}");
    }
    for text in [
        "1 00",
        "1000 000",
        "1 000 00",
        "10 000 0",
        " 1",
        "1 ",
        "1  000",
        "1 000 ",
        " 000",
        "1.000 000",
        "1 .5",
        "1 000. 5",
    ] {
        let error = parse_amount(text, 6).unwrap_err().to_string();
        assert!(error.contains("spaces that do not separate thousands"), "{text:?}: {error}");
    }
}

#[test]
fn amounts_that_do_not_fit_are_rejected() {
    check("12.505", 2, expect![[r#""12.505" has 3 decimals; this asset has 2"#]]);
    check("12.500", 2, expect![[r#""12.500" has 3 decimals; this asset has 2"#]]);
    check("1.0", 0, expect![[r#""1.0" has 1 decimals; this asset has 0"#]]);
    check(
        "184467440737095516.16",
        2,
        expect![[r#""184467440737095516.16" is more than any account can hold of this asset"#]],
    );
    let long = "9".repeat(100_000);
    assert!(parse_amount(&long, 2).unwrap_err().to_string().len() < 200);
    assert!(parse_amount("1", 255).is_err());
}

#[test]
fn texts_that_are_not_numbers_are_rejected() {
    for text in [
        "",
        ".",
        "1.",
        ".5",
        "-1",
        "+1",
        "1e3",
        "0x10",
        "1.2.3",
        "NaN",
        "inf",
        "١٢",
        "１２",
        "1\n",
        "12 EUR",
        "1\u{a0}000",
        "1\u{202f}000",
        "1\t000",
    ] {
        let error = parse_amount(text, 2).unwrap_err().to_string();
        assert!(error.contains("is not an amount"), "{text:?}: {error}");
    }
}

#[test]
fn thousands_are_grouped_for_readability() {
    for (units, decimals, expected) in [
        (0, 0, "0"),
        (999, 0, "999"),
        (1_000, 0, "1 000"),
        (123_456_789, 2, "1 234 567.89"),
        (5, 2, "0.05"),
        (u64::MAX, 12, "18 446 744.073709551615"),
    ] {
        assert_eq!(grouped_amount(units, decimals), expected);
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(units in any::<u64>(), decimals in 0u8..=12) {
        prop_assert_eq!(parse_amount(&format_amount(units, decimals), decimals), Ok(units));
        prop_assert_eq!(parse_amount(&grouped_amount(units, decimals), decimals), Ok(units));
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "[0-9. ]{0,30}", decimals in any::<u8>()) {
        if let Ok(units) = parse_amount(&text, decimals) {
            let whole: u64 =
                text.split('.').next().unwrap().replace(' ', "").parse().unwrap();
            prop_assert!(format_amount(units, decimals).starts_with(&whole.to_string()));
        }
    }
}
