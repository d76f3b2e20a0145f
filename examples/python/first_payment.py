"""Pays, waits until the payment is final, and proves receipt, balance and header from the genesis.

    EHB_TESTNET_DIR=./net python3 examples/python/first_payment.py [PROOF_FILE]

Writes the proof into a file if one is named; `ehb proof verify` checks it as well.
"""

import json
import os
import sys
import time

import ehb

FOLDER = os.environ["EHB_TESTNET_DIR"]
# An idle chain decides a header each heartbeat, 10 s.
PATIENCE_SECONDS = 60


def file(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as opened:
        return opened.read()


def header_at(url, height):
    """The header at a height, once it is decided."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ehb.call(url, "chain_getHeader", at=height)
        except ehb.Refused as error:
            if error.args[0] != "NOT_FOUND" or time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def main():
    url = json.loads(file("manifest.json"))["nodes"][0]["rpc"]
    alice, bob = json.loads(file("load-accounts.json"))["accounts"][-2:]
    genesis = file("genesis.json")
    chain, _ = ehb.trusted_genesis(genesis)
    seed = bytes.fromhex(alice["seed"])
    sender, payee = ehb.account_address(ehb.public_key(seed)), ehb.address_of(bob["address"])
    assert ehb.address_text(sender) == alice["address"]

    # Arguments are encoded by the types of the WIT: transfer(to: address, asset: string, amount: u64).
    arguments = payee + ehb.text("EUR") + ehb.unsigned(1250, 64)
    identity, signed = ehb.sign(
        seed,
        {
            "chain": chain,
            "sender": sender,
            "lane": 0,
            "sequence": int(ehb.call(url, "account_nextSequence", address=alice["address"], lane=0)),
            # Times count from the chain's clock, not from this machine's.
            "validUntilMs": ehb.call(url, "chain_status")["chainTimeMs"] + 60_000,
            "gasLimit": 1_000_000,
            "calls": [("wallet", "transfer", arguments)],
            "memo": "rent, May",
        },
    )
    assert ehb.submit(url, signed) == identity
    fate = ehb.call(url, "tx_wait", id=identity, timeoutMs=60_000)
    if fate["status"] != "final":
        sys.exit(f"the payment {identity} is {fate['status']}: submit the same bytes again, never others")
    height = fate["height"]
    print(f"paid 12.50 EUR at height {height}")

    keys = [ehb.balance_key(payee, "EUR"), ehb.balance_key(payee, "NONE")]
    proof = json.dumps(
        {
            "format": "ehb-proof/1",
            "genesisHash": chain.hex(),
            # The validators of this network have not changed since genesis; docs/proofs.md says what is here if they have.
            "changes": [],
            "header": header_at(url, height + 1),
            "entries": [ehb.call(url, "state_getProof", key={"key": "0x" + it.hex()}, at=height) for it in keys],
            "receipts": [ehb.call(url, "tx_getProof", id=identity)],
        }
    )
    header, entries, receipts = ehb.verify_file(genesis, proof)
    ehb.require([key for key, _ in entries] == keys, "the entries are others")
    ehb.require(ehb.receipt_parts(receipts[0]) == (identity, True), "the receipt is another")
    available, held = ehb.balance_parts(entries[0][1])
    answer = ehb.call(url, "module_call", module="wallet", function="get-balance",
                      arguments={"account": bob["address"], "asset": "EUR"}, at=height)["value"]
    ehb.require((str(available), str(held)) == (answer["available"], answer["held"]), "the balance is another")
    ehb.require(entries[1][1] is None, "there is a balance of no asset")
    print(f"proven by header {header['height']}: the receipt, and a balance of {available / 100:.2f} EUR")
    if len(sys.argv) > 1:
        with open(sys.argv[1], "x", encoding="utf-8") as out:
            out.write(proof)


main()
