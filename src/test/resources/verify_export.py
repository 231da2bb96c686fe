"""Checks an export of the history with nothing but the standard library: python3 verify_export.py KEY FILE

Written from the formats alone (RFC 6962, RFC 8032, C2SP signed-note and tlog-checkpoint, and the description of the
export), so that it agrees with the portal only if both are right. Prints "good: N events" or what is wrong.
"""
import base64
import hashlib
import json
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def add(a, b):
    A = (a[1] - a[0]) * (b[1] - b[0]) % P
    B = (a[1] + a[0]) * (b[1] + b[0]) % P
    C = 2 * a[3] * b[3] * D % P
    E = 2 * a[2] * b[2] % P
    e, f, g, h = B - A, E - C, E + C, B + A
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(s, point):
    result = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            result = add(result, point)
        point = add(point, point)
        s >>= 1
    return result


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * I % P
    if y >= P or (x * x - x2) % P != 0 or (x == 0 and sign):
        raise ValueError("not a point")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, text, signature):
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    return s < L and len(signature) == 64 and all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def path_root(hash, index, size, path):
    """RFC 6962, section 2.1.1, read backwards: which half the leaf is in decides on which side the sibling stands."""
    if size == 1:
        assert not path, "the proof is too long"
        return hash
    split = 1 << (size - 1).bit_length() - 1
    assert path, "the proof is too short"
    if index < split:
        return node(path_root(hash, index, split, path[:-1]), path[-1])
    return node(path[-1], path_root(hash, index - split, size - split, path[:-1]))


class Stretch:
    """Subtrees of a group, joined as soon as two of a height stand side by side."""

    def __init__(self):
        self.stack, self.size = [], 0

    def append(self, height, hash):
        assert self.size % (1 << height) == 0, "a gap begins where it cannot"
        self.size += 1 << height
        while self.stack and self.stack[-1][0] == height:
            hash, height = node(self.stack.pop()[1], hash), height + 1
        self.stack.append((height, hash))

    def root(self):
        hash = self.stack[-1][1]
        for _, left in reversed(self.stack[:-1]):
            hash = node(left, hash)
        return hash


def checkpoint(note, key):
    name, _, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded)[1:]
    wanted = hashlib.sha256(name.encode() + b"\n\1" + public).digest()[:4]
    body, signatures = note.rsplit("\n\n", 1)
    good = False
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature)
        if dash == "\u2014" and signer == name and signature[:4] == wanted:
            good = signed(public, (body + "\n").encode(), signature[4:])
    assert good, "the checkpoint is not signed by this key"
    origin, size, root = body.split("\n")[:3]
    assert origin == name, "the checkpoint speaks of another log"
    return int(size), base64.b64decode(root)


def check(key, path):
    size = root = group = None
    events = first = ended = 0
    length = 0
    hash = b""

    def finish():
        if group is not None:
            assert group.size == length, f"events are missing from number {first + group.size} on"
            assert group.root() == hash, f"events {first} to {first + length - 1} are not what was signed"

    with open(path, encoding="utf-8", newline="\n") as lines:
        for text in lines:
            line = json.loads(text)
            kind = line["type"]
            if kind == "checkpoint":
                size, root = checkpoint(line["checkpoint"], key)
            elif kind == "group":
                finish()
                first, length, hash = line["first"], line["size"], base64.b64decode(line["hash"])
                assert first % 256 == 0 and length == min(256, size - first), "a group is out of place"
                proof = [base64.b64decode(one) for one in line["proof"]]
                assert path_root(hash, first // 256, (size + 255) // 256, proof) == root, \
                    f"the group from event {first} on is not what was signed"
                group = Stretch()
            elif kind == "event":
                assert line["index"] == first + group.size, f"event {first + group.size} is missing or out of order"
                data = line["event"].encode()
                assert leaf(data) == base64.b64decode(line["leaf"]), f"event {line['index']} was changed"
                group.append(0, leaf(data))
                events += 1
                for slot, beside in line.get("personal", {}).items():
                    committed = json.loads(line["event"])["commitments"][slot]
                    if not beside.get("erased"):
                        found = hashlib.sha256(base64.b64decode(beside["salt"]) + beside["content"].encode())
                        assert found.hexdigest() == committed, f"personal data beside event {line['index']} was changed"
            elif kind == "gap":
                assert line["first"] == first + group.size, f"event {first + group.size} is missing"
                group.append(line["height"], base64.b64decode(line["hash"]))
            elif kind == "end":
                finish()
                assert line["events"] == events, "events are missing"
                ended = 1
    assert ended, "the file was cut off"
    return events


if __name__ == "__main__":
    try:
        print(f"good: {check(sys.argv[1], sys.argv[2])} events")
    except (AssertionError, ValueError, KeyError, TypeError, AttributeError, IndexError) as wrong:
        print(f"wrong: {wrong}")
        sys.exit(1)
