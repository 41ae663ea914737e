//! A table for people: aligned columns that fit the terminal, the first rows, and how many more
//! there are.
//!
//! A piece is the number of a partition's rows and the first of them as lines.

use std::io::IsTerminal;

use superstep::Result;
use superstep::algorithms::{Cell, Kind};
use terminal_size::{Width, terminal_size};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::output::Output;
use super::text::push_row;
use super::{Assembler, Columns, Encoder, Sink};

/// How many rows are shown where no number of them was asked for.
const ROWS: usize = 20;

/// What stands between columns.
const GAP: &str = "  ";

/// A column is not made narrower than this.
const LEAST_WIDTH: usize = 6;

/// Bytes of a piece that count its rows.
const COUNT_BYTES: usize = 8;

/// Tables for people.
pub(super) struct TableSink;

impl Sink for TableSink {
    fn name(&self) -> &'static str {
        "table"
    }

    fn summary(&self) -> &'static str {
        "For people: aligned columns that fit the terminal, 20 rows or those of `--top`, and how many more there are"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[]
    }

    fn encoder<'a>(&self, columns: &'a Columns) -> Box<dyn Encoder + 'a> {
        Box::new(First { wanted: wanted(columns), count: 0, text: Vec::new() })
    }

    fn assembler<'a>(
        &self,
        columns: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>> {
        Ok(Box::new(Shown { columns, out, rows: Vec::new(), count: 0 }))
    }
}

fn wanted(columns: &Columns) -> usize {
    columns.top.unwrap_or(ROWS)
}

/// The first rows of a partition.
struct First {
    wanted: usize,
    count: u64,
    text: Vec<u8>,
}

impl Encoder for First {
    fn push(&mut self, row: &[Cell]) {
        if self.count < self.wanted as u64 {
            push_row(&mut self.text, row, b'\t', push_word);
        }
        self.count += 1;
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, String> {
        let mut piece = self.count.to_le_bytes().to_vec();
        piece.extend_from_slice(&self.text);
        Ok(piece)
    }
}

/// Appends a word without what would move a terminal's cursor.
fn push_word(text: &mut Vec<u8>, word: &str) {
    for c in word.chars() {
        if c.is_control() {
            text.extend_from_slice(c.escape_default().to_string().as_bytes());
        } else {
            text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// The rows to show.
struct Shown<'a> {
    columns: &'a Columns,
    out: &'a mut Output,
    rows: Vec<Vec<String>>,
    count: u64,
}

impl Assembler for Shown<'_> {
    fn put(&mut self, piece: Vec<u8>) -> Result<()> {
        if let Some((count, text)) = piece.split_first_chunk::<COUNT_BYTES>() {
            self.count += u64::from_le_bytes(*count);
            let text = String::from_utf8_lossy(text);
            let room = wanted(self.columns).saturating_sub(self.rows.len());
            let lines = text.lines().take(room);
            self.rows.extend(lines.map(|line| line.split('\t').map(str::to_owned).collect()));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let terminal = self.out.is_terminal() && std::io::stdout().is_terminal();
        let width = terminal.then(terminal_size).flatten();
        let width = width.map_or(usize::MAX, |(Width(width), _)| usize::from(width));
        let mut text = layout(self.columns, &self.rows, width);
        match self.count - self.rows.len() as u64 {
            0 => {}
            1 => text.push_str("1 more row\n"),
            more => text.push_str(&format!("{more} more rows\n")),
        }
        self.out.put(text.as_bytes())
    }
}

/// Returns names and rows in columns, together not wider than `width`.
fn layout(columns: &Columns, rows: &[Vec<String>], width: usize) -> String {
    let cell = |row: &[String], place: usize| row.get(place).cloned().unwrap_or_default();
    let kind = |place: usize| columns.kinds.get(place).copied().unwrap_or(Kind::Text);
    let cells = |place: usize| rows.iter().filter_map(move |row| row.get(place));
    let of = |place: usize| {
        let name = columns.names.get(place).map_or(0, |name| name.width());
        cells(place).map(|cell| cell.width()).chain([name]).max().unwrap_or_default()
    };
    let least = |place: usize| {
        let least = cells(place).map(|cell| least_width(cell, kind(place)));
        least.chain([LEAST_WIDTH]).max().unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..columns.names.len()).map(of).collect();
    let least: Vec<usize> = (0..columns.names.len()).map(least).collect();
    let hidden = fit(&mut widths, &least, width);
    let mut text = String::new();
    let line = |text: &mut String, row: &[String], fitted: &dyn Fn(&str, usize, Kind) -> String| {
        let mut line = String::new();
        for (place, width) in widths.iter().enumerate() {
            if place > 0 {
                line.push_str(GAP);
            }
            let right = !matches!(columns.kinds.get(place), Some(Kind::Text | Kind::Ids));
            push_padded(&mut line, &fitted(&cell(row, place), *width, kind(place)), *width, right);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    };
    let as_word = |text: &str, width, _| fitted(text, width, Kind::Text);
    line(&mut text, &columns.names, &as_word);
    let rules: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(&mut text, &rules, &as_word);
    for row in rows {
        line(&mut text, row, &fitted);
    }
    match hidden {
        0 => {}
        1 => text.push_str("1 more column\n"),
        more => text.push_str(&format!("{more} more columns\n")),
    }
    text
}

/// Makes the widest columns narrower until all fit, though none below its least width, and leaves
/// out the last ones that then do not; returns how many those are.
fn fit(widths: &mut Vec<usize>, least: &[usize], width: usize) -> usize {
    let all = widths.len();
    let total = |widths: &[usize]| {
        widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
    };
    while total(widths) > width {
        let can_shrink = |place: &usize| least.get(*place).is_some_and(|end| widths[*place] > *end);
        let widest = (0..widths.len()).filter(can_shrink).max_by_key(|place| widths[*place]);
        match widest {
            Some(place) => widths[place] -= 1,
            None if widths.len() > 1 => drop(widths.pop()),
            None => break,
        }
    }
    all - widths.len()
}

/// The least width at which a cell does not read as another one.
fn least_width(text: &str, kind: Kind) -> usize {
    let is_whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        _ if is_whole => text.len(),
        Kind::Float => shortest(text).width(),
        _ => 0,
    }
}

/// Returns a text that is as wide as a column at most, unless it is a number that is wider even
/// when it is rounded. Numbers lose digits, lists whole ids, words their end.
fn fitted(text: &str, width: usize, kind: Kind) -> String {
    if text.width() <= width || least_width(text, kind) >= width {
        return if kind == Kind::Float { rounded_to(text, width) } else { text.to_owned() };
    }
    match kind {
        Kind::Float => rounded_to(text, width),
        Kind::Ids => {
            let fits = |end: &usize| end + " …".width() <= width;
            let end = text.match_indices(' ').map(|(end, _)| end).take_while(fits).last();
            end.map_or("…".to_owned(), |end| format!("{} …", &text[..end]))
        }
        _ => {
            let mut room = width.saturating_sub(1);
            let fits = |c: &char| {
                let needs = c.width().unwrap_or_default();
                let fits = needs <= room;
                room = room.saturating_sub(needs);
                fits
            };
            text.chars().take_while(fits).chain(['…']).collect()
        }
    }
}

/// Most digits that a number has.
const DIGITS: usize = 17;

/// Returns a number with as many digits as a width has room for, else as short as can be.
fn rounded_to(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut shown = (1..=DIGITS).rev().flat_map(|digits| rounded(text, digits));
    shown.find(|shown| shown.width() <= width).unwrap_or_else(|| shortest(text))
}

/// Returns a number with one digit.
fn shortest(text: &str) -> String {
    let shown = rounded(text, 1).into_iter().min_by_key(|shown| shown.width());
    shown.unwrap_or_else(|| text.to_owned())
}

/// Returns a number that is rounded to some digits, as it was written and with an exponent; nothing
/// for what is whole, infinite or no number.
fn rounded(text: &str, digits: usize) -> Vec<String> {
    let value = match text.parse::<f64>() {
        Ok(value) if value.is_finite() && text.contains(['.', 'e']) => value,
        _ => return Vec::new(),
    };
    let with_exponent = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = with_exponent.split_once('e').unwrap_or((&with_exponent, "0"));
    let exponent: i64 = exponent.parse().unwrap_or_default();
    let sign = if exponent < 0 { "" } else { "+" };
    let short = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    let decimals = usize::try_from(digits as i64 - 1 - exponent).ok();
    let plain = decimals.filter(|_| !text.contains('e'));
    let plain = plain.map(|decimals| short(&format!("{value:.decimals$}")));
    let with_exponent = format!("{}e{sign}{exponent}", short(mantissa));
    plain.into_iter().chain([with_exponent]).collect()
}

/// Appends a text that is padded to a width.
fn push_padded(line: &mut String, text: &str, width: usize, right: bool) {
    let padding = " ".repeat(width.saturating_sub(text.width()));
    line.push_str(if right { &padding } else { "" });
    line.push_str(text);
    line.push_str(if right { "" } else { &padding });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str], kinds: &[Kind]) -> Columns {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Columns { names, kinds: kinds.to_vec(), keys: 1, header: false, top: None }
    }

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn numbers_stand_to_the_right_and_words_to_the_left() {
        let columns = columns(&["name", "rank"], &[Kind::Text, Kind::Float]);
        let rows = rows(&[&["北京", "0.5"], &["a", "10.25"], &["long name", ""]]);
        assert_eq!(
            layout(&columns, &rows, usize::MAX),
            "name        rank\n---------  -----\n北京         0.5\na          10.25\nlong name\n"
        );
    }

    #[test]
    fn what_is_too_wide_is_cut_and_then_left_out() {
        let columns = columns(&["id", "walk", "length"], &[Kind::Id, Kind::Ids, Kind::Integer]);
        let rows = rows(&[&["1", "1 22 333 4444", "3"]]);
        let cut = "id  walk         length\n--  -----------  ------\n 1  1 22 333 …        3\n";
        assert_eq!(layout(&columns, &rows, 23), cut);
        for width in 0..40 {
            let text = layout(&columns, &rows, width);
            let widest = text.lines().filter(|line| !line.contains("more")).map(str::width).max();
            assert!(widest <= Some(width.max(LEAST_WIDTH)), "{width}:\n{text}");
        }
        assert!(layout(&columns, &rows, 9).ends_with("\n2 more columns\n"));
        assert!(layout(&columns, &rows, 17).ends_with("\n1 more column\n"));
    }

    #[test]
    fn numbers_are_rounded_to_the_width_and_never_cut() {
        let columns = columns(&["id", "rank"], &[Kind::Id, Kind::Float]);
        let ranks = rows(&[
            &["4294967296123", "4.92507887327489e-6"],
            &["1", "1.35349e-115"],
            &["2", "123456.789012345"],
            &["3", "0.000999999999"],
            &["4", "-inf"],
        ]);
        let shown = [
            "           id      rank",
            "-------------  --------",
            "4294967296123  4.925e-6",
            "            1  1.4e-115",
            "            2  123456.8",
            "            3     0.001",
            "            4      -inf\n",
        ]
        .join("\n");
        assert_eq!(layout(&columns, &ranks, 23), shown);
        // No room for a number: its column goes, and the ids stay whole.
        let ids = layout(&columns, &ranks, 18);
        assert!(ids.contains("\n4294967296123\n") && ids.ends_with("1 more column\n"), "{ids}");
        assert!(layout(&columns, &ranks, 5).contains("\n4294967296123\n"));
        for width in 6..20 {
            for text in ["4.92507887327489e-6", "1.35349e-115", "-0.25000001", "9.9999999e+99"] {
                let value: f64 = text.parse().unwrap();
                let near: f64 = fitted(text, width, Kind::Float).parse().unwrap();
                assert!((near / value - 1.0).abs() < 0.3, "{text} at {width}: {near}");
            }
        }
    }

    #[test]
    fn names_of_digits_are_not_cut_and_lists_lose_whole_ids() {
        let columns = columns(&["id", "walk"], &[Kind::Text, Kind::Ids]);
        let rows = rows(&[&["1234567890", "1234567890 1234567890"], &["a long name", "1 2"]]);
        let shown = [
            "id           walk",
            "-----------  ------------",
            "1234567890   1234567890 …",
            "a long name  1 2\n",
        ]
        .join("\n");
        assert_eq!(layout(&columns, &rows, 25), shown);
        assert!(layout(&columns, &rows, 20).contains("\n1234567890  …\na long na…  1 2\n"));
    }

    #[test]
    fn words_cannot_move_the_cursor() {
        let mut text = Vec::new();
        push_word(&mut text, "a\u{1b}[2J\tb\n");
        assert_eq!(text, b"a\\u{1b}[2J\\tb\\n");
    }
}
