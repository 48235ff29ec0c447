# SPDX-License-Identifier: MIT
"""Salt's execution module lgpo reads templates, and reads and writes Registry.pol by them. It runs on Windows only; but
the functions that do that need nothing of it, so they are taken out of the module's source and run here."""

import ast
import glob
import io
import logging
import os
import re
import struct
import time
import zlib
from types import SimpleNamespace

import lxml
import lxml.etree
from support.tool import PROJECT
from templates import ENGLISH

SOURCES = sorted((PROJECT / "build" / "venv-salt" / "lib").glob("python3*/site-packages/salt/modules/win_lgpo.py"))
FUNCTIONS = {
    "_updateNamespace", "_updatePolicyElements", "_remove_unicode_encoding", "_remove_invalid_xmlns",
    "_encode_xmlns_url", "_parse_xml", "_load_policy_definitions", "_get_policy_definitions", "_get_policy_resources",
    "_buildElementNsmap", "_getAdmlDisplayName", "_getAdmlPresentationRefId", "_getFullPolicyName",
    "_build_parent_list", "_admx_policy_parent_walk", "_lookup_admin_template", "_getDataFromRegPolData",
    "_checkListItem", "_checkValueItemParent", "_encode_string", "_buildKnownDataSearchString", "_processValueItem",
    "_checkAllAdmxPolicies", "_regexSearchKeyValueCombo", "_policyFileReplaceOrAppendList",
    "_policyFileReplaceOrAppend", "_writeAdminTemplateRegPolFile",
}
TYPES = {"REG_SZ": 1, "REG_EXPAND_SZ": 2, "REG_BINARY": 3, "REG_DWORD": 4, "REG_MULTI_SZ": 7, "REG_QWORD": 11}
SECTIONS = {"Machine": "Computer Configuration", "User": "User Configuration"}
HEADER = b"PReg\1\0\0\0"
LOG = logging.getLogger("lgpo")
LOG.trace = LOG.debug  # a level of Salt's own


class SaltInvocationError(Exception):
    """Salt's own, by which all of lgpo ends when an ADML is missing."""


class Registry:
    """The types of values, as Salt's class of this name has them."""

    vtype = TYPES
    vtype_reverse = {number: name for name, number in TYPES.items()}


def extracted():
    """The functions, the expressions they search with, and their table of names."""
    for node in ast.walk(ast.parse(SOURCES[0].read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name in FUNCTIONS:
            yield node
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Call, ast.Dict)):
            (target,) = node.targets
            if isinstance(target, ast.Name) and target.id.endswith(("_XPATH", "adm_policy_name_map")):
                yield node


def lgpo(folder, cache, language=ENGLISH):
    """Salt's functions, with the templates of `folder` loaded. `files` is what Registry.pol holds, by class."""
    files = {}
    utils = SimpleNamespace(
        files=SimpleNamespace(fopen=open), path=SimpleNamespace(os_walk=os.walk),
        stringutils=SimpleNamespace(to_bytes=lambda text: text if isinstance(text, bytes) else text.encode()))
    scope = {
        "glob": glob, "io": io, "log": LOG, "lxml": lxml, "etree": lxml.etree, "os": os, "re": re, "struct": struct,
        "time": time,
        "zlib": zlib, "salt": SimpleNamespace(utils=utils), "SaltInvocationError": SaltInvocationError,
        "CommandExecutionError": OSError, "Registry": Registry, "REG_POL_HEADER": "\u5250\u6765\x01\x00",
        "dictupdate": SimpleNamespace(update=lambda one, other: {**one, **other}),
        "INSTALL_LANGUAGE": ENGLISH, "__context__": {}, "__opts__": {"cachedir": str(cache)},
        "__salt__": {"file.file_exists": os.path.isfile},
        "CLASS_INFO": {class_: {"policy_path": class_, "lgpo_section": section, "gpt_extension_location": "",
                                "gpt_extension_guid": ""} for class_, section in SECTIONS.items()},
        "read_reg_pol_file": files.get,
        "search_reg_pol": lambda what, data: bool(data and what and re.search(what, data, re.IGNORECASE)),
        "write_reg_pol_data": lambda data_to_write, policy_file_path, **_: files.update(
            {policy_file_path: HEADER + data_to_write}),
    }
    found = list(extracted())
    assert {node.name for node in found if isinstance(node, ast.FunctionDef)} == FUNCTIONS
    exec(compile(ast.Module(found, []), SOURCES[0].name, "exec"), scope)  # pylint: disable=exec-used
    scope["_load_policy_definitions"](path=str(folder), language=language)
    return SimpleNamespace(**scope, files=files)
