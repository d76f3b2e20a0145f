"""Encodes, signs and verifies as docs/formats.md describes it, with no code of the node.

Needs Python 3.9 and the package `cryptography`, for Ed25519. That package accepts some signatures less than the network
does (ZIP 215): never one of an honest signer.
"""

import base64
import hashlib
import json
import struct
import urllib.request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class NotProven(Exception):
    """An answer or a file that does not prove what it says."""


def require(is_so, problem):
    if not is_so:
        raise NotProven(problem)


# Encoding


def unsigned(value, bits):
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
        raise NotProven(f"{value!r} is not a number of {bits} bits")
    return value.to_bytes(bits // 8, "little")


def data(value):
    """Bytes after their length."""
    return unsigned(len(value), 32) + value


def text(value):
    return data(value.encode())


def listed(values):
    """A list of encoded values."""
    return unsigned(len(values), 32) + b"".join(values)


def bytes_of(value, length=None, prefix=""):
    """Bytes from lower-case hex, which the JSON of a node has after `0x` or, for hashes and keys, without."""
    is_hex = isinstance(value, str) and value.startswith(prefix) and not set(value[len(prefix):]) - set("0123456789abcdef")
    require(is_hex and len(value) % 2 == 0, f"{value!r} is not hex")
    decoded = bytes.fromhex(value[len(prefix):])
    require(length is None or len(decoded) == length, f"{value!r} has another length")
    return decoded


# Hashes and signatures


def tagged(tag):
    return bytes([len(tag)]) + tag.encode()


def digest(tag, content):
    return hashlib.sha256(tagged(tag) + content).digest()


def constants():
    """The first 32 bits of the fractional parts of the square and cube roots of primes (FIPS 180-4)."""
    primes = [n for n in range(2, 312) if all(n % d for d in range(2, int(n**0.5) + 1))]

    def root(n, power):
        # The integer root of n * 2^(32 * power).
        low, high = 0, 1 << 40
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if middle**power <= n << 32 * power else (low, middle - 1)
        return low & 0xFFFFFFFF

    return [root(n, 2) for n in primes[:8]], [root(n, 3) for n in primes[:64]]


INITIAL, ROUNDS = constants()


def compress(state, block):
    """The compression function of SHA-256."""
    turn = lambda x, n: (x >> n | x << 32 - n) & 0xFFFFFFFF
    w = list(struct.unpack(">16I", block))
    for i in range(16, 64):
        s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3
        s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10
        w.append((w[i - 16] + s0 + w[i - 7] + s1) & 0xFFFFFFFF)
    a, b, c, d, e, f, g, h = state
    for i in range(64):
        s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
        first = (h + s1 + (e & f ^ ~e & g) + ROUNDS[i] + w[i]) & 0xFFFFFFFF
        s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
        second = (s0 + (a & b ^ a & c ^ b & c)) & 0xFFFFFFFF
        a, b, c, d, e, f, g, h = (first + second) & 0xFFFFFFFF, a, b, c, (d + first) & 0xFFFFFFFF, e, f, g
    return [(x + y) & 0xFFFFFFFF for x, y in zip(state, (a, b, c, d, e, f, g, h))]


def pair(tag, left, right):
    """The hash of two hashes: SHA-256 without padding over the block of the tag and the block of both."""
    first = bytes([128 + len(tag)]) + tag.encode()
    state = compress(compress(INITIAL, first.ljust(64, b"\0")), left + right)
    return struct.pack(">8I", *state)


def signed_bytes(tag, chain, payload):
    return tagged(tag) + chain + payload


def is_signed(key, tag, chain, payload, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed_bytes(tag, chain, payload))
        return True
    except (InvalidSignature, ValueError):
        return False


def content_hash(value):
    """The hash of the content of a genesis file."""
    if isinstance(value, list):
        content = b"[" + listed([content_hash(it) for it in value])
    elif isinstance(value, dict):
        members = sorted((name.encode(), content_hash(it)) for name, it in value.items())
        content = b"{" + listed([data(name) + it for name, it in members])
    else:
        require(not isinstance(value, float), "a genesis has no fractions")
        content = json.dumps(value, ensure_ascii=False).encode()
    return digest("ehb/genesis/v1", content)


# Addresses


def account_address(public_key):
    """The address of an account with one key."""
    return digest("ehb/address/account/v1", b"\0" + public_key)


BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def checksum(values):
    state = 1
    for value in values:
        top, state = state >> 25, (state & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            state ^= generator if top >> i & 1 else 0
    return state ^ 0x2BC830A3


def spread(prefix):
    return [ord(it) >> 5 for it in prefix] + [0] + [ord(it) & 31 for it in prefix]


def regroup(values, from_bits, to_bits):
    number = left = 0
    for value in values:
        number, left = number << from_bits | value, left + from_bits
        while left >= to_bits:
            left -= to_bits
            yield number >> left
            number &= (1 << left) - 1
    if left and from_bits > to_bits:
        yield number << to_bits - left


def address_text(address, prefix="ehbt"):
    values = list(regroup(address, 8, 5))
    end = checksum(spread(prefix) + values + [0] * 6)
    return prefix + "1" + "".join(BECH32[it] for it in values + [end >> 5 * (5 - i) & 31 for i in range(6)])


def address_of(written, prefix="ehbt"):
    values = [BECH32.find(it) for it in written[len(prefix) + 1 :]]
    is_valid = written.startswith(prefix + "1") and min(values) >= 0 and checksum(spread(prefix) + values) == 0
    address = bytes(regroup(values[:-6], 5, 8)) if is_valid else b""
    if len(address) != 32:
        raise ValueError(f"{written} is not an address that begins with {prefix}1")
    return address


# Transactions


def sign(seed, transaction):
    """The id and the encoded signed transaction of an account with one key."""
    it = transaction
    calls = [text(module) + text(function) + data(arguments) for module, function, arguments in it["calls"]]
    content = b"".join(
        [
            unsigned(1, 8), it["chain"], it["sender"], unsigned(it["lane"], 32), unsigned(it["sequence"], 64),
            unsigned(it["validUntilMs"], 64), unsigned(it["gasLimit"], 64), listed(calls), text(it["memo"]),
        ]
    )
    identity = digest("ehb/transaction/v1", content)
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(signed_bytes("ehb/transaction/v1", it["chain"], identity))
    return identity.hex(), content + listed([public_key(seed) + signature])


def public_key(seed):
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


# Headers, validators, certificates

HEADER = [
    ("version", 16), ("chain", None), ("height", 64), ("timestampMs", 64), ("parent", None), ("round", 32),
    ("proposer", None), ("transactionsCount", 32), ("transactionsRoot", None), ("stateRoot", None),
    ("receiptsCount", 32), ("receiptsRoot", None), ("validators", None), ("nextValidators", None),
    ("certificate", None), ("evidence", None),
]


def header_hash(header):
    fields = [unsigned(header[name], bits) if bits else bytes_of(header[name], 32) for name, bits in HEADER]
    return digest("ehb/header/v1", b"".join(fields))


def validators_hash(validators):
    def encoded(it):
        keys = bytes_of(it["consensusKey"], 32) + bytes_of(it["nodeKey"], 32)
        require(str(int(it["power"])) == it["power"], "a power is not a decimal")
        return text(it["name"]) + keys + unsigned(int(it["power"]), 64)

    return digest("ehb/validators/v1", listed([encoded(it) for it in validators]))


def precommit(height, round_, block):
    return unsigned(1, 8) + unsigned(height, 64) + unsigned(round_, 32) + b"\1" + block


def verify_header(chain, trusted, answer):
    """Checks an answer of chain_getHeader with the trusted validators, and returns the header."""
    header, certificate = answer["header"], answer["certificate"]
    identity = header_hash(header)
    require(bytes_of(answer["hash"], 32) == identity, "the header has another hash")
    require(bytes_of(header["chain"], 32) == chain, "the header is of another chain")
    trusted_hash = validators_hash(trusted)
    require(bytes_of(header["validators"], 32) == trusted_hash, "the validators are not the trusted ones")
    require(validators_hash(answer["validators"]) == trusted_hash, "the validators are not the trusted ones")
    require(certificate is not None, "the header has no certificate")
    block = bytes_of(certificate["block"], 32)
    require((certificate["height"], block) == (header["height"], identity), "the certificate is for another block")
    require(certificate["round"] >= header["round"], "the certificate is for an earlier round")
    payload = precommit(certificate["height"], certificate["round"], block)
    last, power = -1, 0
    for it in certificate["signatures"]:
        unsigned(it["validator"], 16)
        require(last < it["validator"] < len(trusted), "the signatures are not those of the validators, ascending")
        last = it["validator"]
        signer, signature = trusted[last], bytes_of(it["signature"], 64)
        is_valid = is_signed(bytes_of(signer["consensusKey"], 32), "ehb/vote/v1", chain, payload, signature)
        require(is_valid, f"the signature of the validator {last} is wrong")
        power += int(signer["power"])
    total = sum(int(it["power"]) for it in trusted)
    require(power * 3 > total * 2, "the signatures have too little power")
    return header


# Receipts and entries


def check_height(header, answer):
    above = header["height"] - 1
    require(above >= 0 and unsigned(answer["height"], 64) == unsigned(above, 64), "the answer is about another block")


def verify_receipt(header, answer):
    """Checks an answer of tx_getProof under the header after it, and returns the receipt's bytes."""
    check_height(header, answer)
    receipt, at, last = bytes_of(answer["receipt"], prefix="0x"), answer["proof"]["index"], header["receiptsCount"] - 1
    require(unsigned(at, 32) == unsigned(answer["index"], 32) and at <= last, "the block has no such receipt")
    path = [bytes_of(it, 32) for it in answer["proof"]["path"]]
    node = hashlib.sha256(b"\0" + receipt).digest()
    while last > 0:
        if at % 2 or at < last:
            require(path, "the path of the receipt is too short")
            other = path.pop(0)
            node = hashlib.sha256(b"\1" + (other + node if at % 2 else node + other)).digest()
        at, last = at // 2, last // 2
    require(not path and node == bytes_of(header["receiptsRoot"], 32), "the receipt is not under the root")
    return receipt


def verify_entry(header, answer):
    """Checks an answer of state_getProof under the header after it, and returns key and value (none if absent)."""
    check_height(header, answer)
    key, siblings = bytes_of(answer["key"], prefix="0x"), [bytes_of(it, 32) for it in answer["proof"]["siblings"]]
    value = None if answer["value"] is None else bytes_of(answer["value"], prefix="0x")
    other, depth = answer["proof"]["other"], len(siblings)
    require(depth <= 256 and (value is None or other is None), "the proof has another form")
    path = digest("ehb/state/key/v1", key)
    turn = lambda of, depth: of[depth // 8] >> 7 - depth % 8 & 1
    if value is not None:
        node = pair("ehb/state/leaf/v1", path, digest("ehb/state/value/v1", value))
    elif other is None:
        node = bytes(32)
    else:
        leaf = bytes_of(other["key"], 32)
        shares = all(turn(path, at) == turn(leaf, at) for at in range(depth))
        require(leaf != path and shares, "the other leaf is not on the path")
        node = pair("ehb/state/leaf/v1", leaf, bytes_of(other["value"], 32))
    for at, sibling in zip(range(depth - 1, -1, -1), siblings):
        sides = (sibling, node) if turn(path, at) else (node, sibling)
        node = pair("ehb/state/node/v1", *sides)
    require(node == bytes_of(header["stateRoot"], 32), "the entry is not under the root")
    return key, value


def receipt_parts(receipt):
    """The transaction and the outcome of a receipt: whether it took effect."""
    require(len(receipt) > 33 and receipt[32] in (0, 1), "the receipt is malformed")
    return receipt[:32].hex(), receipt[32] == 0


def balance_key(address, asset):
    return b"m/wallet/b" + address + asset.encode()


def balance_parts(value):
    """The available and the held amount of a balance, in base units (docs/state.md, wallet)."""
    if value is None:
        return 0, 0
    require(value[0] == 1 and len(value) == 38, "the balance has another layout")
    return struct.unpack_from("<QQ", value, 1)


# Proof files (docs/proofs.md)


def trusted_genesis(written):
    """The genesis hash and the trusted validators of the text of a genesis file."""
    genesis = json.loads(written)
    names = {"name": "name", "consensus_key": "consensusKey", "node_key": "nodeKey", "power": "power"}
    validators = [{names[name]: str(it[name]) for name in names} for it in genesis["validators"]]
    return content_hash(genesis), sorted(validators, key=lambda it: it["consensusKey"])


def members(value, names):
    require(isinstance(value, dict) and set(value) == set(names.split()), f"the members are not {names}")
    return value


def once(pairs):
    require(len(dict(pairs)) == len(pairs), "a member is there twice")
    return dict(pairs)


def verify_file(genesis, written):
    """Checks a proof file, and returns its header, its entries (key and value) and its receipts' bytes."""
    try:
        file = json.loads(written, object_pairs_hook=once)
        members(file, "format genesisHash changes header entries receipts")
        check_members(file)
        chain, trusted = trusted_genesis(genesis)
        require(file["format"] == "ehb-proof/1", "the file has another format")
        require(bytes_of(file["genesisHash"], 32) == chain, "the file is of another chain")
        above = 0
        for change in file["changes"]:
            header = verify_header(chain, trusted, change["header"])
            following = bytes_of(header["nextValidators"], 32)
            is_change = header["height"] > above and header["nextValidators"] != header["validators"]
            require(is_change and validators_hash(change["next"]) == following, "a change is not that of its header")
            above, trusted = header["height"], change["next"]
        header = verify_header(chain, trusted, file["header"])
        require(header["height"] > above, "the header is not above the changes")
        entries = [verify_entry(header, it) for it in file["entries"]]
        return header, entries, [verify_receipt(header, it) for it in file["receipts"]]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise NotProven(f"the file has another form: {error!r}") from error


def check_members(file):
    headers = [file["header"]]
    for change in file["changes"]:
        headers.append(members(change, "header next")["header"])
        for it in change["next"]:
            members(it, "name consensusKey nodeKey power")
    for it in headers:
        members(it, "hash header certificate validators")
        members(it["header"], " ".join(name for name, _ in HEADER))
        for signature in members(it["certificate"], "height round block signatures")["signatures"]:
            members(signature, "validator signature")
        for validator in it["validators"]:
            members(validator, "name consensusKey nodeKey power")
    for it in file["entries"]:
        members(members(it, "height key value proof")["proof"], "siblings other")
        if it["proof"]["other"] is not None:
            members(it["proof"]["other"], "key value")
    for it in file["receipts"]:
        members(members(it, "height index receipt proof")["proof"], "index path")


# JSON-RPC


class Refused(Exception):
    """An error of the node, with its stable code."""


def call(url, method, **params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    # Nodes on this machine are asked without a proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=75) as response:
        answer = json.load(response)
    if "error" in answer:
        detail = answer["error"].get("data") or {}
        raise Refused(detail.get("code"), answer["error"]["message"], detail.get("hint"))
    return answer["result"]


def submit(url, signed):
    return call(url, "tx_submit", transaction=base64.b64encode(signed).decode())
