#!/usr/bin/env bash
# Installs what the tests need, builds, runs them all, and says on its last line how many passed, failed and were skipped.
# Exits 1 when one failed, when none ran, and, where CI is set, when one was skipped: there nothing may be left out without a word.
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

# The end-to-end tests need machines, which need root; without it they say so and are skipped.
if [ "$(id -u)" -eq 0 ]; then
    tests/install.sh
fi

dotnet build K8sVersionUpgrade.sln --nologo --verbosity quiet

passed=0 failed=0 skipped=0

# Reads "<what>: <number>" from a summary; none is 0.
count() {
    sed -nE "s/^ *$2: *([0-9]+).*/\1/p" "$1" | tail -n 1 | grep . || echo 0
}

for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    echo "== $name"
    if ! dotnet test --no-build --project "$project" >"$log/$name" 2>&1; then
        # A run that ended before it could count is a failure by itself.
        grep -qE '^ *failed: *[1-9]' "$log/$name" || failed=$((failed + 1))
        cat "$log/$name"
    fi
    passed=$((passed + $(count "$log/$name" succeeded)))
    failed=$((failed + $(count "$log/$name" failed)))
    skipped=$((skipped + $(count "$log/$name" skipped)))
    grep -E '^ *(total|duration):|^skipped ' "$log/$name" || true
done
cat artifacts/*/measured 2>/dev/null || true

# The node script, on machines of the lab: a suite of its own, in the shell's own words.
if [ "$(id -u)" -eq 0 ]; then
    echo "== node-lab"
    if ! tests/node-lab/selftest.sh >"$log/node-lab" 2>&1; then
        cat "$log/node-lab"
    fi
    counts=$(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log/node-lab" | tail -n 1 | grep . || echo 0 1)
    passed=$((passed + ${counts%% *}))
    failed=$((failed + ${counts##* }))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] && { [ -z "${CI:-}" ] || [ "$skipped" -eq 0 ]; }
