"use strict";
// Shows the events that the driver's ring keeps, in WinDbg: see windbg.md.
//
//   .scriptload sessionwatch.js
//   !sessionwatch ADDRESS          where the magic was found
//   !sessionwatch ADDRESS, 20      the last 20 events only

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
        say(`There is no ${MAGIC} at this address: search for it, as windbg.md says.`);
        return;
    }
    const [version, recordBytes] = host.memory.readMemoryValues(address.add(0x10), 2, 4);
    if (version !== 1 || recordBytes !== RECORD_BYTES) {
        say(`This is version ${version}, with records of ${recordBytes} bytes: use that version's script.`);
        return;
    }
    const [journal, firstSlot, slotsField, nextAddress] =
        host.memory.readMemoryValues(address.add(0x18), 4, 8);
    if (journal.compareTo(0) === 0) {
        say("There is no ring: the driver was starting or stopping, or this is its file.");
        return;
    }
    const slots = slotsField.asNumber();
    const next = quad(host.memory.readMemoryValues(nextAddress, 2, 4), 0);
    const shown = Math.min(count === undefined ? slots - 1 : Number(count), slots - 1, next - 1);
    say(`journal ${journal.toString(16)}, ${next - 1} events since it began, the last ${shown}:`);
    for (let number = next - shown; number < next; number++) {
        const slot = firstSlot.add(((number - 1) % slots) * RECORD_BYTES);
        say(line(host.memory.readMemoryValues(slot, RECORD_BYTES / 4, 4)));
    }
}

// Twelve numbers of 32 bits, as the record in protocol.md has them.
function line(record) {
    const time = new Date(quad(record, 2) / 10000 - 11644473600000).toISOString();
    const [session, kind, state] = record.slice(6, 9);
    const locality = record[9] & 0xff;
    const flags = (record[9] >>> 16).toString(16);
    return [
        quad(record, 0), time, `session ${session}`, KINDS[kind] ?? kind, `state ${state}`,
        LOCALITIES[locality] ?? locality, `flags ${flags}`, `instance ${quad(record, 10)}`,
    ].join("  ");
}

// Numbers as large as 2^53 are exact; times lose two microseconds.
function quad(numbers, place) {
    return numbers[place + 1] * 0x100000000 + numbers[place];
}

function say(text) {
    host.diagnostics.debugLog(text + "\n");
}
