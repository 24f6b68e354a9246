#!/usr/bin/env python3
"""Checks a decision of the Sharing Seoul Program from its bundle alone.

    python ssp_verify.py BUNDLE --key NAME+ID+KEY

A bundle holds the records that a decision rests on, as they lie in the programme's log. The
log's key signs a checkpoint: how many records there are, and one hash over all of them. This
program shows that each record is under that hash, then ranks the applications again from
their marks, and holds the result, the proposal and the approval against what was recorded.

It needs Python 3.11 and the package `cryptography`: no server, no database, no network, none
of the programme's own code. Read it from top to bottom, in the order of the checks; each of
them calls `wrong`, with the record's position in the log, where something does not hold. Take
the key and this file from a place that you trust, and not from the bundle.
"""

import argparse
import base64
import hashlib
import io
import json
import re
import sys
import zipfile
import zlib
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "sharing-seoul-decision.1"
MEMBERS = [
    *("README.txt", "ssp_verify.py", "checkpoint.txt", "keys.txt"),
    *("framework.json", "proof.txt", "records.txt.gz", "manifest.json"),
]
MOST_BYTES = 1 << 30


class Wrong(Exception):
    """Something that does not hold."""


def wrong(finding: str, position: int | None = None) -> NoReturn:
    """End the check, and say at which position of the log."""
    raise Wrong(finding if position is None else f"record {position}: {finding}")


def main() -> int:
    """Check a bundle, print the verdict, and exit with 0 only where all of it holds."""
    parser = argparse.ArgumentParser(description="Checks the bundle of a decision.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", required=True, help="the log's verifier key, name+id+key")
    asked = parser.parse_args()
    try:
        print("\n".join(check(asked.bundle.read_bytes(), asked.key)))
    except Wrong as found:
        print(f"DOES NOT VERIFY: {found}")
        return 1
    return 0


def check(bundle: bytes, key: str) -> list[str]:
    """Return what was shown, line by line; raises `Wrong` where anything does not hold."""
    try:
        members = open_bundle(bundle)
        decision, position = read_manifest(members)
        size, root = read_checkpoint(members["checkpoint.txt"], key)
        records = read_records(members["records.txt.gz"])
        check_order(records, size)
        if tree_root(records, size, read_proof(members["proof.txt"])) != root:
            wrong("the records and the proof do not give the root that was signed")
        lines = check_decision(records, decision, position, members["framework.json"])
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        zlib.error,
    ) as error:
        wrong(f"the bundle cannot be read: {error!r}")
    return [
        *lines,
        f"VERIFIES: decision {decision}, approved at position {position} of {size}, follows from "
        f"the {len(records)} records in the bundle, all of them under the root {root.hex()}.",
    ]


# The file. A bundle is a plain zip that can be written in one way only, without dates, comments
# or anything before, between and behind its members: written again, each byte is the same. The
# manifest names the decision, and has the SHA-256 of every other member.


def open_bundle(bundle: bytes) -> dict[str, bytes]:
    """Return the members by name."""
    members, at = {}, 0
    for name in MEMBERS:
        size = int.from_bytes(bundle[at + 22 : at + 26], "little")
        start = at + 30 + len(name)
        members[name], at = bundle[start : start + size], start + size
    if written(members) != bundle:
        wrong(f"it is not the one zip file that {', '.join(MEMBERS)} make")
    return members


def written(members: dict[str, bytes]) -> bytes:
    """Return the one zip file of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return file.getvalue()


def read_manifest(members: dict[str, bytes]) -> tuple[str, int]:
    """Return the decision's name and the position of its approval."""
    manifest = json.loads(members["manifest.json"])
    if manifest["format"] != FORMAT:
        wrong(f"the bundle's format is {manifest['format']}; this verifier knows {FORMAT}")
    expected = {
        "format": FORMAT,
        "decision": str(manifest["decision"]),
        "position": int(manifest["position"]),
        "sha256": {name: hashlib.sha256(members[name]).hexdigest() for name in MEMBERS[:-1]},
    }
    for name, digest in expected["sha256"].items():
        if manifest["sha256"].get(name) != digest:
            wrong(f"{name} is not what the manifest has the digest of")
    if (
        members["manifest.json"]
        != (json.dumps(expected, indent=1, ensure_ascii=False) + "\n").encode()
    ):
        wrong("the manifest says something else, or otherwise, than a manifest does")
    return expected["decision"], expected["position"]


# The checkpoint: three lines (the log's name, how many records, the root over all of them), an
# empty line, and a line for each signature. The format is that of a C2SP signed note.


def read_checkpoint(note: bytes, key: str) -> tuple[int, bytes]:
    """Return size and root of the log, once your key's signature is found under them."""
    name, key_id, encoded = key.split("+", 2)
    public = from_base64(encoded)
    if (
        public[:1] != b"\1"
        or hashlib.sha256(f"{name}\n".encode() + public).hexdigest()[:8] != key_id
    ):
        wrong("the key is not a whole Ed25519 verifier key")
    text, _, signatures = note.decode().partition("\n\n")
    lines = re.findall(r"— (\S+) (\S+)\n", signatures)
    if "".join(f"— {named} {signature}\n" for named, signature in lines) != signatures:
        wrong("the checkpoint is not a text and its signatures")
    signed = [(named, from_base64(signature)) for named, signature in lines]
    ours = [s[4:] for named, s in signed if (named, s[:4].hex()) == (name, key_id)]
    if len(ours) != 1:
        others = ", ".join(f"{named}+{s[:4].hex()}" for named, s in signed)
        wrong(f"the checkpoint is signed by {others}, and not once by your key")
    try:
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(ours[0], f"{text}\n".encode())
    except InvalidSignature:
        wrong("the checkpoint's signature does not fit what it signs")
    origin, size, root = text.split("\n")
    if origin != name:
        wrong(f"the checkpoint is of the log {origin}, and your key is of {name}")
    return int(size), from_base64(root)


def from_base64(text: str) -> bytes:
    """Decode base64 that is written in its one canonical way."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        wrong("this is not base64 in its canonical form")
    return value


# The records. Each line is a position in the log, a tab, and a record: JSON, whose bytes as they
# stand, and not what they mean, are what is hashed.


@dataclass
class Record:
    """A record, and where it lies in the log."""

    position: int
    leaf: bytes
    content: Any

    def __post_init__(self) -> None:
        """Name what the checks look at."""
        self.stream, self.version = self.content["subject"], self.content["version"]
        self.kind = self.content["type"].rpartition(".")[0]
        self.at, self.data = self.content["recorded_at"], self.content["data"]


def read_records(packed: bytes) -> list[Record]:
    """Return the records in their order."""
    unpacking = zlib.decompressobj(31)
    text = unpacking.decompress(packed, MOST_BYTES)
    if not unpacking.eof or unpacking.unused_data or not text.endswith(b"\n"):
        wrong("the records are not one whole packed text")
    records: list[Record] = []
    for line in text[:-1].split(b"\n"):
        position, _, record = line.partition(b"\t")
        leaf = hashlib.sha256(b"\0" + record).digest()
        records.append(Record(int(position), leaf, json.loads(record)))
    return records


def check_order(records: list[Record], size: int) -> None:
    """Positions rise, time never steps back, and every stream is whole from its beginning."""
    versions: Counter[str] = Counter()
    for record in records:
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", record.at):
            wrong("it does not say when it was recorded", record.position)
        versions[record.stream] += 1
        if record.version != versions[record.stream]:
            missing = f"version {versions[record.stream]} of {record.stream}"
            wrong(f"{missing} is missing before version {record.version}", record.position)
    for before, after in pairwise(records):
        if before.position >= after.position:
            wrong(f"it stands behind record {before.position}", after.position)
        if before.at > after.at:
            wrong(f"it was recorded before record {before.position}", after.position)
    if records[0].position < 0 or records[-1].position >= size:
        wrong(f"the checkpoint covers {size} records only", records[-1].position)


# The tree (RFC 6962, section 2.1). The root over leaves from start to stop is the hash of the
# roots of its two parts, the left one as wide as the greatest power of two that is less. Where a
# part holds none of our records, its root is the next line of the proof.


def read_proof(text: bytes) -> list[bytes]:
    """Return the hashes of the proof, one a line."""
    *lines, rest = text.decode().split("\n")
    if rest or not all(re.fullmatch("[0-9a-f]{64}", line) for line in lines):
        wrong("the proof is not one hash a line")
    return [bytes.fromhex(line) for line in lines]


def tree_root(records: list[Record], size: int, proof: list[bytes]) -> bytes:
    """Return the root that these records and the proof give."""
    order, given = [record.position for record in records], iter(proof)

    def root(start: int, stop: int, first: int, last: int) -> bytes:
        # records[first:last] are those from start up to stop
        if first == last:
            return next(given, b"")
        if stop - start == 1:
            return records[first].leaf
        middle = start + (1 << (stop - start - 1).bit_length() - 1)
        parting = bisect_left(order, middle, first, last)
        left = root(start, middle, first, parting)
        return hashlib.sha256(b"\1" + left + root(middle, stop, parting, last)).digest()

    whole = root(0, size, 0, len(records))
    if next(given, None) is not None:
        wrong("the proof has more hashes than the tree needs")
    return whole


# What the records say. A decision was made on what was there at some position: all is put
# together from the records up to that one, stream by stream; what came later changes nothing.

Facts = defaultdict[str, dict[str, Any]]

WITHOUT_EFFECT = """
    frameworks.superseded calls.guideline-published calls.deadline-extended calls.closed
    calls.stage-opened calls.concluded calls.cancelled cities.profile-revised
    cities.need-identified cities.capacity-assessed cities.pool-entered cities.tier-changed
    cities.opportunity-offered cities.engagement-recorded cities.reactivated cities.pool-left
    applications.clarification-requested applications.clarification-answered
    applications.consultation-held evaluations.evaluator-appointed evaluations.assigned
    evaluations.reopening-requested evaluations.certified selection.notified
""".split()  # noqa: SIM905  # a list in a tenth of the lines


def facts_at(records: list[Record], position: int) -> Facts:
    """Return what each stream amounted to at a position."""
    facts: Facts = defaultdict(dict)
    for record in records:
        if record.position <= position:
            facts[record.stream]["last"] = record
            take_in(facts[record.stream], record, record.data)
    return facts


def take_in(fact: dict[str, Any], record: Record, data: Any) -> None:
    """Take one record into what its stream amounts to."""
    match record.kind:
        case "frameworks.drafted":
            fact[f"rubric {data['version']}"] = data["rubric"]
        case "frameworks.published":
            fact[f"published {data['version']}"] = True
        case "calls.announced":
            fact |= {name: data[name] for name in ("stages", "eligibility", "budget_krw")}
        case "calls.stage-locked":
            fact[f"locked {data['stage']}"] = True
        case "cities.registered":
            fact["country"] = data["country"]
        case "applications.submitted":
            fact |= {"city": data["city_id"], "eligible": None, "withdrawn": False}
            fact["amount"] = data["project"]["amount_krw"]
        case "applications.amended":
            fact |= {"eligible": None, "amount": data["project"]["amount_krw"]}
        case "applications.eligibility-determined":
            fact["eligible"] = data["eligible"]
        case "applications.withdrawn":
            fact["withdrawn"] = True
        case "evaluations.scores-submitted":
            fact["marks"] = {mark["criterion"]: mark["value"] for mark in data["marks"]}
        case "evaluations.score-revised":
            fact["marks"] = fact["marks"] | {data["criterion"]: data["after"]}
        case "evaluations.abstained" | "evaluations.invalidated":
            fact["void"] = True
        case "evaluations.locked" | "evaluations.reopened":
            fact["reopened"] = record.kind == "evaluations.reopened"
        case "evaluations.recused":
            fact[f"recused {data['application_id']}"] = True
        case "evaluations.conflict-waived":
            fact[f"waived {data['application_id']}"] = record.position
        case "evaluations.conflict-declared":
            about = data["application_id"] or data["call_id"]
            if data["kind"] != "none":
                fact[f"interest {about}"] = record.position
        case "selection.panel-convened":
            fact["panel"] = data["evaluators"]
        case "selection.quorum-confirmed":
            fact["quorum"] = record
        case "selection.ranking-computed":
            fact |= {"ranking": record, "proposal": None}
        case "selection.proposed":
            fact["proposal"] = record
        case "selection.approved":
            fact |= {"approval": record, "promoted": []}
        case "selection.reserve-promoted":
            fact["promoted"].append(data)
        case "selection.revoked":
            fact |= {"proposal": None, "approval": None}
        case kind if kind not in WITHOUT_EFFECT:
            wrong(f"{kind} is not known here: take a newer verifier", record.position)


def barred(evaluator: dict[str, Any], application: str) -> bool:
    """Whether an evaluator is recused, or has an interest that was not waived afterwards."""
    call = application.partition(":")[0]
    interests = [evaluator.get(f"interest {about}", -1) for about in (application, call)]
    waived = evaluator.get(f"waived {application}", -1)
    return f"recused {application}" in evaluator or max(interests) > waived


def taking_part(facts: Facts, call: str, stage: str) -> list[str]:
    """Name the applications that were not withdrawn, are eligible, and came through before."""
    announced = facts[f"call-{call}"]
    stages = [found["id"] for found in announced["stages"]]
    index = stages.index(stage)
    through = selected(facts[f"selection-{call}:{stages[index - 1]}"]) if index else None
    found: list[str] = []
    for stream in sorted(facts):
        name, fact = stream.removeprefix("application-"), facts[stream]
        if not stream.startswith(f"application-{call}:") or fact["withdrawn"]:
            continue
        eligible = fact["eligible"] or (fact["eligible"] is None and not announced["eligibility"])
        if eligible and (through is None or name in through):
            found.append(name)
    return found


def selected(fact: dict[str, Any]) -> set[str]:
    """Name whom an approved selection let through, after promotions of reserves."""
    if not (fact.get("proposal") and fact.get("approval")):
        return set()
    proposals = fact["proposal"].data["proposals"]
    chosen = {p["application_id"] for p in proposals if p["outcome"] == "selected"}
    for promotion in fact["promoted"]:
        chosen = chosen - {promotion["in_place_of"]} | {promotion["application_id"]}
    return chosen


Sheets = dict[str, dict[str, str | None]]


def counted(facts: Facts, call: str, stage: str) -> dict[str, Sheets]:
    """Return for each application the marks that count, by evaluator."""
    sheets: dict[str, Sheets] = {name: {} for name in taking_part(facts, call, stage)}
    prefix = f"evaluation-{call}:{stage}:"
    for stream in sorted(s for s in facts if s.startswith(prefix)):
        city, evaluator = stream.removeprefix(prefix).split(":")
        application, fact = f"{call}:{city}", facts[stream]
        void = "marks" not in fact or "void" in fact
        if fact.get("reopened") and not void:
            wrong(f"{stream} was open to revision", fact["last"].position)
        if (
            void
            or application not in sheets
            or barred(facts[f"evaluator-{evaluator}"], application)
        ):
            continue
        sheets[application][evaluator] = fact["marks"]
    return sheets


# The arithmetic, written from the rubric's published rules. Numbers are fractions, so that
# nothing is lost on the way; only where the rubric says so is anything rounded. The programme
# calculates with 28 digits: what it recorded is held against ours at 20 of them.

ROUNDING = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
DIGITS = Context(prec=20, rounding=ROUND_HALF_EVEN)


def settled(value: Fraction) -> Decimal:
    """Return a number at 20 digits."""
    return DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def rounded(rubric: Any, at: str, value: Fraction) -> Fraction:
    """Round where the rubric says so: `at` is criterion, evaluator or total."""
    for rule in rubric["aggregation"]["roundings"]:
        if rule["at"] == at:
            steps = settled(value / Fraction(rule["step"]))
            return Fraction(steps.to_integral_value(ROUNDING[rule["mode"]])) * Fraction(
                rule["step"]
            )
    return value


def mean(values: list[Fraction]) -> Fraction | None:
    """Return the mean, or None of nothing."""
    return sum(values, Fraction()) / len(values) if values else None


def weights(rubric: Any, country: str) -> dict[str, Fraction]:
    """Return the weights for a city: those of its country's variant, if there is one."""
    for variant in rubric["variants"]:
        if country in variant["countries"]:
            return {w["criterion"]: Fraction(w["weight"]) for w in variant["weights"]}
    return {criterion["id"]: Fraction(criterion["weight"]) for criterion in rubric["criteria"]}


def sheet(rubric: Any, weight: dict[str, Fraction], evaluator: str, marks: Any) -> Any:
    """Go from one evaluator's marks to a total: None where an N/A leaves none."""
    rule = rubric["aggregation"]
    weighted: list[Any] = []
    for criterion in rubric["criteria"]:
        name = criterion["id"]
        mark = None if marks.get(name) is None else Fraction(marks[name])
        best = criterion["scale"]["best"] if rule["points"] == "of-hundred" else 100
        points = None
        if mark is not None:
            points = rounded(rubric, "criterion", weight[name] * mark / Fraction(best))
        elif weight[name] and rule["missing"] == "refuse":
            wrong(f"{evaluator} gave no mark for {name}; the rubric does not say what that means")
        weighted.append({"criterion": name, "mark": mark, "weight": weight[name], "points": points})
    counting = [w for w in weighted if w["weight"]]
    present = [w for w in counting if w["points"] is not None]
    total = None
    if present and (len(present) == len(counting) or rule["missing"] == "reweigh"):
        total = sum((w["points"] for w in present), Fraction())
        if len(present) < len(counting):
            total = total * 100 / sum(w["weight"] for w in present)
        total = rounded(rubric, "evaluator", total)
    kept = total is not None
    return {"evaluator": evaluator, "weighted": weighted, "total": total, "kept": kept}


def trim(rubric: Any, sheets: list[Any]) -> None:
    """Leave out the highest and the lowest evaluator, where the rubric says so."""
    rule = rubric["aggregation"]
    totals = sorted((settled(s["total"]), s["evaluator"]) for s in sheets if s["kept"])
    if rule["trim"] == "none" or len(totals) < rule["trim_from"]:
        return
    extremes = {totals[0][0], totals[-1][0]}
    dropped = {totals[0][1], totals[-1][1]}
    if rule["trim_ties"] == "drop-all":
        dropped = {evaluator for total, evaluator in totals if total in extremes}
    if len(dropped) < len(totals) or rule["trim_ties"] != "drop-all":
        for found in sheets:
            found["kept"] = found["kept"] and found["evaluator"] not in dropped


def score(rubric: Any, country: str, application: str, given: Sheets) -> Any:
    """Go from an application's sheets to its total, its floors and its standing."""
    weight = weights(rubric, country)
    sheets = [sheet(rubric, weight, who, marks) for who, marks in sorted(given.items())]
    trim(rubric, sheets)
    kept = [s for s in sheets if s["kept"]]
    total = mean([s["total"] for s in kept])
    if total is not None:
        total = Fraction(settled(rounded(rubric, "total", total)))
    means: dict[str, Fraction | None] = {}
    for index, criterion in enumerate(rubric["criteria"]):
        marks = [s["weighted"][index]["mark"] for s in kept]
        means[criterion["id"]] = mean([mark for mark in marks if mark is not None])
    floors = [(c["id"], means[c["id"]], c["floor"]) for c in rubric["criteria"]]
    floors.append(("total", total, rubric["aggregation"]["total_floor"]))
    missed = [name for name, value, floor in floors if misses(rubric, value, floor)]
    standing = "below-floor" if missed else "ranked"
    if total is None or sum(s["total"] is not None for s in sheets) < rubric["quorum"]:
        standing = "no-quorum"
    return {
        "application": application,
        "standing": standing,
        "total": total,
        "means": [{"criterion": name, "mean": value} for name, value in means.items()],
        "floors_missed": missed,
        "sheets": sheets,
    }


def misses(rubric: Any, value: Fraction | None, floor: str | None) -> bool:
    """Whether a mean or a total does not reach its floor."""
    if floor is None or value is None:
        return floor is not None
    return sign(rubric) * value > sign(rubric) * Fraction(floor)


def sign(rubric: Any) -> int:
    """Return what puts the better of two numbers first: -1 where the greater one is better."""
    scale = rubric["criteria"][0]["scale"]
    return -1 if Fraction(scale["best"]) > Fraction(scale["worst"]) else 1


def ranked(rubric: Any, scored: list[Any]) -> list[Any]:
    """Put applications in order, best first: by total, then by each tie-break. Equals share."""
    worst = {c["id"]: Fraction(c["scale"]["worst"]) for c in rubric["criteria"]}
    names = ["total", *rubric["tie_breaks"]]

    def key(item: Any) -> list[Fraction]:
        means = {m["criterion"]: m["mean"] for m in item["means"]}
        breaks = [worst[c] if means[c] is None else means[c] for c in rubric["tie_breaks"]]
        return [sign(rubric) * value for value in (item["total"], *breaks)]

    def decided(own: list[Fraction], beside: list[list[Fraction]]) -> str:
        # the furthest comparison that was needed to tell a place from its neighbours
        if own in beside:
            return "shared"
        return names[
            max((next(i for i in range(len(own)) if own[i] != k[i]) for k in beside), default=0)
        ]

    places = sorted((key(s), s["application"], s) for s in scored if s["standing"] == "ranked")
    lines: list[Any] = []
    for index, (own, _, item) in enumerate(places):
        beside = [places[i][0] for i in (index - 1, index + 1) if 0 <= i < len(places)]
        place = lines[-1]["rank"] if index and places[index - 1][0] == own else index + 1
        by = decided(own, beside)
        lines.append({"rank": place, "tied": own in beside, "decided_by": by, "scored": item})
    for item in sorted(scored, key=lambda s: (s["standing"], s["application"])):
        if item["standing"] != "ranked":
            by = item["standing"]
            lines.append({"rank": None, "tied": False, "decided_by": by, "scored": item})
    return lines


def difference(ours: Any, theirs: Any, where: str) -> str:
    """Name the first place where what was recorded is not ours; "" where there is none."""
    if isinstance(ours, Fraction):
        same = isinstance(theirs, str) and settled(Fraction(theirs)) == settled(ours)
        return "" if same else f"{where} is {theirs}, and should be {settled(ours)}"
    parts: list[tuple[Any, Any, Any]] = []
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        parts = [(ours[name], theirs[name], name) for name in ours]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        parts = [(ours[i], theirs[i], i) for i in range(len(ours))]
    elif ours != theirs or type(ours) is not type(theirs):
        return f"{where} is {theirs!r}, and should be {ours!r}"
    found = (difference(a, b, f"{where}.{name}") for a, b, name in parts)
    return next(filter(None, found), "")


# The decision: a quorum, a ranking, a proposal and an approval. Each was a command, decided on
# what the log held at a position that it names.

LEVEL = {"selected": 0, "reserve": 1, "pool": 2, "rejected": 2}


@dataclass
class Decision:
    """A stage's decision, with the records that it is to follow from."""

    records: list[Record]
    call: str
    stage: str

    def facts(self, record: Record, command: str) -> Facts:
        """Return what a step could see, if it is what that command led to."""
        note = record.content["command"]
        if note["name"] != command or not note["body"] or note["position"] >= record.position:
            wrong(f"it is not what {command} led to", record.position)
        if record.data["call_id"] != self.call or record.data["stage"] != self.stage:
            wrong("it is about another stage", record.position)
        return facts_at(self.records, note["position"])

    def terms(self, facts: Facts) -> tuple[Any, Any]:
        """Return the stage as it was announced, and its published rubric."""
        stages = facts[f"call-{self.call}"]["stages"]
        stage = next(found for found in stages if found["id"] == self.stage)
        framework = facts[f"framework-{stage['framework']['framework_id']}"]
        version = stage["framework"]["version"]
        if f"published {version}" not in framework:
            wrong("the stage's framework was not published")
        return stage, framework[f"rubric {version}"]

    def scores(self, facts: Facts) -> list[Any]:
        """Score every application on what was known."""
        _, rubric = self.terms(facts)
        scored: list[Any] = []
        for name, sheets in counted(facts, self.call, self.stage).items():
            city = facts[f"application-{name}"]["city"]
            scored.append(score(rubric, facts[f"city-{city}"].get("country", ""), name, sheets))
        return scored


def check_decision(records: list[Record], name: str, position: int, framework: bytes) -> list[str]:
    """Check the approval at a position and what it rests on; return whom it let through."""
    call, stage = name.split(":")
    approval = next((record for record in records if record.position == position), None)
    if not approval or approval.kind != "selection.approved":
        wrong(f"it is no approval of {name}", position)
    before = facts_at(records, position - 1)[f"selection-{name}"]
    quorum, ranking, proposal = (before.get(s) for s in ("quorum", "ranking", "proposal"))
    if not (quorum and ranking and proposal) or before.get("approval"):
        wrong("it does not follow on a quorum, a ranking and a proposal", position)
    decision = Decision(records, call, stage)
    check_quorum(decision, quorum)
    scored = check_ranking(decision, ranking, framework)
    check_proposal(decision, proposal, ranking, scored)
    check_approval(decision, approval, proposal, scored)
    return [
        f"{p['outcome']}: {p['application_id']}, rank {p['rank']}"
        for p in proposal.data["proposals"]
        if LEVEL[p["outcome"]] < LEVEL["pool"]
    ]


def check_quorum(decision: Decision, quorum: Record) -> None:
    """Every application had as many evaluations as the rubric asks for."""
    facts = decision.facts(quorum, "ConfirmQuorum")
    least = decision.terms(facts)[1]["quorum"]
    sheets = counted(facts, decision.call, decision.stage)
    found = [{"application_id": name, "evaluations": len(sheets[name])} for name in sheets]
    if (quorum.data["quorum"], quorum.data["applications"]) != (least, found):
        wrong("the quorum was counted otherwise", quorum.position)
    if not found or any(len(given) < least for given in sheets.values()):
        wrong("an application has fewer evaluations than the quorum", quorum.position)


def check_ranking(decision: Decision, ranking: Record, framework: bytes) -> list[Any]:
    """The ranking names what it read, and comes out the same; return the scores."""
    facts, at = decision.facts(ranking, "ComputeRanking"), ranking.position
    stage, rubric = decision.terms(facts)
    said = {"position": ranking.content["command"]["position"], "framework": stage["framework"]}
    for name, value in (said | {"algorithm": "ranking.1"}).items():
        if ranking.data[name] != value:
            wrong(f"{name} is {ranking.data[name]}, and should be {value}", at)
    if f"locked {decision.stage}" not in facts[f"call-{decision.call}"]:
        wrong("the stage was not locked", at)
    if json.dumps(rubric, indent=1, ensure_ascii=False).encode() + b"\n" != framework:
        wrong("framework.json is not the rubric that was published")
    inputs = {
        given["stream"]: (given["version"], given["leaf"]) for given in ranking.data["inputs"]
    }
    read = {name: fact["last"] for name, fact in facts.items() if "last" in fact}
    for name, (version, leaf) in inputs.items():
        if name not in read or (read[name].version, read[name].leaf.hex()) != (version, leaf):
            wrong(f"{name} was not at version {version} with that leaf", at)
    scores_of = (f"application-{decision.call}:", f"evaluation-{decision.call}:{decision.stage}:")
    if left_out := [name for name in read if name.startswith(scores_of) and name not in inputs]:
        wrong(f"{left_out[0]} was there, and is not among what it read", at)
    scored = decision.scores(facts)
    if found := difference(ranked(rubric, scored), ranking.data["lines"], "lines"):
        wrong(f"the ranking is another: {found}", at)
    return scored


def check_proposal(
    decision: Decision, proposal: Record, ranking: Record, scored: list[Any]
) -> None:
    """Outcomes are those chosen, within slots and budget, in order unless a reason is given."""
    facts, at = decision.facts(proposal, "ProposeSelection"), proposal.position
    asked, places = proposal.content["command"]["body"], proposal.data["proposals"]
    choices = {choice["application_id"]: choice for choice in asked["choices"]}
    expected: list[Any] = []
    for line in ranking.data["lines"]:
        name = line["scored"]["application"]
        choice = choices.pop(name, {"outcome": asked["otherwise"], "override": None})
        outcome, override = choice["outcome"], choice["override"]
        found = {"application_id": name, "outcome": outcome, "rank": line["rank"]}
        expected.append(found | {"override": override})
        if override and not all(override[why] for why in ("reason", "authority")):
            wrong(f"{name} departs from the order without a reason", at)
    if choices or places != expected or proposal.data["ranking"] != ranking.data["position"]:
        wrong("the outcomes are not those that were chosen from the ranking", at)
    chosen = [place["application_id"] for place in places if place["outcome"] == "selected"]
    if any(place["rank"] is None and LEVEL[place["outcome"]] < LEVEL["pool"] for place in places):
        wrong("an application without a rank is selected or in reserve", at)
    call, (stage, _) = facts[f"call-{decision.call}"], decision.terms(facts)
    if len(chosen) > stage["slots"]:
        wrong(f"{len(chosen)} are selected; the stage lets {stage['slots']} through", at)
    if call["stages"][-1]["id"] == decision.stage and call["budget_krw"] is not None:
        if sum(facts[f"application-{name}"]["amount"] for name in chosen) > call["budget_krw"]:
            wrong("more is asked for than the budget", at)
    bound = [place for place in places if place["rank"] is not None and not place["override"]]
    for better, worse in pairwise(bound):
        step = LEVEL[worse["outcome"]] - LEVEL[better["outcome"]]
        if step < 0 or (step and better["rank"] == worse["rank"]):
            wrong(f"{worse['application_id']} is out of the order of ranks", at)
    check_unchanged(decision, facts, scored, proposal)


def check_approval(
    decision: Decision, approval: Record, proposal: Record, scored: list[Any]
) -> None:
    """Another person than the proposer approved, and none who scored."""
    facts = decision.facts(approval, "ApproveSelection")
    for step in (proposal, approval):
        actor, other = step.content["actor"], step.content["on_behalf_of"]
        if step.data["by"] != actor or other not in (None, actor):
            wrong("it was not done in the actor's own name", step.position)
    prefix = f"evaluation-{decision.call}:{decision.stage}:"
    scorers = {
        s.rpartition(":")[2] for s in facts if s.startswith(prefix) and facts[s].get("marks")
    }
    scorers |= set(facts[approval.stream].get("panel", ()))
    if approval.data["by"] in scorers | {proposal.data["by"]}:
        wrong(f"{approval.data['by']} proposed or scored, and approved", approval.position)
    check_unchanged(decision, facts, scored, approval)


def check_unchanged(decision: Decision, facts: Facts, scored: list[Any], step: Record) -> None:
    """Nothing that counts had changed since the ranking."""
    if decision.scores(facts) != scored:
        wrong("the ranking was no longer what the records gave", step.position)


if __name__ == "__main__":
    sys.exit(main())
