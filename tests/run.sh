#!/usr/bin/env bash
# Installs what the tests need, builds, runs them all, and says on its last line how many passed, failed and were skipped.
# Exits 1 when one failed, when none ran, and, where CI is set, when one was skipped: there nothing may be left out without a word.
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
log=$(mktemp -d)
machines=
trap '[ -z "$machines" ] || kill -- "-$machines" 2>/dev/null || true; rm -rf "$log"' EXIT

# The end-to-end tests need machines, which need root; without it they say so and are skipped.
if [ "$(id -u)" -eq 0 ]; then
    tests/install.sh
fi

dotnet build K8sVersionUpgrade.sln --nologo --verbosity quiet

# Runs one test project; what it printed and its exit code are kept as files.
suite() {
    local name code=0
    name=$(basename "$1" .csproj)
    dotnet test --no-build --project "$1" >"$log/$name" 2>&1 || code=$?
    echo "$code" >"$log/$name.code"
}

# What starts machines waits more than it computes, and the others compute: the two go side by side.
machines() {
    suite tests/EndToEnd.Tests/EndToEnd.Tests.csproj
    # The node script, on machines of the lab: a suite of its own, in the shell's own words.
    if [ "$(id -u)" -eq 0 ]; then
        tests/node-lab/selftest.sh >"$log/node-lab" 2>&1 || true
    fi
}

passed=0 failed=0 skipped=0

# Reads "<what>: <number>" from a summary; none is 0.
count() {
    sed -nE "s/^ *$2: *([0-9]+).*/\1/p" "$1" | tail -n 1 | grep . || echo 0
}

# Says how a suite went and adds it up.
report() {
    local name
    name=$(basename "$1" .csproj)
    echo "== $name"
    if [ "$(cat "$log/$name.code")" -ne 0 ]; then
        # A run that ended before it could count is a failure by itself.
        grep -qE '^ *failed: *[1-9]' "$log/$name" || failed=$((failed + 1))
        cat "$log/$name"
    fi
    passed=$((passed + $(count "$log/$name" succeeded)))
    failed=$((failed + $(count "$log/$name" failed)))
    skipped=$((skipped + $(count "$log/$name" skipped)))
    grep -E '^ *(total|duration):|^skipped ' "$log/$name" || true
}

# In a process group of its own, so that it is ended as a whole where this ends before it does.
set -m
machines &
machines=$!
set +m
for project in tests/*.Tests/*.csproj; do
    if [ "$project" != tests/EndToEnd.Tests/EndToEnd.Tests.csproj ]; then
        suite "$project"
        report "$project"
    fi
done
wait "$machines"
machines=
report tests/EndToEnd.Tests/EndToEnd.Tests.csproj
cat artifacts/*/measured 2>/dev/null || true

if [ "$(id -u)" -eq 0 ]; then
    echo "== node-lab"
    counts=$(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log/node-lab" | tail -n 1 | grep . || echo 0 1)
    [ "${counts##* }" -eq 0 ] || cat "$log/node-lab"
    passed=$((passed + ${counts%% *}))
    failed=$((failed + ${counts##* }))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] && { [ -z "${CI:-}" ] || [ "$skipped" -eq 0 ]; }
