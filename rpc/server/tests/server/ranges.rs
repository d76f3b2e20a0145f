//! Whole blocks in a row: what an answer holds, where it stops, and what it refuses.

use std::sync::atomic::Ordering;

use ehb_rpc_api::{
    At, BLOCKS_ANSWER_BYTES_MAX, BLOCKS_PER_ANSWER_MAX, BlocksView, CANONICAL_PART_BYTES_MAX,
    ChainClient, Detail,
};
use ehb_rpc_server::Backend;
use ehb_types::{Event, Hash, Outcome, Receipt, SharedTransaction};
use jsonrpsee::http_client::{HttpClient, HttpClientBuilder};
use serde_json::json;

use crate::fake::{ALICE, BOB, key, name, transaction, transfer};
use crate::raw::{Running, start};

fn connect(server: &Running) -> HttpClient {
    let url = format!("http://{}", server.address);
    HttpClientBuilder::default().max_response_size(64 << 20).build(url).unwrap()
}

/// A chain of blocks with the given number of transactions each.
async fn with_blocks(counts: &[u64]) -> Running {
    let server = start().await;
    let mut sequence = 0;
    for count in counts {
        let transfers = (sequence..sequence + count).map(|next| transfer(ALICE, BOB, 1, next));
        drop(server.node.submit(transfers.collect()));
        sequence += count;
        server.node.decide();
    }
    server
}

fn shape(answer: &BlocksView) -> (Vec<u64>, u64, u64) {
    (answer.blocks.iter().map(|it| it.header.height).collect(), answer.next, answer.head)
}

#[tokio::test]
async fn a_range_says_where_it_stopped_and_what_the_head_is() {
    let server = with_blocks(&[2, 0, 1]).await;
    let client = connect(&server);
    let read = async |from, count| client.blocks(from, count, Some(Detail::Ids)).await.unwrap();
    assert_eq!(shape(&read(1, Some(2)).await), (vec![1, 2], 3, 3));
    assert_eq!(shape(&read(2, None).await), (vec![2, 3], 4, 3));
    assert_eq!(shape(&read(0, Some(1 << 53)).await), (vec![0, 1, 2, 3], 4, 3));
    assert_eq!(shape(&read(3, Some(u64::MAX)).await), (vec![3], 4, 3));
    // A client that is at the head asks for what comes next.
    assert_eq!(shape(&read(4, Some(10)).await), (vec![], 4, 3));
}

#[tokio::test]
async fn all_details_show_the_same_blocks() {
    let server = with_blocks(&[2, 1]).await;
    let client = connect(&server);
    let full = client.blocks(1, None, None).await.unwrap().blocks;
    let ids = client.blocks(1, None, Some(Detail::Ids)).await.unwrap().blocks;
    let headers = client.blocks(1, None, Some(Detail::Header)).await.unwrap().blocks;
    let canonical = client.blocks(1, None, Some(Detail::Canonical)).await.unwrap().blocks;
    assert_eq!([full.len(), ids.len(), headers.len(), canonical.len()], [2; 4]);
    for (index, shown) in canonical.iter().enumerate() {
        let (block, receipts, certificate) = shown.canonical.clone().unwrap().decode().unwrap();
        assert_eq!(block.hash(), full[index].hash);
        let height = block.header.height;
        assert_eq!(receipts, server.node.block(height).unwrap().unwrap().receipts.to_vec());
        assert_eq!(certificate.unwrap().block, shown.hash);
        let views = full[index].transactions.clone().unwrap();
        let listed: Vec<_> = views.iter().map(|view| view.id).collect();
        let decoded: Vec<_> = block.transactions.iter().map(|it| it.id()).collect();
        assert_eq!(decoded, listed);
        assert_eq!(ids[index].ids.as_ref(), Some(&listed));
        for other in [&ids[index], &headers[index], &full[index]] {
            assert_eq!((other.hash, &other.header), (shown.hash, &shown.header));
            assert_eq!(other.transaction_count, shown.transaction_count);
        }
    }
    // Genesis has no certificate.
    let genesis = client.blocks(0, Some(1), Some(Detail::Canonical)).await.unwrap();
    let (_, _, certificate) = genesis.blocks[0].canonical.clone().unwrap().decode().unwrap();
    assert_eq!(certificate, None);
    // One block by itself is the same.
    let alone = ChainClient::block(&client, None, Some(Detail::Canonical), None).await.unwrap();
    assert_eq!(alone, canonical[1]);
}

/// An answer is bounded in blocks and bytes, and goes on where it stopped without loss or duplicate.
#[tokio::test]
async fn a_long_range_comes_in_answers_of_bounded_length() {
    let server = with_blocks(&[1_000; 12]).await;
    for _ in 0..BLOCKS_PER_ANSWER_MAX {
        server.node.decide();
    }
    let client = connect(&server);
    for detail in [Detail::Full, Detail::Canonical, Detail::Header] {
        let (mut next, mut answers, mut transactions) = (1, 0, 0);
        loop {
            let answer = client.blocks(next, None, Some(detail)).await.unwrap();
            if answer.blocks.is_empty() {
                break;
            }
            let bytes = serde_json::to_vec(&answer).unwrap().len();
            assert!(bytes <= BLOCKS_ANSWER_BYTES_MAX + 4_096, "{detail:?}: {bytes}");
            for block in &answer.blocks {
                assert_eq!(block.header.height, next);
                transactions += block.transaction_count;
                next += 1;
            }
            assert_eq!(answer.next, next);
            answers += 1;
        }
        assert_eq!((next, transactions), (13 + BLOCKS_PER_ANSWER_MAX, 12_000), "{detail:?}");
        assert!(answers >= 2, "{detail:?}: {answers}");
    }
}

/// A block of the greatest size with receipts of half that size, which fit into no single answer.
#[tokio::test]
async fn the_largest_block_is_read_in_canonical_parts() {
    const BLOCK_BYTES: usize = 32 << 20;
    const TRANSACTION_BYTES: usize = 384 << 10;
    let server = start().await;
    let large = |sequence| {
        let mut transaction = transaction(ALICE, BOB, 1, sequence);
        transaction.memo = "x".repeat(TRANSACTION_BYTES - 512);
        SharedTransaction::from(transaction.sign(&[&key(ALICE)]))
    };
    let count = (BLOCK_BYTES / TRANSACTION_BYTES) as u64;
    drop(server.node.submit((0..count).map(large).collect()));
    let event = Event { call: 0, module: name("wallet"), data: vec![0; 64 << 10] };
    let own = Receipt {
        transaction: Hash([9; 32]),
        outcome: Outcome::Success(Vec::new()),
        gas_used: 0,
        events: vec![event; 64],
    };
    server.node.decide_with(vec![own; 4]);
    let expected = server.node.block(1).unwrap().unwrap();
    assert!(expected.block.encoded().len() > BLOCK_BYTES - TRANSACTION_BYTES);

    let client = connect(&server);
    let refused = client.blocks(1, None, Some(Detail::Canonical)).await.unwrap_err().to_string();
    assert!(refused.contains("read it with less detail, or in parts with chain_getBlock"));
    let (mut block, mut receipts, mut from) = (Vec::new(), Vec::new(), Some(0));
    let mut parts = 0;
    while let Some(index) = from {
        let at = Some(At::Height(1));
        let part = client.block(at, Some(Detail::Canonical), Some(index)).await.unwrap();
        assert_eq!((part.hash, part.receipt_count), (expected.hash, count as u32 + 4));
        let canonical = part.canonical.unwrap();
        let bytes = canonical.block.0.len() + canonical.receipts.0.len();
        assert!(bytes <= CANONICAL_PART_BYTES_MAX && canonical.certificate.is_some());
        block.extend(canonical.block.0);
        receipts.extend(canonical.receipts.0);
        assert_eq!(index as usize + bytes, block.len() + receipts.len());
        from = part.next_index;
        parts += 1;
    }
    assert!(block == expected.block.encoded().to_vec() && parts >= 3, "{parts} parts");
    let receipts: Vec<Receipt> = ehb_types::decode(&receipts).unwrap();
    assert!(receipts == expected.receipts.to_vec());

    let rows = [
        (Detail::Canonical, u32::MAX, "fromIndex is 4294967295; block 1 has"),
        (Detail::Ids, 1, "headers and ids have no parts"),
        (Detail::Header, 5, "fromIndex is 5, but headers and ids have no parts"),
    ];
    for (detail, index, text) in rows {
        let at = Some(At::Height(1));
        let error = client.block(at, Some(detail), Some(index)).await.unwrap_err().to_string();
        assert!(error.contains("INVALID_REQUEST") && error.contains(text), "{error}");
    }
    server.assert_answers().await;
}

#[tokio::test]
async fn bad_ranges_are_refused_with_what_is_wrong() {
    let server = with_blocks(&[0; 6]).await;
    server.node.earliest.store(3, Ordering::Relaxed);
    let rows = [
        (json!({"from": 4, "count": 0}), "-32602 INVALID_REQUEST", "count is 0"),
        (json!({"from": 8}), "-32060 NOT_FOUND", "the head is 6"),
        (json!({"from": 1u64 << 53}), "-32060 NOT_FOUND", "the head is 6"),
        (json!({"from": u64::MAX}), "-32060 NOT_FOUND", "the head is 6"),
        (json!({"from": 2}), "-32061 PRUNED", "the first kept one is 3"),
        (json!({"from": -1}), "-32602 INVALID_REQUEST", "parameters"),
        (json!({"from": 4, "detail": "all"}), "-32602 INVALID_REQUEST", "parameters"),
        (json!({"from": 4, "to": 5}), "-32602 INVALID_REQUEST", "no parameter"),
        (json!({}), "-32602 INVALID_REQUEST", "needs the parameter from"),
    ];
    for (params, expected, part) in rows {
        let call =
            json!({"jsonrpc": "2.0", "method": "chain_getBlocks", "params": params, "id": 1});
        let response = server.post(call.to_string()).await;
        assert_eq!(response.error(), expected, "{params}");
        assert!(response.body.contains(part), "{params}: {}", response.body);
    }
    server.assert_answers().await;
}
