"""Node types that took the place of others."""

import json

from limner.dialects.comfy.replacements import read_table, replace_nodes, replacements_body

ENTRY = {
    "new_node_id": "New",
    "old_node_id": "Old",
    "old_widget_ids": ["size"],
    "input_mapping": [{"new_id": "width", "old_id": "size"}, {"new_id": "mode", "set_value": "fast"}],
    "output_mapping": [{"new_idx": 1, "old_idx": 0}],
}


def test_the_body_has_the_shape_that_clients_read():
    table = read_table([ENTRY, {"new_node_id": "B", "old_node_id": "A"}, {"nonsense": 1}])
    assert json.loads(json.dumps(replacements_body(table))) == {
        "Old": [ENTRY],
        "A": [
            {
                "new_node_id": "B",
                "old_node_id": "A",
                "old_widget_ids": None,
                "input_mapping": None,
                "output_mapping": None,
            }
        ],
    }


def test_inputs_and_links_are_mapped():
    document = {
        "1": {"class_type": "Old", "inputs": {"size": ["3", 0], "gone": 1}, "_meta": {"title": "x"}},
        "2": {"class_type": "Save", "inputs": {"images": ["1", 0], "other": ["1", 7], "text": ["1"]}},
        "3": {"class_type": "Number", "inputs": {}},
    }
    changed, replaced = replace_nodes(document, read_table([ENTRY]), {"New", "Save", "Number"})
    assert replaced == {"1": "Old"}
    assert changed["1"] == {
        "class_type": "New",
        "inputs": {"width": ["3", 0], "mode": "fast"},
        "_meta": {"title": "x"},
    }
    assert changed["2"]["inputs"] == {"images": ["1", 1], "other": ["1", 7], "text": ["1"]}
    assert document["1"]["class_type"] == "Old"


def test_without_mappings_names_and_numbers_stay():
    table = read_table([{"new_node_id": "B", "old_node_id": "A"}])
    document = {"1": {"class_type": "A", "inputs": {"x": 1}}, "2": {"class_type": "C", "inputs": {"y": ["1", 2]}}}
    changed, _ = replace_nodes(document, table, {"B", "C"})
    assert changed == {"1": {"class_type": "B", "inputs": {"x": 1}}, "2": document["2"]}


def test_known_types_and_unknown_successors_are_left_alone():
    table = read_table([{"new_node_id": "B", "old_node_id": "A"}, {"new_node_id": "D", "old_node_id": "A"}])
    document = {"1": {"class_type": "A", "inputs": {}}, "2": None, "3": {"inputs": {}}}
    assert replace_nodes(document, table, {"A", "B"}) == (document, {})
    assert replace_nodes(document, table, {"C"}) == (document, {})
    changed, _ = replace_nodes(document, table, {"D"})
    assert changed["1"]["class_type"] == "D"
