//! Content identifiers, and texts that are none.

use proptest::prelude::*;

use super::Cid;

/// The text `hello world` as plain bytes and as what other codecs would call it, as `ipfs` and the
/// multiformats libraries write it.
const HELLO_WORLD: [(u8, &str); 3] = [
    (0x55, "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
    (0x70, "bafybeifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
    (0x71, "bafyreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
];

#[test]
fn known_identifiers_are_read() {
    for (codec, text) in HELLO_WORLD {
        let cid = Cid::parse(text).unwrap();
        assert_eq!(cid.codec, codec);
        assert_eq!(cid.digest[..4], [0xb9, 0x4d, 0x27, 0xb9]);
        assert_eq!(cid.hash().to_bytes(), cid.digest);
        assert_eq!(cid.to_text(), text);
    }
}

#[test]
fn other_forms_are_refused() {
    let refused = [
        "",
        "b",
        // Version 0, and version 1 in base58.
        "QmaozNR7DZHQK1ZcU9p7QdrshMvXqWK6gpu5rmrkPdT3L4",
        "zb2rhj7crUKTQYRGCRATFaQ6YFLTde2YzdqbbhAASkL9uRDXn",
        // Upper case, with padding, a letter less, a letter more, letters that base32 lacks.
        "BAFKREIFZJUT3TE2NHYEKKLSS27NH3K72YSCO7Y32KOAO5EEI66WOF36N5E",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e======",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5ea",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n51",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36nä",
        // Another version, another hash function, another length, bits after the end.
        "bajkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "bafkrgifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "bafkreefzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5f",
    ];
    for text in refused {
        assert_eq!(Cid::parse(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn text_and_identifier_are_the_same(codec in 0u8..0x80, digest: [u8; 32]) {
        let cid = Cid { codec, digest };
        let text = cid.to_text();
        prop_assert_eq!(text.len(), Cid::TEXT_BYTES);
        prop_assert_eq!(Cid::parse(&text), Some(cid));
    }

    #[test]
    fn no_two_texts_name_one_document(text in "b[a-z2-7]{58}|baf[ky][br]ei[a-z2-7]{52}") {
        if let Some(cid) = Cid::parse(&text) {
            prop_assert_eq!(cid.to_text(), text);
        }
    }
}
