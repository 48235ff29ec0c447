# SPDX-License-Identifier: MIT
"""What the Windows program is made of, read from the file itself: which machine and which Windows it is for, what
it needs of it, how it lets itself be protected, its version and manifest, and how large it is."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pefile
import pytest
from support.tool import PROGRAM, PROJECT

PRESET = PROGRAM.parent.name
BITS = {"windows": 64, "windows32": 32}[PRESET]
SIZE_LIMIT = 256_000

OWN_DLLS = {"kernel32.dll", "advapi32.dll", "ntdll.dll", "msvcrt.dll"}
# Functions of these DLLs that came after Windows 7 SP1, by when they came. What names one in its table of imports
# does not start there.
NEWER = {
    "8": """AddResourceAttributeAce CheckTokenCapability CheckTokenMembershipEx CopyFile2 CreateFile2
        CreateFileMappingFromApp DeleteSynchronizationBarrier EnterSynchronizationBarrier GetCurrentThreadStackLimits
        GetFirmwareEnvironmentVariableExW GetFirmwareType GetMemoryErrorHandlingCapabilities GetOverlappedResultEx
        GetProcessInformation GetProcessMitigationPolicy GetSystemTimePreciseAsFileTime GetThreadInformation
        InitializeSynchronizationBarrier IsNativeVhdBoot LoadPackagedLibrary MapViewOfFileFromApp
        NtFlushBuffersFileEx PrefetchVirtualMemory RegisterBadMemoryNotification RtlWaitOnAddress RtlWakeAddressAll
        RtlWakeAddressSingle SetFirmwareEnvironmentVariableExW SetProcessInformation SetProcessMitigationPolicy
        SetThreadInformation UnmapViewOfFileEx UnregisterBadMemoryNotification WaitOnAddress WakeByAddressAll
        WakeByAddressSingle""",
    "8.1": "DiscardVirtualMemory IsProcessCritical OfferVirtualMemory QueryProtectedPolicy ReclaimVirtualMemory",
    "10": """ClosePseudoConsole CreatePseudoConsole GetMachineTypeAttributes GetSystemCpuSetInformation GetTempPath2W
        GetThreadDescription IsWow64Process2 MapViewOfFile3 NtCreateRegistryTransaction NtLoadKey3
        NtQueryInformationByName OpenFileMappingFromApp QueryVirtualMemoryInformation ResizePseudoConsole
        SetProcessDefaultCpuSets SetThreadDescription SetThreadSelectedCpuSets UnmapViewOfFile2 VirtualAlloc2
        VirtualAllocFromApp VirtualProtectFromApp""",
}
NEWER_FAMILIES = re.compile(r"^(AppContainer|AppPolicy|CreateAppContainer|DeriveAppContainer|GetCurrentPackage|GetPackage"
                            r"|PathAllC|PathCch|QueryInterruptTime|QueryUnbiasedInterruptTimePrecise)")
MANIFEST = "{urn:schemas-microsoft-com:asm.v1}"
V3 = "{urn:schemas-microsoft-com:asm.v3}"
COMPATIBILITY = "{urn:schemas-microsoft-com:compatibility.v1}"
LONG_PATHS = "{http://schemas.microsoft.com/SMI/2016/WindowsSettings}longPathAware"
SYSTEMS = {"7": "35138b9a-5d96-4fbd-8e2d-a2440225f93a", "8": "4a2f28e3-53b9-4441-ba9c-d69d4a4a6e38",
           "8.1": "1f676c76-80e1-4239-95bb-83d0f6d0da78", "10 and 11": "8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a"}


@pytest.fixture(scope="module")
def pe():
    with pefile.PE(PROGRAM) as image:
        yield image


def flags(pe):
    """The names of DllCharacteristics that are set."""
    prefix = "IMAGE_DLLCHARACTERISTICS_"
    return {name.removeprefix(prefix) for name in pefile.DLL_CHARACTERISTICS
            if isinstance(name, str) and getattr(pe.OPTIONAL_HEADER, name, False)}


def imports(pe):
    return [(entry.dll.decode().lower(), symbol.name.decode() if symbol.name else f"#{symbol.ordinal}")
            for entry in pe.DIRECTORY_ENTRY_IMPORT for symbol in entry.imports]


def project_version():
    text = (PROJECT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(mapihttp VERSION (\d+\.\d+\.\d+)", text, re.MULTILINE)[1]


def resource(pe, type_id):
    """The bytes of the one resource of a type, and its id."""
    types = [entry for entry in pe.DIRECTORY_ENTRY_RESOURCE.entries if entry.id == type_id]
    assert len(types) == 1, [entry.id for entry in pe.DIRECTORY_ENTRY_RESOURCE.entries]
    (named,) = types[0].directory.entries
    (language,) = named.directory.entries
    where = language.data.struct
    return named.id, pe.get_data(where.OffsetToData, where.Size)


def test_it_is_for_its_machine(pe):
    wanted = {64: (0x8664, 0x20B), 32: (0x14C, 0x10B)}[BITS]
    assert (pe.FILE_HEADER.Machine, pe.OPTIONAL_HEADER.Magic) == wanted


def test_it_is_a_console_program_of_windows_7(pe):
    header = pe.OPTIONAL_HEADER
    assert header.Subsystem == pefile.SUBSYSTEM_TYPE["IMAGE_SUBSYSTEM_WINDOWS_CUI"]
    assert (header.MajorSubsystemVersion, header.MinorSubsystemVersion) == (6, 1)
    assert (header.MajorOperatingSystemVersion, header.MinorOperatingSystemVersion) == (6, 1)


def test_it_needs_no_dll_but_these_of_windows(pe):
    dlls = {dll for dll, _ in imports(pe)}
    assert dlls <= OWN_DLLS
    assert "kernel32.dll" in dlls
    assert not hasattr(pe, "DIRECTORY_ENTRY_DELAY_IMPORT")


def test_it_imports_by_name(pe):
    assert not [name for _, name in imports(pe) if name.startswith("#")]


def test_it_imports_nothing_that_windows_7_lacks(pe):
    newer = {name for names in NEWER.values() for name in names.split()}
    assert not [name for _, name in imports(pe) if name in newer or NEWER_FAMILIES.match(name)]


@pytest.mark.parametrize("flag", ["DYNAMIC_BASE", "NX_COMPAT", "TERMINAL_SERVER_AWARE",
                                  *(["HIGH_ENTROPY_VA"] if BITS == 64 else [])])
def test_it_asks_the_loader_for(pe, flag):
    assert flag in flags(pe)


@pytest.mark.parametrize("flag", ["NO_SEH", "FORCE_INTEGRITY", "NO_ISOLATION", "APPCONTAINER"])
def test_it_does_not_ask_the_loader_for(pe, flag):
    assert flag not in flags(pe)


def test_it_can_be_loaded_anywhere(pe):
    assert not pe.FILE_HEADER.IMAGE_FILE_RELOCS_STRIPPED
    # Type 0 only fills a block up.
    real = [entry for block in pe.DIRECTORY_ENTRY_BASERELOC for entry in block.entries if entry.type != 0]
    kind = pefile.RELOCATION_TYPE["IMAGE_REL_BASED_DIR64" if BITS == 64 else "IMAGE_REL_BASED_HIGHLOW"]
    assert len(real) > 50 and {entry.type for entry in real} == {kind}


def test_it_uses_all_of_its_address_space(pe):
    assert pe.FILE_HEADER.IMAGE_FILE_LARGE_ADDRESS_AWARE


def test_nothing_can_be_written_and_executed(pe):
    assert not [section.Name for section in pe.sections
                if section.IMAGE_SCN_MEM_WRITE and section.IMAGE_SCN_MEM_EXECUTE]


def test_its_stack_is_guarded(pe):
    """By a random number (RtlGenRandom, which nothing else needs)."""
    assert ("advapi32.dll", "SystemFunction036") in set(imports(pe))


def test_it_is_stripped(pe):
    assert (pe.FILE_HEADER.PointerToSymbolTable, pe.FILE_HEADER.NumberOfSymbols) == (0, 0)
    assert not [section.Name for section in pe.sections if section.Name.startswith((b".debug", b"/"))]
    assert not hasattr(pe, "DIRECTORY_ENTRY_DEBUG")


def test_it_exports_nothing(pe):
    assert not hasattr(pe, "DIRECTORY_ENTRY_EXPORT")


def test_it_tells_neither_when_nor_where_it_was_built(pe):
    assert pe.FILE_HEADER.TimeDateStamp == 0
    assert str(PROJECT).encode() not in PROGRAM.read_bytes()


def cmake(*arguments):
    done = subprocess.run(["cmake", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_the_same_sources_give_the_same_bytes(tmp_path):
    cmake("--preset", PRESET, "-B", tmp_path / "build", "-DMAPIHTTP_TESTS=OFF")
    cmake("--build", tmp_path / "build", "--parallel", "2")
    assert (tmp_path / "build" / PROGRAM.name).read_bytes() == PROGRAM.read_bytes()


def test_its_checksum_is_right(pe):
    assert pe.OPTIONAL_HEADER.CheckSum == pe.generate_checksum()


def test_its_version_is_the_projects(pe):
    (fixed,) = pe.VS_FIXEDFILEINFO
    numbers = [fixed.FileVersionMS >> 16, fixed.FileVersionMS & 0xFFFF, fixed.FileVersionLS >> 16,
               fixed.FileVersionLS & 0xFFFF]
    assert numbers == [*map(int, project_version().split(".")), 0]
    assert (fixed.ProductVersionMS, fixed.ProductVersionLS) == (fixed.FileVersionMS, fixed.FileVersionLS)


def test_what_explorer_shows_of_it(pe):
    shown = {name.decode(): text.decode() for info in pe.FileInfo[0] if info.Key == b"StringFileInfo"
             for table in info.StringTable for name, text in table.entries.items()}
    cmake = (PROJECT / "CMakeLists.txt").read_text(encoding="utf-8")
    licence = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert shown == {
        "CompanyName": "the mapihttp authors", "InternalName": "mapihttp", "ProductName": "mapihttp",
        "OriginalFilename": "mapihttp.exe",
        "FileDescription": re.search(r'DESCRIPTION "([^"]*)"', cmake)[1],
        "LegalCopyright": re.search(r"^Copyright.*", licence, re.MULTILINE)[0],
        "FileVersion": project_version(), "ProductVersion": project_version()}


@pytest.fixture(scope="module")
def manifest(pe, tmp_path_factory):
    """The manifest's root, once xmllint has found it to be XML."""
    id_, text = resource(pe, pefile.RESOURCE_TYPE["RT_MANIFEST"])
    assert id_ == 1  # the one that Windows takes of a program
    path = tmp_path_factory.mktemp("manifest") / "mapihttp.manifest"
    path.write_bytes(text)
    done = subprocess.run(["xmllint", "--noout", "--nonet", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    root = ElementTree.fromstring(text)
    assert root.tag == f"{MANIFEST}assembly" and root.get("manifestVersion") == "1.0"
    return root


def test_the_manifest_names_the_program(manifest):
    (identity,) = manifest.iter(f"{MANIFEST}assemblyIdentity")
    assert (identity.get("name"), identity.get("version")) == ("mapihttp", f"{project_version()}.0")


def test_the_manifest_asks_for_no_rights(manifest):
    (level,) = manifest.iter(f"{V3}requestedExecutionLevel")
    assert level.attrib == {"level": "asInvoker", "uiAccess": "false"}


def test_the_manifest_knows_every_windows(manifest):
    known = {system.get("Id") for system in manifest.iter(f"{COMPATIBILITY}supportedOS")}
    assert known == {f"{{{id_}}}" for id_ in SYSTEMS.values()}


def test_the_manifest_wants_long_paths_and_nothing_else(manifest):
    (settings,) = manifest.iter(f"{V3}windowsSettings")
    assert [(setting.tag, setting.text) for setting in settings] == [(LONG_PATHS, "true")]


def test_it_is_small():
    assert PROGRAM.stat().st_size <= SIZE_LIMIT


def test_the_notice_has_the_licence_of_what_is_linked_in():
    def words(path):
        return " ".join(path.read_text(encoding="utf-8").split())
    (licence,) = (PROGRAM.parent / "third_party").glob("jansson-*/LICENSE")
    assert words(licence) in words(PROJECT / "NOTICE")


if BITS == 32:
    def test_it_is_no_larger_than_the_64_bit_one():
        other = PROGRAM.parents[1] / "windows" / PROGRAM.name
        assert PROGRAM.stat().st_size <= other.stat().st_size
