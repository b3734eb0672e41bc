# A Wine prefix in which the driver is used, as functions for scripts: sourced,
# not run. The caller has set WINEPREFIX and stands in the workspace's folder.

# Nothing here takes long; what hangs is ended.
windows() { timeout 120 tests/wine/run "$@"; }

# Makes the prefix anew, and removes it when the script ends.
begin() {
    tests/wine/prefix remove "$WINEPREFIX"
    trap 'tests/wine/prefix remove "$WINEPREFIX"' EXIT
    tests/wine/prefix create "$WINEPREFIX"
    # Wine shuts its services down when the last program ends; this one stays
    # until the script closes its input.
    exec 9> >(exec tests/wine/run cmd.exe >/dev/null 2>&1)
}

# run_inf SECTION FILE: runs a section of an INF, as a right click on it does.
run_inf() {
    local file
    file=$(realpath "$2")
    windows rundll32 setupapi.dll,InstallHinfSection "$1" 128 "Z:${file//\//\\}"
}

# Wine's service manager starts no driver while it starts services of its own.
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

# verdicts COUNT: prints what the KMDF host has said; fails unless it has called
# this many loads clean, and none anything else.
verdicts() {
    local file="$WINEPREFIX/drive_c/kmdf-host/verdict.json"
    cat "$file"
    if [ "$(wc -l <"$file")" -ne "$1" ] || grep -qv '"verdict":"clean"' "$file"; then
        echo "the driver broke a rule" >&2
        return 1
    fi
}
