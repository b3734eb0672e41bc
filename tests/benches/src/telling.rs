//! Records that tell their number in every word, so that a torn one shows.

use sessionwatch_protocol::Record;

/// A record as buffers keep it and readers get it.
pub(crate) type Bytes = [u8; Record::SIZE];

/// What is pushed as record `number`.
///
/// Six words, made in an instruction or two each: what is timed is the push, and
/// not how fields are packed, which is the same work wherever the record goes.
pub(crate) fn telling_bytes(number: u64) -> Bytes {
    let words = [
        number,
        number ^ 0x5555_5555_5555_5555,
        number.wrapping_add(0x0101_0101),
        number.rotate_left(32),
        number.wrapping_mul(5),
        !number,
    ];
    zerocopy::transmute!(words.map(u64::to_le_bytes))
}

/// [`telling_bytes`] as a record.
pub(crate) fn telling(number: u64) -> Record {
    zerocopy::transmute!(telling_bytes(number))
}

/// The number of the record, or `None` if it is not the whole of one.
pub(crate) fn number_of(bytes: &Bytes) -> Option<u64> {
    let number = u64::from_le_bytes(*bytes.first_chunk()?);
    (telling_bytes(number) == *bytes).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_a_word_of_another_is_not_whole() {
        let (one, other) = (telling_bytes(1_000_001), telling_bytes(1_004_098));
        assert_eq!(number_of(&one), Some(1_000_001));
        for word in 0..Record::SIZE / 8 {
            let mut torn = one;
            torn[word * 8..][..8].copy_from_slice(&other[word * 8..][..8]);
            assert_eq!(number_of(&torn), None, "{word}");
        }
    }
}
