"use strict";
// Prints the events in the driver's ring, in WinDbg: see windbg.md.
//
//   .scriptload sessionwatch.js
//   !sessionwatch ADDRESS          print all events; ADDRESS is that of the magic value
//   !sessionwatch ADDRESS, 20      print the last 20 events

const MAGIC = "SESSIONWATCHRING";
const RECORD_BYTES = 48;
const KINDS = ["ignore", "created", "terminated", "connected", "disconnected", "logon", "logoff"];
const LOCALITIES = ["unknown", "local", "remote"];

function initializeScript() {
    return [new host.apiVersionSupport(1, 3), new host.functionAlias(show, "sessionwatch")];
}

function show(address, count) {
    const text = host.memory.readMemoryValues(address, MAGIC.length, 1);
    if (String.fromCharCode(...text) !== MAGIC) {
        say(`error: no ${MAGIC} at this address`);
        say("hint: search the driver's image for it with `s -a`, see windbg.md");
        return;
    }
    const [version, recordBytes] = host.memory.readMemoryValues(address.add(0x10), 2, 4);
    if (version !== 1 || recordBytes !== RECORD_BYTES) {
        say(`error: the driver's table has version ${version} and records of ${recordBytes} bytes`);
        say("hint: use the script of the driver's release");
        return;
    }
    const [journal, firstSlot, slotsField, nextAddress] =
        host.memory.readMemoryValues(address.add(0x18), 4, 8);
    if (journal.compareTo(0) === 0) {
        say("error: no ring; the driver was starting or stopping, or this is a copy of its file");
        say("hint: search for another occurrence of the magic value, see windbg.md");
        return;
    }
    const slots = slotsField.asNumber();
    const next = quad(host.memory.readMemoryValues(nextAddress, 2, 4), 0);
    const shown = Math.min(count === undefined ? slots - 1 : Number(count), slots - 1, next - 1);
    say(`journal ${journal.toString(16).padStart(16, "0")}, ${next - 1} events so far, the last ${shown}:`);
    for (let sequence = next - shown; sequence < next; sequence++) {
        const slot = firstSlot.add(((sequence - 1) % slots) * RECORD_BYTES);
        say(line(host.memory.readMemoryValues(slot, RECORD_BYTES / 4, 4)));
    }
}

// Formats a record: twelve 32-bit words, in the layout of protocol.md.
function line(record) {
    const time = new Date(quad(record, 2) / 10000 - 11644473600000).toISOString();
    const [session, kind, state] = record.slice(6, 9);
    const locality = record[9] & 0xff;
    const flags = (record[9] >>> 16).toString(16);
    return [
        quad(record, 0), time, `session ${session}`, KINDS[kind] ?? kind, `state ${state}`,
        LOCALITIES[locality] ?? locality, `flags 0x${flags}`, `instance ${quad(record, 10)}`,
    ].join("  ");
}

// Joins two words. The result is exact below 2^53; a system time is off by up to 2 microseconds.
function quad(words, index) {
    return words[index + 1] * 0x100000000 + words[index];
}

function say(text) {
    host.diagnostics.debugLog(text + "\n");
}
