//! Round trips, and what becomes of frames that are damaged, hostile or of another type.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    Tuple(u8, String),
    Fields { wide: Option<u128>, text: Vec<char> },
    Newtype(BTreeMap<u16, Vec<i64>>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Record {
    id: u64,
    shapes: Vec<Shape>,
    shared: Arc<Vec<f64>>,
    unit: Unit,
    array: [i16; 3],
    units: Vec<()>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Chain {
    End,
    Link(Box<Chain>),
}

fn shapes() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Nothing),
        (any::<u8>(), ".*").prop_map(|(number, text)| Shape::Tuple(number, text)),
        (any::<Option<u128>>(), any::<Vec<char>>())
            .prop_map(|(wide, text)| Shape::Fields { wide, text }),
        any::<BTreeMap<u16, Vec<i64>>>().prop_map(Shape::Newtype),
    ]
}

fn records() -> impl Strategy<Value = Record> {
    let shapes = prop::collection::vec(shapes(), 0..5);
    let shared = prop::collection::vec(-1e9..1e9, 0..20);
    let parts = (any::<u64>(), shapes, shared, any::<[i16; 3]>(), 0..30_usize);
    parts.prop_map(|(id, shapes, shared, array, units)| Record {
        id,
        shapes,
        shared: Arc::new(shared),
        unit: Unit,
        array,
        units: vec![(); units],
    })
}

/// Encodes and decodes, plain, compressed and as a file of frames.
fn there_and_back<T: Data + PartialEq + std::fmt::Debug>(rows: &[T]) {
    let (plain, compressed) = (encode(rows).unwrap(), encode_compressed(rows).unwrap());
    assert!(compressed.len() <= plain.len());
    assert_eq!(decode::<T>(&plain).unwrap(), rows);
    assert_eq!(decode::<T>(&compressed).unwrap(), rows);
    let mut file = Cursor::new([plain, compressed].concat());
    for _ in 0..2 {
        let frame = read_frame(&mut file, Path::new("f")).unwrap().unwrap();
        assert_eq!(decode::<T>(&frame).unwrap(), rows);
    }
    assert!(read_frame(&mut file, Path::new("f")).unwrap().is_none());
}

fn fails<T: Data + std::fmt::Debug>(frame: &[u8]) -> String {
    let start = Instant::now();
    let error = decode::<T>(frame).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Codec(_)), "{error}");
    assert!(start.elapsed() < Duration::from_secs(1), "{error} took {:?}", start.elapsed());
    error.to_string()
}

/// Puts a correct header before bytes of rows that no encoder made.
fn forged<T: Data>(rows: u64, raw: &[u8]) -> Vec<u8> {
    let fingerprint = fingerprint::of::<T>().unwrap();
    let header = Header::plain(fingerprint, rows, raw.len() as u64, false);
    header.seal([vec![0; Header::BYTES], raw.to_vec()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_of_all_kinds_survive_the_round_trip(
        records in prop::collection::vec(records(), 0..8),
        pairs: Vec<(u64, Option<i8>)>,
        texts: Vec<(String, bool, u32)>,
        sets: Vec<BTreeSet<String>>,
    ) {
        there_and_back(&records);
        there_and_back(&pairs);
        there_and_back(&texts);
        there_and_back(&sets);
    }
}

#[test]
fn rows_without_bytes_survive_the_round_trip() {
    there_and_back(&[(); 1000]);
    there_and_back(&[Unit, Unit]);
    there_and_back::<()>(&[]);
    there_and_back::<u8>(&[]);
    there_and_back(&[[0_u64; 0]; 3]);
    there_and_back(&[vec![(); 100_000], vec![]]);
}

#[test]
fn hash_maps_and_sets_come_back_complete() {
    let map: HashMap<String, u32> = (0..500).map(|n| (n.to_string(), n)).collect();
    let set: HashSet<u64> = (0..500).collect();
    there_and_back(&[(map, set)]);
}

#[test]
fn maps_keep_the_order_in_which_they_iterate() {
    let map: indexmap::IndexMap<u32, ()> = [3, 1, 2].into_iter().map(|n| (n, ())).collect();
    #[derive(Clone, Serialize, Deserialize)]
    struct Ordered(
        #[serde(serialize_with = "ordered", deserialize_with = "order")]
        indexmap::IndexMap<u32, ()>,
    );
    fn ordered<S: serde::Serializer>(
        map: &indexmap::IndexMap<u32, ()>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map)
    }
    fn order<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<indexmap::IndexMap<u32, ()>, D::Error> {
        struct Entries;
        impl<'de> serde::de::Visitor<'de> for Entries {
            type Value = indexmap::IndexMap<u32, ()>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut entries = Self::Value::new();
                while let Some((key, value)) = map.next_entry()? {
                    entries.insert(key, value);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries)
    }
    let back = decode::<Ordered>(&encode(&[Ordered(map)]).unwrap()).unwrap();
    assert_eq!(back[0].0.keys().copied().collect::<Vec<_>>(), [3, 1, 2]);
}

#[test]
fn the_bytes_of_rows_are_those_of_bincode() {
    let row = Record {
        id: 7,
        shapes: vec![
            Shape::Nothing,
            Shape::Tuple(3, "three".to_owned()),
            Shape::Fields { wide: Some(1 << 100), text: vec!['a', 'é'] },
            Shape::Newtype([(1, vec![-1, 2]), (2, vec![])].into()),
        ],
        shared: Arc::new(vec![1.5, -2.5]),
        unit: Unit,
        array: [1, -2, 3],
        units: vec![(); 5],
    };
    let expected = bincode::serde::encode_to_vec(&row, encoder::FORMAT).unwrap();
    assert_eq!(encode(&[row]).unwrap()[Header::BYTES..], expected);
}

#[test]
fn every_flipped_bit_and_every_cut_is_detected() {
    let rows: Vec<_> = (0..40_u32).map(|n| (n / 8, "seven".to_owned())).collect();
    let (plain, compressed) = (encode(&rows).unwrap(), encode_compressed(&rows).unwrap());
    assert!(compressed.len() < plain.len() / 2);
    for frame in [plain, compressed, encode(&[(); 9]).unwrap()] {
        for bit in 0..frame.len() * 8 {
            let mut damaged = frame.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            fails::<(u32, String)>(&damaged);
            fails::<()>(&damaged);
        }
        for length in 0..frame.len() {
            fails::<(u32, String)>(&frame[..length]);
            let mut file = &frame[..length];
            let read = read_frame(&mut file, Path::new("some/file"));
            match read {
                Ok(nothing) => assert!(length == 0 && nothing.is_none()),
                Err(error) => assert!(error.to_string().contains("some/file"), "{error}"),
            }
        }
        fails::<(u32, String)>(&[frame.clone(), vec![0]].concat());
    }
}

#[test]
fn a_hundred_thousand_mutated_frames_never_panic() {
    let record = Record {
        id: 7,
        shapes: vec![Shape::Tuple(3, "three".to_owned()), Shape::Newtype([(1, vec![5])].into())],
        shared: Arc::new(vec![1.5]),
        unit: Unit,
        array: [1, -2, 3],
        units: vec![()],
    };
    let rows = vec![record; 3];
    let raw = encode(&rows).unwrap()[Header::BYTES..].to_vec();
    let compressed = encode_compressed(&rows).unwrap();
    let (mut state, mut decoded) = (88172645463325252_u64, 0);
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize % below
    };
    for round in 0..100_000 {
        if round % 4 == 0 {
            // The payload of a compressed frame under a right checksum.
            let mut frame = compressed.clone();
            let place = Header::BYTES + next(frame.len() - Header::BYTES);
            frame[place] = next(256) as u8;
            let checksum = {
                let mut hasher = crc32fast::Hasher::new();
                hasher.update(&frame[..Header::BYTES - 4]);
                hasher.update(&frame[Header::BYTES..]);
                hasher.finalize()
            };
            frame[Header::BYTES - 4..Header::BYTES].copy_from_slice(&checksum.to_le_bytes());
            decoded += usize::from(decode::<Record>(&frame).is_ok());
            continue;
        }
        let mut damaged = raw.clone();
        for _ in 0..=next(3) {
            let place = next(damaged.len());
            damaged[place] = match next(3) {
                0 => 0xff,
                1 => damaged[place] ^ 1 << next(8),
                _ => next(256) as u8,
            };
        }
        damaged.truncate(damaged.len() - next(2) * next(damaged.len()));
        decoded += usize::from(decode::<Record>(&forged::<Record>(3, &damaged)).is_ok());
    }
    assert!(decoded > 1000, "the mutations are too coarse: {decoded}");
}

#[test]
fn lengths_that_are_claimed_and_not_there_allocate_nothing() {
    let claim = |length: u64| length.to_le_bytes();
    for length in [1, 1 << 20, 1 << 33, 1 << 62, u64::MAX] {
        fails::<String>(&forged::<String>(1, &claim(length)));
        fails::<Vec<u64>>(&forged::<Vec<u64>>(1, &claim(length)));
        fails::<Vec<u8>>(&forged::<Vec<u8>>(1, &claim(length)));
        fails::<Vec<String>>(&forged::<Vec<String>>(1, &claim(length)));
        fails::<HashMap<u32, u32>>(&forged::<HashMap<u32, u32>>(1, &claim(length)));
    }
}

#[test]
fn a_few_bytes_cannot_announce_billions_of_rows_or_elements() {
    let announced = fails::<Vec<()>>(&forged::<Vec<()>>(1, &(1_u64 << 33).to_le_bytes()));
    assert!(announced.contains("8589934592 list elements take no bytes"), "{announced}");
    fails::<()>(&forged::<()>(1 << 33, &[0; 8]));
    fails::<u8>(&forged::<u8>(9, &[0; 8]));
    // What could not be read back is not written either.
    assert!(encode(&[vec![(); 2 << 20]]).is_err());
}

#[test]
fn a_decompression_bomb_is_refused_by_its_header() {
    let fingerprint = fingerprint::of::<u8>().unwrap();
    let bomb = |rows, raw| {
        let mut frame = vec![0; Header::BYTES + 8];
        frame[Header::BYTES..].fill(0xff);
        Header::forged(1, fingerprint, rows, raw, 8).seal(frame)
    };
    assert!(fails::<u8>(&bomb(1, 1 << 33)).contains("lengths do not go together"));
    assert!(fails::<u8>(&bomb(1, 8 * 255 + 1)).contains("lengths do not go together"));
    fails::<u8>(&bomb(1, 8 * 255));
    let huge = Header::forged(0, fingerprint, 1, 1 << 50, 1 << 50);
    assert!(fails::<u8>(&huge.seal(vec![0; Header::BYTES])).contains("lengths do not go"));
    let mut file = Cursor::new(Header::forged(0, 0, 1, 1 << 34, 1 << 34).seal(vec![0; 100]));
    assert!(read_frame(&mut file, Path::new("f")).is_err());
}

#[test]
fn rows_of_another_type_version_or_encoding_are_refused_with_a_reason() {
    let frame = encode(&[1_u64, 2]).unwrap();
    let text = fails::<i64>(&frame);
    assert!(text.contains("rows of another type") && text.contains("expected i64"), "{text}");
    fails::<(u64, u64)>(&frame);
    fails::<[u64; 1]>(&frame);
    for (place, what) in [(4, "format version 9"), (5, "unknown encoding 9"), (0, "magic")] {
        let mut other = frame.clone();
        other[place] = 9;
        assert!(fails::<u64>(&other).contains(what));
    }
    let text =
        fails::<u64>(b"PK\x03\x04 this is some other file, and it is long enough for a header");
    assert!(text.contains("magic"), "{text}");
}

#[test]
fn nesting_is_bounded_in_both_directions() {
    let chain = |length| (0..length).fold(Chain::End, |next, _| Chain::Link(Box::new(next)));
    there_and_back(&[chain(900)]);
    assert!(encode(&[chain(1100)]).unwrap_err().to_string().contains("nested"));
    // Five megabytes of "and another one inside".
    let text = fails::<Chain>(&forged::<Chain>(1, &1_u32.to_le_bytes().repeat(1_250_000)));
    assert!(text.contains("nested"), "{text}");
}

/// The fingerprint of a type, and for pinned ones what it has to stay.
fn print<T: Data>() -> u64 {
    fingerprint::of::<T>().unwrap()
}

#[test]
fn a_fingerprint_tells_structures_apart_and_not_names() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Renamed {
        #[serde(rename = "else")]
        another: u64,
        name: Vec<Renumbered>,
        shared: Vec<f64>,
        nothing: Nothing,
        numbers: [i16; 3],
        voids: Vec<()>,
    }
    #[derive(Clone, Serialize, Deserialize)]
    struct Nothing;
    #[derive(Clone, Serialize, Deserialize)]
    enum Renumbered {
        A,
        B(u8, String),
        C { d: Option<u128>, e: Vec<char> },
        F(HashMap<u16, Vec<i64>>),
    }
    assert_eq!(print::<Record>(), print::<Renamed>());
    let different = [
        print::<u8>(),
        print::<i8>(),
        print::<u64>(),
        print::<f64>(),
        print::<(u64,)>(),
        print::<(u64, u64)>(),
        print::<Vec<u64>>(),
        print::<Option<u64>>(),
        print::<String>(),
        print::<Vec<String>>(),
        print::<BTreeMap<String, u64>>(),
        print::<Vec<(String, u64)>>(),
        print::<Shape>(),
        print::<Record>(),
        print::<Chain>(),
        print::<Unit>(),
        print::<()>(),
    ];
    let set: HashSet<_> = different.iter().collect();
    assert_eq!(set.len(), different.len());
    assert_eq!(print::<Arc<Vec<u32>>>(), print::<Vec<u32>>());
}

#[test]
fn a_variant_that_changed_shows_in_the_fingerprint() {
    #[derive(Clone, Serialize, Deserialize)]
    enum Old {
        One,
        Two(u32),
    }
    #[derive(Clone, Serialize, Deserialize)]
    enum New {
        One,
        Two(u64),
    }
    assert_ne!(print::<Old>(), print::<New>());
}

#[test]
fn fingerprints_stay_what_files_have_them_as() {
    // Pinned: files written by earlier versions carry these numbers.
    let pinned = [print::<u64>(), print::<(u64, f64)>(), print::<Record>()];
    assert_eq!(pinned, [0xAA1A_FA3D_19FB_8106, 0x1F55_4511_48C5_58E6, 0xA856_40BA_D2B4_6DC7]);
}

#[test]
fn types_that_reject_the_traced_value_or_panic_have_a_fingerprint_all_the_same() {
    #[derive(Clone, PartialEq, Debug)]
    struct Even(u32);
    impl Serialize for Even {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_u32(self.0)
        }
    }
    impl<'de> Deserialize<'de> for Even {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let number = u32::deserialize(deserializer)?;
            assert_ne!(number, 9, "nine is never asked for");
            if number % 2 == 0 { Ok(Self(number)) } else { Err(serde::de::Error::custom("odd")) }
        }
    }
    there_and_back(&[Even(2), Even(4)]);
    assert_ne!(print::<Even>(), print::<u32>());
    there_and_back(&[std::num::NonZeroU16::MIN]);
    there_and_back(&[std::net::Ipv4Addr::LOCALHOST]);
    there_and_back(&[Duration::from_millis(1500)]);
}

mod self_describing {
    use super::*;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Flat {
        id: u32,
        #[serde(flatten)]
        rest: BTreeMap<String, u32>,
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(u32),
        Text(String),
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { number: u32 },
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Sparse {
        #[serde(skip_serializing_if = "Option::is_none")]
        maybe: Option<u32>,
        always: u32,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Skipping {
        kept: u32,
        #[serde(skip)]
        left_out: u32,
    }

    fn refused<T: Data>(row: T) -> String {
        let error = encode(&[row]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Codec(_)));
        error.to_string()
    }

    #[test]
    fn rows_that_need_names_are_refused_when_they_are_written() {
        let text = refused(Flat { id: 1, rest: [("a".to_owned(), 1)].into() });
        assert!(text.contains("flatten"), "{text}");
        refused(Untagged::Number(1));
        refused(Untagged::Text(String::new()));
        refused(Tagged::One { number: 1 });
        refused(vec![(1, Some(Untagged::Number(1)))]);
        let text = refused(Sparse { maybe: None, always: 2 });
        assert!(text.contains("the field maybe is left out"), "{text}");
        assert!(encode(&[Sparse { maybe: Some(1), always: 2 }]).is_ok());
    }

    #[test]
    fn a_skipped_field_comes_back_as_its_default() {
        let frame = encode(&[Skipping { kept: 1, left_out: 2 }]).unwrap();
        assert_eq!(decode::<Skipping>(&frame).unwrap(), [Skipping { kept: 1, left_out: 0 }]);
    }
}
