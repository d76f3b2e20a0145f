"""Checks proof files (docs/proofs.md) with a genesis file, and prints what they prove.

    python3 examples/python/verify_proof.py GENESIS PROOF_FILE...

Ends with 1 if one of them is not proven.
"""

import sys

import ehb


def read(name):
    with open(name, encoding="utf-8") as opened:
        return opened.read()


def main():
    genesis, *names = sys.argv[1:]
    is_proven = True
    for name in names:
        try:
            header, entries, receipts = ehb.verify_file(read(genesis), read(name))
        except ehb.NotProven as error:
            print(f"not proven\t{name}\t{error}")
            is_proven = False
            continue
        print(f"header\t{header['height']}\t{ehb.header_hash(header).hex()}")
        for key, value in entries:
            print(f"entry\t0x{key.hex()}\t{'none' if value is None else '0x' + value.hex()}")
        for receipt in receipts:
            identity, is_success = ehb.receipt_parts(receipt)
            print(f"receipt\t{identity}\t{'success' if is_success else 'failure'}")
    sys.exit(0 if is_proven else 1)


main()
