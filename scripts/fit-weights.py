#!/usr/bin/env python3
"""Fits the weights of the generic secret model (src/engine/secrets/generic/weights.csv) on labelled text.

usage: scripts/fit-weights.py LABELLED_DIR [--write]

LABELLED_DIR holds `data/` and `meta/*.csv` as the CredData set has them. A candidate is true when it touches a line that is
labelled true; one on any other line of a labelled file is false; labels of mere identifiers count neither way. The
weights are those of a logistic regression with a Gaussian prior around the weights that are in the table, so that a feature
that the text hardly shows stays as it is; none changes its sign. They are scaled so that ten points double the odds, and the threshold of a
finding is 50 points. The thresholds are chosen on predictions for repositories that the fit has not seen.
Python 3.9, standard library only. Same input, same weights.
"""
import csv, math, subprocess, sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TABLE = HERE / "src/engine/secrets/generic/weights.csv"
NEUTRAL = {"UUID", "AWS S3 Bucket", "Firebase Domain", "Salt", "Nonce", "AWS Client ID"}
SCALE = 10 / math.log(2)      # points for a unit of log odds
MEDIUM = 50                   # points of the threshold of a finding
SPREAD = 0.5                  # how far a weight may stray from the prior, in log odds
FOLDS = 5
HIGH_PRECISION = 0.975        # wanted at high confidence
SLACK = 0.010                 # F1 that may be given for precision
HINT = 20                     # how many points a hint may lack to a finding


def labels(root):
    by_file = defaultdict(list)
    for meta in sorted((root / "meta").glob("*.csv")):
        for row in csv.DictReader(meta.open(newline="")):
            by_file[row["FilePath"]].append(row)
    return by_file


def truth(rows, first, last):
    """1, 0, or None where the line counts neither way."""
    for row in rows:
        if row["GroundTruth"] == "T" and int(row["LineStart"]) <= last and first <= int(row["LineEnd"]):
            return None if set(row["Category"].split(":")) <= NEUTRAL else 1
    return 0


def candidates(root, told):
    command = ["cargo", "run", "--quiet", "--release", "--example", "generic-features", "--", str(root / "data")]
    known = labels(root)
    for line in subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout.splitlines():
        path, first, last, _, _, *reasons = line.split("\t")
        path = "data/" + path
        if path in known:
            answer = truth(known[path], int(first), int(last))
            if answer is not None:
                yield path.split("/")[1], [told[reason] for reason in reasons], answer


def solve(matrix, vector):
    """Gaussian elimination; the matrix is symmetric and positive definite."""
    size = len(vector)
    rows = [row[:] + [value] for row, value in zip(matrix, vector)]
    for at in range(size):
        pivot = max(range(at, size), key=lambda r: abs(rows[r][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for below in range(at + 1, size):
            factor = rows[below][at] / rows[at][at]
            if factor:
                for column in range(at, size + 1):
                    rows[below][column] -= factor * rows[at][column]
    out = [0.0] * size
    for at in reversed(range(size)):
        out[at] = (rows[at][size] - sum(rows[at][c] * out[c] for c in range(at + 1, size))) / rows[at][at]
    return out


def fit(samples, prior):
    """Newton's method. The last weight is the intercept, which has no prior to speak of."""
    size = len(prior) + 1
    centre = prior + [0.0]
    weights = centre[:]
    stiffness = [1 / SPREAD**2] * (size - 1) + [1e-4]
    for _ in range(25):
        gradient = [stiffness[i] * (weights[i] - centre[i]) for i in range(size)]
        hessian = [[stiffness[i] if i == j else 0.0 for j in range(size)] for i in range(size)]
        for features, answer in samples:
            active = features + [size - 1]
            p = 1 / (1 + math.exp(-max(-30, min(30, sum(weights[i] for i in active)))))
            for i in active:
                gradient[i] += p - answer
                for j in active:
                    hessian[i][j] += p * (1 - p)
        step = solve(hessian, gradient)
        weights = [w - s for w, s in zip(weights, step)]
        # What speaks against a secret may not come to speak for it, nor the other way round.
        weights[:-1] = [min(w, 0.0) if c < 0 else max(w, 0.0) if c > 0 else w for w, c in zip(weights, prior)]
        if max(map(abs, step)) < 1e-6:
            break
    return weights


def main():
    root, write = Path(sys.argv[1]), "--write" in sys.argv
    header, *rows = TABLE.read_text().splitlines()
    table = [row.split(",", 2) for row in rows]
    features = [row for row in table if row[0] not in ("high", "medium", "low")]
    told = {row[2]: index for index, row in enumerate(features)}
    old = [int(row[1]) for row in features]
    limits = {row[0]: int(row[1]) for row in table if row[0] in ("high", "medium", "low")}
    prior = [points / SCALE for points in old]
    samples = list(candidates(root, told))
    print(f"{len(samples)} candidates, {sum(a for _, _, a in samples)} true")

    repositories = sorted({repository for repository, _, _ in samples})
    fold = {repository: at % FOLDS for at, repository in enumerate(repositories)}
    unseen = []
    for number in range(FOLDS):
        weights = fit([(f, a) for r, f, a in samples if fold[r] != number], prior)
        unseen += [(sum(weights[i] for i in f) + weights[-1], a) for r, f, a in samples if fold[r] == number]
    total = sum(a for _, a in unseen)

    def at(scored, least):
        found = [a for score, a in scored if score >= least]
        return sum(found), len(found)

    def told_as(name, scored, least):
        right, found = at(scored, least)
        print(f"{name:28} precision {right / max(1, found):.3f} recall {right / total:.3f} F1 {2 * right / (found + total):.3f}")

    steps = sorted({round(score, 2) for score, _ in unseen})
    f1 = {t: 2 * at(unseen, t)[0] / (at(unseen, t)[1] + total) for t in steps}
    # Where the curve is flat, fewer false alarms are worth more than a few finds.
    medium = max(t for t in steps if f1[t] >= max(f1.values()) - SLACK)
    high = min((t for t in steps if t > medium and at(unseen, t)[0] >= HIGH_PRECISION * at(unseen, t)[1] > 0), default=steps[-1])
    before = [(sum(old[i] for i in f), a) for _, f, a in samples]
    told_as("table, findings", before, limits["medium"])
    told_as("table, high", before, limits["high"])
    told_as("fitted, unseen, findings", unseen, medium)
    told_as("fitted, unseen, high", unseen, high)

    weights = fit([(f, a) for _, f, a in samples], prior)
    # Each candidate has one feature of its name's strength: the intercept and the threshold go there.
    shift = MEDIUM - SCALE * (medium - weights[-1])
    points = [round(SCALE * w + (shift if row[0] in ("NameStrong", "NameMedium", "NameWeak") else 0))
              for w, row in zip(weights, features)]
    limits = {"high": MEDIUM + round(SCALE * (high - medium)), "medium": MEDIUM, "low": MEDIUM - HINT}
    after = [(sum(points[i] for i in f), a) for _, f, a in samples]
    told_as("fitted, all, findings", after, limits["medium"])
    told_as("fitted, all, high", after, limits["high"])
    count = [sum(i in f for _, f, _ in samples) for i in range(len(features))]
    for row, was, now, seen in zip(features, old, points, count):
        print(f"  {row[0]:18} {was:4} -> {now:4}  seen {seen}")
    print(limits)
    if write:
        lines = [header] + [f"{row[0]},{now},{row[2]}" for row, now in zip(features, points)]
        lines += [f"{row[0]},{limits[row[0]]},{row[2]}" for row in table if row[0] in limits]
        TABLE.write_text("\n".join(lines) + "\n")


main()
