# SPDX-License-Identifier: MIT
"""The tarball: what is in it, what Ansible's own tools say of it, and that its documentation says what is so."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from conftest import LINUX, OFFLINE, SOURCES, VERSION, WIN, WINDOWS, Ansible, pack
from support import hives, tool

EXAMPLES = tool.PROJECT / "examples" / "ansible"
MODULES = {"mapihttp_offline": OFFLINE, "win_mapihttp": WIN}


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """The collection's sources as they are packed, where ansible-test wants them, and the tarball."""
    folder = tmp_path_factory.mktemp("staged")
    top = folder / "ansible_collections" / "mapihttp" / "outlook"
    return top, pack(folder / "out", top)


def documented(ansible, name, kind="module"):
    done = ansible.tool("ansible-doc", "-j", "-t", kind, name, check=True)
    return json.loads(done.stdout)[name]


def needs_windows():
    if not WINDOWS.is_file():
        pytest.skip("build/windows/mapihttp.exe is not built")


# The tarball.

def members(path):
    with tarfile.open(path) as tar:
        return {item.name: (item, tar.extractfile(item).read() if item.isfile() else None) for item in tar}


def test_it_is_small(tarball):
    needs_windows()
    assert tarball.stat().st_size < 1_000_000


def test_the_same_files_give_the_same_bytes(tarball, tmp_path):
    assert pack(tmp_path).read_bytes() == tarball.read_bytes()


def test_it_holds_nobody_and_no_time_and_the_right_modes(tarball):
    with gzip.open(tarball) as whole:
        whole.read()
        assert whole.mtime == 0
    for name, (item, data) in members(tarball).items():
        assert (item.uid, item.gid, item.uname, item.gname, item.mtime) == (0, 0, "", "", 0), name
        assert item.mode == (0o755 if data is None else 0o644), name


def test_it_is_what_ansible_galaxy_makes(ansible, staged, tmp_path):
    top, ours = staged
    ansible.tool("ansible-galaxy", "collection", "build", top, "--output-path", tmp_path, check=True)
    mine, theirs = members(ours), members(tmp_path / ours.name)
    assert mine.keys() == theirs.keys()
    for name in mine.keys() - {"MANIFEST.json", "FILES.json"}:
        assert (mine[name][1], mine[name][0].mode) == (theirs[name][1], theirs[name][0].mode), name
    for name, part in (("MANIFEST.json", "collection_info"), ("FILES.json", "files")):
        one, other = (json.loads(tar[name][1])[part] for tar in (mine, theirs))
        if part == "files":
            one, other = (sorted(files, key=lambda file: file["name"]) for files in (one, other))
        assert one == other


def test_ansible_galaxy_finds_nothing_amiss_in_what_is_installed(ansible):
    done = ansible.tool("ansible-galaxy", "collection", "verify", "--offline", "mapihttp.outlook")
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_version_is_the_project_s(ansible):
    done = ansible.tool("ansible-galaxy", "collection", "list", "mapihttp.outlook", check=True)
    assert re.search(rf"^mapihttp.outlook +{re.escape(VERSION)}\s*$", done.stdout, re.M)
    assert f"  {VERSION}:\n" in (SOURCES / "changelogs" / "changelog.yaml").read_text()
    assert f"## {VERSION}\n" in (SOURCES / "CHANGELOG.md").read_text()


def test_the_target_of_the_build_makes_the_same(tarball):
    needs_windows()
    subprocess.run(["cmake", "--build", tool.BUILD, "--target", "ansible-collection"], check=True, timeout=600,
                   stdout=subprocess.DEVNULL)
    assert (tool.PROJECT / "build" / tarball.name).read_bytes() == tarball.read_bytes()


@pytest.mark.parametrize("missing", ["--linux", "--windows"])
def test_a_program_that_is_not_built_is_told(tmp_path, missing):
    programs = {"--linux": LINUX, "--windows": LINUX, missing: tmp_path / "no"}
    done = subprocess.run([sys.executable, SOURCES / "build.py", "--version", "1.0.0", "--stage", tmp_path / "stage",
                           "--out", tmp_path / "out", *(str(word) for pair in programs.items() for word in pair)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr == f"{tmp_path / 'no'} is not built\n"
    assert not (tmp_path / "out").exists()


# The programs in it.

def test_the_program_for_linux_needs_no_library_and_is_stripped(tarball, tmp_path):
    program = tmp_path / "program"
    program.write_bytes(members(tarball)["plugins/modules/mapihttp_offline"][1])
    shown = subprocess.run(["readelf", "-W", "-d", "-S", "-l", program], capture_output=True, text=True, check=True).stdout
    assert "(NEEDED)" not in shown and "INTERP" not in shown and ".symtab" not in shown


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the root folder")
def test_it_runs_where_there_is_nothing_else(tarball, tmp_path):
    hives.store(tmp_path / "store", {"ann.V6": hives.user(hives.dword(1))})
    (tmp_path / "module").write_bytes(members(tarball)["plugins/modules/mapihttp_offline"][1])
    (tmp_path / "module").chmod(0o755)
    (tmp_path / "args").write_text(json.dumps({"state": "enabled", "store": "/store", "_ansible_diff": True}))
    done = subprocess.run(["chroot", tmp_path, "/module", "/args"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"") and json.loads(done.stdout)["changed"]


# What its documentation says.

@pytest.mark.parametrize("name", MODULES)
def test_every_option_of_a_request_is_documented_and_no_other(ansible, name):
    schema = json.loads((tool.PROJECT / "docs" / "request.schema.json").read_text())
    doc = documented(ansible, MODULES[name])["doc"]
    assert doc["options"].keys() == schema["properties"].keys()
    states = [state for state in schema["properties"]["state"]["enum"] if state]
    assert doc["options"]["state"]["choices"] == states
    assert doc["attributes"]["check_mode"]["support"] == doc["attributes"]["diff_mode"]["support"] == "full"


@pytest.mark.parametrize("name", MODULES)
def test_every_part_of_a_result_is_documented_and_no_other(ansible, name):
    schema = json.loads((tool.PROJECT / "docs" / "result.schema.json").read_text())
    schema, profile = schema["properties"], schema["$defs"]["profile"]
    returned = documented(ansible, MODULES[name])["return"]
    # "_error" is for another tool.
    assert returned.keys() == schema.keys() - {"_error"}
    for part, told in (("profiles", profile), ("undo", schema["undo"]), ("error", schema["error"])):
        assert returned[part]["contains"].keys() == told["properties"].keys(), part


def test_the_page_names_every_option():
    schema = json.loads((tool.PROJECT / "docs" / "request.schema.json").read_text())
    table = PAGES[0].read_text().partition("## Options\n")[2].partition("\n- ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == schema["properties"].keys()


def test_both_modules_return_the_same(ansible):
    one, other = (documented(ansible, name)["return"] for name in MODULES.values())
    assert one == other


def test_the_role_is_documented(ansible):
    options = documented(ansible, "mapihttp.outlook.converge", "role")["entry_points"]["main"]["options"]
    defaults = (SOURCES / "roles/converge/defaults/main.yml").read_text()
    assert set(re.findall(r"^(converge_\w+):", defaults, re.M)) == set(options)
    readme = (SOURCES / "roles/converge/README.md").read_text()
    assert set(re.findall(r"`(converge_\w+)`", readme)) - {"converge_result"} == set(options)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_documentation_are_tasks(ansible, name, tmp_path):
    tasks = tmp_path / "tasks.yml"
    tasks.write_text(documented(ansible, MODULES[name])["examples"])
    (tmp_path / "play.yml").write_text('[{"hosts": "localhost", "tasks": [{"ansible.builtin.import_tasks": "tasks.yml"}]}]')
    done = ansible.tool("ansible-playbook", "--syntax-check", "-i", "localhost,", tmp_path / "play.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def yaml_in(page):
    return re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


PAGES = [tool.PROJECT / "docs" / "ansible.md", SOURCES / "README.md", SOURCES / "roles" / "converge" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: "/".join(page.parts[-2:]))
def test_the_plays_in_the_pages_are_plays(ansible, page, tmp_path):
    """A block without a play in it is a list of tasks."""
    for number, block in enumerate(yaml_in(page)):
        if "hosts:" not in block:
            indented = "".join(f"    {line}\n" if line else "\n" for line in block.splitlines())
            block = f"- name: Tasks\n  hosts: outlook\n  tasks:\n{indented}"
        (tmp_path / f"{number}.yml").write_text(block)
        done = ansible.tool("ansible-playbook", "--syntax-check", "-i", EXAMPLES / "inventory.yml",
                            tmp_path / f"{number}.yml")
        assert done.returncode == 0, block + done.stdout + done.stderr


# What Ansible's tools say.

def lint(newest, folder, top, *files):
    """ansible-lint, which looks for what it needs beside itself and writes into the folder. Without files: all that it
    knows the place of."""
    done = newest.tool("ansible-lint", "--nocolor", "-c", tool.PROJECT / "tests" / "ansible" / "lint.yml", *files, cwd=folder,
                       env={"ANSIBLE_COLLECTIONS_PATH": str(top.parents[2])})
    assert done.returncode == 0 and "0 failure(s), 0 warning(s)" in done.stderr, done.stdout + done.stderr


def test_ansible_lint_passes_the_collection(newest, staged, tmp_path):
    top = shutil.copytree(staged[0], tmp_path / "ansible_collections" / "mapihttp" / "outlook")
    lint(newest, top, top)


def test_ansible_lint_passes_the_examples(newest, staged, tmp_path):
    folder = shutil.copytree(EXAMPLES, tmp_path / "examples")
    lint(newest, folder, staged[0], *(path.name for path in sorted(folder.glob("*.yml"))))


def test_ansible_lint_is_heard(newest, staged, tmp_path):
    (tmp_path / "play.yml").write_text("- hosts: all\n  tasks:\n    - command: echo\n")
    with pytest.raises(AssertionError):
        lint(newest, tmp_path, staged[0], "play.yml")


SANITY = ["action-plugin-docs", "ansible-doc", "changelog", "compile", "empty-init", "ignores", "import", "line-endings",
          "no-assert", "no-illegal-filenames", "no-smart-quotes", "pep8", "runtime-metadata", "shebang", "symlinks",
          "validate-modules", "yamllint"]


@pytest.fixture(scope="module")
def sanity(staged, tarball):
    """Runs ansible-test; what it installs for itself stays in the build folder."""
    home = tool.PROJECT / "build" / "ansible-test"
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    ansible = Ansible("newest", home, None)
    # It would fetch pip from a server of its own; Python brings one along.
    sources = Path(ansible.tool("python", "-c", "import ansible_test as a; print(a.__path__[0])").stdout.strip())
    version = re.search(r"pip='([0-9.]+)'", (sources / "_internal" / "python_requirements.py").read_text()).group(1)
    bootstrap = cache / f"get_pip_{version.replace('.', '_')}.py"
    bootstrap.write_text("import ensurepip\nensurepip.bootstrap()\n")
    python = ansible.tool("python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").stdout.strip()
    return lambda *arguments: ansible.tool("ansible-test", "sanity", "--python", python, *arguments, cwd=staged[0])


@pytest.mark.parametrize("test", SANITY)
def test_ansible_test_is_content(sanity, test):
    done = sanity("--test", test)
    assert done.returncode == 0 and f'Running sanity test "{test}"' in done.stdout + done.stderr, done.stdout + done.stderr
