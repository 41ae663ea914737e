//! Documents that are read as a whole: GML and GraphML.

use superstep::Result;
use superstep::graph::Graph;
use superstep::io::{Column, ReadOptions};

use super::{counts, edges, edges_of, fault, file, open, weighted};

const GML: &str = "# made by hand\nCreator \"someone [\"\ngraph [\n  directed 1\n  edge [ source 3 target 7 weight 0.5 ]\n  \
    node [ id 3 label \"a b\" graphics [ x 1 ] ]\n  node [ id 7 label \"c\" ]\n  node [ id 9 label \"d\" ]\n  \
    edge [ source 7 target 7 ]\n]\n";

#[test]
fn gml_has_nodes_edges_weights_and_labels() -> Result<()> {
    assert_eq!(edges("g.gml", GML, &weighted())?, [(3, 7, 0.5), (7, 7, 1.0)]);
    assert_eq!(counts(&file("g.gml", GML).path, &ReadOptions::default())?, (3, 2, Some(true)));
    let names = ReadOptions { names: true, ..ReadOptions::default() };
    let document = file("g.gml", GML);
    let input = open(&document.path, &names)?;
    assert_eq!(input.names.clone().and_then(|names| names.id("c")), Some(1));
    assert_eq!(edges_of(&input)?, [(0, 1, 1.0), (1, 1, 1.0)]);
    let value = "graph [ node [ id 1 ] edge [ source 1 target 1 value 2 price 3 ] ]";
    assert_eq!(edges("g.gml", value, &weighted())?, [(1, 1, 2.0)]);
    let price = Some(Column::Name("price".to_owned()));
    let price = ReadOptions { weight_column: price, ..weighted() };
    assert_eq!(edges("g.gml", value, &price)?, [(1, 1, 3.0)]);
    Ok(())
}

#[test]
fn gml_has_characters_by_number_or_name_and_keys_in_any_case() -> Result<()> {
    let text = "GRAPH [ DIRECTED 1 Node [ ID 1 Label \"R&#233;mi &#x1F600;\" ] \
                node [ id 2 label \"A&amp;B&lt;&quot; &eacute; & &#xZ;\" ] \
                EDGE [ Source 1 TARGET 2 Weight 3 ] ]";
    assert_eq!(edges("g.gml", text, &weighted())?, [(1, 2, 3.0)]);
    let names = ReadOptions { names: true, ..ReadOptions::default() };
    let input = open(&file("g.gml", text).path, &names)?;
    let names = input.names.unwrap();
    let mut names = [names.name(0).unwrap(), names.name(1).unwrap()];
    names.sort_unstable();
    assert_eq!(names, ["A&B<\" &eacute; & &#xZ;", "R\u{e9}mi \u{1f600}"]);
    Ok(())
}

#[test]
fn edges_of_graphml_without_a_weight_have_its_default() -> Result<()> {
    let with = |default: &str| {
        format!(
            "<graphml><key id=\"c\" for=\"node\" attr.name=\"colour\"><default>9</default></key>\
             <key id=\"w\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\">{default}</key>\
             <key id=\"d\" for=\"edge\" attr.name=\"day\"><default>8</default></key>\
             <graph edgedefault=\"directed\"><node id=\"1\"/><node id=\"2\"/>\
             <edge source=\"1\" target=\"2\"/>\
             <edge source=\"2\" target=\"1\"><data key=\"w\">3</data></edge></graph></graphml>"
        )
    };
    let found = edges("g.graphml", with("<default> 7 </default>"), &weighted())?;
    assert_eq!(found, [(1, 2, 7.0), (2, 1, 3.0)]);
    assert_eq!(edges("g.graphml", with(""), &weighted())?, [(1, 2, 1.0), (2, 1, 3.0)]);
    let message = fault("g.graphml", with("<default>x</default>"), &weighted());
    assert!(
        message.ends_with("found \"x\", expected a weight, a number other than NaN"),
        "{message}"
    );
    Ok(())
}

#[test]
fn gml_that_is_wrong_is_refused_with_its_place() {
    let wrong = |text: &str| fault("g.gml", text, &weighted());
    assert_eq!(
        wrong("graph [ ]\nversion 2 graph [ node [ id 1 ] ]"),
        "2:11: found another graph, expected one graph in a file"
    );
    assert_eq!(wrong("graph [ ]\n]"), "2:1: found ], expected a key, or end of file");
    for (text, message) in [
        ("", "1:1: found end of file, expected graph [ … ]"),
        ("graph 1", "1:7: found \"1\", expected graph [ … ]"),
        ("graph [\n node [ id 1 ]", "2:15: found end of file, expected a key, or ] of the graph"),
        ("graph [\n node [ id x ] ]", "2:12: found \"x\", expected a whole number"),
        ("graph [ node [ label \"x ] ]", "1:22: found a text without an end, expected a quote"),
        ("graph [ node [ ] ]", "1:9: found a node without an id, expected id and a whole number"),
        (
            "graph [ node [ id 1 ] node [ id 1 ] ]",
            "1:33: found node \"1\" again, expected each node once",
        ),
        (
            "graph [ node [ id 1 ]\nedge [ source 1 target 2 ] ]",
            "2:1: found an edge of node \"2\", expected edges of nodes that the file has",
        ),
        ("graph [ edge [ source 1 ] ]", "1:13: found an edge without a target, expected target"),
        ("graph [ directed 2 ]", "1:18: found \"2\", expected 0 or 1"),
        (
            "graph [ node [ id 1 ] edge [ source 1 target 1 weight nan ] ]",
            "1:55: found \"nan\", expected a weight, a number other than NaN",
        ),
    ] {
        assert_eq!(wrong(text), message, "{text}");
    }
    let deep = format!("graph [ x {} ]", "[ x ".repeat(100_000));
    assert!(wrong(&deep).ends_with("found a list deeper still, expected lists less deep"));
}

#[cfg(feature = "graphml")]
mod graphml {
    use super::*;

    const GRAPH: &str = r#"<?xml version="1.0"?>
<!-- made by hand --><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="edge" attr.name="weight" attr.type="double"><default>1</default></key>
<key id="d1" for="node" attr.name="label"/>
<graph edgedefault="undirected"><edge source="n0" target="n&amp;1"><data key="d0"> 2.5 </data></edge>
<node id="n0"><data key="d1">first &lt;</data></node><node id="n&amp;1"/><node id="n2"><data key="x">7</data></node>
<edge source="n2" target="n2"/></graph></graphml>"#;

    #[test]
    fn graphml_has_nodes_edges_and_the_data_that_keys_describe() -> Result<()> {
        let document = file("g.graphml", GRAPH);
        let input = open(&document.path, &weighted())?;
        let names = input.names.clone().expect("names");
        let all: Vec<_> = (0..3).filter_map(|id| names.name(id)).collect();
        assert_eq!(all, ["n&1", "n0", "n2"]);
        assert_eq!(edges_of(&input)?, [(1, 0, 2.5), (2, 2, 1.0)]);
        assert_eq!(input.directed, Some(false));
        assert_eq!(input.plain_graph(Graph::builder())?.vertex_count(), 3);
        let numbers = GRAPH.replace("n&amp;1", "1").replace("\"n0", "\"0").replace("n2", "2");
        // The mark at the beginning tells, whatever the name.
        assert_eq!(edges("g.txt", &numbers, &weighted())?, [(0, 1, 2.5), (2, 2, 1.0)]);
        Ok(())
    }

    #[test]
    fn graphml_that_is_wrong_is_refused_with_its_place() {
        let wrong = |text: &str| fault("g.graphml", text, &weighted());
        let within = |inside: &str| {
            wrong(&format!(
                "<graphml>\n<graph edgedefault=\"directed\">\n{inside}</graph></graphml>"
            ))
        };
        assert_eq!(wrong("<graphml></graphml>"), "1:20: found end of file, expected <graph …>");
        assert_eq!(
            wrong("<graph edgedefault=\"up\"/>"),
            "1:1: found \"up\", expected directed or undirected"
        );
        assert_eq!(within("<node/>"), "3:1: found <node> without id, expected id");
        assert_eq!(
            within("<node id=\"1\"/>\n<edge source=\"1\" target=\"2\"/>"),
            "4:1: found an edge of node \"2\", expected edges of nodes that the file has"
        );
        assert_eq!(
            within("<edge directed=\"false\" source=\"1\" target=\"2\"/>"),
            "3:1: found an edge that goes another way than the graph says, expected edges that all go one way or both"
        );
        assert_eq!(within("<hyperedge/>"), "3:1: found a hyperedge, expected edges of two ends");
        assert_eq!(within("<graph/>"), "3:1: found another <graph>, expected one graph in a file");
        assert!(within("<node id=\"1\"></edge>").ends_with("expected XML"));
        assert!(wrong("<graph edgedefault=\"directed\">").starts_with("1:31: found "));
        assert_eq!(within("&lol;"), "3:1: found \"lol\", expected an entity of XML");
    }
}
