//! Formatting edges as text.
//!
//! [`push_edge_line`] appends `source<TAB>target<LF>` to a buffer. It builds the line backwards,
//! two digits at a time, in an array and appends it as one slice, which is several times as fast
//! as the standard formatter; a file written so is bound by its disk.

use crate::graph::VertexId;

/// Two ids of at most 20 digits, a tab and a line feed.
const LONGEST_LINE: usize = 42;

/// `00` to `99`.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// Appends the line of an edge.
pub(super) fn push_edge_line(text: &mut Vec<u8>, source: VertexId, target: VertexId) {
    let mut line = [b'\n'; LONGEST_LINE];
    let at = write_digits(&mut line, LONGEST_LINE - 1, target) - 1;
    line[at] = b'\t';
    let at = write_digits(&mut line, at, source);
    text.extend_from_slice(&line[at..]);
}

/// Writes a number so that it ends before `end`, and returns where it starts.
#[inline]
fn write_digits(line: &mut [u8; LONGEST_LINE], end: usize, mut number: u64) -> usize {
    let mut at = end;
    while number >= 10 {
        at -= 2;
        line[at..at + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        number /= 100;
    }
    if number > 0 || at == end {
        at -= 1;
        line[at] = b'0' + number as u8;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_are_written() {
        let mut text = Vec::new();
        let mut expected = String::new();
        let powers = (0..20).map(|power| 10_u64.pow(power));
        for number in
            powers.flat_map(|ten| [ten - 1, ten, ten + 1, 5 * (ten / 10)]).chain([u64::MAX])
        {
            push_edge_line(&mut text, number, u64::MAX - number);
            expected.push_str(&format!("{number}\t{}\n", u64::MAX - number));
        }
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
