//! The bits of a file, the first of each byte being its most significant, and the codes of natural
//! numbers in them.
//!
//! Sources: P. Elias, "Universal codeword sets and representations of the integers", 1975, for γ and
//! δ; P. Boldi and S. Vigna, "Codes for the World Wide Web", 2005, for ζ.

use std::io::{self, Read};

/// Bytes read at once.
const BUFFER_BYTES: usize = 64 << 10;

/// How many bits there are at least after [`BitReader::refill`].
const HELD_BITS: u32 = 56;

/// The longest binary part of a code.
const MOST_BITS: u64 = 63;

/// Why reading ended: boxed, because most of what is read is right.
#[derive(Debug)]
pub(super) struct Damage(pub(super) Box<Cause>);

#[derive(Debug)]
pub(super) enum Cause {
    /// The file could not be read.
    Unreadable(io::Error),
    /// What was found, and what was expected.
    Wrong(String, String),
}

impl Damage {
    pub(super) fn wrong(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self(Box::new(Cause::Wrong(found.into(), expected.into())))
    }

    #[cold]
    fn ended() -> Self {
        Self::wrong("the end of the file", "more bits")
    }

    #[cold]
    fn long() -> Self {
        Self::wrong("a number of more than 63 bits", "a smaller one")
    }
}

/// A code of natural numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Unary,
    Gamma,
    Delta,
    /// With the width of its steps, from 1 to 63.
    Zeta(u32),
    /// Three bits at a time, the last three of which are marked.
    Nibble,
}

/// Reads bits and coded numbers in their order.
#[derive(Debug)]
pub(super) struct BitReader<R> {
    source: R,
    buffer: Vec<u8>,
    /// The next byte of the buffer, and how many there are.
    next: usize,
    filled: usize,
    /// The next `count` bits on top, and below them nothing or what will come next.
    held: u64,
    count: u32,
    position: u64,
    end: u64,
}

impl<R: Read> BitReader<R> {
    /// Reads a source that starts at the byte of the bit `position` of a file with `end` bits.
    pub(super) fn new(source: R, position: u64, end: u64) -> Result<Self, Damage> {
        let (buffer, first) = (vec![0; BUFFER_BYTES], position / 8 * 8);
        let mut reader =
            Self { source, buffer, next: 0, filled: 0, held: 0, count: 0, position: first, end };
        reader.bits((position - first) as u32)?;
        Ok(reader)
    }

    /// The place of the next bit in the file.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Holds at least 56 bits; beyond the end of the file they are zeros.
    #[inline]
    fn refill(&mut self) -> Result<(), Damage> {
        if self.count >= HELD_BITS {
            return Ok(());
        }
        match self.buffer[..self.filled].get(self.next..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(bytes) => {
                self.held |= u64::from_be_bytes(*bytes) >> self.count;
                let taken = (63 - self.count) / 8;
                self.next += taken as usize;
                self.count += taken * 8;
                Ok(())
            }
            None => self.refill_at_the_end(),
        }
    }

    #[cold]
    fn refill_at_the_end(&mut self) -> Result<(), Damage> {
        while self.count < HELD_BITS {
            if self.next == self.filled {
                self.next = 0;
                self.filled = self.fill()?;
            }
            let byte = self.buffer[..self.filled].get(self.next).copied();
            self.next += usize::from(byte.is_some());
            // All that is below the held bits is written anew.
            self.held &= !(u64::MAX >> self.count);
            self.held |= u64::from(byte.unwrap_or(0)) << (HELD_BITS - self.count);
            self.count += 8;
        }
        Ok(())
    }

    /// Fills the buffer, and returns with how many bytes.
    fn fill(&mut self) -> Result<usize, Damage> {
        let mut filled = 0;
        while filled < self.buffer.len() {
            match self.source.read(&mut self.buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Damage(Box::new(Cause::Unreadable(error)))),
            }
        }
        Ok(filled)
    }

    /// Steps over held bits, fewer than 64 of them.
    #[inline]
    fn skip(&mut self, bits: u32) -> Result<(), Damage> {
        self.held <<= bits;
        self.count -= bits;
        self.position += u64::from(bits);
        if self.position > self.end { Err(Damage::ended()) } else { Ok(()) }
    }

    /// Reads a number of at most 63 bits.
    #[inline]
    fn bits(&mut self, bits: u32) -> Result<u64, Damage> {
        if bits > 32 {
            let high = self.few_bits(bits - 32)?;
            return Ok(high << 32 | self.few_bits(32)?);
        }
        self.few_bits(bits)
    }

    /// Reads a number of at most 32 bits.
    #[inline]
    fn few_bits(&mut self, bits: u32) -> Result<u64, Damage> {
        self.refill()?;
        let value = (self.held >> 1) >> (63 - bits);
        self.skip(bits)?;
        Ok(value)
    }

    /// Reads how many zeros precede a one.
    #[inline]
    fn unary(&mut self) -> Result<u64, Damage> {
        let mut zeros = 0;
        loop {
            self.refill()?;
            let leading = self.held.leading_zeros();
            if leading < self.count {
                self.skip(leading + 1)?;
                return Ok(zeros + u64::from(leading));
            }
            zeros += u64::from(self.count);
            self.skip(self.count)?;
        }
    }

    /// Reads a number in a code.
    #[inline]
    pub(super) fn read(&mut self, code: Code) -> Result<u64, Damage> {
        match code {
            Code::Unary => self.unary(),
            Code::Gamma => self.gamma(),
            Code::Delta => {
                let length = self.gamma()?;
                self.binary(length)
            }
            Code::Zeta(step) => self.zeta(step),
            Code::Nibble => self.nibble(),
        }
    }

    #[inline]
    pub(super) fn gamma(&mut self) -> Result<u64, Damage> {
        let length = self.unary()?;
        self.binary(length)
    }

    /// Reads a number plus 1 of which the highest bit is left out.
    #[inline]
    fn binary(&mut self, length: u64) -> Result<u64, Damage> {
        if length > MOST_BITS {
            return Err(Damage::long());
        }
        Ok((1 << length | self.bits(length as u32)?) - 1)
    }

    #[inline]
    fn zeta(&mut self, step: u32) -> Result<u64, Damage> {
        let low = self.unary()?.saturating_mul(u64::from(step));
        if low.saturating_add(u64::from(step)) > MOST_BITS {
            return Err(Damage::long());
        }
        let low = low as u32;
        // The lower half of the numbers of this length is written with one bit fewer.
        let value = self.bits(low + step - 1)?;
        let least = 1 << low;
        if value < least { Ok(value + least - 1) } else { Ok((value << 1 | self.bits(1)?) - 1) }
    }

    fn nibble(&mut self) -> Result<u64, Damage> {
        let mut value = 0;
        loop {
            let nibble = self.bits(4)?;
            if value >> 60 != 0 {
                return Err(Damage::long());
            }
            value = value << 3 | nibble & 7;
            if nibble & 8 != 0 {
                return Ok(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads all numbers in digits of bits.
    fn numbers(digits: &str, code: Code) -> Result<Vec<u64>, Damage> {
        let digits: Vec<u8> = digits.bytes().filter(|digit| *digit != b' ').collect();
        let bytes: Vec<u8> = digits
            .chunks(8)
            .map(|byte| (0..8).fold(0, |all, at| all << 1 | u8::from(byte.get(at) == Some(&b'1'))))
            .collect();
        let end = digits.len() as u64;
        let mut reader = BitReader::new(bytes.as_slice(), 0, end)?;
        let mut numbers = Vec::new();
        while reader.position() < end {
            numbers.push(reader.read(code)?);
        }
        Ok(numbers)
    }

    #[test]
    fn codes_are_those_of_the_tables_in_the_papers() {
        let naturals = |count: u64| (0..count).collect::<Vec<_>>();
        for (code, digits) in [
            (Code::Unary, "1 01 001 0001 00001"),
            (Code::Gamma, "1 010 011 00100 00101 00110 00111 0001000"),
            (Code::Delta, "1 0100 0101 01100 01101 01110 01111 00100000"),
            (Code::Zeta(1), "1 010 011 00100 00101 00110 00111 0001000"),
            (Code::Zeta(2), "10 110 111 01000 01001 01010 01011 011000"),
            (Code::Zeta(3), "100 1010 1011 1100 1101 1110 1111 0100000"),
            (Code::Zeta(4), "1000 10010 10011 10100 10101 10110 10111 11000"),
            (Code::Nibble, "1000 1001 1010 1011 1100 1101 1110 1111 00011000"),
        ] {
            let count = digits.split(' ').count() as u64;
            assert_eq!(numbers(digits, code).unwrap(), naturals(count), "{code:?}");
        }
    }

    #[test]
    fn numbers_of_up_to_63_bits_are_read_and_longer_ones_refused() {
        let zeros = |count| "0".repeat(count);
        let ones = |count| "1".repeat(count);
        let longest = format!("{}1{}", zeros(63), ones(63));
        assert_eq!(numbers(&longest, Code::Gamma).unwrap(), [u64::MAX - 1]);
        let long = format!("{}1{}", zeros(64), ones(64));
        for code in [Code::Gamma, Code::Zeta(3), Code::Zeta(63)] {
            assert!(numbers(&long, code).is_err(), "{code:?}");
        }
        assert_eq!(numbers(&long[..65], Code::Unary).unwrap(), [64]);
        assert_eq!(numbers(&format!("{}1111", "0001".repeat(20)), Code::Nibble).unwrap().len(), 1);
        assert!(numbers(&format!("{}1111", "0001".repeat(22)), Code::Nibble).is_err());
    }

    #[test]
    fn what_the_file_does_not_have_is_not_read() {
        for (code, digits) in [
            (Code::Unary, "000000000000"),
            (Code::Gamma, "0001"),
            (Code::Gamma, "000100"),
            (Code::Delta, "00100"),
            (Code::Zeta(3), "10"),
            (Code::Nibble, "0001"),
            (Code::Nibble, "10"),
        ] {
            assert!(numbers(digits, code).is_err(), "{code:?} {digits}");
        }
    }
}
