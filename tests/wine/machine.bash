# Functions for scripts that use the driver in a Wine prefix. Source this file. The caller sets
# WINEPREFIX, and its current folder is the workspace.

# Runs a Windows program, and ends it after two minutes. No program here takes that long.
windows() { timeout 120 tests/wine/run "$@"; }

# Creates a fresh prefix, and removes it when the script ends.
begin() {
    tests/wine/prefix remove "$WINEPREFIX"
    trap 'tests/wine/prefix remove "$WINEPREFIX"' EXIT
    tests/wine/prefix create "$WINEPREFIX"
    # Wine stops its services when the last program ends. This one runs until the script closes its
    # input.
    exec 9> >(exec tests/wine/run cmd.exe >/dev/null 2>&1)
}

# run_inf SECTION FILE: runs a section of an INF, as a right click on the file does.
run_inf() {
    local file
    file=$(realpath "$2")
    windows rundll32 setupapi.dll,InstallHinfSection "$1" 128 "Z:${file//\//\\}"
}

# Wine's service manager starts no driver while it starts its own services, so this retries.
start_driver() {
    local said=
    for _ in {1..20}; do
        if said=$(windows net start SessionWatch 2>&1); then break; fi
        sleep 0.5
    done
    printf '%s\n' "$said"
    windows sc query SessionWatch | grep -q RUNNING
}

stop_driver() { windows net stop SessionWatch; }

# raise ARGUMENTS: raises the events of a scenario in the KMDF host.
raise() {
    windows target/openkit/cargo-user/x86_64-pc-windows-gnu/release/raise.exe "$@"
}

# verdicts COUNT: prints the KMDF host's verdicts. Fails unless there are COUNT, all of them clean.
verdicts() {
    local file="$WINEPREFIX/drive_c/kmdf-host/verdict.json"
    cat "$file"
    if [ "$(wc -l <"$file")" -ne "$1" ] || grep -qv '"verdict":"clean"' "$file"; then
        echo "the driver broke a rule" >&2
        return 1
    fi
}
