//! Records that repeat their sequence number in every word, so that a torn one is detected.

use sessionwatch_protocol::Record;

/// A record, as buffers keep it and readers get it.
pub(crate) type Bytes = [u8; Record::SIZE];

/// The record with this sequence number.
///
/// Each of the six words takes an instruction or two. So a row times the push, and not the
/// packing of fields, which every design does alike.
pub(crate) fn bytes(sequence: u64) -> Bytes {
    let words = [
        sequence,
        sequence ^ 0x5555_5555_5555_5555,
        sequence.wrapping_add(0x0101_0101),
        sequence.rotate_left(32),
        sequence.wrapping_mul(5),
        !sequence,
    ];
    zerocopy::transmute!(words.map(u64::to_le_bytes))
}

/// [`bytes`], as the ring takes them.
pub(crate) fn record(sequence: u64) -> Record {
    zerocopy::transmute!(bytes(sequence))
}

/// The sequence number, or `None` if the record is torn.
pub(crate) fn sequence(record: &Bytes) -> Option<u64> {
    let sequence = u64::from_le_bytes(*record.first_chunk()?);
    (bytes(sequence) == *record).then_some(sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_a_word_of_another_is_torn() {
        let (one, other) = (bytes(1_000_001), bytes(1_004_098));
        assert_eq!(sequence(&one), Some(1_000_001));
        for word in 0..Record::SIZE / 8 {
            let mut torn = one;
            torn[word * 8..][..8].copy_from_slice(&other[word * 8..][..8]);
            assert_eq!(sequence(&torn), None, "{word}");
        }
    }
}
