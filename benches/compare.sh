#!/usr/bin/env bash
# Times Lockgate against other scanners on directories of your own. For secrets also against one ripgrep for a few words,
# the least that any scanner has to do.
#
#   benches/compare.sh DIR...                   secrets
#   benches/compare.sh --policy DIR...          infrastructure, with the rules of all profiles
#
# Those peers run that are on PATH: kingfisher, gitleaks, betterleaks, trufflehog; checkov, trivy, kics. Every tool runs once to warm the
# cache (its findings are counted then), and then in turn with the others, so that a busy moment of the machine hits
# them all. Printed are the medians of wall clock and processor time, and the greatest peak memory. Nothing is verified
# over the network.
#
#   ROUNDS=9 benches/compare.sh DIR...          another number of rounds than 5
#   LOCKGATE=path benches/compare.sh DIR...     another program than target/release/lockgate; likewise RG, GITLEAKS, …
set -euo pipefail
if [ "$#" -eq 0 ] || { [ "$1" = --policy ] && [ "$#" -eq 1 ]; }; then
  sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
exec python3 - "$(dirname "$0")/.." "$@" <<'PYTHON'
import json, os, re, shutil, statistics, subprocess, sys, tempfile, time

WORDS = r"akia|ghp_|xoxb|secret|passw|token|api_?key|BEGIN [A-Z ]*PRIVATE"


def sum_of_counts(out):
    return sum(int(line.rsplit(b":", 1)[-1]) for line in out.splitlines())


def json_length(out):
    return len(json.loads(out or b"[]") or [])


def field(pattern):
    def read(out):
        return int(re.search(pattern, out)[1])
    return read


# Name, arguments, further arguments of the run that counts, how to count what it prints.
TOOLS = [
    # --no-ignore: the others do not leave out what .gitignore names.
    ("lockgate", ["scan", "--no-ignore", "--format", "outputs", "DIR"], [], field(rb"findings=(\d+)")),
    ("rg", ["-uuu", "-c", "-i", WORDS, "DIR"], [], sum_of_counts),
    ("kingfisher", ["scan", "--no-validate", "--no-update-check", "--git-history", "none", "DIR"], [],
     field(rb"\|Findings\.+: (\d+)")),
    ("gitleaks", ["dir", "--no-banner", "-l", "error", "DIR"], ["-f", "json", "-r", "-"], json_length),
    ("betterleaks", ["dir", "--no-banner", "-l", "error", "DIR"], ["-f", "json", "-r", "-"], json_length),
    ("trufflehog", ["filesystem", "--no-verification", "--no-update", "--json", "DIR"], [],
     lambda out: out.count(b'"SourceMetadata"')),
]

# What a run of checkov prints as JSON is one report, or one for each platform.
def failed_checks(out):
    reports = json.loads(out or b"[]")
    return sum(report["summary"]["failed"] for report in (reports if isinstance(reports, list) else [reports])
               if "summary" in report)


POLICY_TOOLS = [
    ("lockgate", ["scan", "--no-ignore", "--profile", "all", "--format", "outputs", "DIR"], [],
     field(rb"findings=(\d+)")),
    ("checkov", ["-d", "DIR", "--quiet", "--compact", "--skip-download", "--skip-framework", "secrets"],
     ["-o", "json"], failed_checks),
    ("trivy", ["config", "--quiet", "--skip-check-update", "DIR"], ["-f", "json"],
     lambda out: sum(len(result.get("Misconfigurations", [])) for result in json.loads(out).get("Results", []))),
    ("kics", ["scan", "--no-progress", "--silent", "--ignore-on-exit", "results", "-p", "DIR"], ["-v", "--ci"],
     field(rb"TOTAL: (\d+)")),
]


def program(name, project):
    given = os.environ.get(name.upper())
    built = os.path.join(project, "target", "release", "lockgate")
    path = given or (built if name == "lockgate" and os.path.exists(built) else shutil.which(name))
    if path is None:
        return None
    with open(path, "rb") as file:
        if file.read(2) == b"#!":
            print(f"note: {path} is a script, and its own start is measured too; {name.upper()}=FILE names the program")
    return path


def run(command, directory, out):
    """Wall clock and processor time in seconds, peak memory in MiB, exit code."""
    command = [directory if argument == "DIR" else argument for argument in command]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale, process.returncode


def count(command, directory, read):
    """What the tool found, as it says itself, and its exit code."""
    with tempfile.TemporaryFile() as out:
        code = run(command, directory, out)[3]
        out.seek(0)
        try:
            return str(read(out.read())), code
        except (ValueError, TypeError):
            return "?", code


def compare(directory, tools, rounds):
    found = {name: count([path, *arguments, *more], directory, read) for name, path, arguments, more, read in tools}
    runs = {name: [] for name, *_ in tools}
    for turn in range(rounds):
        shift = turn % len(tools)
        for name, path, arguments, *_ in tools[shift:] + tools[:shift]:
            runs[name].append(run([path, *arguments], directory, subprocess.DEVNULL))
    median = {name: statistics.median(wall for wall, *_ in rows) for name, rows in runs.items()}
    size = sum(os.lstat(os.path.join(at, file)).st_size for at, _, files in os.walk(directory) for file in files)
    name = os.path.basename(os.path.abspath(directory))
    print(f"\n{name}: {size / 1e6:.1f} MB, {rounds} rounds, {os.cpu_count()} processors\n")
    print("| tool | seconds | ratio | processor seconds | peak MiB | findings | exit |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, rows in runs.items():
        findings, code = found[name]
        print(f"| {name} | {median[name]:.3f} | {median[name] / median['lockgate']:.2f} "
              f"| {statistics.median(row[1] for row in rows):.3f} | {max(row[2] for row in rows):.0f} "
              f"| {findings} | {code} |")


project, directories = sys.argv[1], sys.argv[2:]
all_tools = TOOLS
if directories[0] == "--policy":
    all_tools, directories = POLICY_TOOLS, directories[1:]
rounds = int(os.environ.get("ROUNDS", "5"))
tools = [(name, path, *rest) for name, *rest in all_tools if (path := program(name, project))]
if tools[0][0] != "lockgate":
    sys.exit("no lockgate: build it with `cargo build --release`, or give LOCKGATE=FILE")
for directory in directories:
    if not os.path.isdir(directory):
        sys.exit(f"{directory}: no such directory")
    compare(directory, tools, rounds)
PYTHON
