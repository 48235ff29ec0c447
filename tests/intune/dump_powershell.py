# SPDX-License-Identifier: MIT
"""Reads PowerShell scripts with tree-sitter's grammar: dump_powershell.py FILE... prints their trees as JSON, each
node as [kind, text, line, is it wrong, children]. Runs in build/venv-powershell."""

import json
import sys

import tree_sitter
import tree_sitter_powershell


def dump(node):
    wrong = node.type == "ERROR" or node.is_missing
    return [node.type, node.text.decode(), node.start_point[0] + 1, wrong, [dump(child) for child in node.children]]


parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
trees = {}
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        trees[name] = dump(parser.parse(file.read()).root_node)
json.dump(trees, sys.stdout)
