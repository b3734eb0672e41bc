//! Finds the ring without symbols, by the steps of `docs/windbg.md`. Another process reads the
//! driver's memory, as a debugger reads a dump.
#![cfg(windows)]

use kmdf_host_control::Order;
use sessionwatch_protocol::Record;
use sessionwatch_tests::{Fixture, LoadedImage, raise, scenario};
use zerocopy::FromBytes as _;

const MAGIC: &[u8] = b"SESSIONWATCHRING";

/// The ring's anchor, with the fields of the page's table.
struct Anchor {
    version: u32,
    record_size: u32,
    journal_id: u64,
    first_slot: u64,
    slots: u64,
    next: u64,
}

impl Anchor {
    fn find(image: &LoadedImage) -> Self {
        let bytes = image.bytes();
        let places: Vec<usize> = bytes
            .windows(MAGIC.len())
            .enumerate()
            .filter_map(|(place, window)| (window == MAGIC).then_some(place))
            .collect();
        let [place] = places[..] else { panic!("the magic is at {places:x?}") };
        assert_eq!(place % 8, 0);
        let long = |offset: usize| u32::read_from_prefix(&bytes[place + offset..]).unwrap().0;
        let quad = |offset: usize| u64::read_from_prefix(&bytes[place + offset..]).unwrap().0;
        Self {
            version: long(0x10),
            record_size: long(0x14),
            journal_id: quad(0x18),
            first_slot: quad(0x20),
            slots: quad(0x28),
            next: quad(0x30),
        }
    }

    /// The records in the ring, oldest first.
    fn records(&self, image: &LoadedImage) -> Vec<Record> {
        let next = u64::read_from_bytes(&image.read(self.next, 8)).unwrap();
        let first = next.saturating_sub(self.slots - 1).max(1);
        let record = |number: u64| {
            let slot = self.first_slot + (number - 1) % self.slots * u64::from(self.record_size);
            let bytes = image.read(slot, usize::try_from(self.record_size).unwrap());
            Record::read_from_bytes(&bytes).unwrap()
        };
        (first..next).map(record).collect()
    }
}

#[test]
fn the_ring_is_found_without_symbols() {
    let fixture = Fixture::with_capacity(64);
    let image = LoadedImage::find("sessionwatch.sys");
    let device = fixture.device();

    let anchor = Anchor::find(&image);
    assert_eq!((anchor.version, anchor.record_size, anchor.slots), (1, 48, 65));
    assert_eq!(anchor.journal_id, device.describe().journal_id.get());
    assert!(anchor.records(&image).is_empty());

    // A ring that is not full, full, and overwritten several times.
    let events = scenario("terminal-server-morning");
    for batch in [&events[..60], &events[60..64], &events[64..300]] {
        let _ = raise(batch, Order::Serial);
        let next = device.describe().next.get();
        let (_, read) = device.read_all(next.saturating_sub(64).max(1), 100);
        assert_eq!(anchor.records(&image), read);
        assert_eq!(read.len() as u64, (next - 1).min(64));
    }
    drop(device);
    fixture.finish();
}

/// Asserts that the page has the magic value, and each field with its offset.
#[test]
fn the_page_documents_the_anchor() {
    const PAGE: &str = include_str!("../../docs/windbg.md");
    const SCRIPT: &str = include_str!("../../docs/sessionwatch.js");
    let magic = str::from_utf8(MAGIC).unwrap();
    assert!(PAGE.contains(magic) && SCRIPT.contains(magic));
    let rows = [
        "| `0x00` | 16 | magic",
        "| `0x10` | 4 | version",
        "| `0x14` | 4 | size of a record",
        "| `0x18` | 8 | journal id",
        "| `0x20` | 8 | address of the first slot",
        "| `0x28` | 8 | number of slots",
        "| `0x30` | 8 | address of `next`",
    ];
    for row in rows {
        assert!(PAGE.contains(row), "no row {row}");
    }
}
