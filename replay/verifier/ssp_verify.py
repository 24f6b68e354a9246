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
UNREADABLE = ArithmeticError, AttributeError, LookupError, TypeError, ValueError, zlib.error
Json = Any
"""What JSON holds."""


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
    except UNREADABLE as error:
        wrong(f"the bundle cannot be read: {error!r}")
    rests = f"follows from the {len(records)} records in the bundle"
    under = f"all of them under the signed root {root.hex()} of {size} records"
    return [*lines, f"VERIFIES: decision {decision}, approved at {position}, {rests}, {under}"]


# The file. A bundle is a plain zip that can be written in one way only, without dates, comments
# or anything before, between and behind its members: written again, each byte is the same. The
# manifest names the decision, and has the SHA-256 of every other member.


def open_bundle(bundle: bytes) -> dict[str, bytes]:
    """Return the members by name."""
    at = 0
    members: dict[str, bytes] = {}
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
    said = json.loads(members["manifest.json"])
    if said["format"] != FORMAT:
        wrong(f"the bundle's format is {said['format']}; this verifier knows {FORMAT}")
    decision, position = str(said["decision"]), int(said["position"])
    digests = {name: hashlib.sha256(members[name]).hexdigest() for name in MEMBERS[:-1]}
    if differing := [name for name in digests if said["sha256"].get(name) != digests[name]]:
        wrong(f"{differing[0]} is not what the manifest has the digest of")
    whole = {"format": FORMAT, "decision": decision, "position": position, "sha256": digests}
    if members["manifest.json"] != readable(whole):
        wrong("the manifest says something else, or otherwise, than a manifest does")
    return decision, position


def readable(document: Json) -> bytes:
    """Write JSON as a bundle has it."""
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


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
    content: Json

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
        if position != b"%d" % int(position):
            wrong("a position is not written as a number is", int(position))
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

Facts = defaultdict[str, dict[str, Json]]

WITHOUT_EFFECT = """
    frameworks.superseded calls.guideline-published calls.deadline-extended calls.closed
    calls.stage-opened calls.concluded calls.cancelled cities.profile-revised
    cities.need-identified cities.capacity-assessed cities.pool-entered cities.tier-changed
    cities.opportunity-offered cities.engagement-recorded cities.reactivated cities.pool-left
    applications.clarification-requested applications.clarification-answered
    applications.consultation-held evaluations.evaluator-appointed evaluations.assigned
    evaluations.reopening-requested evaluations.certified selection.notified
""".split()


def facts_at(records: list[Record], position: int) -> Facts:
    """Return what each stream amounted to at a position."""
    facts: Facts = defaultdict(dict)
    for record in records:
        if record.position <= position:
            facts[record.stream]["last"] = record
            take_in(facts[record.stream], record, record.data)
    return facts


def take_in(fact: dict[str, Json], record: Record, data: Json) -> None:
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
            fact |= {"then": data.get("city"), "figures": {}}
            fact["amount"] = data["project"]["amount_krw"]
        case "applications.amended":
            fact |= {"eligible": None, "amount": data["project"]["amount_krw"]}
        case "applications.eligibility-determined":
            fact["eligible"] = data["eligible"]
        case "applications.withdrawn":
            fact["withdrawn"] = True
        case "cities.indicator-recorded" | "applications.indicator-recorded":
            keep_figure(fact, data["figure"])
        case "cities.indicator-corrected" | "applications.indicator-corrected":
            keep_figure(fact, data["after"])
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
            fact[f"waived {data['application_id']}"] = record.version
        case "evaluations.conflict-declared":
            if data["kind"] != "none":
                fact[f"interest {data['application_id'] or data['call_id']}"] = record.version
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
        case kind:
            if kind not in WITHOUT_EFFECT:
                wrong(f"{kind} is not known here: take a newer verifier", record.position)


def keep_figure(fact: dict[str, Json], figure: Json) -> None:
    """Keep an indicator's figure; another one about the same day takes its place."""
    fact.setdefault("figures", {})[figure["indicator"], figure["on"]] = figure


def selected(fact: dict[str, Json]) -> set[str]:
    """Name whom an approved selection let through, after promotions of reserves."""
    if not (fact.get("proposal") and fact.get("approval")):
        return set()
    proposals = fact["proposal"].data["proposals"]
    chosen = {p["application_id"] for p in proposals if p["outcome"] == "selected"}
    for promotion in fact["promoted"]:
        chosen = chosen - {promotion["in_place_of"]} | {promotion["application_id"]}
    return chosen


def barred(evaluator: dict[str, Json], application: str) -> bool:
    """Whether an evaluator is recused, or has an interest that was not waived afterwards."""
    call = application.partition(":")[0]
    interest = max(evaluator.get(f"interest {about}", 0) for about in (application, call))
    recused = f"recused {application}" in evaluator
    return recused or interest > evaluator.get(f"waived {application}", 0)


def counted(facts: Facts, call: str, stage: str) -> Json:
    """Return for each application that takes part the marks that count, by evaluator."""
    announced = facts[f"call-{call}"]
    stages = [found["id"] for found in announced["stages"]]
    index = stages.index(stage)
    through = selected(facts[f"selection-{call}:{stages[index - 1]}"]) if index else None
    sheets: Json = {}
    for stream in sorted(name for name in facts if name.startswith(f"application-{call}:")):
        name, fact = stream.removeprefix("application-"), facts[stream]
        eligible = fact["eligible"] or (fact["eligible"] is None and not announced["eligibility"])
        if eligible and not fact["withdrawn"] and (through is None or name in through):
            sheets[name] = {}
    prefix = f"evaluation-{call}:{stage}:"
    for stream in sorted(name for name in facts if name.startswith(prefix)):
        city, evaluator = stream.removeprefix(prefix).split(":")
        name, fact = f"{call}:{city}", facts[stream]
        if "marks" not in fact or "void" in fact:
            continue
        if fact.get("reopened"):
            wrong(f"{stream} was open to revision", fact["last"].position)
        if name in sheets and not barred(facts[f"evaluator-{evaluator}"], name):
            sheets[name][evaluator] = fact["marks"]
    return sheets


# The arithmetic, written from the rubric's published rules. Numbers are fractions, so that
# nothing is lost on the way; only where the rubric says so is anything rounded. The programme
# calculates with 28 digits: what it recorded is held against ours at 20 of them.

ROUNDING = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
DIGITS = Context(prec=20, rounding=ROUND_HALF_EVEN)


def settled(value: Fraction) -> Decimal:
    """Return a number at 20 digits."""
    return DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def rounded(rubric: Json, at: str, value: Fraction) -> Fraction:
    """Round where the rubric says so: `at` is criterion, evaluator or total."""
    for rule in rubric["aggregation"]["roundings"]:
        if rule["at"] == at:
            steps = settled(value / Fraction(rule["step"]))
            whole = steps.to_integral_value(ROUNDING[rule["mode"]])
            return Fraction(whole) * Fraction(rule["step"])
    return value


def mean(values: list[Fraction]) -> Fraction | None:
    """Return the mean, or None of nothing."""
    return sum(values, Fraction()) / len(values) if values else None


# What a group of cities may ask for, and what it asks that of.
ASKED = {"countries": "country", "regions": "region", "tiers": "tier", "capacities": "capacity"}


def weights(rubric: Json, city: Json) -> dict[str, Fraction]:
    """Return the weights for a city, by what was known of it when it applied."""
    for variant in rubric["variants"]:
        group = variant.get("group", variant)  # at first, groups were made of countries only
        if all(not group.get(asked) or city.get(of) in group[asked] for asked, of in ASKED.items()):
            return {w["criterion"]: Fraction(w["weight"]) for w in variant["weights"]}
    return {c["id"]: Fraction(c["weight"]) for c in rubric["criteria"]}


def computed(rubric: Json, application: str, figures: Json) -> list[Json]:
    """Return the marks that nobody gives: each follows from the latest figure, by its bands."""
    found: list[Json] = []
    for criterion in rubric["criteria"]:
        name, banding = criterion["id"], criterion.get("banding")
        if not banding:
            continue
        held = [f for f in figures[banding["of"]] if f["indicator"] == banding["indicator"]]
        figure = max(held, key=lambda f: str(f["on"]), default=None)
        at_least = mark = None
        if figure is None:
            if not criterion["na_allowed"]:
                wrong(f"{application} has no {banding['indicator']}, which {name} follows from")
        elif figure["unit"] != banding["unit"]:
            wrong(f"{application} has {banding['indicator']} in another unit than {name} takes")
        else:
            value, bands = Fraction(figure["value"]), banding["bands"]
            reached = [
                b for b in bands if b["at_least"] is None or value >= Fraction(b["at_least"])
            ]
            at_least, mark = reached[-1]["at_least"], Fraction(reached[-1]["mark"])
        known = {"criterion": name, "of": banding["of"], "figure": figure}
        found.append({**known, "at_least": at_least, "mark": mark})
    return found


def sheet(rubric: Json, weight: dict[str, Fraction], evaluator: str, marks: Json) -> Json:
    """Go from one evaluator's marks to a total: None where an N/A leaves none."""
    rule = rubric["aggregation"]
    weighted: list[Json] = []
    for criterion in rubric["criteria"]:
        name = criterion["id"]
        mark = None if marks.get(name) is None else Fraction(marks[name])
        if mark is None and weight[name] and rule["missing"] == "refuse":
            wrong(f"{evaluator} gave no mark for {name}; the rubric does not say what that means")
        best = Fraction(criterion["scale"]["best"] if rule["points"] == "of-hundred" else 100)
        points = None if mark is None else rounded(rubric, "criterion", weight[name] * mark / best)
        found = {"criterion": name, "mark": mark, "weight": weight[name], "points": points}
        weighted.append(found)
    counting = [w for w in weighted if w["weight"]]
    judged = {c["id"] for c in rubric["criteria"] if not c.get("banding")}
    own = [w["points"] for w in counting if w["criterion"] in judged]
    present = [w for w in counting if w["points"] is not None]
    total = None
    if own and all(points is None for points in own):  # nothing was judged
        present = []
    if present and (len(present) == len(counting) or rule["missing"] == "reweigh"):
        total = sum((w["points"] for w in present), Fraction())
        if len(present) < len(counting):
            whole = sum(w["weight"] for w in counting) if rule["points"] == "sum" else 100
            total = total * whole / sum(w["weight"] for w in present)
        total = rounded(rubric, "evaluator", total)
    kept = total is not None
    return {"evaluator": evaluator, "weighted": weighted, "total": total, "kept": kept}


def trim(rubric: Json, sheets: list[Json]) -> None:
    """Leave out the highest and the lowest evaluator, where the rubric says so."""
    rule = rubric["aggregation"]
    totals = sorted((settled(s["total"]), s["evaluator"]) for s in sheets if s["kept"])
    if rule["trim"] == "none" or len(totals) < rule["trim_from"]:
        return
    (low, first), (high, last) = totals[0], totals[-1]
    dropped = {first, last}
    if rule["trim_ties"] == "drop-all":
        dropped = {evaluator for total, evaluator in totals if total in (low, high)}
        if len(dropped) == len(totals):  # nobody would be left
            return
    for found in sheets:
        found["kept"] = found["kept"] and found["evaluator"] not in dropped


def score(rubric: Json, city: Json, application: str, given: Json, figures: Json) -> Json:
    """Go from an application's sheets to its total, its floors and its standing.

    A mark that is computed stands in every sheet, as if each evaluator had given it.
    """
    weight, common = weights(rubric, city), computed(rubric, application, figures)
    every = {c["criterion"]: c["mark"] for c in common}
    sheets = [sheet(rubric, weight, who, marks | every) for who, marks in sorted(given.items())]
    trim(rubric, sheets)
    kept = [s for s in sheets if s["kept"]]
    total = mean([s["total"] for s in kept])
    if total is not None:
        total = Fraction(settled(rounded(rubric, "total", total)))
    means: Json = {}
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
        "computed": common,
    }


def misses(rubric: Json, value: Fraction | None, floor: str | None) -> bool:
    """Whether a mean or a total does not reach its floor."""
    if floor is None or value is None:
        return floor is not None
    return sign(rubric) * value > sign(rubric) * Fraction(floor)


def sign(rubric: Json) -> int:
    """Return what puts the better of two numbers first: -1 where the greater one is better."""
    scale = rubric["criteria"][0]["scale"]
    return -1 if Fraction(scale["best"]) > Fraction(scale["worst"]) else 1


def ranked(rubric: Json, scored: list[Json]) -> list[Json]:
    """Put applications in order, best first: by total, then by each tie-break; equals share."""
    worst = {c["id"]: Fraction(c["scale"]["worst"]) for c in rubric["criteria"]}
    compared: list[str] = ["total", *rubric["tie_breaks"]]

    def key(item: Json) -> list[Fraction]:
        means = {m["criterion"]: m["mean"] for m in item["means"]}
        breaks = [worst[c] if means[c] is None else means[c] for c in rubric["tie_breaks"]]
        return [sign(rubric) * value for value in (item["total"], *breaks)]

    def decided_by(own: list[Fraction], neighbours: list[list[Fraction]]) -> str:
        """Name the furthest comparison that tells a place from its neighbours."""
        if own in neighbours:
            return "shared"
        needed = [[a != b for a, b in zip(own, k, strict=True)].index(True) for k in neighbours]
        return compared[max(needed, default=0)]

    lines: list[Json] = []
    places = sorted(
        ((key(s), s["application"], s) for s in scored if s["standing"] == "ranked"),
        key=lambda place: place[:2],
    )
    for index, (own, _, item) in enumerate(places):
        beside = [places[i][0] for i in (index - 1, index + 1) if 0 <= i < len(places)]
        rank = lines[-1]["rank"] if index and places[index - 1][0] == own else index + 1
        by = decided_by(own, beside)
        lines.append({"rank": rank, "tied": own in beside, "decided_by": by, "scored": item})
    outside = [s for s in scored if s["standing"] != "ranked"]
    for item in sorted(outside, key=lambda s: (s["standing"], s["application"])):
        by = item["standing"]
        lines.append({"rank": None, "tied": False, "decided_by": by, "scored": item})
    return lines


def difference(ours: Json, theirs: Json, where: str) -> str:
    """Name the first place where what was recorded is not ours; "" where there is none."""
    if isinstance(ours, Fraction):
        same = isinstance(theirs, str) and settled(Fraction(theirs)) == settled(ours)
        return "" if same else f"{where} is {theirs}, and should be {settled(ours)}"
    alike = type(ours) is type(theirs)
    if not alike or isinstance(ours, str) or not hasattr(ours, "__len__"):
        same = alike and ours == theirs
        return "" if same else f"{where} is {theirs!r}, and should be {ours!r}"
    mine, other = parts(ours), parts(theirs)
    if mine.keys() != other.keys():
        return f"{where} has {[*other]}, and should have {[*mine]}"
    for part in mine:
        if found := difference(mine[part], other[part], f"{where}.{part}"):
            return found
    return ""


def parts(document: Json) -> Json:
    """Return what a document is made of, by name or by place."""
    return document if hasattr(document, "keys") else {n: document[n] for n in range(len(document))}


# The decision: a quorum, a ranking, a proposal and an approval. Each is what a command led to,
# which names the position up to which it saw the log.

LEVEL = {"selected": 0, "reserve": 1, "pool": 2, "rejected": 2}


class Step:
    """One step of a decision, and what was there when it was made."""

    def __init__(self, records: list[Record], made: Record, command: str, name: str) -> None:
        """Put together what `made` could see, if it is what `command` led to."""
        noted, self.at, self.data = made.content["command"], made.position, made.data
        self.asked, self.seen, self.actor = noted["body"], noted["position"], made.content["actor"]
        self.first_version = made.content["type"].endswith(".1")
        self.call, self.stage = name.split(":")
        about = f"{self.data['call_id']}:{self.data['stage']}"
        if (noted["name"], about) != (command, name) or not self.asked or self.seen >= self.at:
            wrong(f"it is not what {command} led to for {name}", self.at)
        if command.endswith("Selection") and (
            self.data["by"] != self.actor or made.content["on_behalf_of"] not in (None, self.actor)
        ):
            wrong("it was not done in the actor's own name", self.at)
        self.facts = facts_at(records, self.seen)
        self.terms = self.facts[f"call-{self.call}"]
        self.announced = next(s for s in self.terms["stages"] if s["id"] == self.stage)
        used = self.announced["framework"]
        framework = self.facts[f"framework-{used['framework_id']}"]
        if f"published {used['version']}" not in framework:
            wrong("the stage's framework was not published", self.at)
        self.rubric = framework[f"rubric {used['version']}"]
        self.sheets = counted(self.facts, self.call, self.stage)

    def scores(self) -> list[Json]:
        """Score every application on what was there."""
        scored: list[Json] = []
        for name, given in self.sheets.items():
            applied = self.facts[f"application-{name}"]
            city = self.facts[f"city-{applied['city']}"]
            then = applied["then"] or {"country": city.get("country", "")}
            held = {"city": city, "application": applied}
            figures = {of: [*fact.get("figures", {}).values()] for of, fact in held.items()}
            scored.append(score(self.rubric, then, name, given, figures))
        return scored


def check_decision(records: list[Record], name: str, position: int, framework: bytes) -> list[str]:
    """Check the approval at a position and what it rests on; return whom it let through."""
    stream = f"selection-{name}"
    before, after = (facts_at(records, seen)[stream] for seen in (position - 1, position))
    made: Json = [after.get(step) for step in ("quorum", "ranking", "proposal", "approval")]
    if not all(made) or before.get("approval") or made[-1].position != position:
        wrong(f"it is no approval of {name} that follows on quorum, ranking, proposal", position)
    commands = ("ConfirmQuorum", "ComputeRanking", "ProposeSelection", "ApproveSelection")
    steps = zip(made, commands, strict=True)
    quorum, ranking, proposal, approved = (Step(records, r, command, name) for r, command in steps)
    check_quorum(quorum)
    check_ranking(ranking, framework)
    check_proposal(proposal, ranking)
    scorers = {
        stream.rpartition(":")[2]
        for stream, fact in approved.facts.items()
        if stream.startswith(f"evaluation-{name}:") and fact.get("marks")
    }
    if approved.actor in {proposal.actor, *scorers, *before.get("panel", ())}:
        wrong(f"{approved.actor} proposed or scored, and approved", position)
    for step in (proposal, approved):
        if step.sheets != ranking.sheets and step.scores() != ranking.scores():
            wrong("the ranking was no longer what the records gave", step.at)
    return [
        f"{place['outcome']}: {place['application_id']}, rank {place['rank']}"
        for place in proposal.data["proposals"]
        if LEVEL[place["outcome"]] < LEVEL["pool"]
    ]


def check_quorum(quorum: Step) -> None:
    """Every application had as many evaluations as the rubric asks for."""
    least = quorum.rubric["quorum"]
    found = [{"application_id": n, "evaluations": len(g)} for n, g in quorum.sheets.items()]
    if quorum.data["quorum"] != least or quorum.data["applications"] != found or not found:
        wrong("the quorum was counted otherwise", quorum.at)
    if any(len(given) < least for given in quorum.sheets.values()):
        wrong("an application has fewer evaluations than the quorum", quorum.at)


def check_ranking(ranking: Step, framework: bytes) -> None:
    """The ranking names all that it read, and comes out the same."""
    if f"locked {ranking.stage}" not in ranking.terms:
        wrong("the stage was not locked", ranking.at)
    used = {"position": ranking.seen, "framework": ranking.announced["framework"]}
    for what, value in {**used, "algorithm": "ranking.1"}.items():
        if ranking.data[what] != value:
            wrong(f"its {what} is {ranking.data[what]}, and should be {value}", ranking.at)
    if readable(ranking.rubric) != framework:
        wrong("framework.json is not the rubric that was published")
    there = {name: fact["last"] for name, fact in ranking.facts.items() if "last" in fact}
    read = {given["stream"]: (given["version"], given["leaf"]) for given in ranking.data["inputs"]}
    for name, known in read.items():
        if name not in there or (there[name].version, there[name].leaf.hex()) != known:
            wrong(f"{name} was not at the version that it read", ranking.at)
    own = (f"application-{ranking.call}:", f"evaluation-{ranking.call}:{ranking.stage}:")
    if unread := [name for name in there if name.startswith(own) and name not in read]:
        wrong(f"{unread[0]} was there, and it did not read that", ranking.at)
    lines = ranked(ranking.rubric, ranking.scores())
    if ranking.first_version:  # it did not say what was computed, since nothing was
        for line in lines:
            del line["scored"]["computed"]
    if found := difference(lines, ranking.data["lines"], "lines"):
        wrong(f"it comes out otherwise: {found}", ranking.at)


def check_proposal(proposal: Step, ranking: Step) -> None:
    """Outcomes are those asked for: within slots and budget, in order or with a reason."""
    at, asked = proposal.at, proposal.asked
    choices = {choice["application_id"]: choice for choice in asked["choices"]}
    places: list[Json] = []
    for line in ranking.data["lines"]:
        name = line["scored"]["application"]
        choice = choices.pop(name, {"outcome": asked["otherwise"], "override": None})
        found = {"outcome": choice["outcome"], "override": choice["override"]}
        places.append({"application_id": name, "rank": line["rank"], **found})
    given = (proposal.data["ranking"], proposal.data["proposals"])
    if choices or given != (ranking.data["position"], places):
        wrong("the outcomes are not those that were asked for, of that ranking", at)
    chosen = [place["application_id"] for place in places if place["outcome"] == "selected"]
    if len(chosen) > proposal.announced["slots"]:
        wrong(f"{len(chosen)} are selected, more than the stage lets through", at)
    last, budget = proposal.terms["stages"][-1]["id"], proposal.terms["budget_krw"]
    amounts = [proposal.facts[f"application-{name}"]["amount"] for name in chosen]
    if last == proposal.stage and budget is not None and sum(amounts) > budget:
        wrong("more is asked for than the budget", at)
    for place in places:
        if place["rank"] is None and LEVEL[place["outcome"]] < LEVEL["pool"]:
            wrong(f"{place['application_id']} has no rank, and is not left in the pool", at)
        if place["override"] and not all(place["override"][why] for why in ("reason", "authority")):
            wrong(f"{place['application_id']} departs from the order without a reason", at)
    bound = [place for place in places if place["rank"] is not None and not place["override"]]
    for better, worse in pairwise(bound):
        step = LEVEL[worse["outcome"]] - LEVEL[better["outcome"]]
        if step < 0 or (step and better["rank"] == worse["rank"]):
            wrong(f"{worse['application_id']} is out of the order of ranks", at)


if __name__ == "__main__":
    sys.exit(main())
