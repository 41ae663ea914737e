//! Degrees as pictures: a line of bars for the terminal, points on logarithmic axes as SVG.
//!
//! The bars are of degrees 0, 1, 2 to 3, 4 to 7 and so on, each as high as the logarithm of its
//! number of vertices: on skewed graphs all but the first bars would be flat otherwise.

use std::fmt::Write;

use super::info::Degrees;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Returns the bars, a blank where no vertex has such a degree.
pub(super) fn sparkline(degrees: &Degrees) -> String {
    let mut bins = vec![0_u64; 1 + bin(degrees.counts.keys().next_back().copied().unwrap_or(0))];
    for (degree, count) in &degrees.counts {
        bins[bin(*degree)] += count;
    }
    let most = bins.iter().copied().max().unwrap_or_default();
    let bar = |count: u64| match count {
        0 => ' ',
        _ if most == 1 => BARS[BARS.len() - 1],
        _ => {
            let height = (count as f64).ln() / (most as f64).ln();
            BARS[(height * (BARS.len() - 1) as f64).round() as usize]
        }
    };
    bins.into_iter().map(bar).collect()
}

/// 0 for degree 0, then one more for each doubling.
fn bin(degree: u32) -> usize {
    (u32::BITS - degree.leading_zeros()) as usize
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 50.0;

/// Colours that people who see few colours tell apart (Okabe, Ito).
const COLORS: [&str; 2] = ["#0072b2", "#d55e00"];

/// Returns a picture in which a point says how many vertices have a degree. Degree 0 has no place
/// on a logarithmic axis and is left out.
pub(super) fn svg(series: &[(&str, &Degrees)]) -> String {
    let points = || series.iter().flat_map(|(_, degrees)| degrees.counts.iter());
    let decades = |largest: f64| largest.max(10.0).log10().ceil();
    let across = decades(points().map(|(degree, _)| f64::from(*degree)).fold(1.0, f64::max));
    let up = decades(points().map(|(_, count)| *count as f64).fold(1.0, f64::max));
    let x = |degree: f64| LEFT + (WIDTH - LEFT - RIGHT) * degree.log10() / across;
    let y = |count: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count.log10() / up;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<g stroke=\"#ddd\">\n"
    );
    // Writing to a string cannot fail.
    for decade in 0..=across as i32 {
        let (x, low, high) = (x(10_f64.powi(decade)), HEIGHT - BOTTOM, TOP);
        let _ = writeln!(svg, "<path d=\"M{x:.1} {low:.1}V{high:.1}\"/>");
    }
    for decade in 0..=up as i32 {
        let (y, right) = (y(10_f64.powi(decade)), WIDTH - RIGHT);
        let _ = writeln!(svg, "<path d=\"M{LEFT:.1} {y:.1}H{right:.1}\"/>");
    }
    svg.push_str("</g>\n<g fill=\"#333\">\n");
    for decade in 0..=across as i32 {
        let (x, y) = (x(10_f64.powi(decade)), HEIGHT - BOTTOM + 18.0);
        let label = power(decade);
        let _ =
            writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{label}</text>");
    }
    for decade in 0..=up as i32 {
        let (x, y) = (LEFT - 8.0, y(10_f64.powi(decade)) + 4.0);
        let label = power(decade);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{label}</text>");
    }
    let (middle, below) = (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 12.0);
    let _ =
        writeln!(svg, "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">degree</text>");
    let _ = writeln!(svg, "<text x=\"8\" y=\"18\">vertices</text>\n</g>");
    for (index, (name, degrees)) in series.iter().enumerate() {
        let color = COLORS[index % COLORS.len()];
        let _ = writeln!(svg, "<g fill=\"{color}\" fill-opacity=\".7\">");
        let (at, above) = (WIDTH - RIGHT - 90.0, 18.0);
        let at = at - 100.0 * index as f64;
        let _ = writeln!(svg, "<text x=\"{at}\" y=\"{above}\">● {name}</text>");
        for (degree, count) in degrees.counts.iter().filter(|(degree, _)| **degree > 0) {
            let (x, y) = (x(f64::from(*degree)), y(*count as f64));
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>");
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

/// A power of ten, with digits while it is short.
fn power(decade: i32) -> String {
    if decade < 6 { format!("{}", 10_f64.powi(decade)) } else { format!("1e{decade}") }
}
