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
    let of = |place: usize| {
        let cells = rows.iter().map(|row| row.get(place).map_or(0, |cell| cell.width()));
        let name = columns.names.get(place).map_or(0, |name| name.width());
        cells.chain([name]).max().unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..columns.names.len()).map(of).collect();
    let hidden = fit(&mut widths, width);
    let mut text = String::new();
    let line = |text: &mut String, row: &[String]| {
        let mut line = String::new();
        for (place, width) in widths.iter().enumerate() {
            if place > 0 {
                line.push_str(GAP);
            }
            let right = !matches!(columns.kinds.get(place), Some(Kind::Text | Kind::Ids));
            push_padded(&mut line, &cell(row, place), *width, right);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    };
    line(&mut text, &columns.names);
    line(&mut text, &widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>());
    for row in rows {
        line(&mut text, row);
    }
    match hidden {
        0 => {}
        1 => text.push_str("1 more column\n"),
        more => text.push_str(&format!("{more} more columns\n")),
    }
    text
}

/// Makes the widest columns narrower until all fit, and leaves out the last ones that then do not;
/// returns how many those are.
fn fit(widths: &mut Vec<usize>, width: usize) -> usize {
    let all = widths.len();
    let total = |widths: &[usize]| {
        widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
    };
    while total(widths) > width {
        let widest = (0..widths.len()).max_by_key(|place| widths[*place]);
        match widest {
            Some(place) if widths[place] > LEAST_WIDTH => widths[place] -= 1,
            Some(_) if widths.len() > 1 => drop(widths.pop()),
            _ => break,
        }
    }
    all - widths.len()
}

/// Appends a text that is cut or padded to a width.
fn push_padded(line: &mut String, text: &str, width: usize, right: bool) {
    let own = text.width();
    if own > width {
        let mut room = width.saturating_sub(1);
        for c in text.chars() {
            let needs = c.width().unwrap_or_default();
            if needs > room {
                break;
            }
            room -= needs;
            line.push(c);
        }
        line.push('…');
        line.push_str(&" ".repeat(room));
    } else {
        let padding = " ".repeat(width - own);
        line.push_str(if right { &padding } else { "" });
        line.push_str(text);
        line.push_str(if right { "" } else { &padding });
    }
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
        let cut = "id  walk         length\n--  -----------  ------\n 1  1 22 333 4…       3\n";
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
    fn words_cannot_move_the_cursor() {
        let mut text = Vec::new();
        push_word(&mut text, "a\u{1b}[2J\tb\n");
        assert_eq!(text, b"a\\u{1b}[2J\\tb\\n");
    }
}
